// Starting, stopping and terminating: in the staging account, each test on an instance of its own.

import type { Locator, Page } from '@playwright/test';
import { ACCOUNTS, type Cloud, type CloudInstance, at } from './support/cloud';
import { expect, rowsOf, stayed, test } from './support/test';

test.describe.configure({ mode: 'default' });

const LIST = `/ec2?account=${ACCOUNTS.staging}`;
const rowOf = (page: Page, instance: CloudInstance) => rowsOf(page, 'Instances').filter({ hasText: instance.id });
const live = (page: Page) => page.getByRole('status').filter({ hasText: /^Live$/ });

async function choose(page: Page, instance: CloudInstance, action: string): Promise<void> {
  await rowOf(page, instance).getByRole('button', { name: 'Actions for' }).click();
  await page.getByRole('menu', { name: `Actions for ${instance.name}` }).getByRole('menuitem', { name: action }).click();
}

/** Asks for an instance's termination, which AWS then refuses until its protection is lifted: other tests still have it. */
async function askToTerminate(page: Page, cloud: Cloud, instance: CloudInstance): Promise<void> {
  await choose(page, instance, 'Terminate');
  const dialog = page.getByRole('dialog', { name: `Terminate ${instance.name}?` });
  await dialog.getByRole('textbox').fill(instance.name);
  await dialog.getByRole('button', { name: 'Terminate' }).click();
  await expect(dialog).toBeHidden();
  await protect(cloud, instance, true);
}

async function protect(cloud: Cloud, instance: CloudInstance, on: boolean): Promise<void> {
  await cloud.ec2(instance.place, 'ModifyInstanceAttribute', { InstanceId: instance.id, 'DisableApiTermination.Value': String(on) });
}

/** Waits for states in this order; others may come between. */
async function goesThrough(where: Locator, ...states: string[]): Promise<void> {
  for (const state of states) await expect(where).toContainText(state, { timeout: 15_000 });
}

test('an instance is stopped and started: the row follows, AWS agrees, the activity has it', async ({ page, open, cloud }) => {
  const instance = await cloud.bring('staging', 'us-east-1', 'storefront-01', 'running');
  await open(LIST);
  const row = rowOf(page, instance);
  await expect(row).toContainText('running');
  await expect(live(page)).toBeVisible();
  const hasStayed = await stayed(page);

  await choose(page, instance, 'Stop');
  const dialog = page.getByRole('dialog', { name: 'Stop storefront-01?' });
  await expect(dialog).toContainText(instance.id);
  await dialog.getByRole('button', { name: 'Stop' }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByRole('region', { name: 'Notifications' })).toContainText('storefront-01: running → stopping.');
  await goesThrough(row, 'stopping', 'stopped');
  expect(await cloud.stateOf(instance)).toBe('stopped');

  await choose(page, instance, 'Start');
  await goesThrough(row, 'pending', 'running');
  expect(await cloud.stateOf(instance)).toBe('running');
  await hasStayed();

  await open(`/activity?resource=${instance.id}&changes=1`);
  const records = rowsOf(page, 'Activity');
  await expect(records.nth(0)).toContainText('Start instance');
  await expect(records.nth(1)).toContainText('Stop instance');
  for (const text of ['operator', 'staging', 'us-east-1', 'succeeded', 'running → stopping']) {
    await expect(records.nth(1)).toContainText(text);
  }
  await open('/dashboard');
  await expect(rowsOf(page, 'Activity').filter({ hasText: instance.id }).first()).toContainText('Start instance');
});

test('nothing is terminated before its name is typed', async ({ page, open, cloud }) => {
  const seeded = await cloud.find('staging', 'us-east-1', 'ci-runner-02');
  test.skip(/terminated|shutting-down/.test(seeded.state), 'an earlier run on this demo terminated it');
  const instance = await cloud.bring('staging', 'us-east-1', 'ci-runner-02', 'running');
  await open(LIST);
  const row = rowOf(page, instance);
  await expect(live(page)).toBeVisible();

  await choose(page, instance, 'Terminate');
  const dialog = page.getByRole('dialog', { name: 'Terminate ci-runner-02?' });
  const button = dialog.getByRole('button', { name: 'Terminate' });
  await expect(button).toBeDisabled();
  await dialog.getByRole('textbox').fill('ci-runner-01');
  await expect(button).toBeDisabled();
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  expect(await cloud.stateOf(instance)).toBe('running');

  await choose(page, instance, 'Terminate');
  await expect(dialog.getByRole('textbox'), 'what was typed before is forgotten').toHaveValue('');
  await dialog.getByRole('textbox').fill('ci-runner-02');
  await expect(button).toBeEnabled();
  await page.keyboard.press('Enter');
  await expect(dialog).toBeHidden();
  await expect(row.getByRole('timer')).toHaveText(/^terminates in \d+ s$/);
  expect(await cloud.stateOf(instance), 'it waits for its time').toBe('running');
  await expect(row, 'the grace of the demo is 10 s').toContainText('shutting-down', { timeout: 30_000 });
  await goesThrough(row, 'terminated');
  expect(await cloud.stateOf(instance)).toBe('terminated');

  await row.getByRole('button', { name: 'Actions for' }).click();
  const menu = page.getByRole('menu');
  for (const action of ['Start', 'Stop', 'Reboot', 'Terminate']) {
    // Its name goes on with the reason.
    await expect(menu.getByRole('menuitem', { name: new RegExp(`^${action}`) })).toHaveAttribute('aria-disabled', 'true');
  }
});

