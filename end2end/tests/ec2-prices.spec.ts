// What instances cost by the price list. In the production account, of which no other spec changes types or states.

import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { ACCOUNTS } from './support/cloud';
import { expect, rowsOf, test } from './support/test';

const LIST = `/ec2?account=${ACCOUNTS.production}&region=us-east-1&columns=name,state,type,price`;
const rows = (page: Page) => rowsOf(page, 'Instances');
/** Dollars a month of the list's rows, in their order; nothing for what is unknown. */
const prices = async (page: Page) => {
  const cells = await rows(page).getByRole('cell', { name: /^\$[\d,]+\.\d\d$/ }).allInnerTexts();
  return cells.map((text) => Number(text.trim().replace(/[$,]/g, '')));
};

test('each instance has its price, and what runs is added up', async ({ page, open, cloud }) => {
  const there = await cloud.instancesOf({ account: 'production', region: 'us-east-1' });
  const running = there.filter((instance) => instance.state === 'running');
  await open(LIST);
  const large = rows(page).filter({ hasText: 'm6i.large' }).first();
  await expect(large.getByRole('cell', { name: '$70.08' })).toHaveAttribute('title', /^\$0\.096 an hour/);
  const sum = page.getByText(/ running, about \$[\d,.]+ a month by list price/);
  await expect(sum).toContainText(`${running.length} running`);

  const head = page.getByRole('columnheader', { name: 'Price' });
  await head.getByRole('link').click();
  await expect(head).toHaveAttribute('aria-sort', 'descending');
  await expect.poll(async () => (await prices(page)).length).toBeGreaterThan(3);
  const sorted = await prices(page);
  expect(sorted).toEqual(sorted.toSorted((a, b) => b - a));

  await page.getByRole('searchbox', { name: 'Filter instances' }).fill('price:>70 price:<71');
  await expect(page).toHaveURL(/q=price:%3E70%20price:%3C71/);
  await expect.poll(async () => new Set(await prices(page))).toEqual(new Set([70.08]));

  const saved = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Export CSV' }).click();
  const text = await readFile(await (await saved).path(), 'utf8');
  expect(text.split('\r\n')[0]).toBe('Account ID,Region,Instance ID,Name,State,Type,Price (USD a month)');
  expect(text.split('\r\n')[1]).toMatch(/,m6i\.large,70\.08$/);
});

test('the page of an instance says what it costs', async ({ page, open, cloud }) => {
  const there = await cloud.instancesOf({ account: 'production', region: 'us-east-1' });
  const instance = there.find((instance) => instance.type === 'm6i.large')!;
  await open(`/ec2/${instance.id}?at=${ACCOUNTS.production}/us-east-1`);
  const fact = page.getByRole('term').filter({ hasText: /^List price$/ }).locator('xpath=following-sibling::dd');
  await expect(fact).toContainText('$70.08 a month');
  await expect(fact).toContainText('$0.096 an hour on demand');
});
