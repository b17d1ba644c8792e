// Volumes, snapshots, elastic addresses and security groups: what is shown, found, exported and tagged.

import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { ACCOUNTS, type Cloud, type Place } from './support/cloud';
import { expect, rowsOf, stayed, test } from './support/test';

test.describe.configure({ mode: 'default' });

const STAGING: Place = { account: 'staging', region: 'us-east-1' };
const SANDBOX: Place = { account: 'sandbox', region: 'us-east-1' };
const form = (page: Page) => page.getByRole('form', { name: 'Tags' });

/** The ids in an answer of EC2's. */
async function idsOf(cloud: Cloud, place: Place, action: string, element: string, params: Record<string, string> = {}): Promise<string[]> {
  const xml = await cloud.ec2(place, action, params);
  const found = [...xml.matchAll(new RegExp(`<${element}>(.*?)</${element}>`, 'g'))].map(([, id]) => id ?? '');
  return [...new Set(found)];
}

async function tagsOf(cloud: Cloud, place: Place, id: string): Promise<Record<string, string>> {
  const xml = await cloud.ec2(place, 'DescribeTags', { 'Filter.1.Name': 'resource-id', 'Filter.1.Value.1': id });
  const tags = [...xml.matchAll(/<key>(.*?)<\/key>\s*<value>(.*?)<\/value>/gs)];
  return Object.fromEntries(tags.map(([, key, value]) => [key ?? '', value ?? '']));
}

test('the tabs lead from list to list without loading the page again, and keep the scope', async ({ page, open, cloud }) => {
  await open(`/ec2?account=${ACCOUNTS.staging}&region=us-east-1`);
  const still = await stayed(page);
  const tabs = page.getByRole('navigation', { name: 'EC2', exact: true });
  for (const [tab, heading, table, count] of [
    ['Volumes', 'EBS volumes', 'Volumes', (await idsOf(cloud, STAGING, 'DescribeVolumes', 'volumeId')).length],
    ['Snapshots', 'EBS snapshots', 'Snapshots', (await idsOf(cloud, STAGING, 'DescribeSnapshots', 'snapshotId', { 'Owner.1': 'self' })).length],
    ['Addresses', 'Elastic addresses', 'Addresses', (await idsOf(cloud, STAGING, 'DescribeAddresses', 'allocationId')).length],
    ['Security groups', 'Security groups', 'Security groups', undefined],
  ] as const) {
    await tabs.getByRole('link', { name: tab, exact: true }).click();
    await expect(page.getByRole('heading', { level: 1, name: heading })).toBeVisible();
    await expect(page).toHaveURL(new RegExp(`account=${ACCOUNTS.staging}&region=us-east-1$`));
    await expect(tabs.getByRole('link', { name: tab, exact: true })).toHaveAttribute('aria-current', 'true');
    if (count !== undefined) await expect(rowsOf(page, table)).toHaveCount(count);
    else await expect(rowsOf(page, table).filter({ hasText: 'bastion' })).toHaveCount(1);
  }
  await tabs.getByRole('link', { name: 'Instances', exact: true }).click();
  await expect(rowsOf(page, 'Instances').first()).toBeVisible();
  await still();
});

test('volumes that nothing uses stand out, and one link finds them', async ({ page, open, cloud }) => {
  const xml = await cloud.ec2(STAGING, 'DescribeVolumes');
  const free = xml.split('<item>').filter((item) => item.includes('<status>available</status>')).length;
  await open(`/ec2/volumes?account=${ACCOUNTS.staging}&region=us-east-1`);
  await expect(rowsOf(page, 'Volumes').filter({ hasText: 'load-test-scratch' })).toContainText('not attached');
  await page.getByRole('link', { name: `${free} unattached` }).click();
  await expect(page).toHaveURL(/[?&]q=is:unattached(&|$)/);
  await expect(rowsOf(page, 'Volumes')).toHaveCount(free);
  await expect(page.getByRole('searchbox', { name: 'Filter volumes' })).toHaveValue('is:unattached');
  await page.getByRole('link', { name: 'Show all' }).click();
  await expect(rowsOf(page, 'Volumes').filter({ hasText: 'orders-worker-root' })).toBeVisible();
});

test('a filter narrows to a column, a header sorts, and the file holds what is filtered', async ({ page, open }) => {
  await open(`/ec2/volumes?account=${ACCOUNTS.production}`);
  const box = page.getByRole('searchbox', { name: 'Filter volumes' });
  await box.fill('size:500 type:gp3');
  await expect(rowsOf(page, 'Volumes')).toHaveCount(2);
  await expect(page).toHaveURL(/[?&]q=size:500%20type:gp3/);
  await page.getByRole('columnheader', { name: 'Name' }).getByRole('link').click();
  await expect(page).toHaveURL(/sort=-name/);
  await expect(rowsOf(page, 'Volumes').first()).toContainText('search-replica-data');
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Export CSV' }).click();
  const file = await download;
  expect(file.suggestedFilename()).toBe('ec2-volumes.csv');
  const lines = (await readFile(await file.path(), 'utf8')).trim().split('\r\n');
  expect(lines).toHaveLength(3);
  expect(lines[0]).toMatch(/^Name,ID,State,Size \(GiB\)/);
  expect(lines[1]).toContain('search-replica-data');
});

