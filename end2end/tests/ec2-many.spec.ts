// Many instances at once: selecting, acting on what is selected, choosing columns, and the file.

import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { ACCOUNTS, type CloudInstance } from './support/cloud';
import { Launched } from './support/launched';
import { expect, hydrated, rowsOf, test } from './support/test';

test.describe.configure({ mode: 'default' });

const LIST = `/ec2?account=${ACCOUNTS.staging}`;
const rows = (page: Page) => rowsOf(page, 'Instances');
const rowOf = (page: Page, instance: CloudInstance) => rows(page).filter({ hasText: instance.id });
const tick = (page: Page, instance: CloudInstance) => rowOf(page, instance).getByRole('checkbox').check();
const bar = (page: Page) => page.getByRole('group', { name: 'Selection' });

test('several are stopped and started with one confirmation and a result for each', async ({ page, open, cloud }) => {
  const one = await cloud.bring('staging', 'us-east-1', 'storefront-01', 'running');
  const other = await cloud.bring('staging', 'eu-west-1', 'storefront', 'running');
  await open(LIST);
  await tick(page, one);
  await tick(page, other);
  await expect(bar(page)).toContainText('2 selected');
  await expect(bar(page).getByRole('button', { name: 'Start what is selected' })).toHaveAttribute('aria-disabled', 'true');

  await test.step('one of the two regions refuses', async () => {
    await cloud.breakDown({ service: 'ec2', operation: 'StopInstances', kind: 'denied', account: 'staging', region: 'eu-west-1' });
    await bar(page).getByRole('button', { name: 'Stop what is selected' }).click();
    const dialog = page.getByRole('dialog', { name: 'Stop 2 instances?' });
    for (const instance of [one, other]) await expect(dialog.getByRole('list')).toContainText(instance.id);
    await dialog.getByRole('button', { name: 'Stop' }).click();
    await expect(dialog).toBeHidden();
    const result = page.getByRole('region', { name: 'Result' });
    await expect(result).toContainText('Stop: 1 of 2 instances failed');
    const lines = result.getByRole('listitem');
    await expect(lines.nth(0)).toContainText(other.id);
    await expect(lines.nth(0)).toContainText('ec2:StopInstances');
    await expect(lines.nth(1)).toContainText('storefront-01: running → stopping.');
    await expect.poll(() => cloud.stateOf(one)).toBe('stopped');
    expect(await cloud.stateOf(other)).toBe('running');
    await result.getByRole('button', { name: 'Dismiss' }).click();
    await expect(result).toBeHidden();
  });

  await test.step('what is running already is left out, and said so', async () => {
    await cloud.repair();
    await expect(rowOf(page, one)).toContainText('stopped', { timeout: 15_000 });
    await bar(page).getByRole('button', { name: 'Start what is selected' }).click();
    const dialog = page.getByRole('dialog', { name: 'Start 1 instance?' });
    const lines = dialog.getByRole('listitem');
    await expect(lines.nth(0)).toContainText(one.id);
    await expect(lines.nth(1)).toContainText(other.id);
    await expect(lines.nth(1)).toContainText('Left out. It is running already.');
    await dialog.getByRole('button', { name: 'Start' }).click();
    await expect(page.getByRole('region', { name: 'Result' })).toContainText('Start: 1 instance done');
    await expect.poll(() => cloud.stateOf(one), { timeout: 15_000 }).toBe('running');
  });

  await open(`/activity?resource=${other.id}&outcome=failed&operation=ec2.stop`);
  await expect(rowsOf(page, 'Activity').first()).toContainText('Stop instance');
});

