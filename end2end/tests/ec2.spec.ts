// The list of all instances. This file alone looks at the sandbox account and breaks it, so that no other test sees that.

import type { Page } from '@playwright/test';
import { ACCOUNTS, type CloudInstance } from './support/cloud';
import { expect, hydrated, rowsOf, test } from './support/test';

test.describe.configure({ mode: 'default' });

const heading = (page: Page) => page.getByRole('heading', { level: 1 });
const rows = (page: Page) => rowsOf(page, 'Instances');
const filter = (page: Page) => page.getByRole('searchbox', { name: 'Filter instances' });

function hasText(instance: CloudInstance, text: string): boolean {
  return instance.name.includes(text);
}

test('all instances of all accounts and regions are there', async ({ page, open, cloud }) => {
  await open('/ec2');
  let all: CloudInstance[] = [];
  // Another spec may launch some meanwhile.
  await expect(async () => {
    all = await cloud.instances();
    await expect(heading(page)).toHaveText(`EC2 instances(${all.length})`, { timeout: 6_000 });
  }).toPass();
  expect(all.length).toBeGreaterThanOrEqual(40);
  await expect(rows(page)).toHaveCount(all.length);
  for (const instance of all) await expect(rows(page).filter({ hasText: instance.id })).toHaveCount(1);
  const first = all.find((instance) => instance.place.account === 'production' && instance.state === 'running')!;
  const row = rows(page).filter({ hasText: first.id });
  for (const text of [first.name, first.state, first.type, first.zone, 'production', first.privateIp]) {
    await expect(row).toContainText(text);
  }
});

test('the filter works while typing and stays in the address', async ({ page, open, cloud }) => {
  const all = await cloud.instances();
  const wanted = all.filter((instance) => hasText(instance, 'checkout'));
  await open('/ec2');
  await filter(page).pressSequentially('checkout');
  await expect(rows(page)).toHaveCount(wanted.length);
  await expect(heading(page)).toContainText(new RegExp(`${wanted.length} of \\d+`));
  await expect(page).toHaveURL('/ec2?q=checkout');

  await filter(page).pressSequentially(' state:running -region:eu-west-1');
  const running = wanted.filter((one) => one.state === 'running' && one.place.region === 'us-east-1');
  await expect(rows(page)).toHaveCount(running.length);
  await expect(page).toHaveURL(/q=checkout%20state:running%20-region:eu-west-1$/);

  await page.reload();
  await hydrated(page);
  await expect(rows(page)).toHaveCount(running.length);
  await expect(filter(page)).toHaveValue('checkout state:running -region:eu-west-1');

  await filter(page).fill('no such thing');
  await expect(page.getByText('No instances match')).toBeVisible();
  await page.getByRole('link', { name: 'Clear filter' }).click();
  await expect.poll(() => rows(page).count()).toBeGreaterThanOrEqual(all.length);
  await expect(filter(page)).toHaveValue('');
});

test('the chips narrow to states, and Back undoes it', async ({ page, open, cloud }) => {
  const production = await cloud.instances('production');
  const count = (state: string) => production.filter((instance) => instance.state === state).length;
  await open(`/ec2?account=${ACCOUNTS.production}`);
  const chips = page.getByRole('list', { name: 'Filter by state' });
  await expect(chips.getByRole('link', { name: 'running' })).toHaveText(`running${count('running')}`);
  await chips.getByRole('link', { name: 'stopped' }).click();
  await expect(page).toHaveURL(/state=stopped/);
  await expect(chips.getByRole('link', { name: 'stopped' })).toHaveAttribute('aria-current', 'true');
  await expect(rows(page)).toHaveCount(count('stopped'));
  await chips.getByRole('link', { name: 'terminated' }).click();
  await expect(rows(page)).toHaveCount(count('stopped') + count('terminated'));
  await page.goBack();
  await expect(rows(page)).toHaveCount(count('stopped'));
  await chips.getByRole('link', { name: 'All' }).click();
  await expect(rows(page)).toHaveCount(production.length);
});

test('columns sort both ways', async ({ page, open, cloud }) => {
  const production = await cloud.instances('production');
  await open(`/ec2?account=${ACCOUNTS.production}`);
  const column = page.getByRole('columnheader', { name: 'Private IP' });
  const addresses = async () => {
    const cells = await rows(page).getByRole('cell', { name: /^10\.\d+\.\d+\.\d+$/ }).allInnerTexts();
    return cells.map((text) => text.trim());
  };
  const number = (ip: string) => ip.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  const sorted = production.map((instance) => instance.privateIp).filter(Boolean).sort((a, b) => number(a) - number(b));

  await column.getByRole('link').click();
  await expect(column).toHaveAttribute('aria-sort', 'ascending');
  await expect(page).toHaveURL(/sort=private-ip/);
  await expect.poll(addresses).toEqual(sorted);
  await column.getByRole('link').click();
  await expect(column).toHaveAttribute('aria-sort', 'descending');
  await expect(page).toHaveURL(/sort=-private-ip/);
  await expect.poll(addresses).toEqual(sorted.toReversed());
});

