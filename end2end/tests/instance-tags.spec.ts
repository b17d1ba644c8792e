// The tags of an instance: adding, changing, removing, and what AWS would not take.

import type { Page } from '@playwright/test';
import { type Cloud, type CloudInstance, at } from './support/cloud';
import { expect, rowsOf, test } from './support/test';

test.describe.configure({ mode: 'default' });

const form = (page: Page) => page.getByRole('form', { name: 'Tags' });
const group = (page: Page, number: number) => form(page).getByRole('group', { name: `Tag ${number}`, exact: true });
const save = (page: Page) => form(page).getByRole('button', { name: 'Save tags' });

async function tagsOf(cloud: Cloud, instance: CloudInstance): Promise<Record<string, string>> {
  const xml = await cloud.ec2(instance.place, 'DescribeTags', {
    'Filter.1.Name': 'resource-id',
    'Filter.1.Value.1': instance.id,
  });
  const tags = [...xml.matchAll(/<key>(.*?)<\/key>\s*<value>(.*?)<\/value>/gs)];
  return Object.fromEntries(tags.map(([, key, value]) => [key ?? '', value ?? '']));
}

test('tags are added, changed and removed, and what somebody else added meanwhile stays', async ({ page, open, cloud }) => {
  const instance = await cloud.find('staging', 'us-east-1', 'orders-worker');
  const before = await tagsOf(cloud, instance);
  await open(`/ec2/${instance.id}?at=${at(instance.place)}`);
  await page.getByRole('button', { name: 'Edit tags' }).click();
  const number = Object.keys(before).length;

  await form(page).getByRole('button', { name: 'Add tag' }).click();
  await expect(group(page, number + 1).getByRole('textbox', { name: 'Key' })).toBeFocused();
  await group(page, number + 1).getByRole('textbox', { name: 'Key' }).fill('Purpose');
  await group(page, number + 1).getByRole('textbox', { name: 'Value' }).fill('first');
  await cloud.ec2(instance.place, 'CreateTags', { 'ResourceId.1': instance.id, 'Tag.1.Key': 'Meanwhile', 'Tag.1.Value': 'x' });
  await save(page).click();
  await expect(form(page)).toBeHidden();
  await expect(rowsOf(page, 'Tags').filter({ hasText: 'Purpose' })).toContainText('first');
  await expect(rowsOf(page, 'Tags').filter({ hasText: 'Meanwhile' })).toBeVisible();
  expect(await tagsOf(cloud, instance)).toEqual({ ...before, Purpose: 'first', Meanwhile: 'x' });

  await page.getByRole('button', { name: 'Edit tags' }).click();
  const keys = await form(page).getByRole('textbox', { name: 'Key' }).all();
  const values = await Promise.all(keys.map((key) => key.inputValue()));
  await group(page, values.indexOf('Purpose') + 1).getByRole('textbox', { name: 'Value' }).fill('second');
  await form(page).getByRole('button', { name: 'Remove tag Meanwhile' }).click();
  await save(page).click();
  await expect(form(page)).toBeHidden();
  expect(await tagsOf(cloud, instance)).toEqual({ ...before, Purpose: 'second' });

  await page.getByRole('button', { name: 'Edit tags' }).click();
  await form(page).getByRole('button', { name: 'Remove tag Purpose' }).click();
  await save(page).click();
  await expect(form(page)).toBeHidden();
  expect(await tagsOf(cloud, instance)).toEqual(before);

  await open(`/activity?resource=${instance.id}&changes=1`);
  await expect(rowsOf(page, 'Activity').first()).toContainText('without Purpose');
});

test('what AWS would not take is said before it is sent', async ({ page, open, cloud }) => {
  const instance = await cloud.find('staging', 'us-east-1', 'orders-worker');
  const before = await tagsOf(cloud, instance);
  const since = Date.now() / 1000;
  await open(`/ec2/${instance.id}?at=${at(instance.place)}`);
  await page.getByRole('button', { name: 'Edit tags' }).click();
  await form(page).getByRole('button', { name: 'Add tag' }).click();
  const added = group(page, Object.keys(before).length + 1);
  for (const [key, value, said] of [
    ['', 'x', 'A tag has no key.'],
    ['aws:mine', 'x', 'Keys that begin with aws: belong to AWS.'],
    ['Name', 'x', 'The key "Name" is there twice.'],
    ['k'.repeat(129), 'x', 'AWS takes up to 128.'],
    ['Long', 'v'.repeat(257), 'AWS takes up to 256.'],
  ] as const) {
    await added.getByRole('textbox', { name: 'Key' }).fill(key);
    await added.getByRole('textbox', { name: 'Value' }).fill(value);
    await save(page).click();
    await expect(form(page).getByRole('alert')).toContainText(said);
  }
  await form(page).getByRole('button', { name: 'Cancel' }).click();
  await expect(form(page)).toBeHidden();
  expect(await tagsOf(cloud, instance)).toEqual(before);
  expect(await cloud.calls('ec2', 'CreateTags', instance.place, since)).toBe(0);
});

test('a refusal of AWS stands in the form', async ({ page, open, cloud, expectTrouble }) => {
  expectTrouble(/^\d{3} POST \/api\/fn\/ec2\/set_tags/);
  const instance = await cloud.find('staging', 'eu-west-1', 'storefront');
  const before = await tagsOf(cloud, instance);
  await cloud.breakDown({ service: 'ec2', operation: 'CreateTags', kind: 'denied', account: 'staging', region: 'eu-west-1' });
  await open(`/ec2/${instance.id}?at=${at(instance.place)}`);
  await page.getByRole('button', { name: 'Edit tags' }).click();
  await group(page, 1).getByRole('textbox', { name: 'Value' }).fill('another value');
  await save(page).click();
  await expect(form(page).getByRole('alert')).toContainText('ec2:CreateTags');
  await expect(group(page, 1).getByRole('textbox', { name: 'Value' }), 'what was written is still there').toHaveValue('another value');
  expect(await tagsOf(cloud, instance)).toEqual(before);
});

test.describe('a viewer', () => {
  test.use({ role: 'viewer' });

  test('reads the tags and is told why they cannot be changed', async ({ page, open, cloud, apiAs }) => {
    const instance = await cloud.find('staging', 'us-east-1', 'orders-worker');
    await open(`/ec2/${instance.id}?at=${at(instance.place)}`);
    const button = page.getByRole('button', { name: 'Edit tags' });
    await expect(button).toHaveAttribute('aria-description', 'Your role is viewer; this needs operator.');
    const api = await apiAs('viewer');
    expect((await api.put(`/api/ec2/${instance.id}/tags`, { data: { tags: [] } })).status()).toBe(403);
  });
});
