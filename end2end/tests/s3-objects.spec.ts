// S3: what is done with objects and with whole buckets. Each test has a bucket of its own.

import { readFile } from 'node:fs/promises';
import type { APIRequestContext } from '@playwright/test';
import { expect, rowsOf, stayed, test } from './support/test';

const [account, region] = ['333333333333', 'us-east-1'];
const AT = `at=${account}/${region}`;

/** A new bucket with these objects. */
async function fill(
  api: APIRequestContext,
  what: string,
  objects: Record<string, string | Buffer>,
  versioning = false,
): Promise<string> {
  const name = `e2e-${what}-${Date.now().toString(36)}`;
  const made = await api.post('/api/s3/create', { data: { name, account, region, versioning } });
  expect(made.status(), await made.text()).toBe(200);
  for (const [key, data] of Object.entries(objects)) {
    const address = `/api/s3/upload?bucket=${name}&key=${encodeURIComponent(key)}&overwrite=true`;
    expect((await api.post(address, { data })).status(), key).toBe(200);
  }
  return name;
}

test('many objects and a folder are deleted with one confirmation', async ({ page, open, apiAs }) => {
  const api = await apiAs('operator');
  const name = await fill(api, 'many', { 'a b+%.txt': 'x', '..': 'x', 'f/1': 'x', 'f/2/3': 'x', stays: 'x' });
  await open(`/s3/${name}?${AT}`);
  const rows = rowsOf(page, 'Objects');
  await expect(rows).toHaveCount(4);
  await page.getByRole('checkbox', { name: 'Select a b+%.txt' }).check();
  await page.getByRole('checkbox', { name: 'Select ..', exact: true }).check();
  await page.getByRole('checkbox', { name: 'Select all below f/' }).check();
  await page.getByRole('group', { name: 'Selection' }).getByRole('button', { name: 'Delete what is selected' }).click();
  const dialog = page.getByRole('dialog', { name: 'Delete what is selected?' });
  await expect(dialog).toContainText('4 objects will be deleted.');
  await dialog.getByRole('textbox').fill(name);
  await dialog.getByRole('button', { name: 'Delete', exact: true }).click();
  await expect(page.getByText('4 objects deleted.')).toBeVisible();
  await expect(rows).toHaveCount(1);
  const left = await (await api.get(`/api/s3/${name}/search?q=s&prefix=`)).json();
  expect(left.objects.map((it: { key: string }) => it.key)).toEqual(['stays']);
});

test('a bucket with versions is emptied and deleted, and its page says how far it is', async ({ page, open, apiAs }) => {
  const api = await apiAs('operator');
  const name = await fill(api, 'empty', { a: '1', b: '1', 'c/d': '1' }, true);
  await api.post(`/api/s3/upload?bucket=${name}&key=a&overwrite=true`, { data: '2' });
  await api.delete(`/api/s3/${name}/object?key=b&confirm=b`);
  await open(`/s3/${name}?${AT}&part=properties`);
  await page.getByRole('button', { name: 'Empty and delete' }).click();
  const dialog = page.getByRole('dialog', { name: /Delete everything in the bucket, and the bucket/ });
  await expect(dialog.getByRole('button', { name: 'Empty and delete' })).toBeDisabled();
  await dialog.getByRole('textbox').fill(name);
  await dialog.getByRole('button', { name: 'Empty and delete' }).click();
  const status = page.getByRole('status').filter({ hasText: 'The bucket is deleted.' });
  await expect(status).toContainText('4 versions, 1 delete markers');
  expect((await api.get(`/api/s3/${name}`)).status()).toBe(404);
});

test('an earlier version is looked at and restored, and what was deleted comes back', async ({ page, open, apiAs }) => {
  const api = await apiAs('operator');
  const name = await fill(api, 'versions', { 'f/a.txt': 'first', 'f/gone': 'here' }, true);
  await api.post(`/api/s3/upload?bucket=${name}&key=f/a.txt&overwrite=true`, { data: 'second' });
  await api.delete(`/api/s3/${name}/object?key=f/gone&confirm=gone`);
  await open(`/s3/${name}?${AT}&prefix=f/`);
  await page.getByRole('link', { name: 'Show versions' }).click();
  const rows = rowsOf(page, 'Objects');
  await expect(rows).toHaveCount(4);
  await expect(rows.filter({ hasText: 'delete marker' })).toHaveCount(1);
  await open(`/s3/${name}?${AT}&key=f/a.txt`);
  await expect(page.getByLabel('The content')).toContainText('second');
  await rowsOf(page, 'Versions').nth(1).getByRole('button', { name: 'Restore' }).click();
  await expect(page.getByRole('status').filter({ hasText: 'The version is restored.' })).toBeVisible();
  await expect(page.getByLabel('The content')).toContainText('first');
  await open(`/s3/${name}?${AT}&key=f/gone`);
  await expect(page.getByText('This object was deleted')).toBeVisible();
  await page.getByRole('button', { name: 'Undelete' }).click();
  await expect(page.getByLabel('The content')).toContainText('here');
});

