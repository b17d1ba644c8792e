// S3: what the pages say is done, AWS says as well when it is asked from the other side. Each test has a bucket of its own.

import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { at, type Place } from './support/cloud';
import {
  beginUpload,
  bucketsOf,
  contentOf,
  head,
  keysOf,
  makeBucket,
  newName,
  objectPage,
  pageOf,
  put,
  putMany,
  s3,
  tagsOf,
  unfinishedIn,
  versioningOf,
  versionsOf,
} from './support/s3';
import { expect, hydrated, rowsOf, test } from './support/test';

const PLACE: Place = { account: 'sandbox', region: 'us-east-1' };

const objects = (page: Page) => rowsOf(page, 'Objects');
const done = (page: Page, words: string) => expect(page.getByRole('status').filter({ hasText: words })).toBeVisible();

/** Presses the link that saves a file, and gives what was saved. */
async function download(page: Page, press: () => Promise<void>): Promise<{ name: string; content: string }> {
  const saving = page.waitForEvent('download');
  await press();
  const saved = await saving;
  return { name: saved.suggestedFilename(), content: await readFile(await saved.path(), 'utf8') };
}

test('a bucket that is made is there for AWS as it was asked for, and after it was deleted it is not', async ({ page, open }) => {
  const name = newName('made');
  await open('/s3');
  await page.getByText('Create a bucket', { exact: true }).first().click();
  await page.getByLabel('Name', { exact: true }).fill(name);
  await page.getByLabel('Account and region').selectOption(at(PLACE));
  await page.getByLabel('Keep earlier versions of objects').check();
  await page.getByRole('button', { name: 'Create', exact: true }).click();
  await done(page, 'The bucket is there.');
  expect(await bucketsOf(PLACE)).toContain(name);
  expect(await versioningOf(PLACE, name)).toBe('Enabled');
  const block = await (await s3(PLACE, 'GET', `${name}?publicAccessBlock`)).text();
  expect(block.match(/>true</g), 'all four switches').toHaveLength(4);

  await page.getByRole('link', { name: 'Properties' }).click();
  await page.getByText('Delete this bucket', { exact: true }).click();
  const field = page.getByRole('textbox', { name: `Type ${name} to confirm` });
  await field.fill(name);
  await page.getByRole('button', { name: 'Delete the bucket' }).click();
  await expect(page).toHaveURL('/s3');
  expect(await bucketsOf(PLACE)).not.toContain(name);
  expect((await s3(PLACE, 'HEAD', name)).status).toBe(404);
});

test('many objects and folders are deleted, and nothing else', async ({ page, open, apiAs }) => {
  const files = { 'a b+%.txt': 'x', 'f/1': 'x', 'f/2/3': 'x', 'fine': 'x', 'g/1': 'x', 'ü': 'x' };
  const name = await makeBucket(await apiAs('operator'), PLACE, 'many', files);
  await open(pageOf(PLACE, name));
  await page.getByRole('checkbox', { name: 'Select a b+%.txt' }).check();
  await page.getByRole('checkbox', { name: 'Select ü' }).check();
  await page.getByRole('checkbox', { name: 'Select all below f/' }).check();
  await page.getByRole('group', { name: 'Selection' }).getByRole('button', { name: 'Delete what is selected' }).click();
  const dialog = page.getByRole('dialog', { name: 'Delete what is selected?' });
  await expect(dialog).toContainText('4 objects will be deleted.');
  expect(await keysOf(PLACE, name), 'nothing before it is confirmed').toHaveLength(6);
  await dialog.getByRole('textbox').fill(name);
  await dialog.getByRole('button', { name: 'Delete', exact: true }).click();
  await expect(page.getByText('4 objects deleted.')).toBeVisible();
  expect(await keysOf(PLACE, name)).toEqual(['fine', 'g/1']);
});

