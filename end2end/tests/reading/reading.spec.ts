// What everybody must be able to read: run with JavaScript and without it.

import type { Page } from '@playwright/test';
import { ACCOUNTS, at } from '../support/cloud';
import { passwordOf } from '../support/demo';
import { MANY_GROUPS } from '../support/many-groups';
import { expect, rowsOf, test } from '../support/test';

const instances = (page: Page) => rowsOf(page, 'Instances');

test.describe('logged out', () => {
  test.use({ role: null });

  test('log in by the form and out again', async ({ page, open }) => {
    await open('/ec2');
    await expect(page).toHaveURL('/login?next=/ec2');
    await page.getByLabel('Name').fill('admin');
    await page.getByLabel('Password', { exact: true }).fill(passwordOf('admin'));
    await page.getByLabel('Password', { exact: true }).press('Enter');
    await expect(page).toHaveURL('/ec2');
    await expect(instances(page).first()).toBeVisible();
    await page.getByLabel('Account menu of admin').click();
    await page.getByRole('button', { name: 'Log out' }).click();
    await expect(page).toHaveURL('/login');
  });

  test('a log-out that did not reach the store does not pretend', async ({ page, open }) => {
    await open('/login?error=not-logged-out');
    const notice = page.getByRole('alert');
    await expect(notice).toContainText('Your session may still live');
    await expect(page.getByLabel('Name')).not.toHaveAttribute('aria-invalid', 'true');
    // Nothing is left in this browser to try again with: no session was here.
    await notice.getByRole('button', { name: 'Log out again' }).click();
    await expect(page).toHaveURL('/login?error=cannot-log-out');
    await expect(notice).toContainText('nothing left to end it with');
    await expect(notice.getByRole('button')).toHaveCount(0);
  });
});

test('a percent sign in the address is one, and stays one', async ({ page, open }) => {
  await open('/activity?resource=50%2541');
  const resource = page.getByLabel('Resource');
  await expect(resource).toHaveValue('50%41');
  await page.getByRole('form', { name: 'Filter the activity' }).getByRole('button', { name: 'Apply' }).click();
  await expect(page).toHaveURL(/[?&]resource=50%2541(&|$)/);
  await expect(resource).toHaveValue('50%41');

  await page.getByLabel(/^Scope:/).click();
  const scope = page.getByRole('form', { name: 'Scope' });
  await scope.getByRole('checkbox', { name: 'eu-west-1' }).check();
  await scope.getByRole('button', { name: 'Apply' }).click();
  await expect(page).toHaveURL(/[?&]region=eu-west-1(&|$)/);
  await expect(page).toHaveURL(/[?&]resource=50%2541(&|$)/);
  await expect(resource).toHaveValue('50%41');
  await page.getByLabel(/^Scope:/).click();
  await scope.getByRole('link', { name: 'All', exact: true }).click();
  await expect(page).not.toHaveURL(/region=/);
  await expect(resource).toHaveValue('50%41');
});

test('of very many log groups the first are sent, and the search finds the others', async ({ page, open }) => {
  test.setTimeout(120_000);
  const { path, last } = MANY_GROUPS;
  const first = async () => (await page.request.get(path)).text();
  // A demo that was in use may know the groups of a minute ago.
  await expect.poll(first, { timeout: 75_000, intervals: [2_000] }).toContain('more log groups are not shown');
  expect(await first(), 'the first HTML is bounded').not.toContain(last);

  await open(path);
  await expect(rowsOf(page, 'Log groups')).toHaveCount(200);
  await expect(page.getByText(/^\d+ more log groups are not shown/)).toBeVisible();
  const box = page.getByRole('searchbox', { name: 'Search log groups' });
  await box.fill(last);
  await box.press('Enter');
  await expect(rowsOf(page, 'Log groups')).toHaveCount(1);
  await expect(rowsOf(page, 'Log groups').getByRole('link', { name: last })).toBeVisible();
  await expect(page.getByText('are not shown')).toHaveCount(0);
});

test('volumes and security groups: found, opened and closed by links', async ({ page, open }) => {
  await open(`/ec2?account=${ACCOUNTS.sandbox}`);
  await page.getByRole('navigation', { name: 'EC2', exact: true }).getByRole('link', { name: 'Volumes' }).click();
  await expect(page).toHaveURL(`/ec2/volumes?account=${ACCOUNTS.sandbox}`);
  await page.getByRole('link', { name: /^\d+ unattached$/ }).click();
  await expect(rowsOf(page, 'Volumes').first()).toContainText('not attached');

  await open(`/ec2/security-groups?account=${ACCOUNTS.sandbox}`);
  const box = page.getByRole('searchbox', { name: 'Filter security groups' });
  await box.fill('is:open');
  await box.press('Enter');
  await expect(page).toHaveURL(/[?&]q=is(:|%3A)open/);
  await rowsOf(page, 'Security groups').getByRole('link', { name: /^demo-open/ }).click();
  await expect(rowsOf(page, 'Inbound rules').filter({ hasText: '3389' })).toContainText('everybody');
  await page.getByRole('link', { name: 'Close' }).click();
  await expect(page.getByRole('region', { name: 'Inbound rules' })).toHaveCount(0);
  await expect(rowsOf(page, 'Security groups')).toHaveCount(1);
});