test('an object tells what is known of it, is copied and renamed, never over another', async ({ page, open, apiAs, expectTrouble }) => {
  expectTrouble(/^409 POST \/s3\/e2e-copy/);
  const api = await apiAs('operator');
  const name = await fill(api, 'copy', { 'a b.json': '{"a":[1,2]}', taken: 'x' });
  await open(`/s3/${name}?${AT}`);
  await rowsOf(page, 'Objects').getByRole('link', { name: 'a b.json', exact: true }).click();
  await expect(page.getByLabel('The content')).toContainText('"a": [');
  await expect(page.getByText('11 bytes')).toBeVisible();
  await page.getByText('Copy or rename', { exact: true }).click();
  await page.getByLabel('New key').fill('taken');
  await page.getByRole('button', { name: 'Rename' }).click();
  await expect(page.getByRole('heading', { name: 'The object was not copied' })).toBeVisible();
  await page.goBack();
  await page.getByText('Copy or rename', { exact: true }).click();
  await page.getByLabel('New key').fill('新/ü +.json');
  await page.getByRole('button', { name: 'Rename' }).click();
  await expect(page.getByRole('status').filter({ hasText: 'The object has its new key.' })).toBeVisible();
  const left = await (await api.get(`/api/s3/${name}/search?q=.json`)).json();
  expect(left.objects.map((it: { key: string }) => it.key)).toEqual(['新/ü +.json']);
});

test('what is previewed does not run, and an image is shown', async ({ page, open, apiAs }) => {
  const api = await apiAs('operator');
  const pixel = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');
  const evil = '<script>document.title = "ran"</script><svg onload="alert(1)"/>';
  const name = await fill(api, 'preview', { 'evil.html': evil, 'evil.svg': `<svg xmlns="http://www.w3.org/2000/svg">${evil}</svg>`, pixel });
  await open(`/s3/${name}?${AT}&key=evil.html`);
  await expect(page.getByLabel('The content')).toHaveText(evil);
  await expect(page).not.toHaveTitle(/ran/);
  const answer = await api.get(`/api/s3/${name}/preview?key=evil.svg`);
  expect(answer.headers()['content-type']).toBe('text/plain; charset=utf-8');
  expect(answer.headers()['content-security-policy']).toContain('sandbox');
  await open(`/s3/${name}?${AT}&key=pixel`);
  const image = page.getByRole('img', { name: 'The image pixel' });
  await expect(image).toBeVisible();
  expect(await image.evaluate((it) => (it as HTMLImageElement).naturalWidth)).toBe(1);
});

test('a link is made that anybody can follow', async ({ page, open, apiAs, playwright }) => {
  const api = await apiAs('operator');
  const name = await fill(api, 'link', { 'a b+%20.txt': 'for you' });
  await open(`/s3/${name}?${AT}&key=${encodeURIComponent('a b+%20.txt')}`);
  await page.getByLabel('It ends after').selectOption('15 minutes');
  await page.getByRole('button', { name: 'Make a link' }).click();
  const link = await page.getByRole('textbox', { name: 'The link' }).inputValue();
  expect(link).toContain('X-Amz-Expires=900');
  const stranger = await playwright.request.newContext();
  expect(await (await stranger.get(link)).text()).toBe('for you');
  await stranger.dispose();
  await page.goto('/activity?operation=s3.presign');
  await expect(page.getByRole('row', { name: /Make link to object/ }).first()).toBeVisible();
});