test('a bucket is emptied and stays, with its configuration', async ({ page, open, apiAs }) => {
  const api = await apiAs('operator');
  const name = await makeBucket(api, PLACE, 'emptied', { a: '1', 'b/c': '1' }, true);
  await put(PLACE, name, 'a', '2');
  expect((await s3(PLACE, 'DELETE', `${name}/b/c`)).status).toBe(204);
  await beginUpload(PLACE, name, 'never-finished');
  expect([(await versionsOf(PLACE, name)).length, await unfinishedIn(PLACE, name)]).toEqual([4, 1]);

  await open(pageOf(PLACE, name, '&part=properties'));
  await page.getByRole('button', { name: 'Empty', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: 'Delete everything in the bucket?' });
  await dialog.getByRole('textbox').fill(name);
  await dialog.getByRole('button', { name: 'Empty', exact: true }).click();
  const status = page.getByRole('status').filter({ hasText: 'The bucket is empty.' });
  await expect(status).toContainText('3 versions, 1 delete markers and 1 unfinished uploads deleted');
  expect([await versionsOf(PLACE, name), await unfinishedIn(PLACE, name)]).toEqual([[], 0]);
  expect(await bucketsOf(PLACE)).toContain(name);
  expect(await versioningOf(PLACE, name)).toBe('Enabled');
  await page.getByRole('link', { name: 'Objects', exact: true }).click();
  await expect(page.getByText('Nothing here')).toBeVisible();
});

test('an object is copied with all that belongs to it, and stays', async ({ page, open, apiAs }) => {
  const name = await makeBucket(await apiAs('operator'), PLACE, 'copied');
  const about = { 'content-type': 'text/x-recipe', 'cache-control': 'max-age=60', 'x-amz-meta-cook': 'ada' };
  await put(PLACE, name, 'in/soup.txt', 'water, salt', { ...about, 'x-amz-tagging': 'Team=kitchen' });
  await open(objectPage(PLACE, name, 'in/soup.txt'));
  await page.getByText('Copy or rename', { exact: true }).click();
  await page.getByLabel('New key').fill('out/ü soup+.txt');
  await page.getByRole('button', { name: 'Copy', exact: true }).click();
  await done(page, 'The copy is there.');
  await expect(page.getByRole('heading', { level: 2, name: 'ü soup+.txt' })).toBeVisible();

  expect(await keysOf(PLACE, name)).toEqual(['in/soup.txt', 'out/ü soup+.txt']);
  for (const key of ['in/soup.txt', 'out/ü soup+.txt']) {
    expect(await contentOf(PLACE, name, key), key).toBe('water, salt');
    const { headers } = await head(PLACE, name, key);
    for (const [header, value] of Object.entries(about)) expect(headers.get(header), `${header} of ${key}`).toBe(value);
  }
  const tags = await (await s3(PLACE, 'GET', `${name}/out/${encodeURIComponent('ü soup+.txt')}?tagging`)).text();
  expect(tags).toContain('<Value>kitchen</Value>');
});

test('a version that is restored is the present one, and no version is lost', async ({ page, open, apiAs }) => {
  const name = await makeBucket(await apiAs('operator'), PLACE, 'restored', { 'a.txt': 'first' }, true);
  await put(PLACE, name, 'a.txt', 'second');
  const before = await versionsOf(PLACE, name);
  const first = before.find((version) => !version.isLatest)!;
  await open(objectPage(PLACE, name, 'a.txt'));
  const row = rowsOf(page, 'Versions').filter({ hasText: first.id });
  await row.getByRole('button', { name: 'Restore' }).click();
  await done(page, 'The version is restored.');
  expect(await contentOf(PLACE, name, 'a.txt')).toBe('first');
  const after = await versionsOf(PLACE, name);
  expect(after).toHaveLength(3);
  for (const { id } of before) expect(after.find((version) => version.id === id)).toMatchObject({ isLatest: false });

  await test.step('what was deleted comes back', async () => {
    expect((await s3(PLACE, 'DELETE', `${name}/a.txt`)).status).toBe(204);
    expect((await head(PLACE, name, 'a.txt')).status).toBe(404);
    await open(objectPage(PLACE, name, 'a.txt'));
    await page.getByRole('button', { name: 'Undelete' }).click();
    await done(page, 'The version is restored.');
    expect(await contentOf(PLACE, name, 'a.txt')).toBe('first');
    expect((await versionsOf(PLACE, name)).map((version) => version.isMarker)).toEqual([false, false, false]);
  });
});

