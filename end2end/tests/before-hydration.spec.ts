// What is typed, ticked and chosen while the page's code is still on its way counts when it has come.

import type { Page } from '@playwright/test';
import { ACCOUNTS, type Place, at } from './support/cloud';
import { expect, hydrated, rowsOf, test } from './support/test';

/** Opens a page whose WASM waits. Gives what lets it come. */
async function openHeld(page: Page, path: string): Promise<() => Promise<void>> {
  let release = () => {};
  const released = new Promise<void>((resolve) => (release = resolve));
  await page.route(/\.wasm(\?|$)/, async (route) => {
    await released;
    await route.continue();
  });
  // Not the load event: that waits for the WASM.
  await page.goto(path, { waitUntil: 'commit' });
  return async () => {
    await expect(page.locator('html[data-hydrated]'), 'nobody listened yet').toHaveCount(0);
    release();
    await hydrated(page);
  };
}

test('the filter of the instances', async ({ page, cloud }) => {
  const production = await cloud.instances('production');
  const wanted = production.filter((instance) => instance.name.includes('checkout'));
  const arrive = await openHeld(page, `/ec2?account=${ACCOUNTS.production}&q=storefront`);
  const box = page.getByRole('searchbox', { name: 'Filter instances' });
  await box.fill('checkout');
  await arrive();
  await expect(rowsOf(page, 'Instances')).toHaveCount(wanted.length);
  await expect(box).toHaveValue('checkout');
  await expect(page).toHaveURL(`/ec2?q=checkout&account=${ACCOUNTS.production}`);
});

test('the search of the log groups', async ({ page }) => {
  const arrive = await openHeld(page, `/logs?account=${ACCOUNTS.production}`);
  const box = page.getByRole('searchbox', { name: 'Search log groups' });
  await box.fill('checkout us-east');
  await arrive();
  const rows = rowsOf(page, 'Log groups');
  await expect(rows.filter({ hasNotText: 'us-east-1' })).toHaveCount(0);
  await expect(rows.getByRole('link', { name: '/shop/checkout' })).toBeVisible();
  await expect(box).toHaveValue('checkout us-east');
  await expect(page).toHaveURL(/find=checkout%20us-east/);
});

test('the filter of the lines, and the streams that are followed', async ({ page, cloud }) => {
  const place: Place = { account: 'production', region: 'us-east-1' };
  const group = `/test/before-hydration/${Date.now()}`;
  await cloud.writeLog(place, group, 'one', 'hay of the first', 'a needle of the first');
  await cloud.writeLog(place, group, 'two', 'hay of the second', 'a needle of the second');
  const lines = page.getByRole('log');
  const address = `/logs?at=${at(place)}&group=${encodeURIComponent(group)}`;

  await test.step('a filter', async () => {
    const arrive = await openHeld(page, address);
    await page.getByRole('searchbox', { name: 'Filter lines' }).fill('needle');
    await arrive();
    await expect(lines).toContainText('a needle of the second');
    await expect(lines).not.toContainText('hay');
    await expect(page).toHaveURL(/[?&]q=needle(&|$)/);
  });

  await test.step('two streams, of which one is taken away again', async () => {
    const arrive = await openHeld(page, `${address}&stream=one`);
    await page.getByRole('checkbox', { name: 'two' }).check();
    await page.getByRole('checkbox', { name: 'one' }).uncheck();
    await arrive();
    await expect(page).toHaveURL(/[?&]stream=two(&|$)/);
    await expect(page).not.toHaveURL(/stream=one/);
    await expect(page.getByRole('checkbox', { name: 'two' })).toBeChecked();
    await expect(page.getByRole('checkbox', { name: 'one' })).not.toBeChecked();
    await expect(lines).toContainText('a needle of the second');
    await expect(lines).not.toContainText('of the first');
  });

  await test.step('the search of the streams', async () => {
    // Without JavaScript there is none; with it, it is there at once.
    const arrive = await openHeld(page, address);
    await page.getByRole('searchbox', { name: 'Search streams' }).fill('tw');
    await arrive();
    await expect(page.getByRole('checkbox', { name: 'two' })).toBeVisible();
    await expect(page.getByRole('checkbox', { name: 'one' })).toHaveCount(0);
  });
});

test('the statistic of a chart', async ({ page, cloud }) => {
  const instance = await cloud.find('production', 'us-east-1', 'checkout-01');
  const arrive = await openHeld(page, `/ec2/${instance.id}?at=${at(instance.place)}`);
  const statistic = page.getByRole('combobox', { name: 'Statistic' });
  await statistic.selectOption('Maximum');
  await arrive();
  await expect(page).toHaveURL(/[?&]stat=Maximum(&|$)/);
  await expect(statistic).toHaveValue('Maximum');
  await expect(page.getByRole('combobox', { name: 'Metric' })).toHaveValue('CPUUtilization');
});

test('a form that is applied by its button keeps what was put in, and the scope what was ticked', async ({ page }) => {
  const arrive = await openHeld(page, '/activity?resource=i-0');
  const form = page.getByRole('form', { name: 'Filter the activity' });
  await form.getByLabel('Resource').fill('i-1');
  await form.getByLabel('Operation').selectOption({ label: 'List instances' });
  await form.getByRole('combobox', { name: /^Account/ }).selectOption({ label: 'staging' });
  await form.getByLabel('Changes only').check();
  await page.getByLabel(/^Scope:/).click();
  const scope = page.getByRole('form', { name: 'Scope' });
  await scope.getByRole('checkbox', { name: 'eu-west-1' }).check();
  await arrive();

  await expect(form.getByLabel('Resource')).toHaveValue('i-1');
  await expect(form.getByLabel('Operation')).toHaveValue('ec2.list');
  await expect(form.getByRole('combobox', { name: /^Account/ })).toHaveValue(ACCOUNTS.staging);
  await expect(form.getByLabel('Changes only')).toBeChecked();
  await expect(scope.getByRole('checkbox', { name: 'eu-west-1' })).toBeChecked();
  await form.getByRole('button', { name: 'Apply' }).click();
  await expect(page).toHaveURL(`/activity?operation=ec2.list&resource=i-1&in=${ACCOUNTS.staging}&changes=1`);

  await page.getByLabel(/^Scope:/).click();
  await expect(scope.getByRole('checkbox', { name: 'eu-west-1' })).toBeChecked();
  await scope.getByRole('button', { name: 'Apply' }).click();
  await expect(page).toHaveURL(/[?&]resource=i-1&.*[?&]region=eu-west-1$/);
  await form.getByRole('link', { name: 'Clear', exact: true }).click();
  await expect(form.getByLabel('Resource')).toHaveValue('');
  await expect(form.getByLabel('Changes only')).not.toBeChecked();
});

test('a button that was pressed', async ({ page }) => {
  const arrive = await openHeld(page, `/ec2/volumes?account=${ACCOUNTS.production}`);
  const exports = page.getByRole('button', { name: 'Export CSV' });
  // Whoever sees nothing happen presses again: it is still done once.
  await exports.click();
  await exports.click();
  const files: string[] = [];
  page.on('download', (download) => files.push(download.suggestedFilename()));
  const saving = page.waitForEvent('download');
  await arrive();
  await saving;
  await exports.click();
  await expect.poll(() => files).toEqual(['ec2-volumes.csv', 'ec2-volumes.csv']);
});
