import type { Page } from '@playwright/test';
import { passwordOf, type Role } from './support/demo';
import { expect, hydrated, test } from './support/test';

test.describe.configure({ mode: 'default' });

// The server hears ten attempts a minute for a name: these tests spread theirs over the demo's users.
test.use({ role: null });

async function logIn(page: Page, role: Role, password = passwordOf(role)): Promise<void> {
  await page.getByLabel('Name').fill(role);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Log in' }).click();
}

test('whoever is not logged in is asked to, and then gets where they were going', async ({ page, open }) => {
  await open('/ec2?state=stopped&account=111111111111');
  await expect(page).toHaveURL(/\/login\?next=/);
  await expect(page).toHaveTitle('Log in · nephoscope');
  await logIn(page, 'viewer');
  await expect(page).toHaveURL('/ec2?state=stopped&account=111111111111');
  await expect(page.getByRole('heading', { level: 1, name: /EC2 instances/ })).toBeVisible();
});

test('a wrong password and an unknown name are told apart by nothing', async ({ page, open }) => {
  await open('/login?next=/logs');
  await logIn(page, 'viewer', 'wrong');
  const message = page.getByRole('alert');
  await expect(message).toContainText('The name and the password do not belong together.');
  const words = await message.innerText();

  await page.getByLabel('Name').fill('nobody');
  await page.getByLabel('Password', { exact: true }).fill('wrong');
  await page.getByRole('button', { name: 'Log in' }).click();
  await expect(page).toHaveURL(/error=invalid/);
  expect(await page.getByRole('alert').innerText()).toBe(words);

  // The way on is not forgotten.
  await logIn(page, 'viewer');
  await expect(page).toHaveURL('/logs');
});

test('logging in leads to no other site', async ({ page, open, request }) => {
  await open('/login?next=https://example.com/');
  await logIn(page, 'operator');
  await expect(page).toHaveURL('/dashboard');

  for (const next of ['//example.com', '/\\example.com', '/\t/example.com']) {
    const form = { name: 'operator', password: passwordOf('operator'), next };
    const response = await request.post('/login', { form, maxRedirects: 0 });
    expect([response.status(), response.headers().location]).toEqual([303, '/dashboard']);
  }
});

test('the session lies in cookies that no script and no other site gets at', async ({ page, open }) => {
  await open('/login');
  await logIn(page, 'admin');
  await expect(page).toHaveURL('/dashboard');
  const cookies = (await page.context().cookies()).filter((cookie) => cookie.name.startsWith('nephoscope_'));
  expect(cookies.map((cookie) => cookie.name).sort()).toEqual(['nephoscope_refresh', 'nephoscope_token']);
  for (const cookie of cookies) expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Strict' });
  expect(await page.evaluate(() => document.cookie)).not.toContain('nephoscope');
});

test('logging out ends the session, also for a copy of its cookies', async ({ page, open, playwright, baseURL }) => {
  await open('/login');
  await logIn(page, 'operator');
  await expect(page).toHaveURL('/dashboard');
  const stolen = await playwright.request.newContext({ baseURL, storageState: await page.context().storageState() });

  await page.getByLabel('Account menu of operator').click();
  await page.getByRole('button', { name: 'Log out' }).click();
  await expect(page).toHaveURL('/login');
  await page.goto('/ec2');
  await expect(page).toHaveURL('/login?next=/ec2');

  expect((await stolen.post('/api/session/refresh')).status()).toBe(401);
  await expect.poll(async () => (await stolen.get('/api/ec2')).status()).toBe(401);
  await stolen.dispose();
});

test('the keyboard is enough', async ({ page, open }) => {
  await open('/login');
  await expect(page.getByLabel('Name')).toBeFocused();
  await page.keyboard.type('viewer');
  await page.keyboard.press('Tab');
  await page.keyboard.type(passwordOf('viewer'));
  await page.keyboard.press('Tab');
  await expect(page.getByRole('button', { name: 'Show password' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByLabel('Password', { exact: true })).toHaveAttribute('type', 'text');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL('/dashboard');

  // A key that is pressed before the new page is there goes to none.
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await hydrated(page);
  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: 'Skip to content' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('main')).toBeFocused();
});