test('the details lead to the instance, and from a snapshot to its volume', async ({ page, open, cloud }) => {
  const search = await cloud.find('production', 'us-east-1', 'search');
  await open(`/ec2/snapshots?account=${ACCOUNTS.production}&q=%22search-data%20%22`);
  await rowsOf(page, 'Snapshots').first().getByRole('link', { name: /^search-data / }).click();
  await expect(page).toHaveURL(/[?&]open=snap-/);
  await page.getByRole('link', { name: /^vol-/ }).first().click();
  await expect(page).toHaveURL(/\/ec2\/volumes\?q=id:vol-/);
  await expect(page.getByRole('heading', { level: 2, name: 'search-data', exact: true })).toBeVisible();
  await page.getByRole('link', { name: search.id }).first().click();
  await expect(page).toHaveURL(new RegExp(`/ec2/${search.id}`));
  await expect(page.getByRole('heading', { level: 1, name: 'search', exact: true })).toBeVisible();
});

test('a security group shows its rules, and those that let everybody in', async ({ page, open }) => {
  await open(`/ec2/security-groups?account=${ACCOUNTS.sandbox}`);
  await page.getByRole('link', { name: '1 open' }).click();
  await expect(rowsOf(page, 'Security groups')).toHaveCount(1);
  await expect(rowsOf(page, 'Security groups')).toContainText('open to everybody');
  await rowsOf(page, 'Security groups').getByRole('link', { name: /^demo-open/ }).click();
  const inbound = rowsOf(page, 'Inbound rules');
  await expect(inbound.filter({ hasText: '22' })).toContainText('everybody');
  await expect(inbound.filter({ hasText: '3389' })).toContainText('just for today');
  await expect(rowsOf(page, 'Outbound rules')).toHaveCount(1);
  await page.getByRole('link', { name: 'Close' }).click();
  await expect(page.getByRole('region', { name: 'Inbound rules' })).toHaveCount(0);

  await open(`/ec2/security-groups?account=${ACCOUNTS.sandbox}&region=us-east-1&q=inbound:5432`);
  await rowsOf(page, 'Security groups').getByRole('link', { name: /^database/ }).click();
  // The group that may come in is a link to it.
  await rowsOf(page, 'Inbound rules').getByRole('link', { name: /^sg-/ }).click();
  await expect(page.getByRole('heading', { level: 2, name: 'app', exact: true })).toBeVisible();
});

for (const [kind, table, place, action, element, params] of [
  ['volumes', 'Volumes', STAGING, 'DescribeVolumes', 'volumeId', {}],
  ['snapshots', 'Snapshots', SANDBOX, 'DescribeSnapshots', 'snapshotId', { 'Owner.1': 'self' }],
  ['addresses', 'Addresses', STAGING, 'DescribeAddresses', 'allocationId', {}],
  ['security-groups', 'Security groups', SANDBOX, 'DescribeSecurityGroups', 'groupId', {}],
] as const) {
  test(`the tags of one of the ${kind} are changed`, async ({ page, open, cloud }) => {
    const [id = ''] = await idsOf(cloud, place, action, element, params);
    const before = await tagsOf(cloud, place, id);
    await open(`/ec2/${kind}?account=${ACCOUNTS[place.account]}&region=${place.region}&q=id:${id}&open=${id}`);
    await page.getByRole('button', { name: 'Edit tags' }).click();
    await form(page).getByRole('button', { name: 'Add tag' }).click();
    const added = form(page).getByRole('group', { name: `Tag ${Object.keys(before).length + 1}`, exact: true });
    await added.getByRole('textbox', { name: 'Key' }).fill('Purpose');
    await added.getByRole('textbox', { name: 'Value' }).fill('<b>test</b>');
    await form(page).getByRole('button', { name: 'Save tags' }).click();
    await expect(rowsOf(page, 'Tags').filter({ hasText: 'Purpose' })).toContainText('<b>test</b>');
    expect(await tagsOf(cloud, place, id)).toEqual({ ...before, Purpose: '&lt;b&gt;test&lt;/b&gt;' });

    await page.getByRole('button', { name: 'Edit tags' }).click();
    await form(page).getByRole('button', { name: 'Remove tag Purpose' }).click();
    await form(page).getByRole('button', { name: 'Save tags' }).click();
    await expect(form(page)).toBeHidden();
    await expect(rowsOf(page, 'Tags').filter({ hasText: 'Purpose' })).toHaveCount(0);
    expect(await tagsOf(cloud, place, id)).toEqual(before);
    await expect(rowsOf(page, table)).toHaveCount(1);

    await page.getByRole('link', { name: 'History' }).click();
    await expect(page).toHaveURL(new RegExp(`/activity\\?resource=${id}`));
    await expect(rowsOf(page, 'Activity').first()).toContainText('Change tags');
  });
}

