// S3: uploading many files and folders in the browser. Each test has a bucket of its own.

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { APIRequestContext, Locator, Page } from '@playwright/test';
import { CLOUD_URL } from './support/demo';
import { expect, rowsOf, test } from './support/test';

const [account, region] = ['333333333333', 'us-east-1'];
const AT = `at=${account}/${region}`;
const place = { account: 'sandbox', region: 'us-east-1' } as const;
const MIB = 1 << 20;

// They slow S3 down for the whole account, so that they must not run beside each other.
test.describe.configure({ mode: 'default' });

async function bucket(api: APIRequestContext, what: string, objects: Record<string, string> = {}): Promise<string> {
  const name = `e2e-up-${what}-${Date.now().toString(36)}`;
  const made = await api.post('/api/s3/create', { data: { name, account, region } });
  expect(made.status(), await made.text()).toBe(200);
  for (const [key, data] of Object.entries(objects)) {
    expect((await api.post(`/api/s3/upload?bucket=${name}&key=${encodeURIComponent(key)}`, { data })).status()).toBe(200);
  }
  return name;
}

/** What AWS says about a bucket, past nephoscope. */
async function ask(name: string, query: string): Promise<string> {
  const scope = `${account}/20260101/${region}/s3/aws4_request`;
  const authorization = `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=0`;
  const answer = await fetch(`${CLOUD_URL}/${name}?${query}`, { headers: { authorization } });
  expect(answer.status).toBe(200);
  return answer.text();
}

/** How many uploads in parts are under way. */
async function underWay(name: string): Promise<number> {
  return (await ask(name, 'uploads')).split('<UploadId>').length - 1;
}

async function keysOf(name: string): Promise<string[]> {
  return [...(await ask(name, 'list-type=2')).matchAll(/<Key>(.*?)<\/Key>/g)].map((found) => found[1] ?? '');
}

/** Bytes that differ from part to part. */
function bytes(size: number): Buffer {
  return Buffer.alloc(size, Buffer.from(Array.from({ length: 251 }, (_, at) => at)));
}

function file(name: string, buffer: Buffer | string) {
  return { name, mimeType: 'application/octet-stream', buffer: Buffer.from(buffer) };
}

function panelOf(page: Page): Locator {
  return page.getByRole('region', { name: 'Uploads', exact: true });
}

function itemOf(page: Page, key: string): Locator {
  return panelOf(page).getByRole('listitem').filter({ hasText: key });
}

test('several files go below the prefix, small ones whole and a large one in parts, and what arrived is verified', async ({ page, open, apiAs, cloud }) => {
  const api = await apiAs('operator');
  const name = await bucket(api, 'many');
  const since = Date.now() / 1_000;
  const large = bytes(20 * MIB + 7);
  await open(`/s3/${name}?${AT}&prefix=in/`);
  await page.getByLabel('Upload files').setInputFiles([file('a ü+%.txt', 'hello'), file('large.bin', large), file('empty', '')]);
  const panel = panelOf(page);
  await expect(panel.getByRole('status')).toHaveText('3 of 3 uploaded, nothing is under way.', { timeout: 60_000 });
  await expect(panel.getByRole('progressbar', { name: 'All files' })).toHaveAttribute('value', '100');
  await expect(panel).toContainText('100 %');
  await expect(itemOf(page, 'a ü+%.txt')).toContainText('verified: CRC32 NhCmhg==');
  await expect(itemOf(page, 'large.bin')).toContainText('verified: CRC32');
  // The list shows them without being asked to.
  await expect(rowsOf(page, 'Objects').filter({ hasText: 'large.bin' })).toContainText('20');
  expect((await keysOf(name)).sort()).toEqual(['in/a ü+%.txt', 'in/empty', 'in/large.bin']);
  const object = await api.get(`/api/s3/${name}/object?key=in/large.bin`);
  expect((await object.body()).equals(large)).toBe(true);
  expect(await cloud.calls('s3', 'UploadPart', place, since)).toBeGreaterThanOrEqual(3);
  expect(await underWay(name)).toBe(0);
  await panel.getByRole('button', { name: 'Take away the files that are through' }).click();
  await expect(panel).toHaveCount(0);
});