test.describe('terminating several', () => {
  const launched = new Launched({ account: 'staging', region: 'us-east-1' });
  test.afterEach(async ({ cloud }) => launched.terminate(cloud));

  test('their number is typed, all wait, all are undone with one press, and then one is terminated and one is not', async ({ page, open, cloud, apiAs }) => {
    const [one, other] = [await launched.launch(cloud, 'many-a'), await launched.launch(cloud, 'many-b')];
    await open(`${LIST}&q=e2e-many`);
    await tick(page, one);
    await tick(page, other);
    const notices = page.getByRole('region', { name: 'Notifications' });
    const result = page.getByRole('region', { name: 'Result' });
    const timer = (instance: CloudInstance) => rowOf(page, instance).getByRole('timer');
    const terminate = async () => {
      await bar(page).getByRole('button', { name: 'Terminate what is selected' }).click();
      const dialog = page.getByRole('dialog', { name: 'Terminate 2 instances?' });
      for (const instance of [one, other]) await expect(dialog.getByRole('list')).toContainText(instance.id);
      const button = dialog.getByRole('button', { name: 'Terminate' });
      await expect(button).toBeDisabled();
      await dialog.getByRole('textbox').fill('terminate 3 instances');
      await expect(button).toBeDisabled();
      await dialog.getByRole('textbox').fill('terminate 2 instances');
      await button.click();
      await expect(dialog).toBeHidden();
    };

    await test.step('undone', async () => {
      await terminate();
      await expect(result).toContainText('Terminate: 2 instances done');
      await expect(result.getByRole('listitem').first()).toContainText(/terminates in \d+ s\./);
      for (const instance of [one, other]) await expect(timer(instance)).toContainText(/terminates in \d+ s/);
      await notices.getByRole('button', { name: 'Undo' }).click();
      await expect(notices).toContainText('2 instances are not terminated.');
      for (const instance of [one, other]) await expect(timer(instance)).toHaveCount(0);
      expect(await (await (await apiAs('viewer')).get('/api/ec2/terminations')).json()).not.toContainEqual(expect.objectContaining({ id: one.id }));
      await result.getByRole('button', { name: 'Dismiss' }).click();
    });

    await test.step('one is protected', async () => {
      const protect = (on: boolean) =>
        cloud.ec2(other.place, 'ModifyInstanceAttribute', { InstanceId: other.id, 'DisableApiTermination.Value': String(on) });
      await protect(true);
      await terminate();
      await expect(result).toContainText('Terminate: 1 of 2 instances failed');
      await expect(result.getByRole('listitem').nth(0)).toContainText('protect');
      await expect.poll(() => cloud.stateOf(one), { timeout: 30_000 }).toMatch(/shutting-down|terminated/);
      expect(await cloud.stateOf(other)).toBe('running');
      await protect(false);
    });
  });
});

test('tags are set and removed of several at once, and what AWS refuses is said', async ({ page, open, cloud, apiAs }) => {
  const one = await cloud.find('staging', 'us-east-1', 'storefront-01');
  const other = await cloud.find('staging', 'eu-west-1', 'storefront');
  const api = await apiAs('operator');
  const tagsOf = async (instance: CloudInstance) => {
    const { tags } = await (await api.get(`/api/ec2/${instance.id}`)).json();
    return Object.fromEntries(tags.map(({ key, value }: { key: string; value: string }) => [key, value]));
  };
  const [before, beforeOther] = [await tagsOf(one), await tagsOf(other)];
  await api.post('/api/ec2/tags', { data: { ids: [one.id], set: [{ key: 'Temporary', value: 'yes' }] } });
  await open(LIST);
  await tick(page, one);
  await tick(page, other);
  await cloud.breakDown({ service: 'ec2', operation: 'CreateTags', kind: 'denied', account: 'staging', region: 'eu-west-1' });
  await bar(page).getByRole('button', { name: 'Edit tags of what is selected' }).click();
  const dialog = page.getByRole('dialog', { name: 'Edit tags of 2 instances' });

  await dialog.getByRole('button', { name: 'Save tags' }).click();
  await expect(dialog.getByRole('alert')).toContainText('No tag is to be changed.');
  await dialog.getByRole('textbox', { name: 'Key' }).fill('Purpose');
  await dialog.getByRole('textbox', { name: 'Value' }).fill('<b>test</b>');
  await dialog.getByRole('checkbox', { name: 'Temporary (1)' }).check();
  await dialog.getByRole('button', { name: 'Save tags' }).click();
  const result = page.getByRole('region', { name: 'Result' });
  await expect(result).toContainText('Edit tags: 1 of 2 instances failed');
  await expect(result.getByRole('listitem').nth(0)).toContainText('ec2:CreateTags');
  await expect(result.getByRole('listitem').nth(1)).toContainText(one.id);
  expect(await tagsOf(one)).toEqual({ ...before, Purpose: '<b>test</b>' });
  expect(await tagsOf(other)).toEqual(beforeOther);

  await api.post('/api/ec2/tags', { data: { ids: [one.id], remove: ['Purpose'] } });
  expect(await tagsOf(one)).toEqual(before);
});

