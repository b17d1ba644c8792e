// S3: buckets and objects on the demo cloud. Each test that changes something has a bucket of its own.

import { readFile } from 'node:fs/promises';
import { expect, hydrated, rowsOf, test } from './support/test';

const SANDBOX = '333333333333/us-east-1';

/** A bucket that no other test has. */
function newName(what: string): string {
  return `e2e-${what}-${Date.now().toString(36)}`;
}

test('buckets of all accounts stand on one page, and are found', async ({ page, open }) => {
  await open('/s3');
  await expect(page.getByRole('heading', { level: 1, name: /S3 buckets/ })).toBeVisible();
  const rows = rowsOf(page, 'Buckets');
  await expect(rows.filter({ hasText: 'tidemark-production-assets' })).toBeVisible();
  await expect(rows.filter({ hasText: 'tidemark-sandbox-empty' })).toContainText('eu-west-1');
  await page.getByRole('searchbox', { name: 'Filter buckets' }).fill('backups');
  await expect(rows).toHaveCount(1);
  await expect(page).toHaveURL(/q=backups/);
  await page.getByRole('searchbox', { name: 'Filter buckets' }).fill('region:eu -name:empty');
  await expect(rows.filter({ hasText: 'tidemark-sandbox-empty' })).toHaveCount(0);
  await page.getByRole('searchbox', { name: 'Filter buckets' }).fill('backups');
  await expect(rows).toHaveCount(1);
  await rows.getByRole('link', { name: 'tidemark-production-backups' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'tidemark-production-backups' })).toBeVisible();
});

test('the list of buckets is sorted, shows the columns one chooses, and becomes a file', async ({ page, open }) => {
  await open('/s3');
  const rows = rowsOf(page, 'Buckets');
  const names = async () => (await rows.getByRole('link').allTextContents()).map((name) => name.trim());
  const first = await names();
  await page.getByRole('columnheader', { name: 'Name' }).getByRole('link').click();
  await expect(page).toHaveURL(/sort=-name/);
  await expect.poll(names).toEqual([...first].reverse());
  await page.getByText('Columns', { exact: true }).first().click();
  await page.getByRole('checkbox', { name: 'ARN', exact: true }).check();
  await page.getByRole('button', { name: 'Apply' }).click();
  await expect(page).toHaveURL(/columns=name,|columns=.*arn/);
  await expect(rows.first()).toContainText('arn:aws:s3:::');
  await page.getByRole('searchbox', { name: 'Filter buckets' }).fill('name:backups');
  await expect(rows).toHaveCount(1);
  const saving = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Export CSV' }).click();
  const lines = (await readFile(await (await saving).path(), 'utf8')).trim().split('\r\n');
  expect(lines).toHaveLength(2);
  expect(lines[0]).toMatch(/^Account ID,Region,Name,.*ARN$/);
  expect(lines[1]).toContain('tidemark-production-backups');
});

test('a bucket that its policy opens to everybody says so, and others do not', async ({ page, open }) => {
  await open('/s3/tidemark-production-assets?at=111111111111/us-east-1&part=properties');
  await expect(page.getByText('public', { exact: true })).toBeVisible();
  await open('/s3/tidemark-production-backups?at=111111111111/us-east-1&part=properties');
  await expect(page.getByText('not public, but not blocked', { exact: true })).toBeVisible();
});

test('what was typed is there again when the name was taken and one goes back', async ({ page, open, expectTrouble }) => {
  expectTrouble(/^409 POST \/s3/);
  await open('/s3');
  await page.getByText('Create a bucket', { exact: true }).first().click();
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill('tidemark-production-assets');
  await page.getByLabel('Account and region').selectOption({ label: 'sandbox · eu-west-1' });
  await page.getByRole('button', { name: 'Create', exact: true }).click();
  await expect(page.getByRole('alert').first()).toBeVisible();
  await page.goBack();
  await page.getByText('Create a bucket', { exact: true }).first().click();
  await expect(page.getByRole('textbox', { name: 'Name', exact: true })).toHaveValue('tidemark-production-assets');
});