test('tags of many are set at once, the selection stands in the address, and none is lost', async ({ page, open, cloud }) => {
  const ids = (await idsOf(cloud, SANDBOX, 'DescribeSecurityGroups', 'groupId')).slice(0, 2);
  const before = await Promise.all(ids.map((id) => tagsOf(cloud, SANDBOX, id)));
  await open(`/ec2/security-groups?account=${ACCOUNTS.sandbox}&region=us-east-1&selected=${ids.join(',')}`);
  const bar = page.getByRole('group', { name: 'Selection' });
  await expect(bar).toContainText('2 selected');
  for (const key of ['Purpose', '']) {
    await bar.getByRole('button', { name: 'Edit tags of what is selected' }).click();
    const dialog = page.getByRole('dialog', { name: 'Edit tags of 2 security groups' });
    if (key) {
      await dialog.getByRole('textbox', { name: 'Key' }).fill(key);
      await dialog.getByRole('textbox', { name: 'Value' }).fill('many');
    } else {
      await dialog.getByRole('checkbox', { name: 'Purpose (2)' }).check();
    }
    await dialog.getByRole('button', { name: 'Save tags' }).click();
    await expect(page.getByRole('region', { name: 'Result' })).toContainText('Edit tags: 2 security groups done');
    const now = await Promise.all(ids.map((id) => tagsOf(cloud, SANDBOX, id)));
    expect(now).toEqual(before.map((tags) => (key ? { ...tags, Purpose: 'many' } : tags)));
  }
  // Opening one keeps the others selected.
  await rowsOf(page, 'Security groups').getByRole('link').first().click();
  await expect(page).toHaveURL(/selected=sg-.*open=sg-/);
  await expect(bar).toContainText('2 selected');
  await bar.getByRole('button', { name: 'Clear selection' }).click();
  await expect(page).not.toHaveURL(/selected=/);
});

test('an account that fails is named, and the others are shown', async ({ page, open, cloud }) => {
  await cloud.breakDown({ service: 'ec2', operation: 'DescribeVolumes', kind: 'denied', account: 'sandbox', region: 'eu-west-1' });
  await open('/ec2/volumes');
  await page.getByRole('button', { name: 'Refresh' }).click();
  await expect(page.getByText(/^1 of \d+ accounts and regions could not be asked/)).toBeVisible();
  await expect(page.getByText('ec2:DescribeVolumes').first()).toBeVisible();
  await expect(rowsOf(page, 'Volumes').first()).toBeVisible();
});

test('a refusal of AWS stands in the form', async ({ page, open, cloud, expectTrouble }) => {
  expectTrouble(/^\d{3} POST \/api\/fn\/ec2\/set_tags/);
  const [id = ''] = await idsOf(cloud, STAGING, 'DescribeAddresses', 'allocationId');
  await cloud.breakDown({ service: 'ec2', operation: 'CreateTags', kind: 'denied', account: 'staging', region: 'us-east-1' });
  await open(`/ec2/addresses?account=${ACCOUNTS.staging}&region=us-east-1&open=${id}`);
  await page.getByRole('button', { name: 'Edit tags' }).click();
  await form(page).getByRole('group', { name: 'Tag 1', exact: true }).getByRole('textbox', { name: 'Value' }).fill('another');
  await form(page).getByRole('button', { name: 'Save tags' }).click();
  await expect(form(page).getByRole('alert')).toContainText('ec2:CreateTags');
});

test.describe('a viewer', () => {
  test.use({ role: 'viewer' });

  test('reads all of it and is told why the tags cannot be changed', async ({ page, open, cloud, apiAs }) => {
    const [id = ''] = await idsOf(cloud, STAGING, 'DescribeVolumes', 'volumeId');
    await open(`/ec2/volumes?account=${ACCOUNTS.staging}&region=us-east-1&open=${id}`);
    const button = page.getByRole('button', { name: 'Edit tags' });
    await expect(button).toHaveAttribute('aria-description', 'Your role is viewer; this needs operator.');
    const api = await apiAs('viewer');
    expect((await api.get(`/api/ec2/volumes?account=${ACCOUNTS.staging}`)).status()).toBe(200);
    expect((await api.put(`/api/ec2/volumes/${id}/tags`, { data: { tags: [] } })).status()).toBe(403);
  });
});
