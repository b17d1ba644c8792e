// S3: what the pages say of objects is what AWS says, also of those that are archived, locked, encrypted with somebody's own key, or
// have very many versions. Each test has a bucket of its own.

import { createHash } from 'node:crypto';
import type { APIRequestContext, Page } from '@playwright/test';
import { ACCOUNTS, type Place } from './support/cloud';
import { contentOf, head, keysOf, makeBucket, objectPage, pageOf, put, s3, versionsOf } from './support/s3';
import { expect, rowsOf, test } from './support/test';

const PLACE: Place = { account: 'sandbox', region: 'us-east-1' };
/** Where no other spec looks at versions while something is broken. */
const BROKEN: Place = { account: 'sandbox', region: 'eu-west-1' };
const where = `account=${ACCOUNTS[PLACE.account]}&region=${PLACE.region}`;
const overflow = (page: Page) => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

test('an object is not said to be deleted when only the version is unknown', async ({ page, open, apiAs }) => {
  const name = await makeBucket(await apiAs('operator'), PLACE, 'unknown', { 'a.txt': 'here' }, true);
  const version = 'x'.repeat(32);
  expect((await s3(PLACE, 'GET', `${name}/a.txt?versionId=${version}`)).status).toBe(404);
  expect(await contentOf(PLACE, name, 'a.txt')).toBe('here');
  await open(`${objectPage(PLACE, name, 'a.txt')}&version=${version}`);
  await expect(rowsOf(page, 'Versions')).toContainText('latest');
  const text = await page.getByRole('main').innerText();
  expect.soft(text).not.toContain('This object was deleted');
  expect.soft(text).toMatch(/no (such )?version|version .* does not exist/i);
});