test('the scope narrows every page and every link', async ({ page, open, cloud }) => {
  const production = await cloud.instances('production');
  const there = production.filter((instance) => instance.place.region === 'eu-west-1');
  await open('/ec2');
  await expect(page.getByText('Production in scope')).toBeVisible();
  await page.getByLabel(/^Scope: All accounts/).click();
  await page.getByRole('checkbox', { name: /production/ }).check();
  await page.getByRole('checkbox', { name: 'eu-west-1' }).check();
  await page.getByRole('button', { name: 'Apply' }).click();
  await expect(page).toHaveURL(`/ec2?account=${ACCOUNTS.production}&region=eu-west-1`);
  await expect(rows(page)).toHaveCount(there.length);
  await expect(page.getByLabel('Scope: production, eu-west-1')).toBeVisible();

  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Dashboard' }).click();
  await expect(page).toHaveURL(`/dashboard?account=${ACCOUNTS.production}&region=eu-west-1`);
  const tile = page.getByRole('region', { name: 'Instances by state' }).getByRole('link', { name: /All instances/ });
  await expect(tile).toContainText(String(there.length));

  await page.getByLabel(/^Scope: production/).click();
  await page.getByRole('link', { name: 'All', exact: true }).click();
  await expect(page).toHaveURL('/dashboard');
});

test('an address that makes no sense says so', async ({ page, open, expectTrouble }) => {
  expectTrouble(/^400 GET \/ec2/);
  expect(await open('/ec2?account=12')).toBe(400);
  await expect(page.getByRole('alert')).toBeVisible();
  await page.getByRole('link', { name: 'Show the whole estate' }).click();
  await expect(page).toHaveURL('/dashboard');
});

test('hostile names are text', async ({ page, open }) => {
  await open(`/ec2?account=${ACCOUNTS.sandbox}`);
  const row = rows(page).filter({ hasText: '<script>alert(1)</script>' });
  await expect(row).toBeVisible();
  await row.getByRole('link', { name: '<script>alert(1)</script>' }).click();
  await expect(heading(page)).toContainText('<script>alert(1)</script>');
  await expect(rowsOf(page, 'Tags').filter({ hasText: 'Comment' })).toContainText(`"quotes" & 'apostrophes' </td>`);
});

test('an account that refuses is named, and the others are shown', async ({ page, open, cloud }) => {
  const all = await cloud.instances();
  const others = all.filter((instance) => instance.place.account !== 'sandbox');
  await open('/ec2');
  await expect(rows(page)).toHaveCount(all.length);
  await cloud.breakDown({ service: 'ec2', operation: 'DescribeInstances', kind: 'denied', account: 'sandbox' });
  const notice = page.getByRole('group').filter({ hasText: '2 of 6 accounts and regions could not be asked.' });
  // What somebody asked AWS less than a second ago is not asked again.
  await expect(async () => {
    await page.getByRole('button', { name: 'Refresh' }).click();
    await expect(notice).toBeVisible({ timeout: 2_000 });
  }).toPass({ timeout: 20_000 });
  const failures = notice.getByRole('listitem');
  await expect(failures).toHaveCount(2);
  await expect(failures.first()).toContainText('sandbox');
  await expect(failures.first()).toContainText('ec2:DescribeInstances');
  await expect(failures.first()).toContainText('UnauthorizedOperation');
  await expect(rows(page)).toHaveCount(others.length);

  await test.step('a page that is opened meanwhile says the same in its first HTML', async () => {
    const response = await page.request.get('/ec2');
    expect(await response.text()).toContain('2 of 6 accounts and regions could not be asked.');
  });

  await cloud.repair();
  await expect(async () => {
    await page.getByRole('button', { name: 'Refresh' }).click();
    await expect(notice).toHaveCount(0, { timeout: 2_000 });
  }).toPass({ timeout: 20_000 });
  await expect(rows(page)).toHaveCount(all.length);
});

test('throttling is said, and gone when it is over', async ({ page, open, cloud }) => {
  // The SDK tries again several times, ever more slowly, before it says so.
  test.setTimeout(150_000);
  const sandbox = await cloud.instances('sandbox');
  await open(`/ec2?account=${ACCOUNTS.sandbox}`);
  await expect(rows(page)).toHaveCount(sandbox.length);
  const live = page.getByRole('status').filter({ hasText: /^(Live|Reconnecting)$/ });
  await expect(live).toHaveText('Live');
  await cloud.breakDown({ service: 'ec2', operation: 'DescribeInstances', kind: 'throttle', account: 'sandbox' });
  // What somebody asked AWS less than a second ago is not asked again.
  await expect(async () => {
    await page.getByRole('button', { name: 'Refresh' }).click();
    await expect(page.getByText('None of the accounts and regions could be asked.').first()).toBeVisible({ timeout: 15_000 });
  }).toPass({ timeout: 60_000 });
  await expect(page.getByText('RequestLimitExceeded').first()).toBeVisible();
  await expect(live, 'the open page notices by itself, too').toHaveText('Reconnecting', { timeout: 20_000 });

  await cloud.repair();
  await expect(live, 'and recovers by itself').toHaveText('Live', { timeout: 30_000 });
  await page.getByRole('button', { name: 'Refresh' }).click();
  await expect(rows(page)).toHaveCount(sandbox.length);
});

test('three open pages ask AWS no more often than one', async ({ page, open, pageAs, cloud }) => {
  const place = { account: 'production', region: 'eu-west-1' } as const;
  const pages = [page, await pageAs('viewer'), await pageAs('admin')];
  await Promise.all(pages.map((each) => open('/ec2', each)));
  for (const each of pages) await expect(each.getByRole('status').filter({ hasText: /^Live$/ })).toBeVisible();
  const began = Date.now();
  const calls = () => cloud.calls('ec2', 'DescribeInstances', place, began / 1000);
  await expect.poll(calls, { timeout: 30_000, intervals: [250] }).toBeGreaterThanOrEqual(3);
  // One poller asks every 5 s: the third call comes after 10 s at least. Three of them would make three calls in 5 s. (A call of
  // a page elsewhere, for which the cache was too old, may be among them.)
  expect(Date.now() - began).toBeGreaterThan(7_000);
});
