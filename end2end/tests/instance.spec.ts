// One instance and its metrics.

import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { ACCOUNTS, at } from './support/cloud';
import { expect, hydrated, rowsOf, test } from './support/test';

const points = (page: Page) => rowsOf(page, 'Data points');

/** Whether the chart's canvas has anything on it. */
function isDrawn(page: Page): Promise<boolean> {
  return page.getByRole('img', { name: /CPUUtilization|NetworkIn/ }).locator('canvas').first().evaluate((canvas) => {
    const { width, height } = canvas as HTMLCanvasElement;
    // A copy: reading the chart's own canvas back makes the browser warn.
    const copy = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true })!;
    copy.drawImage(canvas as HTMLCanvasElement, 0, 0);
    return copy.getImageData(0, 0, width, height).data.some((value) => value !== 0);
  });
}

test('an instance shows what AWS knows of it', async ({ page, open, cloud }) => {
  const instance = await cloud.find('production', 'us-east-1', 'checkout-01');
  expect(await open(`/ec2/${instance.id}?at=${at(instance.place)}`)).toBe(200);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('checkout-01');
  const fact = (name: string) =>
    page.getByRole('term').filter({ hasText: new RegExp(`^${name}$`) }).locator('xpath=following-sibling::dd');
  await expect(fact('Instance ID')).toContainText(instance.id);
  await expect(fact('State')).toContainText('running');
  await expect(fact('Type')).toHaveText(instance.type);
  await expect(fact('Account')).toHaveText('production');
  await expect(fact('Region')).toHaveText('us-east-1');
  await expect(fact('Availability zone')).toHaveText(instance.zone);
  await expect(fact('Private IP')).toContainText(instance.privateIp);
  await expect(fact('ARN')).toContainText(`arn:aws:ec2:us-east-1:${ACCOUNTS.production}:instance/${instance.id}`);
  await expect(rowsOf(page, 'Tags').filter({ hasText: 'CostCenter' })).toContainText('CC-1020');
  await page.getByRole('link', { name: 'EC2 instances' }).click();
  await expect(page).toHaveURL('/ec2');
});

test('the chart is drawn, and its range and metric stand in the address', async ({ page, open, cloud }) => {
  const instance = await cloud.find('production', 'us-east-1', 'checkout-02');
  await open(`/ec2/${instance.id}?at=${at(instance.place)}`);
  await expect.poll(() => isDrawn(page)).toBe(true);
  const table = page.getByText('Data table');
  const count = async () => Number(/\((\d+)\)/.exec(await table.innerText())?.[1]);
  const before = await count();
  expect(before).toBeGreaterThan(30);
  await table.click();
  await expect(points(page)).toHaveCount(before);

  const ranges = page.getByRole('navigation', { name: 'Time range' });
  await ranges.getByRole('link', { name: '1h' }).click();
  await expect(page).toHaveURL(/range=1h/);
  await expect(ranges.getByRole('link', { name: '1h' })).toHaveAttribute('aria-current', 'true');
  await expect.poll(() => isDrawn(page)).toBe(true);
  await expect.poll(count).not.toBe(before);

  await page.getByRole('combobox', { name: 'Metric' }).selectOption('NetworkIn');
  await expect(page).toHaveURL(/metric=NetworkIn/);
  await expect(page).toHaveURL(/range=1h/);
  await page.getByRole('combobox', { name: 'Statistic' }).selectOption('Maximum');
  await expect(page).toHaveURL(/stat=Maximum/);
  await page.reload();
  await hydrated(page);
  await expect(page.getByRole('combobox', { name: 'Metric' })).toHaveValue('NetworkIn');
  await expect(page.getByRole('img', { name: /NetworkIn/ })).toBeVisible();
  await expect.poll(() => isDrawn(page)).toBe(true);
});

test('the points can be saved as CSV', async ({ page, open, cloud }) => {
  const instance = await cloud.find('production', 'us-east-1', 'checkout-03');
  await open(`/ec2/${instance.id}?range=1h&at=${at(instance.place)}`);
  await expect.poll(() => isDrawn(page)).toBe(true);
  const saved = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download CSV' }).click();
  const download = await saved;
  expect(download.suggestedFilename()).toBe(`${instance.id}-CPUUtilization-1h.csv`);
  const lines = (await readFile(await download.path(), 'utf8')).trim().split(/\r?\n/);
  expect(lines.length).toBeGreaterThan(10);
  expect(lines[1]).toMatch(/^\d{4}-\d{2}-\d{2}T[^,]*,[\d.]+,Percent$/);
});

test('a new point appears by itself', async ({ page, open, cloud }) => {
  const instance = await cloud.find('production', 'us-east-1', 'storefront-04');
  await open(`/ec2/${instance.id}?range=1h&stat=Maximum&at=${at(instance.place)}`);
  await expect(page.getByRole('status').filter({ hasText: /^Live$/ }).first()).toBeVisible();
  await page.getByText('Data table').click();
  await cloud.writeMetric(instance, 'CPUUtilization', 99.9);
  await expect(points(page).filter({ hasText: '99.9' })).toBeVisible({ timeout: 30_000 });
});

test('an instance that is not there is not found', async ({ page, open, expectTrouble }) => {
  expectTrouble(/^404 GET \/ec2\//);
  expect(await open(`/ec2/i-0123456789abcdef0?at=${ACCOUNTS.production}/us-east-1`)).toBe(404);
  await expect(page.getByText('No such instance')).toBeVisible();
  await page.getByRole('link', { name: 'All instances' }).click();
  await expect(page).toHaveURL('/ec2');
  expect(await open('/ec2/nonsense')).toBe(404);
  await expect(page.getByText('No such instance')).toBeVisible();
});
