// What a server must bear: the right status, a stable code in JSON under /api, a page elsewhere. (That nothing of it panics,
// support/server-log.ts checks at the end.)

import { expect, test } from './support/test';

interface Problem {
  code: string;
  detail: string;
}

test('a body that is no JSON', async ({ request }) => {
  const response = await request.post('/api/authenticate', {
    data: Buffer.from('{"username": "admin", "password": "s3cr3t-'),
    headers: { 'content-type': 'application/json' },
  });
  expect(response.status()).toBe(400);
  expect(response.headers()['content-type']).toContain('application/problem+json');
  const problem = (await response.json()) as Problem;
  expect(problem.code).toBe('invalid_input');
  expect(JSON.stringify(problem), 'what may be a password is not repeated').not.toContain('s3cr3t');
});

test('a body of ten megabytes', async ({ request }) => {
  // The server answers before it has read everything, and then a client that goes on writing may meet a closed connection.
  await expect(async () => {
    const response = await request.post('/api/authenticate', {
      data: Buffer.alloc(10 << 20, 0x20),
      headers: { 'content-type': 'application/json' },
    });
    expect(response.status()).toBe(413);
    expect(await response.json()).toMatchObject({ code: 'payload_too_large' });
  }).toPass({ timeout: 10_000 });
});

test('tokens that are none', async ({ request, apiAs }) => {
  const api = await apiAs(null);
  expect((await api.get('/api/ec2')).status()).toBe(401);
  const good = (await (await api.post('/api/authenticate', { data: { username: 'viewer', password: process.env.DEMO_VIEWER_PASSWORD ?? 'nephoscope-viewer' } })).json()) as { token: string };
  const [head, body, mark] = good.token.split('.') as [string, string, string];
  const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as object;
  const tampered = Buffer.from(JSON.stringify({ ...claims, role: 'admin' })).toString('base64url');
  const unsigned = Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url');
  for (const token of ['x', `${head}.${tampered}.${mark}`, `${unsigned}.${tampered}.`, `${good.token}x`]) {
    const response = await api.get('/api/ec2', { headers: { authorization: `Bearer ${token}` } });
    expect(response.status(), token).toBe(401);
    expect(await response.json()).toMatchObject({ code: 'token_invalid' });
    expect(response.headers()['www-authenticate']).toContain('Bearer');
  }
  // A bad token is not made good by a good cookie.
  expect((await request.get('/api/ec2', { headers: { authorization: 'Bearer x' } })).status()).toBe(401);
});

test('instances that are none', async ({ request }) => {
  const unknown = await request.post('/api/ec2/stop/i-0123456789abcdef0');
  expect(unknown.status()).toBe(404);
  expect(await unknown.json()).toMatchObject({ code: 'not_found' });
  const nonsense = await request.get('/api/ec2/..%2f..%2fetc');
  expect([400, 404]).toContain(nonsense.status());
  expect(await nonsense.json()).toHaveProperty('code');
  const scope = await request.get('/api/ec2?account=12');
  expect(scope.status()).toBe(400);
  expect(await scope.json()).toMatchObject({ code: 'invalid_input' });
  const account = await request.get('/api/ec2?account=999999999999');
  expect(account.status()).toBe(404);
});

test('paths and methods that are none', async ({ request }) => {
  const path = await request.get('/api/nowhere');
  expect(path.status()).toBe(404);
  expect(await path.json()).toMatchObject({ code: 'not_found' });
  const method = await request.put('/api/ec2');
  expect(method.status()).toBe(405);
  expect(await method.json()).toMatchObject({ code: 'method_not_allowed' });
  const page = await request.get('/nowhere', { headers: { accept: 'text/html' } });
  expect(page.status()).toBe(404);
  expect(await page.text()).toContain('Page not found');
});

test('a request that another site makes a browser send', async ({ request }) => {
  for (const path of ['/api/ec2/stop/i-0123456789abcdef0', '/logout', '/api/fn/ec2/list']) {
    const response = await request.post(path, { headers: { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' } });
    expect(response.status(), path).toBe(403);
  }
});

test('every answer carries the headers that protect it', async ({ request }) => {
  for (const path of ['/dashboard', '/api/ec2', '/favicon.svg', '/nowhere']) {
    const headers = (await request.get(path, { headers: { accept: 'text/html' } })).headers();
    expect(headers['x-content-type-options'], path).toBe('nosniff');
    expect(headers['content-security-policy'], path).toContain("frame-ancestors 'none'");
    expect(headers['content-security-policy'], path).not.toContain("'unsafe-eval'");
  }
});
