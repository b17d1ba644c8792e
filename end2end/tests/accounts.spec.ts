// AWS accounts: added, tried, changed and removed while the server runs; scopes that are kept.

import AxeBuilder from '@axe-core/playwright';
import type { Locator, Page } from '@playwright/test';
import { expect, rowsOf, test } from './support/test';

// An account that the demo cloud knows, since a key of twelve digits is the account itself, and that holds nothing.
const FOURTH = '444444444444';
const SECRET = 'a secret that nobody sees again';

function form(page: Page): Locator {
  return page.locator('form.source-form');
}

async function fill(page: Page, id: string, name: string): Promise<void> {
  await form(page).getByLabel('Account id').fill(id);
  await form(page).getByLabel('Name').fill(name);
  await form(page).getByLabel('Regions, with commas').fill('us-east-1');
  await form(page).getByRole('combobox', { name: /^Credentials/ }).selectOption('keys');
  await form(page).getByLabel('Access key id').fill(FOURTH);
  await form(page).getByLabel('Secret access key').fill(SECRET);
}

test.describe('an administrator', () => {
  test.describe.configure({ mode: 'serial' });
  test.use({ role: 'admin' });

  test.afterAll(async ({ playwright }) => {
    // Whatever a failure left behind must not be there for the tests of other files.
    const { sessionOf } = await import('./support/sessions');
    const { DEMO_URL } = await import('./support/demo');
    const { token } = await sessionOf('admin', playwright.request, test.info().project.outputDir);
    const api = await playwright.request.newContext({ baseURL: DEMO_URL, extraHTTPHeaders: { authorization: `Bearer ${token}` } });
    for (const name of ['fourth', 'fourth-renamed']) await api.delete(`/api/accounts/${FOURTH}?confirm=${name}`);
    await api.dispose();
  });

  test('adds an account, tries it, changes it and removes it', async ({ page, open }) => {
    await open('/settings/accounts');
    const rows = rowsOf(page, 'Accounts');
    await expect(rows.filter({ hasText: 'production' })).toContainText('from the configuration file');
    await expect(rows.filter({ hasText: 'production' }).getByRole('link', { name: /^Edit/ })).toHaveCount(0);

    await page.getByRole('link', { name: 'Add account' }).click();
    await expect(form(page).getByLabel('Role ARN')).toBeVisible();
    await fill(page, FOURTH, 'fourth');
    await expect(form(page).getByLabel('Role ARN'), 'only what belongs to a key').toBeHidden();
    expect((await new AxeBuilder({ page }).analyze()).violations.map((it) => it.id)).toEqual([]);
    await form(page).getByRole('button', { name: 'Add account' }).click();
    await expect(page).toHaveURL('/settings/accounts?done=added');
    await expect(page.getByRole('status')).toContainText('The account is added');
    const fourth = rows.filter({ hasText: FOURTH });
    await expect(fourth).toContainText('here');
    expect(await page.content()).not.toContain(SECRET);

    await fourth.getByRole('link', { name: 'Test the connection to fourth' }).click();
    await expect(page.getByText(`arn:aws:iam::${FOURTH}:root`)).toBeVisible();
    const actions = rowsOf(page, 'Actions');
    await expect(actions.filter({ hasText: /ec2:DescribeInstances/ })).toContainText('allowed');
    await expect(actions.filter({ hasText: 'ec2:StopInstances' })).toContainText('not known');

    await rows.filter({ hasText: FOURTH }).getByRole('link', { name: 'Edit fourth' }).click();
    await expect(form(page).getByLabel('Secret access key')).toHaveValue('');
    await expect(form(page).getByLabel('Account id')).not.toBeEditable();
    await form(page).getByLabel('Name').fill('fourth-renamed');
    await form(page).getByRole('button', { name: 'Save' }).click();
    await expect(page).toHaveURL('/settings/accounts?done=changed');
    await expect(rows.filter({ hasText: 'fourth-renamed' })).toBeVisible();

    await page.getByLabel(/^Scope:/).click();
    await expect(page.getByRole('checkbox', { name: /fourth-renamed/ }), 'it is looked at at once').toBeVisible();
    await page.keyboard.press('Escape');

    await rows.filter({ hasText: FOURTH }).getByRole('link', { name: 'Remove fourth-renamed' }).click();
    await form(page).getByRole('textbox').fill('fourth-renamed');
    await form(page).getByRole('button', { name: 'Remove' }).click();
    await expect(page).toHaveURL('/settings/accounts?done=removed');
    await expect(rows.filter({ hasText: FOURTH })).toHaveCount(0);
  });

  test('is told when credentials belong to another account', async ({ page, open, expectTrouble }) => {
    expectTrouble(/^409 POST \/settings\/accounts/);
    await open('/settings/accounts?edit=new');
    await fill(page, '555555555555', 'fifth');
    await form(page).getByRole('button', { name: 'Add account' }).click();
    await expect(page.getByRole('alert')).toContainText(`belong to account ${FOURTH}`);
    await page.getByRole('link', { name: 'Back to the accounts' }).click();
    await expect(rowsOf(page, 'Accounts').filter({ hasText: '555555555555' })).toHaveCount(0);
  });

  test('is told which permissions a policy lacks', async ({ page, open, cloud }) => {
    await cloud.breakDown({ service: 'logs', operation: 'FilterLogEvents', kind: 'denied', account: 'sandbox' });
    await open('/settings/accounts?test=333333333333');
    await expect(page.getByText('The policy lacks permissions')).toBeVisible();
    await expect(rowsOf(page, 'Actions').filter({ hasText: 'logs:FilterLogEvents' })).toContainText('denied');
    await expect(page.getByText('assumed-role/NephoscopeConsole/admin').first(), 'the session carries the name').toBeVisible();
  });

  test('finds what else there is', async ({ page, open }) => {
    await open('/settings/accounts');
    await page.getByRole('link', { name: 'Discover' }).click();
    await expect(page.getByRole('heading', { name: /^Discovered from/ })).toBeVisible();
  });
});

test.describe('a viewer', () => {
  test.use({ role: 'viewer' });

  test('sees the accounts, and neither how they are entered nor a way to change them', async ({ page, open }) => {
    await open('/settings/accounts');
    await expect(rowsOf(page, 'Accounts').filter({ hasText: 'production' })).toBeVisible();
    await expect(page.getByRole('button', { name: 'Add account' })).toBeDisabled();
    await expect(page.getByRole('link', { name: /^(Test|Edit|Remove)/ })).toHaveCount(0);
    expect(await page.content()).not.toContain('NephoscopeConsole');
    await open('/settings/accounts?edit=new');
    await expect(form(page)).toHaveCount(0);
  });

  test('keeps a scope under a name, and forgets it', async ({ page, open }) => {
    await open('/ec2?account=333333333333');
    await page.getByLabel(/^Scope:/).click();
    await page.getByLabel('A name for this scope').fill('my sandbox');
    await page.getByRole('button', { name: 'Keep' }).click();
    await expect(page).toHaveURL('/ec2?account=333333333333');

    await open('/ec2?q=web');
    await page.getByLabel(/^Scope:/).click();
    await page.getByRole('link', { name: 'my sandbox' }).click();
    await expect(page).toHaveURL('/ec2?q=web&account=333333333333');
    await page.getByLabel(/^Scope:/).click();
    await page.getByRole('button', { name: 'Forget my sandbox' }).click();
    await page.getByLabel(/^Scope:/).click();
    await expect(page.getByRole('link', { name: 'my sandbox' })).toHaveCount(0);
  });
});