test('a folder keeps what is in it where it was', async ({ page, open, apiAs }, info) => {
  const name = await bucket(await apiAs('operator'), 'folder');
  const folder = info.outputPath('a folder');
  await mkdir(join(folder, '深/b'), { recursive: true });
  await writeFile(join(folder, 'top.txt'), 'top');
  await writeFile(join(folder, '深/b/low.txt'), 'low');
  await open(`/s3/${name}?${AT}`);
  await page.getByLabel('Upload a folder').setInputFiles(folder);
  await expect(panelOf(page).getByRole('status')).toHaveText('2 of 2 uploaded, nothing is under way.');
  expect((await keysOf(name)).sort()).toEqual(['a folder/top.txt', 'a folder/深/b/low.txt']);
  await expect(rowsOf(page, 'Objects').getByRole('link', { name: 'a folder/' })).toBeVisible();
});

test('what is dropped on the page is uploaded', async ({ page, open, apiAs }) => {
  const name = await bucket(await apiAs('operator'), 'drop');
  await open(`/s3/${name}?${AT}&prefix=d/`);
  const data = await page.evaluateHandle(() => {
    const data = new DataTransfer();
    data.items.add(new File(['dropped'], 'dropped.txt', { type: 'text/plain' }));
    return data;
  });
  await page.dispatchEvent('main', 'dragover', { dataTransfer: data });
  await expect(page.locator('html[data-drop]')).toBeAttached();
  await page.dispatchEvent('main', 'drop', { dataTransfer: data });
  await expect(itemOf(page, 'd/dropped.txt')).toContainText('Uploaded');
  await expect(page.locator('html[data-drop]')).toHaveCount(0);
  expect(await keysOf(name)).toEqual(['d/dropped.txt']);
});

test('what is cancelled leaves nothing behind', async ({ page, open, apiAs, cloud }) => {
  const name = await bucket(await apiAs('operator'), 'cancel');
  await cloud.breakDown({ service: 's3', operation: 'UploadPart', kind: 'latency', ms: 2_000, account: 'sandbox' });
  await open(`/s3/${name}?${AT}`);
  await page.getByLabel('Upload files').setInputFiles([file('one.bin', bytes(24 * MIB)), file('two.bin', bytes(17 * MIB))]);
  await expect.poll(() => underWay(name)).toBe(2);
  await itemOf(page, 'one.bin').getByRole('button', { name: 'Cancel one.bin' }).click();
  await expect(itemOf(page, 'one.bin')).toContainText('Cancelled');
  await expect.poll(() => underWay(name)).toBe(1);
  await panelOf(page).getByRole('button', { name: 'Cancel all' }).click();
  await expect(panelOf(page).getByRole('status')).toHaveText('0 of 2 uploaded, nothing is under way.');
  await expect.poll(() => underWay(name)).toBe(0);
  expect(await keysOf(name)).toEqual([]);
});

test('a part that fails is sent again', async ({ page, open, apiAs, cloud, expectTrouble }) => {
  expectTrouble(/^50\d PUT \/api\/s3\/e2e-up-part-[^/]+\/uploads/);
  const api = await apiAs('operator');
  const name = await bucket(api, 'part');
  const content = bytes(16 * MIB + 1);
  // More often than the server itself tries.
  const fault = await cloud.breakDown({ service: 's3', operation: 'UploadPart', kind: '500', account: 'sandbox' });
  const refused = page.waitForResponse((answer) => answer.url().includes('/parts/') && answer.status() >= 500);
  await open(`/s3/${name}?${AT}`);
  await page.getByLabel('Upload files').setInputFiles(file('stubborn.bin', content));
  await refused;
  await cloud.repair();
  expect(fault).toBeTruthy();
  await expect(itemOf(page, 'stubborn.bin')).toContainText('verified: CRC32', { timeout: 60_000 });
  expect((await (await api.get(`/api/s3/${name}/object?key=stubborn.bin`)).body()).equals(content)).toBe(true);
  expect(await underWay(name)).toBe(0);
});

