// Log-in through a real identity provider (oidc/provider.js), which is another site for the browser.

import type { APIRequestContext, Page } from '@playwright/test';
import { DEMO_URL } from './support/demo';
import { expect, test } from './support/test';

test.use({ role: null });

// Ada's log-in is bound to her account: those who claim to be her come after her.
test.describe.configure({ mode: 'serial' });

const CALLBACK = '/login/openid/test/callback';

/** Approves an address anew, which forgets whose log-in it was. */
async function approve(admin: APIRequestContext, name: string): Promise<void> {
  const email = `${name}@example.com`;
  const added = await admin.post('/api/users', { data: { name, role: 'viewer', email } });
  if (added.status() === 409) {
    expect((await admin.put(`/api/users/${name}/email`, { data: { email } })).ok()).toBe(true);
  } else {
    expect(added.ok(), await added.text()).toBe(true);
  }
}

/** What one does at the provider, whose own page this is. */
async function beSomebody(page: Page, who: string): Promise<void> {
  await page.getByPlaceholder('Enter any login').fill(who);
  await page.getByPlaceholder('and password').fill('any');
  await page.getByRole('button', { name: 'Sign-in' }).click();
}

async function logIn(page: Page, who: string, next = ''): Promise<void> {
  await page.goto(`/login?next=${next}`);
  await page.getByRole('link', { name: 'Continue with Test provider' }).click();
  await expect(page).toHaveURL(/^http:\/\/localhost:/);
  await beSomebody(page, who);
}

/** Nobody is logged in, a page says why in words, and leads back. */
async function expectRefusal(page: Page, words: string): Promise<void> {
  await expect(page.getByRole('heading', { level: 1, name: 'You are not logged in' })).toBeVisible();
  await expect(page.getByRole('alert')).toContainText(words);
  const names = (await page.context().cookies(DEMO_URL)).map((cookie) => cookie.name);
  expect(names.filter((name) => name.startsWith('nephoscope_'))).toEqual([]);
  await page.getByRole('link', { name: 'To the log-in page' }).click();
  await expect(page).toHaveURL('/login');
}

test.beforeAll(async ({ playwright }) => {
  const admin = await playwright.request.newContext({ baseURL: DEMO_URL });
  const credentials = { username: 'admin', password: process.env.DEMO_ADMIN_PASSWORD ?? 'nephoscope-admin' };
  const { token } = await (await admin.post('/api/authenticate', { data: credentials })).json();
  await admin.dispose();
  const headers = { authorization: `Bearer ${token}` };
  const api = await playwright.request.newContext({ baseURL: DEMO_URL, extraHTTPHeaders: headers });
  for (const name of ['ada', 'grace', 'outsider']) await approve(api, name);
  await api.dispose();
});

test('somebody whose address is approved comes in, with the role of their groups', async ({ page, apiAs }) => {
  await logIn(page, 'ada', '/logs');
  await expect(page).toHaveURL('/logs');
  await page.getByLabel('Account menu of ada').click();
  await expect(page.getByText('operator', { exact: true })).toBeVisible();
  const cookies = (await page.context().cookies(DEMO_URL)).filter((cookie) => cookie.name.startsWith('nephoscope_'));
  expect(cookies.map((cookie) => cookie.name).sort()).toEqual(['nephoscope_refresh', 'nephoscope_token']);
  for (const cookie of cookies) expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Strict' });
  // The session outlives the way that led to it.
  await page.goto('/settings/me');
  await expect(page.getByText('ada@example.com')).toBeVisible();

  const admin = await apiAs('admin');
  const { records } = await (await admin.get('/api/audit?operation=session.login&actor=ada')).json();
  expect(records[0]).toMatchObject({ outcome: 'succeeded', resource: 'ada@example.com', detail: 'by test' });
});

test('groups make an administrator, and let nobody in who is in none of them', async ({ page, expectTrouble }) => {
  await logIn(page, 'grace', '/settings/people');
  await expect(page).toHaveURL('/settings/people');
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();

  await page.context().clearCookies();
  expectTrouble(/^403 GET \/login\/openid\/test\/callback/);
  await logIn(page, 'outsider');
  await expectRefusal(page, 'None of your groups at Test provider may use nephoscope.');
});

test('who is not approved, or does not own the address, stays outside', async ({ page, expectTrouble }) => {
  expectTrouble(/^403 GET \/login\/openid\/test\/callback/);
  await logIn(page, 'mallory');
  await expectRefusal(page, 'You are not approved to use nephoscope.');
  await page.context().clearCookies();
  await logIn(page, 'impostor');
  await expectRefusal(page, 'Test provider does not vouch for your e-mail address.');
  await page.context().clearCookies();
  await logIn(page, 'heir');
  await expectRefusal(page, 'knows you as somebody else');
});

test('a code is good once', async ({ page, context, expectTrouble }) => {
  expectTrouble(/^401 GET \/login\/openid\/test\/callback/);
  const begun = await context.request.get('/login/openid/test', { maxRedirects: 0 });
  const ticket = (await context.cookies()).find((cookie) => cookie.name === 'nephoscope_openid');
  expect(ticket).toMatchObject({ httpOnly: true, sameSite: 'Lax', path: '/login/openid' });
  const returned = page.waitForRequest((request) => request.url().includes(CALLBACK));
  await page.goto(begun.headers().location!);
  await beSomebody(page, 'ada');
  const { pathname, search } = new URL((await returned).url());
  await expect(page).toHaveURL('/dashboard');

  // Whoever has seen the address, and even has the browser's ticket.
  await context.clearCookies();
  await page.goto(pathname + search);
  await expectRefusal(page, 'This log-in was not begun in this browser, or too long ago.');
  await context.addCookies([ticket!]);
  await page.goto(pathname + search);
  await expectRefusal(page, 'The answer of Test provider was not accepted.');
});

test('tokens of another log-in and for another client are refused', async ({ page, context, expectTrouble }) => {
  expectTrouble(/^401 GET \/login\/openid\/test\/callback/);
  const begun = await context.request.get('/login/openid/test', { maxRedirects: 0 });
  const address = new URL(begun.headers().location!);
  address.searchParams.set('nonce', 'of-another-log-in');
  await page.goto(address.href);
  await beSomebody(page, 'ada');
  await expectRefusal(page, 'The answer of Test provider was not accepted.');

  await context.clearCookies();
  await logIn(page, 'wrong-audience');
  await expectRefusal(page, 'The answer of Test provider was not accepted.');
});