test('prices are read, and what there is to launch with', async ({ page, open }) => {
  const first = async () => (await page.request.get(`/ec2?account=${ACCOUNTS.production}`)).text();
  // The first who asks after a while may see the list before its prices.
  await expect.poll(first).toContain('a month by list price');
  await open(`/ec2?account=${ACCOUNTS.production}&q=checkout`);
  await expect(page.getByText(/^\d+ running, about \$[\d,.]+ a month by list price$/)).toBeVisible();
  await expect(instances(page).first()).toContainText(/\$\d+\.\d\d/);
  // An admin or operator is led there by the link in the head of the list.
  await open(`/ec2/launch?account=${ACCOUNTS.staging}&region=eu-west-1`);
  const form = page.getByRole('form', { name: 'Launch instances' });
  await expect(form.getByLabel('Image of this account').getByRole('option', { name: /^shop-base/ })).toHaveCount(1);
  await expect(form.getByLabel('Instance type')).toBeVisible();
  await expect(page.getByLabel('Account and region').locator('option:checked')).toHaveText('staging · eu-west-1');
});

test('functions: found, with chosen columns, and what belongs to one', async ({ page, open }) => {
  await open(`/lambda?account=${ACCOUNTS.production}&region=us-east-1`);
  const box = page.getByRole('searchbox', { name: 'Filter functions' });
  await box.fill('name:thumb');
  await box.press('Enter');
  await expect(page).toHaveURL(/[?&]q=name(:|%3A)thumb/);
  await expect(rowsOf(page, 'Functions')).toHaveCount(1);
  await page.getByLabel('Columns', { exact: true }).first().click();
  await page.getByRole('checkbox', { name: 'Handler' }).check();
  await page.getByRole('button', { name: 'Apply' }).click();
  await expect(rowsOf(page, 'Functions').first()).toContainText('main.handler');

  await rowsOf(page, 'Functions').getByRole('link', { name: 'thumbnailer' }).click();
  await page.getByRole('link', { name: 'Versions and aliases' }).click();
  await expect(rowsOf(page, 'Versions').first()).toContainText('$LATEST');
  await page.getByRole('link', { name: 'Errors', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'Recent errors' })).toBeVisible();
});

test('all instances are in the table', async ({ page, open, cloud }) => {
  // Of one account: ec2.spec.ts breaks another one meanwhile.
  const all = await cloud.instances('production');
  await open(`/ec2?account=${ACCOUNTS.production}`);
  await expect(instances(page)).toHaveCount(all.length);
  await expect(page.getByRole('heading', { level: 1 })).toContainText(`(${all.length})`);
});

test('instances are filtered, sorted and narrowed', async ({ page, open, cloud }) => {
  const production = await cloud.instances('production');
  const wanted = production.filter((instance) => instance.name.startsWith('storefront'));
  await open(`/ec2?account=${ACCOUNTS.production}`);
  const box = page.getByRole('searchbox', { name: 'Filter instances' });
  await box.fill('name:storefront');
  await box.press('Enter');
  await expect(page).toHaveURL(/[?&]q=name(:|%3A)storefront/);
  await expect(page).toHaveURL(new RegExp(`account=${ACCOUNTS.production}`));
  await expect(instances(page)).toHaveCount(wanted.length);
  await expect(box).toHaveValue('name:storefront');

  await page.getByRole('columnheader', { name: 'Name' }).getByRole('link').click();
  await expect(page).toHaveURL(/sort=-name/);
  await expect(page.getByRole('columnheader', { name: 'Name' })).toHaveAttribute('aria-sort', 'descending');
  const names = (await instances(page).getByRole('link').allInnerTexts()).map((name) => name.trim());
  expect(names).toEqual(wanted.map((instance) => instance.name).sort().reverse());

  await page.getByLabel(/^Scope:/).click();
  await page.getByRole('checkbox', { name: 'eu-west-1' }).check();
  await page.getByRole('button', { name: 'Apply' }).click();
  await expect(page).toHaveURL(/region=eu-west-1/);
  await expect(page).toHaveURL(/q=name/);
  await expect(instances(page)).toHaveCount(wanted.filter((one) => one.place.region === 'eu-west-1').length);

  await page.getByRole('list', { name: 'Filter by state' }).getByRole('link', { name: 'running' }).click();
  await expect(page).toHaveURL(/state=running/);
});