test('many buckets are deleted, but for those that are not empty', async ({ page, open, apiAs }) => {
  const api = await apiAs('operator');
  const [account, region] = SANDBOX.split('/');
  const names = ['full', 'bare'].map((what) => newName(`many-${what}`));
  for (const name of names) await api.post('/api/s3/create', { data: { name, account, region } });
  await api.post(`/api/s3/upload?bucket=${names[0]}&key=kept`, { data: 'x' });
  await open(`/s3?q=e2e-many-&selected=${names.join(',')}`);
  const bar = page.getByRole('group', { name: 'Selection' });
  await bar.getByRole('button', { name: 'Delete what is selected' }).click();
  const dialog = page.getByRole('dialog', { name: 'Delete 2 buckets?' });
  await dialog.getByRole('textbox').fill('delete 2 buckets');
  await dialog.getByRole('button', { name: 'Delete', exact: true }).click();
  const lines = page.getByRole('region', { name: 'Result' }).getByRole('listitem');
  await expect(lines.nth(0)).toContainText(names[0] ?? '');
  await expect(lines.nth(0)).toContainText('not empty');
  await expect(lines.nth(1)).toContainText('Deleted.');
  expect((await api.get(`/api/s3/${names[0]}`)).status()).toBe(200);
  expect((await api.get(`/api/s3/${names[1]}`)).status()).toBe(404);
  await expect(rowsOf(page, 'Buckets').filter({ hasText: names[1] ?? '' })).toHaveCount(0);
  await expect(page).toHaveURL(new RegExp(`selected=${names[0]}$`));
});

test('a name that is taken is refused with words', async ({ page, open, expectTrouble }) => {
  expectTrouble(/^409 POST \/s3/);
  await open('/s3');
  await page.getByText('Create a bucket', { exact: true }).first().click();
  await page.getByLabel('Name', { exact: true }).fill('tidemark-sandbox-empty');
  await page.getByLabel('Account and region').selectOption('333333333333/eu-west-1');
  await page.getByRole('button', { name: 'Create', exact: true }).click();
  await expect(page.getByRole('alert')).toContainText('There is a bucket tidemark-sandbox-empty already.');
});

test('a bucket is encrypted with the key one chooses', async ({ page, open, apiAs }) => {
  const name = newName('secret');
  await open('/s3');
  await page.getByText('Create a bucket', { exact: true }).first().click();
  await page.getByLabel('Name', { exact: true }).fill(name);
  await page.getByLabel('Account and region').selectOption(SANDBOX);
  await page.getByLabel('Encryption').selectOption('With a key in KMS');
  await page.getByLabel('Key in KMS', { exact: true }).fill('alias/files');
  await page.getByRole('button', { name: 'Create', exact: true }).click();
  await expect(page.getByRole('status').filter({ hasText: 'The bucket is there.' })).toBeVisible();
  await page.getByRole('link', { name: 'Properties' }).click();
  await expect(page.getByText('aws:kms, alias/files')).toBeVisible();
  const api = await apiAs('operator');
  expect((await api.delete(`/api/s3/${name}?confirm=${name}`)).status()).toBe(204);
});

test('objects are browsed by folder, and saved as they are', async ({ page, open }) => {
  await open('/s3/tidemark-production-assets?at=111111111111/us-east-1');
  const rows = rowsOf(page, 'Objects');
  await rows.getByRole('link', { name: 'products/' }).click();
  await rows.getByRole('link', { name: '00/' }).click();
  await rows.getByRole('link', { name: '0000/' }).click();
  await expect(rows).toHaveCount(3);
  const saving = page.waitForEvent('download');
  await rows.getByRole('link', { name: 'Download front.svg' }).click();
  const saved = await saving;
  expect(saved.suggestedFilename()).toBe('front.svg');
  expect(await readFile(await saved.path(), 'utf8')).toContain('<svg');
  await page.getByRole('navigation', { name: 'Prefix' }).getByRole('link', { name: 'products/' }).click();
  await expect(rows.getByRole('link', { name: '00/' })).toBeVisible();
});

