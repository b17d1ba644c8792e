// S3 when AWS refuses, is too busy or takes long: what people are told, and that nothing is lost. Each test has a bucket of its own.

import type { Locator, Page } from '@playwright/test';
import { at, type Place } from './support/cloud';
import { bucketsOf, contentOf, keysOf, makeBucket, objectPage, pageOf, putMany, s3 } from './support/s3';
import { expect, rowsOf, test } from './support/test';

/** Where no other spec looks at objects: what is broken is broken for the whole account and region. */
const PLACE: Place = { account: 'sandbox', region: 'eu-west-1' };

test.describe.configure({ mode: 'default' });

const file = (name: string) => ({ name, mimeType: 'text/plain', buffer: Buffer.from('hello') });
const uploads = (page: Page) => page.getByRole('region', { name: 'Uploads', exact: true }).getByRole('listitem');
const choose = (page: Page, name: string) => page.getByLabel('Upload files').setInputFiles(file(name));

async function deleteObject(page: Page, name: string): Promise<void> {
  await page.getByText('Delete', { exact: true }).click();
  await page.getByRole('textbox', { name: `Type ${name} to confirm` }).fill(name);
  await page.getByRole('button', { name: 'Delete the object' }).click();
}

/** Ticks objects and deletes them. */
async function deleteMany(page: Page, bucket: string, keys: string[]): Promise<Locator> {
  for (const key of keys) await page.getByRole('checkbox', { name: `Select ${key}`, exact: true }).check();
  await page.getByRole('group', { name: 'Selection' }).getByRole('button', { name: 'Delete what is selected' }).click();
  const dialog = page.getByRole('dialog', { name: 'Delete what is selected?' });
  await dialog.getByRole('textbox').fill(bucket);
  await dialog.getByRole('button', { name: 'Delete', exact: true }).click();
  return dialog;
}

test.describe('AWS denies', () => {
  test('an upload, which says what is missing and goes on when it is asked again', async ({ page, open, apiAs, cloud, expectTrouble }) => {
    expectTrouble(/^502 POST \/api\/s3\/upload/);
    const name = await makeBucket(await apiAs('operator'), PLACE, 'denied-up');
    await cloud.breakDown({ service: 's3', operation: 'PutObject', kind: 'denied', ...PLACE });
    await open(pageOf(PLACE, name));
    await choose(page, 'denied.txt');
    await expect(uploads(page)).toContainText('Failed');
    await expect(uploads(page)).toContainText('AWS denied s3:PutObject');
    expect(await keysOf(PLACE, name)).toEqual([]);
    await cloud.repair();
    await uploads(page).getByRole('button', { name: 'Retry denied.txt' }).click();
    await expect(uploads(page)).toContainText('verified: CRC32');
    expect(await contentOf(PLACE, name, 'denied.txt')).toBe('hello');
  });

  test('a copy, and there is none', async ({ page, open, apiAs, cloud, expectTrouble }) => {
    expectTrouble(/^502 POST \/s3\/e2e-denied-copy/);
    const name = await makeBucket(await apiAs('operator'), PLACE, 'denied-copy', { a: 'x' });
    await cloud.breakDown({ service: 's3', operation: 'CopyObject', kind: 'denied', ...PLACE });
    await open(objectPage(PLACE, name, 'a'));
    await page.getByText('Copy or rename', { exact: true }).click();
    await page.getByLabel('New key').fill('b');
    await page.getByRole('button', { name: 'Rename' }).click();
    await expect(page.getByRole('heading', { level: 1, name: 'The object was not copied' })).toBeVisible();
    await expect(page.getByRole('alert')).toContainText('AWS denied s3:PutObject');
    await expect(page.getByRole('alert')).toContainText('Allow s3:PutObject to the role or user that nephoscope uses in account 333333333333.');
    expect(await keysOf(PLACE, name), 'what was to be renamed is still there').toEqual(['a']);
  });

  test('the deletion of one object, which stays', async ({ page, open, apiAs, cloud, expectTrouble }) => {
    expectTrouble(/^502 POST \/s3\/e2e-denied-one/);
    const name = await makeBucket(await apiAs('operator'), PLACE, 'denied-one', { 'f/kept.txt': 'x' });
    await cloud.breakDown({ service: 's3', operation: 'DeleteObject', kind: 'denied', ...PLACE });
    await open(objectPage(PLACE, name, 'f/kept.txt'));
    await deleteObject(page, 'kept.txt');
    await expect(page.getByRole('heading', { level: 1, name: 'Nothing was deleted' })).toBeVisible();
    await expect(page.getByRole('alert')).toContainText('AWS denied s3:DeleteObject');
    await expect(page.getByRole('alert')).toContainText('Allow s3:DeleteObject to the role or user');
    expect(await keysOf(PLACE, name)).toEqual(['f/kept.txt']);
    await page.getByRole('link', { name: 'Back' }).click();
    await expect(rowsOf(page, 'Objects').getByRole('link', { name: 'kept.txt', exact: true })).toBeVisible();
  });

  test('the deletion of many, which stay and are named', async ({ page, open, apiAs, cloud }) => {
    const name = await makeBucket(await apiAs('operator'), PLACE, 'denied-many', { a: 'x', b: 'x', c: 'x' });
    await cloud.breakDown({ service: 's3', operation: 'DeleteObjects', kind: 'denied', ...PLACE });
    await open(pageOf(PLACE, name));
    const dialog = await deleteMany(page, name, ['a', 'b']);
    await expect(dialog).toBeHidden();
    const result = page.getByRole('region', { name: 'Result' });
    await expect(result).toContainText('2 objects could not be deleted');
    await expect(result.getByRole('listitem')).toHaveCount(2);
    for (const line of await result.getByRole('listitem').all()) await expect(line).toContainText('s3:DeleteObject');
    expect(await keysOf(PLACE, name)).toEqual(['a', 'b', 'c']);
    await expect(page.getByRole('checkbox', { name: 'Select a', exact: true }), 'the list is read again').not.toBeChecked();

    await cloud.repair();
    await deleteMany(page, name, ['a', 'b']);
    await expect(rowsOf(page, 'Objects')).toHaveCount(1);
    await expect(result, 'what failed before is not said any more').toHaveCount(0);
    expect(await keysOf(PLACE, name)).toEqual(['c']);
  });
});