test('a refresh that waits for a slow region takes back nothing that is newer', async ({ page, open, cloud }) => {
  const instance = await cloud.bring('staging', 'eu-west-1', 'storefront', 'running');
  await open(LIST);
  const row = rowOf(page, instance);
  await expect(live(page)).toBeVisible();
  await expect(row).toContainText('running');
  try {
    await cloud.breakDown({ service: 'ec2', operation: 'DescribeInstances', kind: 'latency', account: 'staging', region: 'us-east-1', ms: 12_000 });
    const answered = page.waitForResponse('**/api/fn/ec2/list', { timeout: 60_000 });
    await page.getByRole('button', { name: 'Refresh' }).click();
    await cloud.change(instance, 'StopInstances');
    await expect(row).toContainText('stopped');
    await answered;
    // What the answer says of this region is from before it was stopped.
    await expect(page.getByRole('button', { name: 'Refresh' })).not.toHaveAttribute('aria-busy', 'true');
    await expect(row).toContainText('stopped');
  } finally {
    await cloud.repair();
    await cloud.bring('staging', 'eu-west-1', 'storefront', 'running');
  }
});

test('whoever asked for a termination hears why it was not done when it was due', async ({ page, open, cloud, apiAs }) => {
  const instance = await cloud.bring('staging', 'us-east-1', 'ci-runner-01', 'running');
  const begin = async () => {
    await askToTerminate(page, cloud, instance);
    await expect(rowOf(page, instance).getByRole('timer')).toBeVisible();
  };
  const news = page.getByRole('region', { name: 'Notifications' });
  await open(LIST);
  await expect(live(page)).toBeVisible();
  try {
    await begin();
    await expect(news).toContainText('ci-runner-01 was not terminated when it was due.', { timeout: 40_000 });
    await expect(news).toContainText('protect');
    await expect(rowOf(page, instance).getByRole('timer')).toHaveCount(0);
    expect(await cloud.stateOf(instance)).toBe('running');

    await protect(cloud, instance, false);
    await begin();
    const api = await apiAs('admin');
    const undo = await api.post(`/api/ec2/terminate/${instance.id}/undo`);
    expect(undo.status()).toBe(200);
    await expect(news).toContainText('ci-runner-01 is not terminated: somebody undid it.');
  } finally {
    await protect(cloud, instance, false);
  }
});

test('terminating waits, everybody sees it, and it is undone', async ({ page, open, cloud, pageAs, apiAs }) => {
  const instance = await cloud.bring('staging', 'us-east-1', 'ci-runner-01', 'running');
  await open(LIST);
  const row = rowOf(page, instance);
  const news = page.getByRole('region', { name: 'Notifications' });
  // Should this machine be too slow to undo it in time, AWS refuses.
  const begin = () => askToTerminate(page, cloud, instance);

  try {
    await test.step('somebody else sees it, and may not undo it', async () => {
      const other = await pageAs('viewer');
      await open(`/ec2/${instance.id}?at=${at(instance.place)}`, other);
      await begin();
      await expect(row.getByRole('timer')).toHaveText(/^terminates in \d+ s$/);
      await expect(other.getByRole('timer')).toHaveText(/^terminates in \d+ s$/);
      await expect(other.getByText('operator asked for it')).toBeVisible();
      const undo = other.getByRole('button', { name: 'Undo termination of ci-runner-01' });
      await expect(undo).toHaveAttribute('aria-description', 'Your role is viewer; this needs operator.');
      await news.getByRole('button', { name: 'Undo', exact: true }).click();
      await expect(news).toContainText('ci-runner-01 is not terminated.');
      await expect(row.getByRole('timer')).toHaveCount(0);
      await expect(other.getByRole('timer')).toHaveCount(0);
    });

    await test.step('it is undone in the row as well', async () => {
      await protect(cloud, instance, false);
      await begin();
      await row.getByRole('button', { name: 'Undo termination of ci-runner-01' }).click();
      await expect(row.getByRole('timer')).toHaveCount(0);
      const api = await apiAs('viewer');
      const queue = (await (await api.get('/api/ec2/terminations')).json()) as { id: string }[];
      expect(queue.map((one) => one.id)).not.toContain(instance.id);
    });
  } finally {
    await protect(cloud, instance, false);
  }

  expect(await cloud.stateOf(instance)).toBe('running');
  await open(`/activity?resource=${instance.id}&changes=1`);
  await expect(rowsOf(page, 'Activity').filter({ hasText: 'Undo termination of instance' }).first()).toContainText('succeeded');
  await expect(rowsOf(page, 'Activity').filter({ hasText: 'Undone by operator.' }).first()).toContainText('Terminate instance');
});