test('the selection stands in the address, and a range is ticked with the shift key', async ({ page, open }) => {
  await open(`${LIST}&sort=id`);
  const boxes = rows(page).getByRole('checkbox');
  await boxes.nth(0).check();
  await boxes.nth(3).click({ modifiers: ['Shift'] });
  await expect(bar(page)).toContainText('4 selected');
  await expect(page).toHaveURL(/selected=i-[0-9a-f]+(,i-[0-9a-f]+){3}/);
  await page.reload();
  await hydrated(page);
  await expect(bar(page)).toContainText('4 selected');
  for (const index of [0, 1, 2, 3]) await expect(boxes.nth(index)).toBeChecked();
  await expect(boxes.nth(4)).not.toBeChecked();

  await page.getByRole('searchbox', { name: 'Filter instances' }).fill('no such thing');
  await expect(bar(page)).toContainText('4 selected, 4 of them hidden by the filter');
  await page.getByRole('link', { name: 'Clear filter' }).click();
  await bar(page).getByRole('button', { name: 'Clear selection' }).click();
  await expect(bar(page)).toBeHidden();
  await expect(page).not.toHaveURL(/selected=/);
  await expect(page, 'the order stays').toHaveURL(/sort=id/);
});

test('everything that the filter lets pass is selected with one box', async ({ page, open, cloud }) => {
  const all = await cloud.instances('staging');
  const wanted = all.filter((instance) => instance.name.includes('storefront'));
  await open(`${LIST}&q=name:storefront`);
  await expect(rows(page)).toHaveCount(wanted.length);
  const box = page.getByRole('checkbox', { name: `Select all ${wanted.length} that match` });
  await rows(page).getByRole('checkbox').first().check();
  await expect(box).toHaveJSProperty('indeterminate', true);
  await box.click();
  await expect(bar(page)).toContainText(`${wanted.length} selected`);
  await expect(box).toBeChecked();
  await box.click();
  await expect(bar(page)).toBeHidden();
});

test('columns are chosen, and stay in the address', async ({ page, open }) => {
  await open(LIST);
  await page.getByLabel('Columns', { exact: true }).first().click();
  await page.getByRole('checkbox', { name: 'Image' }).check();
  await page.getByRole('checkbox', { name: 'Zone' }).uncheck();
  await page.getByRole('button', { name: 'Apply' }).click();
  await expect(page).toHaveURL(/columns=[a-z,-]*image/);
  const head = (name: string) => page.getByRole('columnheader', { name, exact: true });
  await expect(head('Image')).toBeVisible();
  await expect(head('Zone')).toHaveCount(0);
  await expect(rows(page).first()).toContainText('ami-');
  await head('Image').getByRole('link').click();
  await expect(page).toHaveURL(/sort=image.*columns=/);
  await page.getByLabel('Columns', { exact: true }).first().click();
  await page.getByRole('link', { name: 'Usual columns' }).click();
  await expect(page).not.toHaveURL(/columns=/);
  await expect(head('Zone')).toBeVisible();
});

test('what is filtered is saved as CSV', async ({ page, open, cloud }) => {
  const sandbox = await cloud.instances('sandbox');
  await open(`/ec2?account=${ACCOUNTS.sandbox}&sort=id&columns=name,state`);
  await expect(rows(page)).toHaveCount(sandbox.length);
  const saved = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Export CSV' }).click();
  const download = await saved;
  expect(download.suggestedFilename()).toBe('ec2-instances.csv');
  const text = await readFile(await download.path(), 'utf8');
  expect(text.split('\r\n')[0]).toBe('Account ID,Region,Instance ID,Name,State');
  for (const instance of sandbox) expect(text).toContain(`${ACCOUNTS.sandbox},${instance.place.region},${instance.id},`);
  expect(text.trim().split('\r\n')).toHaveLength(sandbox.length + 1);
});

test.describe('a viewer', () => {
  test.use({ role: 'viewer' });

  test('may select and export, and is told why nothing can be done', async ({ page, open, cloud, apiAs }) => {
    const instance = await cloud.find('staging', 'us-east-1', 'storefront-02');
    await open(LIST);
    await tick(page, instance);
    for (const action of ['Start', 'Stop', 'Reboot']) {
      const button = bar(page).getByRole('button', { name: `${action} what is selected` });
      await expect(button).toHaveAttribute('aria-description', 'Your role is viewer; this needs operator.');
    }
    const api = await apiAs('viewer');
    const refused = await api.post('/api/ec2/actions', { data: { action: 'stop', ids: [instance.id] } });
    expect(refused.status()).toBe(403);
    expect(await refused.json()).toMatchObject({ code: 'forbidden' });
    expect(await cloud.stateOf(instance)).toBe(instance.state);
  });
});