test('a name that another account has is refused with words', async ({ page, open, expectTrouble }) => {
  expectTrouble(/^409 POST \/s3/);
  await open('/s3');
  await page.getByText('Create a bucket', { exact: true }).first().click();
  await page.getByLabel('Name', { exact: true }).fill('tidemark-production-assets');
  await page.getByLabel('Account and region').selectOption(at(PLACE));
  await page.getByRole('button', { name: 'Create', exact: true }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'The bucket was not made' })).toBeVisible();
  await expect(page.getByRole('alert')).toContainText('Bucket names are one space for all customers of AWS: choose another name.');
  expect(await bucketsOf(PLACE)).not.toContain('tidemark-production-assets');
});

test('an emptying is stopped halfway: what is left stays, and is deleted when it is begun again', async ({ page, open, apiAs, cloud }) => {
  test.setTimeout(150_000);
  const name = await makeBucket(await apiAs('operator'), PLACE, 'halfway', {}, true);
  // A call deletes a thousand.
  const keys = await putMany(PLACE, name, 'k/', 1_100);
  const empty = async () => {
    await page.getByRole('button', { name: 'Empty', exact: true }).click();
    const dialog = page.getByRole('dialog', { name: 'Delete everything in the bucket?' });
    await dialog.getByRole('textbox').fill(name);
    await dialog.getByRole('button', { name: 'Empty', exact: true }).click();
    await expect(dialog).toBeHidden();
  };
  await open(pageOf(PLACE, name, '&part=properties'));
  const since = Date.now() / 1_000;
  await cloud.breakDown({ service: 's3', operation: 'DeleteObjects', kind: 'latency', ms: 10_000, count: 1, ...PLACE });
  await empty();
  await expect.poll(() => cloud.calls('s3', 'DeleteObjects', PLACE, since)).toBe(1);
  const status = page.getByRole('main').getByRole('status');
  await expect(status.filter({ hasText: 'Deleting 1100 versions and delete markers.' })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Empty', exact: true }), 'not twice at once').toHaveAttribute('aria-disabled', 'true');
  await page.getByRole('button', { name: 'Stop', exact: true }).click();
  const stopped = status.filter({ hasText: 'It was stopped.' });
  await expect(stopped).toContainText('1000 versions, 0 delete markers and 0 unfinished uploads deleted', { timeout: 30_000 });
  await expect(page.getByRole('alert')).toContainText('begin again to delete the rest');
  expect(await keysOf(PLACE, name)).toEqual(keys.slice(1_000));
  expect(await cloud.calls('s3', 'DeleteObjects', PLACE, since)).toBe(1);

  await empty();
  await expect(status.filter({ hasText: 'The bucket is empty.' })).toContainText('100 versions');
  expect(await keysOf(PLACE, name)).toEqual([]);
  expect((await s3(PLACE, 'HEAD', name)).status, 'the bucket stays').toBe(200);
});

// The last: after it was throttled, the SDK asks more slowly for a while.
test.describe('AWS throttles', () => {
  // The SDK tries again several times, ever more slowly, before it says so.
  test.describe.configure({ timeout: 150_000 });

  test('for a moment, of which nobody hears', async ({ page, open, apiAs, cloud }) => {
    const name = await makeBucket(await apiAs('operator'), PLACE, 'slow-moment');
    const since = Date.now() / 1_000;
    await cloud.breakDown({ service: 's3', operation: 'PutObject', kind: 'throttle', count: 2, ...PLACE });
    await open(pageOf(PLACE, name));
    await choose(page, 'patient.txt');
    await expect(uploads(page)).toContainText('verified: CRC32', { timeout: 60_000 });
    expect(await contentOf(PLACE, name, 'patient.txt')).toBe('hello');
    expect(await cloud.calls('s3', 'PutObject', PLACE, since)).toBe(3);
  });

  test('an upload for longer than the server tries: the page goes on by itself', async ({ page, open, apiAs, cloud, expectTrouble }) => {
    expectTrouble(/^503 POST \/api\/s3\/upload/);
    const name = await makeBucket(await apiAs('operator'), PLACE, 'slow-up');
    await cloud.breakDown({ service: 's3', operation: 'PutObject', kind: 'throttle', ...PLACE });
    const refused = page.waitForResponse((answer) => answer.url().includes('/api/s3/upload') && answer.status() === 503, { timeout: 60_000 });
    await open(pageOf(PLACE, name));
    await choose(page, 'stubborn.txt');
    await refused;
    await expect(uploads(page)).toContainText('AWS is throttling s3:PutObject');
    await cloud.repair();
    await expect(uploads(page)).toContainText('verified: CRC32', { timeout: 60_000 });
    expect(await contentOf(PLACE, name, 'stubborn.txt')).toBe('hello');
  });

  test('a deletion, which says what to do, and works after that', async ({ page, open, apiAs, cloud, expectTrouble }) => {
    expectTrouble(/^503 POST \/s3\/e2e-slow-one/);
    const name = await makeBucket(await apiAs('operator'), PLACE, 'slow-one', { 'later.txt': 'x' });
    await cloud.breakDown({ service: 's3', operation: 'DeleteObject', kind: 'throttle', ...PLACE });
    page.setDefaultNavigationTimeout(60_000);
    await open(objectPage(PLACE, name, 'later.txt'));
    await deleteObject(page, 'later.txt');
    await expect(page.getByRole('heading', { level: 1, name: 'Nothing was deleted' })).toBeVisible({ timeout: 60_000 });
    await expect(page.getByRole('alert')).toContainText('AWS is throttling s3:DeleteObject');
    await expect(page.getByRole('alert')).toContainText('Wait a minute.');
    expect(await keysOf(PLACE, name)).toEqual(['later.txt']);

    await cloud.repair();
    await page.getByRole('link', { name: 'Back' }).click();
    await rowsOf(page, 'Objects').getByRole('link', { name: 'later.txt', exact: true }).click();
    await deleteObject(page, 'later.txt');
    await expect(page.getByRole('status').filter({ hasText: 'The object is deleted.' })).toBeVisible();
    expect(await keysOf(PLACE, name)).toEqual([]);
  });

  test('a list, which says so and is asked for again', async ({ page, open, apiAs, cloud, expectTrouble }) => {
    expectTrouble(/^503 (GET \/s3|POST \/api\/fn\/s3\/objects)/);
    const name = await makeBucket(await apiAs('operator'), PLACE, 'slow-list', { 'f/there.txt': 'x' });
    await cloud.breakDown({ service: 's3', operation: 'ListObjectsV2', kind: 'throttle', ...PLACE });
    page.setDefaultNavigationTimeout(60_000);
    expect(await open(pageOf(PLACE, name, '&prefix=f/'))).toBe(503);
    await expect(page.getByRole('alert')).toContainText('AWS is throttling s3:ListBucket');
    await expect(page.getByRole('alert')).toContainText('Wait a minute.');
    await cloud.repair();
    await page.getByRole('button', { name: 'Try again' }).click();
    await expect(rowsOf(page, 'Objects').getByRole('link', { name: 'there.txt', exact: true })).toBeVisible({ timeout: 60_000 });
  });
});
