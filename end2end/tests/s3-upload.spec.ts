// S3: uploading many files and folders in the browser. Each test has a bucket of its own.

import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { APIRequestContext, Locator, Page } from '@playwright/test';
import { CLOUD_URL } from './support/demo';
import { contentOf, head, keysOf as allKeysOf, s3 } from './support/s3';
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

test.describe('a folder dragged from the desktop', () => {
  /** Drags files and folders over the page and drops them there, as Chromium hears it from the desktop: folders can be looked into. */
  async function drop(page: Page, ...paths: string[]): Promise<void> {
    await dropWhere(page, true, ...paths);
  }

  async function dropWhere(page: Page, isTaken: boolean, ...paths: string[]): Promise<void> {
    const desktop = await page.context().newCDPSession(page);
    const box = (await page.getByRole('main').boundingBox())!;
    const data = { items: [], files: paths, dragOperationsMask: 1 };
    const drag = (type: 'dragEnter' | 'dragOver' | 'drop') =>
      desktop.send('Input.dispatchDragEvent', { type, x: box.x + box.width / 2, y: box.y + 150, data });
    await drag('dragEnter');
    await drag('dragOver');
    await expect(page.locator('html[data-drop]'), 'the page shows whether files may be dropped').toHaveCount(isTaken ? 1 : 0);
    if (isTaken) await expect(page.getByText(/^Drop to upload to /)).toBeVisible();
    await drag('drop');
    await expect(page.locator('html[data-drop]')).toHaveCount(0);
    await desktop.detach();
  }

  /** Writes files with their folders, and gives the path of what they are all in. */
  async function lay(folder: string, files: Record<string, string | Buffer>): Promise<string> {
    for (const [path, content] of Object.entries(files)) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), content);
    }
    return folder;
  }

  const through = (page: Page, count: number) =>
    expect(panelOf(page).getByRole('status')).toHaveText(`${count} of ${count} uploaded, nothing is under way.`, { timeout: 60_000 });

  test.describe('where nothing is uploaded', () => {
    test.use({ role: 'viewer' });

    test('goes nowhere, and the page stays', async ({ page, open, apiAs, context }, info) => {
      const name = await bucket(await apiAs('operator'), 'refused');
      const folder = await lay(info.outputPath('refused'), { 'a.txt': 'a' });
      for (const more of ['', '&part=properties']) {
        await open(`/s3/${name}?${AT}${more}`);
        await dropWhere(page, false, join(folder, 'a.txt'));
        await expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
        expect(context.pages().map((it) => new URL(it.url()).protocol)).toEqual(['http:']);
      }
      expect(await keysOf(name)).toEqual([]);
    });
  });

  test('arrives with its name, and with all that is in it where it was', async ({ page, open, apiAs, cloud }, info) => {
    const name = await bucket(await apiAs('operator'), 'dragged');
    const since = Date.now() / 1_000;
    const large = bytes(19 * MIB + 3);
    const files: Record<string, string | Buffer> = {
      'read me.txt': 'top',
      'nothing yet': '',
      '.hidden': 'seen all the same',
      'a/b/c/deep.txt': 'four levels down',
      'a/b/same.txt': 'one',
      'a/same.txt': 'two',
      '写真/夏 2026/ä 🧪.txt': 'ünïcode',
      'odd/100% & #1+?.txt': 'signs',
      'a/b/large.bin': large,
    };
    const folder = await lay(info.outputPath('My Holiday ü'), files);
    // S3 knows no folder of which nothing is in it.
    await mkdir(join(folder, 'empty/er'), { recursive: true });
    await open(`/s3/${name}?${AT}&prefix=${encodeURIComponent('in/')}`);
    await drop(page, folder);
    await through(page, Object.keys(files).length);
    await expect(itemOf(page, 'large.bin')).toContainText('verified: CRC32');
    for (const part of ['My Holiday ü/', '写真/', '夏 2026/']) {
      await rowsOf(page, 'Objects').getByRole('link', { name: part, exact: true }).click();
    }
    await expect(rowsOf(page, 'Objects').filter({ hasText: 'ä 🧪.txt' })).toContainText('9 B');

    const keys = Object.keys(files).map((path) => `in/My Holiday ü/${path}`);
    expect((await allKeysOf(place, name)).sort()).toEqual(keys.sort());
    for (const [path, content] of Object.entries(files)) {
      const key = `in/My Holiday ü/${path}`;
      const size = Buffer.byteLength(content);
      expect((await head(place, name, key)).headers.get('content-length'), `size of ${key}`).toBe(`${size}`);
      if (typeof content === 'string') expect(await contentOf(place, name, key), key).toBe(content);
    }
    const arrived = await s3(place, 'GET', `${name}/in/${encodeURIComponent('My Holiday ü')}/a/b/large.bin`);
    expect(Buffer.from(await arrived.arrayBuffer()).equals(large)).toBe(true);
    expect(await cloud.calls('s3', 'UploadPart', place, since)).toBe(3);
    expect(await underWay(name)).toBe(0);
  });

  test('arrives in whole when there is more in it than the browser tells at once', async ({ page, open, apiAs }, info) => {
    test.setTimeout(120_000);
    const name = await bucket(await apiAs('operator'), 'hundreds');
    const numbered = (path: string, count: number) =>
      Array.from({ length: count }, (_, at) => [`${path}${String(at).padStart(3, '0')}`, `content ${at}`] as const);
    // A hundred at a time: one beyond, exactly two times, and a few below those.
    const files = Object.fromEntries([...numbered('', 101), ...numbered('two hundred/', 200), ...numbered('two hundred/more/', 3)]);
    await open(`/s3/${name}?${AT}`);
    await drop(page, await lay(info.outputPath('hundreds'), files));
    await through(page, 304);
    await expect(panelOf(page)).toContainText('… and 104 more.');
    expect(await allKeysOf(place, name)).toEqual(Object.keys(files).map((path) => `hundreds/${path}`).sort());
    for (const at of ['000', '099', '100']) {
      expect(await contentOf(place, name, `hundreds/${at}`)).toBe(`content ${Number(at)}`);
      expect(await contentOf(place, name, `hundreds/two hundred/${at}`)).toBe(`content ${Number(at)}`);
    }
    await rowsOf(page, 'Objects').getByRole('link', { name: 'hundreds/', exact: true }).click();
    await expect(rowsOf(page, 'Objects'), 'the files, and the folder').toHaveCount(102);
  });

  test('arrives along with others and with files beside them', async ({ page, open, apiAs }, info) => {
    const name = await bucket(await apiAs('operator'), 'several');
    const desktop = await lay(info.outputPath('desktop'), { 'one/x.txt': '1', 'two/x.txt': '22', 'x.txt': '333', 'y z.txt': '' });
    await open(`/s3/${name}?${AT}&prefix=p/`);
    await drop(page, ...['one', 'x.txt', 'two', 'y z.txt'].map((path) => join(desktop, path)));
    await through(page, 4);
    await expect(rowsOf(page, 'Objects')).toHaveCount(4);
    const expected = { 'p/one/x.txt': '1', 'p/two/x.txt': '22', 'p/x.txt': '333', 'p/y z.txt': '' };
    expect(await allKeysOf(place, name)).toEqual(Object.keys(expected));
    for (const [key, content] of Object.entries(expected)) expect(await contentOf(place, name, key), key).toBe(content);
  });
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