test('after a lost connection it goes on by itself', async ({ page, open, apiAs, context, cloud, expectTrouble }) => {
  expectTrouble(/ERR_INTERNET_DISCONNECTED|ERR_NETWORK|WebSocket/);
  const api = await apiAs('operator');
  const name = await bucket(api, 'lost');
  const content = bytes(33 * MIB);
  const since = Date.now() / 1_000;
  await cloud.breakDown({ service: 's3', operation: 'UploadPart', kind: 'latency', ms: 1_500, account: 'sandbox' });
  await open(`/s3/${name}?${AT}`);
  await page.getByLabel('Upload files').setInputFiles(file('far.bin', content));
  await expect.poll(() => underWay(name)).toBe(1);
  await context.setOffline(true);
  await expect(itemOf(page, 'far.bin')).toContainText('No connection. It goes on when there is one.');
  await context.setOffline(false);
  await expect(itemOf(page, 'far.bin')).toContainText('verified: CRC32', { timeout: 60_000 });
  expect((await (await api.get(`/api/s3/${name}/object?key=far.bin`)).body()).equals(content)).toBe(true);
  expect(await cloud.calls('s3', 'CreateMultipartUpload', place, since)).toBe(1);
});

test('a file that is chosen again after the page was closed goes on where it was', async ({ page, open, apiAs, cloud }, info) => {
  const api = await apiAs('operator');
  const name = await bucket(api, 'again');
  const path = info.outputPath('again.bin');
  const content = bytes(40 * MIB);
  await writeFile(path, content);
  page.on('dialog', (dialog) => void dialog.accept());
  const since = Date.now() / 1_000;
  await cloud.breakDown({ service: 's3', operation: 'UploadPart', kind: 'latency', ms: 1_500, account: 'sandbox' });
  await open(`/s3/${name}?${AT}`);
  const first = page.waitForResponse((answer) => answer.url().includes('/parts/') && answer.ok());
  await page.getByLabel('Upload files').setInputFiles(path);
  await first;
  await open(`/s3/${name}?${AT}`);
  expect(await underWay(name)).toBe(1);
  await cloud.repair();
  await page.getByLabel('Upload files').setInputFiles(path);
  await expect(itemOf(page, 'again.bin')).toContainText('verified: CRC32', { timeout: 60_000 });
  expect(await cloud.calls('s3', 'CreateMultipartUpload', place, since)).toBe(1);
  expect((await (await api.get(`/api/s3/${name}/object?key=again.bin`)).body()).equals(content)).toBe(true);
  expect(await underWay(name)).toBe(0);
});

test('what exists already is asked about, for all', async ({ page, open, apiAs, expectTrouble }) => {
  expectTrouble(/^409 POST \/api\/s3\/(upload|e2e-up-exists)/);
  const api = await apiAs('operator');
  const name = await bucket(api, 'exists', { 'a.txt': 'old', 'b.txt': 'old', 'large.bin': 'old' });
  await open(`/s3/${name}?${AT}`);
  const panel = panelOf(page);
  const text = async (key: string) => (await api.get(`/api/s3/${name}/object?key=${key}`)).text();

  await page.getByLabel('Upload files').setInputFiles([file('a.txt', 'new'), file('c.txt', 'new')]);
  await expect(panel.getByRole('alert')).toContainText('1 object of the same key exists already.');
  await panel.getByRole('button', { name: 'Skip all' }).click();
  await expect(itemOf(page, 'a.txt')).toContainText('Skipped, as it exists');
  expect([await text('a.txt'), await text('c.txt')]).toEqual(['old', 'new']);
  await panel.getByRole('button', { name: 'Take away the files that are through' }).click();

  await page.getByLabel('Upload files').setInputFiles([file('a.txt', 'new'), file('b.txt', 'new'), file('large.bin', bytes(9 * MIB))]);
  await expect(panel.getByRole('alert')).toContainText('3 objects of the same keys exist already.');
  await panel.getByRole('button', { name: 'Overwrite all' }).click();
  await expect(panel.getByRole('status')).toHaveText('3 of 3 uploaded, nothing is under way.', { timeout: 60_000 });
  expect([await text('a.txt'), await text('b.txt')]).toEqual(['new', 'new']);
  expect((await text('large.bin')).length).toBeGreaterThan(3);
  expect(await underWay(name)).toBe(0);
});

test.describe('viewers', () => {
  test.use({ role: 'viewer' });

  test('cannot choose files', async ({ page, open }) => {
    await open('/s3/tidemark-production-reports?at=111111111111/us-east-1');
    await expect(page.getByLabel('Upload files')).toBeDisabled();
    await expect(page.getByLabel('Upload a folder')).toBeDisabled();
  });
});
