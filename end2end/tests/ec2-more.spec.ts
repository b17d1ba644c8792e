// Rebooting, stopping by force, and taking an instance's id along. Each test has an instance of its own, which is terminated again.

import type { Page } from '@playwright/test';
import { type Cloud, type CloudInstance, type Place, at } from './support/cloud';
import { DEMO_URL, passwordOf } from './support/demo';
import { Launched } from './support/launched';
import { OwnServer, SERVER_BINARY } from './support/own-server';
import { expect, hydrated, rowsOf, test } from './support/test';
import { Wiretap } from './support/wiretap';

const PLACE: Place = { account: 'staging', region: 'us-east-1' };

const address = (instance: CloudInstance) => `/ec2/${instance.id}?at=${at(instance.place)}`;
const button = (page: Page, name: string) => page.getByRole('main').getByRole('button', { name, exact: true });

/** Presses the button of an action and confirms it. */
async function confirm(page: Page, action: string, instance: CloudInstance, tick?: string): Promise<void> {
  await button(page, action).click();
  const dialog = page.getByRole('dialog', { name: `${action} ${instance.name}?` });
  await expect(dialog).toContainText(instance.id);
  if (tick) await dialog.getByRole('checkbox', { name: tick }).check();
  await dialog.getByRole('button', { name: action, exact: true }).click();
  await expect(dialog).toBeHidden();
}

const launched = new Launched(PLACE);
const launch = (cloud: Cloud, what: string) => launched.launch(cloud, what);

test.afterEach(async ({ cloud }) => launched.terminate(cloud));

test('an instance is rebooted after a question, AWS got it, and the activity has it', async ({ page, open, cloud }) => {
  const instance = await launch(cloud, 'reboot');
  const since = Date.now() / 1_000;
  const calls = () => cloud.calls('ec2', 'RebootInstances', PLACE, since);
  await open(address(instance));
  await button(page, 'Reboot').click();
  const dialog = page.getByRole('dialog', { name: `Reboot ${instance.name}?` });
  await expect(dialog).toContainText('The operating system restarts in place.');
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await expect(dialog).toBeHidden();
  expect(await calls(), 'nothing before it is confirmed').toBe(0);

  await confirm(page, 'Reboot', instance);
  await expect(page.getByRole('region', { name: 'Notifications' })).toContainText(`${instance.name} is rebooting.`);
  expect(await calls(), 'AWS is asked whether it would, then to do it').toBe(2);
  expect(await cloud.stateOf(instance)).toBe('running');

  await open(`/activity?resource=${instance.id}&changes=1`);
  const records = rowsOf(page, 'Activity');
  await expect(records).toHaveCount(1);
  for (const text of ['Reboot instance', 'operator', 'staging', 'us-east-1', 'succeeded']) await expect(records.first()).toContainText(text);
});

test('a stop by force says so in the activity, and one without does not', async ({ page, open, cloud }) => {
  const instance = await launch(cloud, 'force');
  await open(address(instance));
  await confirm(page, 'Stop', instance, 'Force it');
  await expect.poll(() => cloud.stateOf(instance), { timeout: 15_000 }).toBe('stopped');
  await cloud.change(instance, 'StartInstances');
  await expect.poll(() => cloud.stateOf(instance), { timeout: 15_000 }).toBe('running');
  await open(address(instance));
  await confirm(page, 'Stop', instance);
  await expect.poll(() => cloud.stateOf(instance), { timeout: 15_000 }).toBe('stopped');

  await open(`/activity?resource=${instance.id}&changes=1`);
  const records = rowsOf(page, 'Activity');
  await expect(records.nth(1)).toContainText('running → stopping, by force');
  await expect(records.nth(0)).toContainText('running → stopping');
  await expect(records.nth(0)).not.toContainText('by force');
});

test.describe('what AWS is told', () => {
  test.skip(!SERVER_BINARY, 'needs the binary of the demo: scripts/test browser');
  // The session of the demo is none at a server of the test's own.
  test.use({ role: null });

  let tap: Wiretap;
  let server: OwnServer;
  test.beforeAll(async () => {
    tap = await Wiretap.start();
    server = await OwnServer.start({ AWS_ENDPOINT_URL: tap.url }, ['operator']);
  });
  test.afterAll(async () => {
    await server?.stop();
    await tap?.stop();
  });

  test('a reboot, a stop by force and one without are just that', async ({ browser, cloud }) => {
    const instance = await launch(cloud, 'heard');
    const context = await browser.newContext({ baseURL: server.url });
    const page = await context.newPage();
    const look = async () => {
      await page.goto(address(instance));
      await hydrated(page);
    };
    await page.goto('/login');
    await page.getByLabel('Name').fill('operator');
    await page.getByLabel('Password', { exact: true }).fill(passwordOf('operator'));
    await page.getByLabel('Password', { exact: true }).press('Enter');
    await expect(page).toHaveURL('/dashboard');

    await look();
    await confirm(page, 'Reboot', instance);
    await expect.poll(() => tap.asked('RebootInstances').map((call) => call['InstanceId.1'])).toEqual([instance.id]);

    await confirm(page, 'Stop', instance, 'Force it');
    await expect.poll(() => cloud.stateOf(instance), { timeout: 15_000 }).toBe('stopped');
    await cloud.change(instance, 'StartInstances');
    await expect.poll(() => cloud.stateOf(instance), { timeout: 15_000 }).toBe('running');
    await look();
    await confirm(page, 'Stop', instance);
    await expect.poll(() => cloud.stateOf(instance), { timeout: 15_000 }).toBe('stopped');
    const stops = tap.asked('StopInstances').map((call) => [call['InstanceId.1'], call['Force'], call['Hibernate']]);
    expect(stops).toEqual([
      [instance.id, 'true', undefined],
      [instance.id, undefined, undefined],
    ]);
    await context.close();
  });
});

test('the id of an instance is put into the clipboard', async ({ page, open, context, cloud }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: DEMO_URL });
  const instance = await cloud.find('production', 'eu-west-1', 'bastion');
  await open(address(instance));
  await page.getByRole('button', { name: 'Copy instance ID' }).click();
  await expect(page.getByRole('button', { name: 'Copied' })).toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(instance.id);
});
