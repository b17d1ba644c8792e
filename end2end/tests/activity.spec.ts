// The activity that follows by itself, its export, and the counts of calls. What can be filtered is in pages.spec.ts.

import { readFile } from 'node:fs/promises';
import { ACCOUNTS, at } from './support/cloud';
import { expect, rowsOf, stayed, test } from './support/test';

test.describe('of an administrator', () => {
  test.use({ role: 'admin' });

  test('new records appear by themselves, until they are paused', async ({ page, open, apiAs }) => {
    const viewer = await apiAs('viewer');
    await open('/activity?user=viewer&operation=logs.groups');
    const same = await stayed(page);
    const records = rowsOf(page, 'Activity');
    await expect(page.getByRole('status').filter({ hasText: /^Live$/ })).toBeVisible();
    const newest = () => records.first().getAttribute('title');
    await viewer.get('/api/log/groups');
    await expect(records.first()).toBeVisible();
    const first = await newest();
    await viewer.get('/api/log/groups');
    await expect(records.first()).not.toHaveAttribute('title', first ?? '');
    await expect(records.first()).toContainText('List log groups');
    await same();

    await page.getByRole('button', { name: 'Show no new records' }).click();
    await expect(page.getByRole('status').filter({ hasText: /^Not live$/ })).toBeVisible();
    const shown = await newest();
    await viewer.get('/api/log/groups');
    await page.getByRole('button', { name: 'Show new records as they come' }).click();
    await expect(page.getByRole('status').filter({ hasText: /^Live$/ })).toBeVisible();
    await expect(records.first(), 'what came meanwhile is caught up with').not.toHaveAttribute('title', shown ?? '');
  });

  test('looking at everything does not fill it with looking', async ({ page, open }) => {
    await open('/activity');
    await expect(page.getByRole('status').filter({ hasText: /^Live$/ })).toBeVisible();
    const follows = async () => {
      const answer = await page.request.get('/api/audit?operation=audit.watch&actor=admin');
      return ((await answer.json()) as { records: object[] }).records.length;
    };
    const asked = () => page.waitForResponse((response) => response.url().endsWith('/api/fn/audit/follow'));
    await asked();
    const before = await follows();
    await asked();
    await asked();
    expect(await follows()).toBe(before);
  });

  test('an older page does not follow', async ({ page, open, apiAs }) => {
    const api = await apiAs('admin');
    await Promise.all(Array.from({ length: 51 }, () => api.get('/api/ec2')));
    await open('/activity');
    await page.getByRole('link', { name: 'Older' }).click();
    await expect(page).toHaveURL(/before=/);
    await expect(page.getByRole('button', { name: 'Show no new records' })).toHaveCount(0);
  });

  test('what is filtered can be taken away as CSV and as JSON Lines', async ({ page, open, apiAs }) => {
    await (await apiAs('viewer')).get('/api/ec2');
    await open('/activity?user=viewer&operation=ec2.list');
    const save = async (name: string) => {
      const saved = page.waitForEvent('download');
      await page.getByRole('link', { name }).click();
      const download = await saved;
      return { name: download.suggestedFilename(), text: await readFile(await download.path(), 'utf8') };
    };
    const csv = await save('Export CSV');
    expect(csv.name).toBe('nephoscope-activity.csv');
    const lines = csv.text.trim().split('\r\n');
    expect(lines[0]).toMatch(/^seq,at,actor,operation,/);
    expect(lines.length).toBeGreaterThan(1);
    expect(lines.slice(1).filter((line) => !line.includes(',viewer,ec2.list,'))).toEqual([]);

    const json = await save('Export JSON Lines');
    expect(json.name).toBe('nephoscope-activity.jsonl');
    const records = json.text.trim().split('\n').map((line) => JSON.parse(line) as { actor: string; operation: string; seq: number });
    expect(records.filter((record) => record.actor !== 'viewer' || record.operation !== 'ec2.list')).toEqual([]);
    expect(records.map((record) => record.seq)).toEqual([...new Set(records.map((record) => record.seq))]);
  });

  test('calls to AWS are counted for who made them', async ({ page, open, cloud, apiAs }) => {
    const instance = await cloud.find('production', 'us-east-1', 'checkout-03');
    const viewer = await apiAs('viewer');
    const looked = await viewer.get(`/api/ec2/${instance.id}?account=${ACCOUNTS.production}&region=us-east-1`);
    expect(looked.ok()).toBe(true);
    await open('/activity');
    await page.getByRole('navigation', { name: 'Activity' }).getByRole('link', { name: 'AWS calls' }).click();
    await expect(page).toHaveURL('/activity/usage');
    await expect(page).toHaveTitle('AWS calls · nephoscope');
    const calls = rowsOf(page, 'AWS calls');
    await expect(calls.filter({ hasText: 'ec2:DescribeInstances' }).first()).toBeVisible();
    await expect(page.getByRole('region', { name: 'Sums' })).toContainText('Cost');
    await page.getByRole('navigation', { name: 'Days' }).getByRole('link', { name: 'Today' }).click();
    await expect(page).toHaveURL(/days=1/);
    await expect(page.getByRole('link', { name: 'Today' })).toHaveAttribute('aria-current', 'true');
    await expect(calls.first()).toBeVisible();
  });
});

test.describe('of a viewer', () => {
  test.use({ role: 'viewer' });

  test('follows what is their own, and the counts are not shown', async ({ page, open, request, expectTrouble }) => {
    await open('/activity');
    await expect(page.getByRole('navigation', { name: 'Activity', exact: true })).toHaveCount(0);
    const answer = await page.waitForResponse((response) => response.url().endsWith('/api/fn/audit/follow'));
    const news = (await answer.json()) as { records: { actor: string }[] };
    expect(news.records.filter((record) => record.actor !== 'viewer')).toEqual([]);
    const text = await (await request.get('/api/audit/export?format=jsonl&actor=admin')).text();
    const actors = text.trim().split('\n').filter(Boolean).map((line) => (JSON.parse(line) as { actor: string }).actor);
    expect(actors.filter((actor) => actor !== 'viewer')).toEqual([]);
    expectTrouble(/^403 /);
    expect(await open('/activity/usage')).toBe(403);
    await expect(page.getByRole('alert')).toContainText('admin');
  });
});

test('an instance leads to its history, and a change says what was and what is', async ({ page, open, cloud, apiAs }) => {
  const instance = await cloud.bring('staging', 'us-east-1', 'checkout', 'running');
  const api = await apiAs('operator');
  const place = `account=${ACCOUNTS.staging}&region=us-east-1`;
  expect((await api.post(`/api/ec2/reboot/${instance.id}?${place}`)).ok()).toBe(true);
  await open(`/ec2/${instance.id}?at=${at(instance.place)}`);
  await page.getByRole('link', { name: 'History' }).click();
  await expect(page).toHaveURL(new RegExp(`/activity\\?resource=${instance.id}`));
  const rebooted = rowsOf(page, 'Activity').filter({ hasText: 'Reboot instance' }).first();
  await expect(rebooted).toContainText('running → running');
  await expect(rebooted).toHaveAttribute('title', /Record \d+ · request [0-9a-f-]+ · AWS request /);
});