test('an instance, with its metric as a table', async ({ page, open, cloud }) => {
  const instance = await cloud.find('production', 'eu-west-1', 'checkout-01');
  await open(`/ec2?account=${ACCOUNTS.production}`);
  await instances(page).filter({ hasText: instance.id }).getByRole('link', { name: 'checkout-01' }).click();
  await expect(page).toHaveURL(new RegExp(`/ec2/${instance.id}\\?at=${at(instance.place)}`));
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('checkout-01');
  await expect(page.getByRole('definition').filter({ hasText: instance.privateIp })).toBeVisible();
  await expect(page.getByRole('img', { name: /CPUUtilization/ })).toBeVisible();
  await page.getByText('Data table').click();
  expect(await rowsOf(page, 'Data points').count()).toBeGreaterThan(30);
  await page.getByRole('navigation', { name: 'Time range' }).getByRole('link', { name: '1h' }).click();
  await expect(page).toHaveURL(/range=1h/);
  await expect(page.getByRole('link', { name: '1h' })).toHaveAttribute('aria-current', 'true');
});

test('the last lines of a log', async ({ page, open }) => {
  await open(`/logs?account=${ACCOUNTS.production}&find=checkout`);
  await rowsOf(page, 'Log groups').filter({ hasText: 'us-east-1' }).getByRole('link', { name: '/shop/checkout' }).click();
  await expect(page.getByRole('log').locator('.log-line').first()).toBeAttached();
  expect(await page.getByRole('log').locator('.log-line').count()).toBeGreaterThan(50);
});

test('the dashboard and what was done', async ({ page, open }) => {
  await open('/dashboard');
  await expect(page.getByRole('region', { name: 'Instances by state' }).getByRole('link', { name: /^Running/ })).toContainText(/\d/);
  await expect(rowsOf(page, 'Instances by account and region')).toHaveCount(6);
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Activity' }).click();
  await expect(page).toHaveURL('/activity');
  const form = page.getByRole('form', { name: 'Filter the activity' });
  await form.getByLabel('Operation').selectOption({ label: 'List instances' });
  await form.getByRole('button', { name: 'Apply' }).click();
  await expect(page).toHaveURL(/operation=ec2\.list/);
  await expect(rowsOf(page, 'Activity').first()).toContainText('List instances');
  await expect(rowsOf(page, 'Activity').filter({ hasNotText: 'List instances' })).toHaveCount(0);
});

test('the description of the API', async ({ page, open }) => {
  await open('/api-docs');
  const stop = page.locator('details.api-operation').filter({ hasText: '/api/ec2/stop/{id}' });
  await stop.locator('summary').click();
  await expect(stop.getByText(/curl/)).toBeVisible();
});

test('an address that leads nowhere', async ({ page, open, expectTrouble }) => {
  expectTrouble(/^404 GET/);
  expect(await open('/nowhere')).toBe(404);
  await expect(page.getByRole('heading', { level: 1, name: 'Page not found' })).toBeVisible();
  expect(await open(`/ec2/i-0123456789abcdef0?at=${ACCOUNTS.production}/us-east-1`)).toBe(404);
  await expect(page.getByText('No such instance')).toBeVisible();
});

test('my account: sessions, and a token made and removed by plain forms', async ({ page, open }) => {
  await open('/settings/me');
  await expect(rowsOf(page, 'Sessions').filter({ hasText: 'this one' })).toHaveCount(1);
  const name = `plain-${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 6)}`;
  const form = page.getByRole('button', { name: 'Make token' }).locator('xpath=ancestor::form');
  await form.getByLabel('Name').fill(name);
  await form.getByRole('button', { name: 'Make token' }).click();
  expect(await page.getByLabel('Token').inputValue()).toMatch(/^nph_/);
  await page.getByRole('link', { name: 'Back to my account' }).click();
  await rowsOf(page, 'Tokens for programs').getByRole('button', { name: `Remove the token ${name}` }).click();
  await expect(page.getByRole('status')).toContainText('The token is removed');
});

test.describe('people', () => {
  test.use({ role: 'admin' });

  test('are listed, and each has a page', async ({ page, open }) => {
    await open('/settings/people');
    await rowsOf(page, 'People').getByRole('link', { name: 'viewer', exact: true }).click();
    await expect(page).toHaveURL('/settings/people/viewer');
    await expect(page.getByRole('heading', { level: 1, name: 'viewer' })).toBeVisible();
    await expect(page.getByRole('combobox', { name: 'Role in production' })).toHaveValue('');
  });
});