test('an object that never was is not said to have been deleted when its versions may not be read', async ({ page, open, apiAs, cloud, expectTrouble }) => {
  expectTrouble(/^(404|502) GET \/s3\//);
  const name = await makeBucket(await apiAs('operator'), BROKEN, 'never', { 'other.txt': 'x' }, true);
  expect((await head(BROKEN, name, 'never.txt')).status).toBe(404);
  expect(await versionsOf(BROKEN, name)).toHaveLength(1);
  await cloud.breakDown({ service: 's3', operation: 'ListObjectVersions', kind: 'denied', ...BROKEN });
  await open(objectPage(BROKEN, name, 'never.txt'));
  await expect(page.getByRole('main')).toContainText('AWS denied s3:ListBucketVersions');
  const text = await page.getByRole('main').innerText();
  expect.soft(text).not.toContain('This object was deleted');
  expect.soft(text).not.toContain('Earlier versions of it are below');
});

test.describe('an archived object', () => {
  const ARCHIVED = { 'x-amz-storage-class': 'GLACIER' };
  const restore = (days: number) => `<RestoreRequest><Days>${days}</Days><GlacierJobParameters><Tier>Expedited</Tier></GlacierJobParameters></RestoreRequest>`;

  test('gets no link, since nobody could follow it, and its page says why nothing can be read', async ({ page, open, apiAs }) => {
    const api = await apiAs('operator');
    const name = await makeBucket(api, PLACE, 'frozen');
    await put(PLACE, name, 'cold.txt', 'cold', ARCHIVED);
    const read = await s3(PLACE, 'GET', `${name}/cold.txt`);
    expect([read.status, await read.text()]).toEqual([403, expect.stringContaining('InvalidObjectState')]);
    const link = await api.post(`/api/s3/${name}/presign?${where}`, { data: { key: 'cold.txt', seconds: 60 } });
    expect.soft(link.status(), 'a link to what cannot be read').toBe(409);
    await open(objectPage(PLACE, name, 'cold.txt'));
    await expect(page.getByText('GLACIER', { exact: true })).toBeVisible();
    const text = await page.getByRole('main').innerText();
    expect.soft(text).toMatch(/archived/i);
    expect.soft(text).toMatch(/restored? .*first|must be restored/i);
  });

  test('says that it is being restored, and then until when it can be read', async ({ page, open, apiAs }) => {
    const name = await makeBucket(await apiAs('operator'), PLACE, 'thawed');
    await put(PLACE, name, 'cold.txt', 'cold', ARCHIVED);
    expect((await s3(PLACE, 'POST', `${name}/cold.txt?restore`, restore(3))).status).toBe(202);
    expect((await head(PLACE, name, 'cold.txt')).headers.get('x-amz-restore')).toBe('ongoing-request="true"');
    await open(objectPage(PLACE, name, 'cold.txt'));
    expect.soft(await page.getByRole('main').innerText()).toMatch(/being restored/i);
    const told = async () => (await head(PLACE, name, 'cold.txt')).headers.get('x-amz-restore') ?? '';
    await expect.poll(told).toContain('ongoing-request="false"');
    const until = new Date(/expiry-date="(.*?)"/.exec(await told())?.[1] ?? '').toISOString();
    await open(objectPage(PLACE, name, 'cold.txt'));
    await expect(page.getByLabel('The content')).toHaveText('cold');
    const end = page.locator(`time[datetime^="${until.slice(0, 19)}"]`);
    expect(await end.count(), 'the end of the copy that can be read').toBeGreaterThan(0);
  });
});

test('an object that is encrypted with a key of somebody\'s own can be deleted', async ({ apiAs }) => {
  const api = await apiAs('operator');
  const name = await makeBucket(api, PLACE, 'own-key');
  const key = Buffer.alloc(32, 7);
  const prefix = 'x-amz-server-side-encryption-customer-';
  await put(PLACE, name, 'secret.txt', 'secret', {
    [`${prefix}algorithm`]: 'AES256',
    [`${prefix}key`]: key.toString('base64'),
    [`${prefix}key-md5`]: createHash('md5').update(key).digest('base64'),
  });
  expect((await s3(PLACE, 'GET', `${name}/secret.txt`)).status, 'it cannot be read without the key').toBe(400);
  expect(await keysOf(PLACE, name)).toEqual(['secret.txt']);
  const deleted = await api.delete(`/api/s3/${name}/object?key=secret.txt&confirm=secret.txt&${where}`);
  expect(deleted.status(), await deleted.text()).toBe(204);
  expect(await keysOf(PLACE, name)).toEqual([]);
});

test.describe('a locked object', () => {
  const UNTIL = '2030-01-02T03:04:05Z';

  async function lock(api: APIRequestContext): Promise<{ name: string; version: string }> {
    const name = await makeBucket(api, PLACE, 'locked', {}, true);
    const on = '<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled></ObjectLockConfiguration>';
    expect((await s3(PLACE, 'PUT', `${name}?object-lock`, on)).status).toBe(200);
    await put(PLACE, name, 'held.txt', 'evidence', {
      'x-amz-object-lock-legal-hold': 'ON',
      'x-amz-object-lock-mode': 'GOVERNANCE',
      'x-amz-object-lock-retain-until-date': UNTIL,
    });
    return { name, version: (await versionsOf(PLACE, name))[0]!.id };
  }

  test('says how and until when it is locked, and that it is held', async ({ page, open, apiAs }) => {
    const { name } = await lock(await apiAs('operator'));
    const { headers } = await head(PLACE, name, 'held.txt');
    expect([headers.get('x-amz-object-lock-mode'), headers.get('x-amz-object-lock-legal-hold')]).toEqual(['GOVERNANCE', 'ON']);
    await open(objectPage(PLACE, name, 'held.txt'));
    await expect(page.getByLabel('The content')).toHaveText('evidence');
    const text = await page.getByRole('main').innerText();
    expect.soft(text).toMatch(/governance/i);
    expect.soft(text).toMatch(/legal hold/i);
    expect.soft(await page.locator('time[datetime^="2030-01-02T03:04:05"]').count(), 'until when').toBeGreaterThan(0);
  });

  test('is not deleted, and no permission is said to be missing', async ({ apiAs }) => {
    const api = await apiAs('operator');
    const { name, version } = await lock(api);
    const refused = await s3(PLACE, 'DELETE', `${name}/held.txt?versionId=${version}`);
    expect([refused.status, await refused.text()]).toEqual([403, expect.stringContaining('object protected by object lock')]);
    const data = { keys: [{ key: 'held.txt', versionId: version }] };
    const answer = await api.post(`/api/s3/${name}/objects/delete?confirm=${name}&${where}`, { data });
    expect(answer.status(), await answer.text()).toBe(200);
    const [{ error }] = ((await answer.json()) as { results: [{ error: { code: string; message: string; hint?: string } }] }).results;
    expect(JSON.stringify(error)).toContain('object lock');
    expect.soft(error.code).toBe('conflict');
    expect.soft(error.hint ?? '').not.toContain('Allow s3:');
    expect((await versionsOf(PLACE, name)).map((it) => it.id)).toEqual([version]);
  });
});

test('of an object with more than ten thousand versions none is denied, and the page does not carry all of them', async ({ page, apiAs }) => {
  test.setTimeout(180_000);
  const api = await apiAs('operator');
  const name = await makeBucket(api, PLACE, 'versions', {}, true);
  const first = (await s3(PLACE, 'PUT', `${name}/log.txt`, 'the first')).headers.get('x-amz-version-id')!;
  for (let from = 0; from < 10_000; from += 50) {
    await Promise.all(Array.from({ length: 50 }, async () => (await s3(PLACE, 'PUT', `${name}/log.txt`, 'x')).text()));
  }
  expect(await contentOf(PLACE, name, 'log.txt', first), 'AWS has it').toBe('the first');
  const restored = await api.post(`/api/s3/${name}/restore?${where}`, { data: { key: 'log.txt', versionId: first } });
  expect.soft(restored.status(), await restored.text()).toBe(204);

  const details = await api.get(`/api/s3/${name}/object/details?key=log.txt&${where}`);
  const told = Object.keys((await details.json()) as object);
  expect.soft(told.filter((it) => !['object', 'versions'].includes(it)), 'what says that the versions are not all').not.toEqual([]);
  page.setDefaultNavigationTimeout(60_000);
  await page.goto(objectPage(PLACE, name, 'log.txt'), { waitUntil: 'commit' });
  await expect(page.getByRole('heading', { level: 2, name: 'Versions' })).toBeVisible({ timeout: 60_000 });
  expect(await page.getByRole('region', { name: 'Versions' }).locator('tbody tr').count(), 'rows on one page').toBeLessThanOrEqual(1_000);
});

test.describe('on a narrow screen', () => {
  test.use({ viewport: { width: 390, height: 844 } });
  const FOLDER = `exports-${'0123456789abcdef'.repeat(4)}`;

  test('a long name of a folder does not make the page wider, nor that of an object where its deletion is confirmed', async ({ page, open, apiAs }) => {
    const file = `report-${'0123456789abcdef'.repeat(4)}.csv`;
    const name = await makeBucket(await apiAs('operator'), PLACE, 'narrow', { [`${FOLDER}/a`]: 'x', [file]: 'x' });
    expect(await keysOf(PLACE, name)).toEqual([`${FOLDER}/a`, file]);
    await open(pageOf(PLACE, name, `&prefix=${FOLDER}/`));
    await expect(page.getByRole('navigation', { name: 'Prefix' })).toContainText(FOLDER);
    expect.soft(await overflow(page), 'a folder: pixels beyond the screen').toBeLessThanOrEqual(0);
    await open(objectPage(PLACE, name, `${FOLDER}/a`));
    expect.soft(await overflow(page), 'an object in it: pixels beyond the screen').toBeLessThanOrEqual(0);
    await open(objectPage(PLACE, name, file));
    await page.getByText('Delete', { exact: true }).click();
    await expect(page.getByRole('textbox', { name: `Type ${file} to confirm` })).toBeVisible();
    expect.soft(await overflow(page), 'its deletion: pixels beyond the screen').toBeLessThanOrEqual(0);
  });
});