test('one version is looked at and saved with its own bytes', async ({ page, open, apiAs }) => {
  const name = await makeBucket(await apiAs('operator'), PLACE, 'version', { 'notes.txt': 'the first words' }, true);
  await put(PLACE, name, 'notes.txt', 'other words');
  const [latest, first] = await versionsOf(PLACE, name);
  await open(objectPage(PLACE, name, 'notes.txt'));
  const link = page.getByRole('link', { name: 'Download', exact: true });
  expect(await download(page, () => link.click())).toEqual({ name: 'notes.txt', content: 'other words' });

  await page.getByRole('link', { name: `Look at version ${first!.id}` }).click();
  await expect(page.getByLabel('The content')).toHaveText('the first words');
  const saved = await download(page, () => link.click());
  expect(saved).toEqual({ name: 'notes.txt', content: await contentOf(PLACE, name, 'notes.txt', first!.id) });
  expect(saved.content).toBe('the first words');

  await test.step('also from the list of all versions', async () => {
    await open(pageOf(PLACE, name, '&versions=1'));
    const row = objects(page).filter({ hasText: first!.id });
    const fromList = await download(page, () => row.getByRole('link', { name: 'Download notes.txt' }).click());
    expect(fromList.content).toBe('the first words');
    await expect(objects(page).filter({ hasText: latest!.id })).toContainText('latest');
  });
});

test('tags of a bucket are changed, added and removed, and one that somebody else added meanwhile stays', async ({ page, open, apiAs }) => {
  const name = await makeBucket(await apiAs('operator'), PLACE, 'tagged');
  const write = async (tags: Record<string, string>) => {
    const set = Object.entries(tags).map(([key, value]) => `<Tag><Key>${key}</Key><Value>${value}</Value></Tag>`);
    const answer = await s3(PLACE, 'PUT', `${name}?tagging`, `<Tagging><TagSet>${set.join('')}</TagSet></Tagging>`);
    expect(answer.ok, await answer.text()).toBe(true);
  };
  await write({ Team: 'web', Stage: 'old' });
  await open(pageOf(PLACE, name, '&part=properties'));
  await write({ Team: 'web', Stage: 'old', Elsewhere: 'yes' });
  await page.getByText('Edit tags', { exact: true }).click();
  const field = (label: string, text: string) => page.getByLabel(label, { exact: true }).and(page.locator(`[value="${text}"]`));
  await field('Value', 'web').fill('<b>shop & co</b>');
  await field('Key', 'Stage').fill('');
  await page.getByLabel('Key', { exact: true }).last().fill('Cost Center');
  await page.getByLabel('Value', { exact: true }).last().fill('CC-1');
  await page.getByRole('button', { name: 'Save tags' }).click();
  await done(page, 'The tags are saved.');
  const expected = { Team: '<b>shop & co</b>', Elsewhere: 'yes', 'Cost Center': 'CC-1' };
  expect(await tagsOf(PLACE, name)).toEqual(expected);
  for (const [key, value] of Object.entries(expected)) {
    await expect(page.getByText(key, { exact: true }).locator('..').getByRole('definition')).toHaveText(value);
  }
});

test('versioning is switched on and suspended, and AWS keeps versions from then on', async ({ page, open, apiAs }) => {
  const name = await makeBucket(await apiAs('operator'), PLACE, 'keeping', { a: '1' });
  expect(await versioningOf(PLACE, name)).toBeUndefined();
  await open(pageOf(PLACE, name, '&part=properties'));
  const change = async (button: string, next: string) => {
    await page.getByText('Change versioning', { exact: true }).click();
    await page.getByRole('button', { name: button }).click();
    await done(page, 'The versioning is changed.');
    await expect(page.getByRole('button', { name: next, includeHidden: true })).toBeAttached();
    await hydrated(page);
  };
  await change('Enable versioning', 'Suspend versioning');
  expect(await versioningOf(PLACE, name)).toBe('Enabled');
  await put(PLACE, name, 'a', '2');
  expect(await versionsOf(PLACE, name)).toHaveLength(2);
  await change('Suspend versioning', 'Enable versioning');
  expect(await versioningOf(PLACE, name)).toBe('Suspended');
});

