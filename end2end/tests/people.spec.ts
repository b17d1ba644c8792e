// People: invited, given roles, disabled and removed, by an administrator on the site.

import type { APIRequestContext, Page } from '@playwright/test';
import { ACCOUNTS } from './support/cloud';
import { expect, rowsOf, test } from './support/test';

test.describe.configure({ mode: 'default' });
test.use({ role: 'admin' });

const PASSWORD = 'seven green lanterns';

/** A name that no other run has used. */
function freshName(): string {
  return `eve-${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 6)}`;
}

async function invite(page: Page, name: string, role: string): Promise<string> {
  const form = page.getByRole('button', { name: 'Invite' }).locator('xpath=ancestor::form');
  await form.getByLabel('Name').fill(name);
  await form.getByLabel('Role').selectOption(role);
  await form.getByRole('button', { name: 'Invite' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Invited' })).toBeVisible();
  return page.getByLabel('Link').inputValue();
}

async function remove(api: APIRequestContext, name: string): Promise<void> {
  expect([204, 404]).toContain((await api.delete(`/api/users/${name}?confirm=${name}`)).status());
}

test('who is invited sets a password, and may do what an administrator says', async ({ page, open, pageAs, apiAs, expectTrouble }) => {
  const name = freshName();
  const admin = await apiAs('admin');
  await open('/settings/people');
  const link = await invite(page, name, 'viewer');
  await page.getByRole('link', { name: 'Back to people' }).click();
  await expect(rowsOf(page, 'People').filter({ hasText: name })).toContainText('invited');

  const guest = await pageAs(null);
  await guest.goto(new URL(link).pathname + new URL(link).search);
  expectTrouble(/^400 POST \/password/);
  await guest.getByLabel('New password').fill('password1234');
  await guest.getByRole('button', { name: 'Set password' }).click();
  await expect(guest.getByRole('alert')).toContainText('easy to guess');
  await guest.getByLabel('New password').fill(PASSWORD);
  await guest.getByRole('button', { name: 'Set password' }).click();
  await expect(guest).toHaveURL('/login');
  await guest.getByLabel('Name').fill(name);
  await guest.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await guest.getByRole('button', { name: 'Log in' }).click();
  await expect(guest).toHaveURL('/dashboard');

  await test.step('a viewer by default is operator in one account only', async () => {
    await open(`/settings/people/${name}`);
    await page.getByRole('combobox', { name: 'Role in sandbox' }).selectOption('operator');
    await page.getByRole('button', { name: 'Save the role in sandbox' }).click();
    await expect(page.getByRole('status')).toContainText('in that account is changed');
    for (const [account, disabled] of [[ACCOUNTS.sandbox, false], [ACCOUNTS.production, true]] as const) {
      await open(`/ec2?account=${account}`, guest);
      await guest.getByRole('button', { name: 'Actions for' }).first().click();
      const terminate = guest.getByRole('menuitem', { name: 'Terminate' });
      if (disabled) await expect(terminate).toHaveAttribute('aria-disabled', 'true');
      else await expect(terminate).not.toHaveAttribute('aria-disabled', 'true');
      await guest.keyboard.press('Escape');
    }
  });

  await test.step('who is disabled is out', async () => {
    await open(`/settings/people/${name}`);
    await page.getByRole('button', { name: 'Disable' }).click();
    await expect(page.getByRole('status')).toContainText('may no longer log in');
    expectTrouble(/^401 /);
    await guest.goto('/ec2');
    await expect(guest).toHaveURL(/\/login/);
  });

  await test.step('removing takes the name typed', async () => {
    await open(`/settings/people/${name}`);
    await page.locator('input[name=confirm]').fill(name);
    await page.getByRole('button', { name: 'Remove' }).click();
    await expect(page).toHaveURL(/\/settings\/people\?done=removed/);
    await expect(rowsOf(page, 'People').filter({ hasText: name })).toHaveCount(0);
  });
  await remove(admin, name);
});

test('an e-mail address is given when inviting, changed and taken away', async ({ page, open, apiAs }) => {
  const name = freshName();
  const admin = await apiAs('admin');
  const label = 'E-mail at your identity provider';
  await open('/settings/people');
  await page.getByLabel(label).fill(`${name}@Example.com`);
  await invite(page, name, 'viewer');
  await page.getByRole('link', { name: 'Back to people' }).click();
  const row = rowsOf(page, 'People').filter({ has: page.getByRole('link', { name, exact: true }) });
  await expect(row).toContainText(`${name}@example.com`);

  await row.getByRole('link', { name, exact: true }).click();
  const field = page.getByLabel(label);
  await expect(field).toHaveValue(`${name}@example.com`);
  await expect(page.getByText('an identity provider that vouches for this address')).toBeVisible();
  for (const address of [`${name}@elsewhere.example`, '']) {
    await field.fill(address);
    await page.getByRole('button', { name: 'Save e-mail' }).click();
    await expect(page.getByRole('status')).toContainText('The e-mail address is changed.');
    await expect(field).toHaveValue(address);
    const user = (await (await admin.get(`/api/users/${name}`)).json()) as { email: string | null };
    expect(user.email).toBe(address || null);
  }
  await remove(admin, name);
});

test('an administrator cannot take their own rights away', async ({ page, open, apiAs }) => {
  await open('/settings/people/admin');
  for (const button of ['Disable', 'Remove', 'Reset password']) {
    await expect(page.getByRole('button', { name: button })).toBeDisabled();
  }
  const admin = await apiAs('admin');
  const answer = await admin.patch('/api/users/admin', { data: { role: 'viewer' } });
  expect([answer.status(), ((await answer.json()) as { code: string }).code]).toEqual([409, 'conflict']);
});

test.describe('others', () => {
  test.use({ role: 'operator' });

  test('are told that people are for administrators', async ({ page, open, expectTrouble }) => {
    expectTrouble(/^403 GET \/settings\/people/);
    expect(await open('/settings/people')).toBe(403);
    await expect(page.getByRole('alert')).toContainText('this needs the role admin');
    await page.getByLabel('Account menu of operator').click();
    await expect(page.getByRole('link', { name: 'People' })).toHaveCount(0);
    await expect(page.getByRole('banner').getByRole('link', { name: 'My account' })).toBeVisible();
  });
});