test('the menu is used with the keyboard', async ({ page, open, cloud }) => {
  const instance = await cloud.find('staging', 'us-east-1', 'orders-worker');
  await open(LIST);
  const button = rowOf(page, instance).getByRole('button', { name: 'Actions for' });
  await button.focus();
  await page.keyboard.press('Enter');
  const items = page.getByRole('menuitem');
  await expect(items.first()).toBeFocused();
  await page.keyboard.press('End');
  await expect(items.last()).toBeFocused();
  await page.keyboard.press('ArrowDown');
  await expect(items.first()).toBeFocused();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Stop orders-worker?' });
  await expect(dialog).toBeVisible();
  await dialog.getByRole('button', { name: 'Cancel' }).press('Enter');
  await expect(dialog).toBeHidden();
  await expect(button, 'the focus is where it was').toBeFocused();
  expect(await cloud.stateOf(instance)).toBe(instance.state);
});

test.describe('a viewer', () => {
  test.use({ role: 'viewer' });

  test('sees why nothing can be done, and the server refuses as well', async ({ page, open, cloud, apiAs }) => {
    const instance = await cloud.bring('staging', 'us-east-1', 'storefront-02', 'running');
    const reason = 'Your role is viewer; this needs operator.';
    await open(LIST);
    await rowOf(page, instance).getByRole('button', { name: 'Actions for' }).click();
    const stop = page.getByRole('menuitem', { name: 'Stop' });
    await expect(stop).toHaveAttribute('aria-disabled', 'true');
    await expect(stop).toContainText(reason);
    await stop.click({ force: true });
    await expect(page.getByRole('dialog')).toBeHidden();

    await open(`/ec2/${instance.id}?at=${at(instance.place)}`);
    const button = page.getByRole('main').getByRole('button', { name: 'Stop' });
    await expect(button).toHaveAttribute('aria-disabled', 'true');
    await expect(button).toHaveAttribute('aria-description', reason);

    const api = await apiAs('viewer');
    for (const path of ['stop', 'start', 'reboot']) {
      const response = await api.post(`/api/ec2/${path}/${instance.id}`);
      expect(response.status(), path).toBe(403);
      expect(await response.json()).toMatchObject({ code: 'forbidden', status: 403 });
    }
    expect((await api.delete(`/api/ec2/terminate/${instance.id}?confirm=storefront-02`)).status()).toBe(403);
    const change = { place: { account: ACCOUNTS.staging, region: 'us-east-1' }, id: instance.id, action: 'stop' };
    const byPage = await page.request.post('/api/fn/ec2/change', { data: change });
    expect(byPage.status(), 'the server function').toBe(403);
    expect(await cloud.stateOf(instance)).toBe('running');

    await open(`/activity?resource=${instance.id}&outcome=refused`);
    await expect(rowsOf(page, 'Activity').filter({ hasText: 'Stop instance' }).first()).toContainText('refused');
  });
});

test('a change made elsewhere appears in an open page', async ({ page, open, cloud }) => {
  const instance = await cloud.bring('staging', 'us-east-1', 'ci-runner-01', 'running');
  await open(LIST);
  const row = rowOf(page, instance);
  await expect(row).toContainText('running');
  await expect(live(page)).toBeVisible();
  const hasStayed = await stayed(page);
  await cloud.change(instance, 'StopInstances');
  await expect(row).toContainText('stopped', { timeout: 15_000 });
  await expect(page.getByRole('status').filter({ hasText: 'ci-runner-01 is stopped.' }), 'and is spoken').toBeAttached();
  await hasStayed();
});

test('a refusal of AWS stands in the dialog, with the action that is missing', async ({ page, open, cloud, expectTrouble }) => {
  expectTrouble(/^\d{3} POST \/api\/fn\/ec2\/change/);
  const instance = await cloud.bring('staging', 'eu-west-1', 'storefront', 'running');
  await cloud.breakDown({ service: 'ec2', operation: 'StopInstances', kind: 'denied', account: 'staging', region: 'eu-west-1' });
  await open(`/ec2/${instance.id}?at=${at(instance.place)}`);
  await page.getByRole('main').getByRole('button', { name: 'Stop' }).click();
  const dialog = page.getByRole('dialog', { name: 'Stop storefront?' });
  await dialog.getByRole('button', { name: 'Stop' }).click();
  await expect(dialog.getByRole('alert')).toContainText('ec2:StopInstances');
  await expect(dialog.getByRole('alert')).toContainText('UnauthorizedOperation');
  await expect(dialog).toBeVisible();
  expect(await cloud.stateOf(instance)).toBe('running');

  await cloud.repair();
  await dialog.getByRole('button', { name: 'Stop' }).click();
  await expect(dialog).toBeHidden();
  const state = page.getByRole('definition').filter({ hasText: /^(running|stopping|stopped)/ });
  await goesThrough(state, 'stopped');
  await page.getByRole('main').getByRole('button', { name: 'Start' }).click();
  await goesThrough(state, 'running');
});
