// One's own account: sessions, and tokens for programs.

import { createHmac } from 'node:crypto';
import { expect, rowsOf, test } from './support/test';

test.describe.configure({ mode: 'default' });
test.use({ role: 'operator' });

test('sessions are listed, with this one marked', async ({ page, open }) => {
  await open('/settings/me');
  const own = rowsOf(page, 'Sessions').filter({ hasText: 'this one' });
  await expect(own).toHaveCount(1);
  await expect(own).toContainText('127.0.0.1');
  await expect(page.getByRole('button', { name: 'Log out everywhere' })).toBeVisible();
});

test('a token is shown once, works, and is refused when it is removed', async ({ page, open, playwright, baseURL }) => {
  const name = `ci-${Date.now().toString(36)}`;
  await open('/settings/me');
  const form = page.getByRole('button', { name: 'Make token' }).locator('xpath=ancestor::form');
  await form.getByLabel('Name').fill(name);
  await form.getByLabel('May at most').selectOption('viewer');
  await form.getByLabel('Days').fill('1');
  await form.getByRole('button', { name: 'Make token' }).click();
  const token = await page.getByLabel('Token').inputValue();
  expect(token).toMatch(/^nph_/);

  const program = await playwright.request.newContext({ baseURL, extraHTTPHeaders: { authorization: `Bearer ${token}` } });
  const session = (await (await program.get('/api/session')).json()) as { name: string; role: string };
  expect([session.name, session.role]).toEqual(['operator', 'viewer']);
  expect((await program.post('/api/me/tokens', { data: { name: 'x', role: 'viewer', days: 1 } })).status()).toBe(403);

  await page.getByRole('link', { name: 'Back to my account' }).click();
  const row = rowsOf(page, 'Tokens for programs').filter({ hasText: name });
  await expect(row).toBeVisible();
  expect(await page.content()).not.toContain(token);
  await row.getByRole('button', { name: `Remove the token ${name}` }).click();
  await expect(page.getByRole('status')).toContainText('The token is removed');
  expect((await program.get('/api/session')).status()).toBe(401);
  await program.dispose();
});

/** The code that a device shows (RFC 6238), so many steps of 30 seconds from now. */
function codeOf(secret: string, steps = 0): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bits = [...secret].map((letter) => alphabet.indexOf(letter).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from(bits.match(/.{8}/g)?.map((byte) => Number.parseInt(byte, 2)) ?? []);
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + steps));
  const digest = createHmac('sha1', key).update(counter).digest();
  const offset = (digest[19] ?? 0) & 15;
  return String((digest.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

test.describe('somebody new', () => {
  test.use({ role: null });

  test('sets up a second factor and needs it from then on', async ({ page, open, apiAs, expectTrouble }) => {
    const name = `otto-${Date.now().toString(36)}`;
    const password = 'seven green lanterns';
    const admin = await apiAs('admin');
    const invited = await admin.post('/api/users', { data: { name, role: 'viewer' } });
    const { path } = (await invited.json()) as { path: string };
    await page.goto(path);
    await page.getByLabel('New password').fill(password);
    await page.getByRole('button', { name: 'Set password' }).click();

    const logIn = async (): Promise<void> => {
      await open('/login?next=/settings/me');
      await page.getByLabel('Name').fill(name);
      await page.getByLabel('Password', { exact: true }).fill(password);
      await page.getByRole('button', { name: 'Log in' }).click();
    };
    await logIn();
    await page.getByRole('button', { name: 'Add second factor' }).click();
    await expect(page.getByRole('img', { name: 'QR code of the secret' })).toBeVisible();
    const secret = await page.getByRole('textbox', { name: 'Secret' }).inputValue();
    await page.getByLabel('The code it shows now').fill(codeOf(secret, -1));
    await page.getByRole('button', { name: 'Use this device' }).click();
    await expect(page.getByRole('list', { name: 'Recovery codes' }).getByRole('listitem')).toHaveCount(10);
    const recovery = await page.getByRole('list', { name: 'Recovery codes' }).getByRole('listitem').first().innerText();

    await page.context().clearCookies();
    await logIn();
    await expect(page.getByRole('heading', { level: 1, name: 'One more step' })).toBeVisible();
    expectTrouble(/^401 POST \/login\/code/);
    await page.getByLabel('Code, or a recovery code').fill('000000');
    await page.getByRole('button', { name: 'Log in' }).click();
    await expect(page.getByRole('alert')).toContainText('The code is wrong');
    await page.getByLabel('Code, or a recovery code').fill(codeOf(secret));
    await page.getByRole('button', { name: 'Log in' }).click();
    await expect(page).toHaveURL('/settings/me');
    await expect(page.getByText('Recovery codes left: 10.')).toBeVisible();

    await page.context().clearCookies();
    await logIn();
    await page.getByLabel('Code, or a recovery code').fill(recovery);
    await page.getByRole('button', { name: 'Log in' }).click();
    await expect(page.getByText('Recovery codes left: 9.')).toBeVisible();
    await admin.delete(`/api/users/${name}?confirm=${name}`);
  });
});