test('a folder of more keys than a page is gone through, and back', async ({ page, open, apiAs }) => {
  const name = await makeBucket(await apiAs('operator'), PLACE, 'paged', { aside: 'x' });
  const keys = await putMany(PLACE, name, 'many/', 230);
  await open(pageOf(PLACE, name, '&prefix=many/'));
  const links = objects(page).getByRole('link', { name: /^\d{5}$/ });
  const names = async () => (await links.allTextContents()).map((text) => `many/${text.trim()}`);
  await expect(objects(page)).toHaveCount(200);
  const first = await names();
  const pages = page.getByRole('navigation', { name: 'Pages' });
  await pages.getByRole('link', { name: 'Next page' }).click();
  await expect(objects(page)).toHaveCount(30);
  expect([...first, ...(await names())], 'each key once').toEqual(keys);
  await expect(page).toHaveURL(/after=/);
  await expect(pages.getByRole('link', { name: 'Next page' })).toHaveCount(0);
  await expect(page.getByRole('columnheader', { name: 'Size' }).getByRole('link'), 'a part of a list is not sorted').toHaveCount(0);

  await page.reload();
  await hydrated(page);
  await expect(objects(page)).toHaveCount(30);
  await pages.getByRole('link', { name: 'First page' }).click();
  await expect(objects(page)).toHaveCount(200);
  expect(await names()).toEqual(first);
});

test.describe('odd keys are uploaded, shown, opened, saved and deleted', () => {
  /** As many bytes as S3 takes, some characters of which are longer than one. */
  const longest = `d/${'ü'.repeat(300)}${'k'.repeat(418)}.txt`;
  const keys = { 'a leading slash': '/lead.txt', 'spaces and other scripts': ' ä/日本 語 🧪+%20&?#.txt', '1,024 bytes': longest };

  for (const [what, key] of Object.entries(keys)) {
    test(what, async ({ page, open, apiAs }) => {
      const api = await apiAs('operator');
      const name = await makeBucket(api, PLACE, 'odd', { other: 'x' });
      const written = await api.post(`/api/s3/upload?bucket=${name}&key=${encodeURIComponent(key)}`, { data: 'hello' });
      expect(written.status(), await written.text()).toBe(200);
      expect(await keysOf(PLACE, name)).toEqual([key, 'other'].sort());
      expect(await contentOf(PLACE, name, key)).toBe('hello');

      const folder = key.slice(0, key.indexOf('/') + 1);
      const file = key.slice(folder.length);
      await open(pageOf(PLACE, name));
      await objects(page).getByRole('link', { name: folder, exact: true }).click();
      await expect(objects(page)).toHaveCount(1);
      await expect(objects(page)).toContainText('5 B');
      const saved = await download(page, () => objects(page).getByRole('link', { name: `Download ${file}`, exact: true }).click());
      expect(saved.content).toBe('hello');

      await objects(page).getByRole('link', { name: file, exact: true }).click();
      await expect(page.getByLabel('The content')).toHaveText('hello');
      await page.getByText('Delete', { exact: true }).click();
      await page.getByRole('textbox', { name: `Type ${file} to confirm`, exact: true }).fill(file);
      await page.getByRole('button', { name: 'Delete the object' }).click();
      await done(page, 'The object is deleted.');
      expect(await keysOf(PLACE, name)).toEqual(['other']);
    });
  }

  test('one byte more is refused with words, and nothing is written', async ({ page, open, apiAs }) => {
    const api = await apiAs('operator');
    const name = await makeBucket(api, PLACE, 'longer');
    const refused = await api.post(`/api/s3/upload?bucket=${name}&key=${encodeURIComponent(`${longest}x`)}`, { data: 'hello' });
    expect(refused.status()).toBe(400);
    expect(await refused.json()).toMatchObject({ detail: expect.stringContaining('1024 bytes at most') });
    const prefix = longest.slice(0, -3);
    await open(pageOf(PLACE, name, `&prefix=${encodeURIComponent(prefix)}`));
    await page.getByLabel('Upload files').setInputFiles({ name: 'long', mimeType: 'text/plain', buffer: Buffer.from('x') });
    await expect(page.getByRole('region', { name: 'Uploads', exact: true }).getByRole('listitem')).toContainText('1024 bytes at most');
    expect(await keysOf(PLACE, name)).toEqual([]);
  });
});
