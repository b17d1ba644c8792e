// Log lines as they come. Each test writes into a group of its own; the one that cuts the wire is alone in its region.

import type { Locator, Page } from '@playwright/test';
import { type Place, at } from './support/cloud';
import { expect, hydrated, rowsOf, test } from './support/test';

const HERE: Place = { account: 'production', region: 'us-east-1' };
const lines = (page: Page): Locator => page.getByRole('log');
const live = (page: Page) => page.getByRole('region', { name: 'Log lines' }).getByRole('status');
const address = (place: Place, group: string) => `/logs?at=${at(place)}&group=${encodeURIComponent(group)}`;
/** A new group for each run, since a demo may be used more than once. */
const groupNamed = (name: string) => `/test/${name}/${Date.now()}`;

test('a group is chosen and its last lines are there', async ({ page, open }) => {
  await open('/logs');
  await page.getByRole('searchbox', { name: 'Search log groups' }).fill('checkout us-east');
  await expect(page).toHaveURL(/find=checkout/);
  await rowsOf(page, 'Log groups').filter({ hasText: 'production' }).getByRole('link', { name: '/shop/checkout' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('/shop/checkout');
  await expect(lines(page).locator('.log-line').first()).toBeVisible();
  expect(await lines(page).locator('.log-line').count()).toBeGreaterThan(50);
  await expect(live(page)).toHaveText('Live');
  const before = await lines(page).locator('.log-line').count();
  await expect.poll(() => lines(page).locator('.log-line').count(), 'the shop goes on writing').toBeGreaterThan(before);

  await page.getByRole('navigation', { name: 'Breadcrumb' }).getByRole('link', { name: 'Logs' }).click();
  await expect(page).toHaveURL('/logs');
  await rowsOf(page, 'Log groups').filter({ hasText: 'production' }).getByRole('link', { name: '/ecs/image-proxy' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('/ecs/image-proxy');
  await page.goBack();
  await page.goBack();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('/shop/checkout');
  await expect(lines(page).locator('.log-line').first()).toBeVisible();
});

test('a line appears within two seconds of being written', async ({ page, open, cloud }) => {
  const group = groupNamed('prompt');
  await cloud.writeLog(HERE, group, 'a', 'the first line');
  await open(address(HERE, group));
  await expect(lines(page)).toContainText('the first line');
  await expect(live(page)).toHaveText('Live');
  const took: number[] = [];
  for (const n of [1, 2, 3]) {
    await cloud.writeLog(HERE, group, 'a', `prompt line ${n}`);
    const written = Date.now();
    await expect(lines(page).getByText(`prompt line ${n}`)).toBeVisible();
    took.push(Date.now() - written);
  }
  // The middle one: this machine may be busy with something else for a moment.
  expect(took.sort((a, b) => a - b)[1], `took ${took.join(', ')} ms`).toBeLessThan(2_000);
});

test('after ten seconds without a wire every line is there once and in order', async ({ page, open, cloud }) => {
  test.setTimeout(60_000);
  const place: Place = { account: 'staging', region: 'eu-west-1' };
  const group = groupNamed('cut');
  let count = 0;
  const write = () => cloud.writeLog(place, group, 'a', ...[1, 2, 3].map(() => `numbered ${++count}.`));
  await write();
  await open(address(place, group));
  await expect(lines(page)).toContainText('numbered 3.');
  await expect(live(page)).toHaveText('Live');
  await write();
  await expect(lines(page)).toContainText('numbered 6.');

  await cloud.breakDown({ service: 'logs', kind: 'drop', account: place.account, region: place.region });
  const cut = Date.now();
  await expect
    .poll(async () => {
      await write();
      return Date.now() - cut;
    }, { intervals: [700], timeout: 20_000 })
    .toBeGreaterThan(10_000);
  await expect(live(page), 'the page says that it is behind').toHaveText('Reconnecting');
  await cloud.repair();
  await write();

  await expect(lines(page)).toContainText(`numbered ${count}.`, { timeout: 30_000 });
  await expect(live(page)).toHaveText('Live');
  await write();
  await expect(lines(page)).toContainText(`numbered ${count}.`);
  const shown = [...(await lines(page).innerText()).matchAll(/numbered (\d+)\./g)].map((match) => Number(match[1]));
  expect(shown).toEqual(Array.from({ length: count }, (_, index) => index + 1));
});

test('lines wait while the page stands still', async ({ page, open, cloud }) => {
  const group = groupNamed('pause');
  await cloud.writeLog(HERE, group, 'a', 'before the pause');
  await open(address(HERE, group));
  await expect(live(page)).toHaveText('Live');
  await page.getByRole('button', { name: 'Pause' }).click();
  await cloud.writeLog(HERE, group, 'a', 'during the pause', 'also during the pause');
  await expect(page.getByRole('button', { name: 'Resume (2)' })).toBeVisible();
  await expect(lines(page)).not.toContainText('during the pause');
  await page.getByRole('button', { name: 'Resume (2)' }).click();
  await expect(lines(page)).toContainText('also during the pause');
  await expect(page.getByRole('button', { name: 'Pause' })).toBeVisible();
});

test('lines are filtered, and the filter stands in the address', async ({ page, open, cloud }) => {
  const group = groupNamed('filter');
  await cloud.writeLog(HERE, group, 'a', 'hay one', 'a Needle in it', 'hay two', 'a needle too, but rusty');
  await open(address(HERE, group));
  await expect(lines(page)).toContainText('hay two');
  await page.getByRole('searchbox', { name: 'Filter lines' }).fill('needle -rusty');
  await expect(lines(page)).not.toContainText('hay');
  await expect(lines(page)).not.toContainText('rusty');
  await expect(lines(page).getByText('Needle', { exact: true })).toBeVisible();
  await expect(page.getByText('1 of 4 lines')).toBeVisible();
  await expect(page).toHaveURL(/q=needle%20-rusty/);
  await cloud.writeLog(HERE, group, 'a', 'more hay', 'a new needle');
  await expect(page.getByText('2 of 6 lines')).toBeVisible();
  await page.reload();
  await hydrated(page);
  await expect(page.getByRole('searchbox', { name: 'Filter lines' })).toHaveValue('needle -rusty');
  await expect(lines(page)).toContainText('a new needle');
  await expect(lines(page)).not.toContainText('hay');
  await page.getByRole('searchbox', { name: 'Filter lines' }).fill('absent');
  await expect(page.getByText('No line matches')).toBeVisible();
});

test('streams are chosen', async ({ page, open, cloud }) => {
  const group = groupNamed('streams');
  await cloud.writeLog(HERE, group, 'one/[$LATEST]a', 'from the first stream');
  await cloud.writeLog(HERE, group, 'two', 'from the second stream');
  await open(address(HERE, group));
  await expect(lines(page)).toContainText('from the first stream');
  await expect(lines(page)).toContainText('from the second stream');
  const box = page.getByRole('checkbox', { name: 'one/[$LATEST]a' });
  await box.focus();
  await page.keyboard.press('Space');
  await expect(page).toHaveURL(/stream=one/);
  await expect(box).toBeChecked();
  await expect(box, 'the focus stays').toBeFocused();
  await expect(lines(page)).not.toContainText('from the second stream');
  await expect(lines(page)).toContainText('from the first stream');
  await expect(live(page)).toHaveText('Live');
  await cloud.writeLog(HERE, group, 'two', 'more of the second');
  await cloud.writeLog(HERE, group, 'one/[$LATEST]a', 'more of the first');
  await expect(lines(page)).toContainText('more of the first');
  await expect(lines(page)).not.toContainText('more of the second');
  await page.getByRole('link', { name: 'Follow all streams' }).click();
  await expect(lines(page)).toContainText('more of the second');
});

test('a hostile line is text', async ({ page, open, cloud }) => {
  const group = groupNamed('hostile');
  const hostile = '<img src=x onerror="alert(1)"><script>alert(2)</script> \u001b[31mred \u202egpj.exe';
  await cloud.writeLog(HERE, group, 'a', 'harmless');
  await open(address(HERE, group));
  await expect(live(page)).toHaveText('Live');
  await cloud.writeLog(HERE, group, 'a', hostile);
  await expect(lines(page)).toContainText('<img src=x onerror="alert(1)"><script>alert(2)</script> ‹ESC›[31mred ‹U+202E›gpj.exe');
  await expect(lines(page).locator('img, script')).toHaveCount(0);
  await page.reload();
  await hydrated(page);
  await expect(lines(page), 'in the first HTML as well').toContainText('<img src=x onerror="alert(1)">');
  await expect(lines(page).locator('img, script')).toHaveCount(0);
});

test('a line is opened and its JSON laid out', async ({ page, open, cloud }) => {
  const group = groupNamed('json');
  await cloud.writeLog(HERE, group, 'a', '{"level":"error","order":{"id":"TM-1","lines":3}}');
  await open(address(HERE, group));
  await page.getByRole('button', { name: 'Line details' }).click();
  await expect(lines(page).locator('pre')).toContainText('"id": "TM-1"');
});

test('a group that is not there says so', async ({ page, open, expectTrouble }) => {
  expectTrouble(/^404 (GET \/logs|POST \/api\/fn\/logs)/);
  expect(await open(address(HERE, '/no/such/group'))).toBe(404);
  await expect(page.getByRole('alert').first()).toContainText('/no/such/group');
});