test('a bucket is made, filled, emptied and deleted', async ({ page, open, expectTrouble }) => {
  expectTrouble(/^409 POST \/s3\/e2e-bucket/);
  const name = newName('bucket');
  await open('/s3');
  await page.getByText('Create a bucket', { exact: true }).first().click();
  await page.getByLabel('Name', { exact: true }).fill(name);
  await page.getByLabel('Account and region').selectOption(SANDBOX);
  await page.getByRole('button', { name: 'Create', exact: true }).click();
  await expect(page.getByRole('status').filter({ hasText: 'The bucket is there.' })).toBeVisible();
  await expect(page.getByText('Nothing here')).toBeVisible();

  const file = { name: 'ein Bericht ü+%.txt', mimeType: 'text/plain', buffer: Buffer.from('hello') };
  await hydrated(page);
  await page.getByLabel('Upload files').setInputFiles(file);
  const row = rowsOf(page, 'Objects').filter({ hasText: file.name });
  await expect(row).toContainText('5 B');

  // A bucket that is not empty stays, and says why.
  await page.getByRole('link', { name: 'Properties' }).click();
  await expect(page.getByText('all on')).toBeVisible();
  await page.getByText('Delete this bucket', { exact: true }).click();
  await page.getByRole('textbox', { name: `Type ${name} to confirm` }).fill(name);
  await page.getByRole('button', { name: 'Delete the bucket' }).click();
  await expect(page.getByRole('alert')).toContainText('Delete what is in it first');
  await page.getByRole('link', { name: 'Back' }).click();

  await row.getByRole('link', { name: file.name, exact: true }).click();
  await page.getByText('Delete', { exact: true }).click();
  await page.getByRole('textbox', { name: `Type ${file.name} to confirm` }).fill(file.name);
  await page.getByRole('button', { name: 'Delete the object' }).click();
  await expect(page.getByRole('status').filter({ hasText: 'The object is deleted.' })).toBeVisible();
  await page.getByRole('link', { name: 'Properties' }).click();
  await page.getByText('Delete this bucket', { exact: true }).click();
  await page.getByRole('textbox', { name: `Type ${name} to confirm` }).fill(name);
  await page.getByRole('button', { name: 'Delete the bucket' }).click();
  await expect(page).toHaveURL('/s3');
  await expect(rowsOf(page, 'Buckets').filter({ hasText: name })).toHaveCount(0);
});

test('a file of 40 MiB arrives whole, and never over another', async ({ apiAs }) => {
  const api = await apiAs('operator');
  const name = newName('large');
  const [account, region] = SANDBOX.split('/');
  expect((await api.post('/api/s3/create', { data: { name, account, region } })).status()).toBe(200);
  const data = Buffer.alloc(40 << 20, 'nephoscope ');
  const key = 'folder/large.bin';
  const upload = () => api.post(`/api/s3/upload?bucket=${name}&key=${key}`, { data, timeout: 60_000 });
  const written = await upload();
  expect(written.status(), await written.text()).toBe(200);
  expect((await written.json()).size).toBe(data.length);
  const read = await api.get(`/api/s3/${name}/object?key=${key}`);
  expect((await read.body()).equals(data)).toBe(true);
  const part = await api.get(`/api/s3/${name}/object?key=${key}`, { headers: { range: 'bytes=1-4' } });
  expect([part.status(), (await part.body()).toString()]).toEqual([206, 'epho']);
  expect((await upload()).status()).toBe(409);
});

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false });

  test('a file is uploaded by a plain form, which says so', async ({ page, open, apiAs }) => {
    const api = await apiAs('operator');
    const [account, region] = SANDBOX.split('/');
    const name = newName('plain');
    await api.post('/api/s3/create', { data: { name, account, region } });
    await open(`/s3/${name}?at=${SANDBOX}`);
    await page.getByText('Upload a file', { exact: true }).click();
    await page.getByLabel('File', { exact: true }).setInputFiles({ name: 'ü+%.txt', mimeType: 'text/plain', buffer: Buffer.from('hello') });
    await page.getByRole('button', { name: 'Upload', exact: true }).click();
    await expect(page.getByRole('status').filter({ hasText: 'The file is uploaded.' })).toBeVisible();
    await expect(rowsOf(page, 'Objects').filter({ hasText: 'ü+%.txt' })).toContainText('5 B');
  });
});

test.describe('viewers', () => {
  test.use({ role: 'viewer' });

  test('look, and change nothing', async ({ page, open }) => {
    await open('/s3/tidemark-production-reports?at=111111111111/us-east-1');
    await expect(page.getByLabel('Upload files')).toBeDisabled();
    await open('/s3/tidemark-production-reports?at=111111111111/us-east-1&part=properties');
    await page.getByText('Delete this bucket', { exact: true }).click();
    await expect(page.getByRole('button', { name: 'Delete the bucket' })).toBeDisabled();
  });
});

test('an account that denies is named, and the others are shown', async ({ page, open, cloud }) => {
  await cloud.breakDown({ service: 's3', operation: 'ListBuckets', kind: 'denied', account: 'staging' });
  // What was known before counts for half a minute.
  await expect(async () => {
    await open('/s3');
    await expect(page.getByText('2 of 6 accounts and regions could not be asked.')).toBeVisible({ timeout: 1_000 });
  }).toPass({ timeout: 50_000 });
  await expect(rowsOf(page, 'Buckets').filter({ hasText: 'tidemark-production-assets' })).toBeVisible();
});