test('objects are searched below a prefix by key, size and time, and what is shown is exported', async ({ page, open, apiAs }) => {
  const api = await apiAs('operator');
  const name = await fill(api, 'search', { 'logs/1/App.log': 'x'.repeat(3000), 'logs/2/app.txt': 'x', 'logs/2/db.log': 'x', 'other/app': 'x' });
  await open(`/s3/${name}?${AT}&prefix=logs/`);
  const search = async (words: string) => {
    await page.getByLabel('Search below this prefix').fill(words);
    await page.getByRole('button', { name: 'Search', exact: true }).click();
  };
  await search('app');
  await expect(page.getByText('2 found for app among 3 objects of logs/, to the end.')).toBeVisible();
  await search('app size:>2kB modified:>2020');
  await expect(page.getByText('1 found for app size:>2kB modified:>2020 among 3 objects of logs/, to the end.')).toBeVisible();
  await expect(rowsOf(page, 'Objects').getByRole('link', { name: 'logs/1/App.log', exact: true })).toBeVisible();
  await expect(page).toHaveURL(/prefix=logs\/.*q=app%20size:%3E2kB/);
  const saving = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Export CSV of what is shown' }).click();
  const file = await saving;
  expect(file.suggestedFilename()).toBe(`${name}.csv`);
  const lines = (await readFile(await file.path(), 'utf8')).trim().split('\r\n');
  expect(lines).toHaveLength(2);
  expect(lines[1]).toMatch(/^logs\/1\/App\.log,3000,20\d\d-/);
  await search('size:>1GB');
  await expect(page.getByText('Nothing found', { exact: true })).toBeVisible();
});

test('a folder is sorted and shows the columns one chooses, from folder to folder', async ({ page, open, apiAs }) => {
  const api = await apiAs('operator');
  const name = await fill(api, 'sorted', { 'f/inside': 'x', 'small-10.txt': 'x', 'small-9.log': 'xx', 'large.bin': 'x'.repeat(500) });
  await open(`/s3/${name}?${AT}`);
  const still = await stayed(page);
  const names = async () => (await rowsOf(page, 'Objects').getByRole('link', { name: /^[fsl]/ }).allTextContents()).map((it) => it.trim());
  await expect.poll(names).toEqual(['f/', 'large.bin', 'small-10.txt', 'small-9.log']);
  await page.getByRole('columnheader', { name: 'Size' }).getByRole('link').click();
  await expect(page).toHaveURL(/sort=-size/);
  await expect.poll(names).toEqual(['f/', 'large.bin', 'small-9.log', 'small-10.txt']);
  await page.getByText('Columns', { exact: true }).first().click();
  await page.getByRole('checkbox', { name: 'ETag' }).check();
  await page.getByRole('checkbox', { name: 'Storage class' }).uncheck();
  await page.getByRole('button', { name: 'Apply' }).click();
  await expect(page.getByRole('columnheader', { name: 'ETag' })).toBeVisible();
  await expect(page.getByRole('columnheader', { name: 'Storage class' })).toHaveCount(0);
  await rowsOf(page, 'Objects').getByRole('link', { name: 'f/' }).click();
  await expect(page).toHaveURL(/prefix=f\/.*sort=-size.*columns=/);
  await expect(rowsOf(page, 'Objects').getByRole('link', { name: 'inside', exact: true })).toBeVisible();
  await expect(page.getByRole('columnheader', { name: 'ETag' })).toBeVisible();
  await still();
});

test('tags and versioning of a bucket are changed', async ({ page, open, apiAs }) => {
  const api = await apiAs('operator');
  const name = await fill(api, 'tags', {});
  await open(`/s3/${name}?${AT}&part=properties`);
  await page.getByText('Edit tags', { exact: true }).click();
  await page.getByRole('textbox', { name: 'Key' }).first().fill('Team');
  await page.getByRole('textbox', { name: 'Value' }).first().fill('a b');
  await page.getByRole('button', { name: 'Save tags' }).click();
  await expect(page.getByText('Team', { exact: true }).locator('..').getByRole('definition')).toHaveText('a b');
  await page.getByText('Change versioning', { exact: true }).click();
  await page.getByRole('button', { name: 'Enable versioning' }).click();
  await expect(page.getByRole('status').filter({ hasText: 'The versioning is changed.' })).toBeVisible();
  const bucket = await (await api.get(`/api/s3/${name}`)).json();
  expect([bucket.versioning, bucket.tags]).toEqual(['Enabled', [{ key: 'Team', value: 'a b' }]]);
});

test.describe('viewers', () => {
  test.use({ role: 'viewer' });

  test('look at objects, and change nothing', async ({ page, open }) => {
    await open('/s3/tidemark-production-reports?at=111111111111/us-east-1&part=properties');
    await expect(page.getByRole('button', { name: 'Empty and delete' })).toHaveAttribute('aria-disabled', 'true');
    await page.getByText('Change versioning', { exact: true }).click();
    await expect(page.getByRole('button', { name: /^(Enable|Suspend) versioning$/ })).toBeDisabled();
  });
});
