// What is done to Lambda functions: deleting, versions, aliases, rolling back, concurrency, test events; and what their logs and metrics tell.

import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { ACCOUNTS } from './support/cloud';
import { HERE, lambda, makeFunction, pageOf } from './support/functions';
import { expect, rowsOf, test } from './support/test';
import { zipOf } from './support/zip';

const AWAKE = 'def handler(event, context):\n    print("awake and well")\n    return event\n';
const THROWS = 'def handler(event, context):\n    print("ERROR the card was refused")\n    raise RuntimeError("no")\n';

async function invoke(page: Page, payload: string): Promise<void> {
  await page.getByRole('textbox', { name: 'Payload, any JSON' }).fill(payload);
  await page.getByRole('button', { name: 'Invoke' }).click();
}

/** The version that AWS says an alias stands for. */
async function versionOf(name: string, alias: string): Promise<string | undefined> {
  const { json } = await lambda('GET', `${name}/aliases/${alias}`);
  return (json as { FunctionVersion?: string }).FunctionVersion;
}

test('a function is deleted after its name was typed, and AWS has it no more', async ({ page, open }) => {
  const name = await makeFunction('doomed', AWAKE);
  await open(pageOf(name));
  await page.getByRole('button', { name: 'Delete function' }).click();
  const dialog = page.getByRole('dialog');
  const verb = dialog.getByRole('button', { name: 'Delete', exact: true });
  await expect(verb).toBeDisabled();
  await dialog.getByRole('textbox').fill('another');
  await expect(verb).toBeDisabled();
  await dialog.getByRole('textbox').fill(name);
  await verb.click();
  await expect(page).toHaveURL(/\/lambda(\?|$)/);
  await expect(page.getByText(`${name} is deleted.`)).toBeVisible();
  expect((await lambda('GET', `${name}/configuration`)).status).toBe(404);
  await expect(rowsOf(page, 'Functions').filter({ hasText: name })).toHaveCount(0);
});

test('many functions are deleted with one confirmation and a result for each', async ({ page, open, cloud }) => {
  const prefix = `herd-${Date.now().toString(36)}`;
  const names = [await makeFunction(prefix, AWAKE), await makeFunction(prefix, AWAKE)];
  await open(`/lambda?account=${ACCOUNTS.production}&q=name:${prefix}`);
  const rows = rowsOf(page, 'Functions');
  // What was asked for less than a second ago is not asked for again.
  await expect(async () => {
    await page.getByRole('button', { name: 'Refresh' }).click();
    await expect(rows).toHaveCount(2, { timeout: 1_000 });
  }).toPass();
  await page.getByRole('checkbox', { name: 'Select all 2 that match' }).check();
  const bar = page.getByRole('group', { name: 'Selection' });
  await expect(bar).toContainText('2 selected');
  await expect(page).toHaveURL(new RegExp(`selected=${ACCOUNTS.production}/us-east-1/${prefix}`));

  await cloud.breakDown({ service: 'lambda', operation: 'DeleteFunction', kind: 'denied', account: 'production', count: 1 });
  await bar.getByRole('button', { name: 'Delete what is selected' }).click();
  const dialog = page.getByRole('dialog', { name: 'Delete 2 functions?' });
  for (const name of names) await expect(dialog.getByRole('list')).toContainText(name);
  const verb = dialog.getByRole('button', { name: 'Delete', exact: true });
  await expect(verb).toBeDisabled();
  await dialog.getByRole('textbox').fill('delete 2 functions');
  await verb.click();
  const result = page.getByRole('region', { name: 'Result' });
  await expect(result).toContainText('Delete: 1 of 2 functions failed');
  await expect(result.getByRole('listitem').first()).toContainText('lambda:DeleteFunction');
  await expect(rows).toHaveCount(1);
  await expect(bar).toContainText('1 selected');

  const left = (await rows.getByRole('link').first().innerText()).trim();
  expect(names).toContain(left);
  await bar.getByRole('button', { name: 'Delete what is selected' }).click();
  await page.getByRole('dialog', { name: 'Delete 1 function?' }).getByRole('textbox').fill(left);
  await page.getByRole('dialog').getByRole('button', { name: 'Delete', exact: true }).click();
  await expect(result).toContainText('Delete: 1 function done');
  for (const name of names) expect((await lambda('GET', `${name}/configuration`)).status).toBe(404);
  await expect(bar).toBeHidden();
  await open(`/activity?resource=${left}&operation=lambda.delete`);
  await expect(rowsOf(page, 'Activity').filter({ hasText: 'succeeded' })).toHaveCount(1);
});

test('a deletion that AWS denies says what is missing, and the function stays', async ({ page, open, cloud, expectTrouble }) => {
  expectTrouble(/^502 POST \/api\/fn\/lambda\/delete/);
  const name = await makeFunction('kept', AWAKE);
  try {
    await cloud.breakDown({ service: 'lambda', operation: 'DeleteFunction', kind: 'denied', count: 1 });
    await open(pageOf(name));
    await page.getByRole('button', { name: 'Delete function' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox').fill(name);
    await dialog.getByRole('button', { name: 'Delete', exact: true }).click();
    await expect(dialog.getByRole('alert')).toContainText('lambda:DeleteFunction');
    expect((await lambda('GET', `${name}/configuration`)).status).toBe(200);
  } finally {
    await lambda('DELETE', name);
  }
});

test('a version is published, an alias created, moved with weights, rolled back in one click, and deleted', async ({ page, open }) => {
  const name = await makeFunction('release', AWAKE, 2);
  try {
    await open(pageOf(name, 'versions'));
    await expect(page.getByText('one click here rolls it back')).toBeVisible();
    await lambda('PUT', `${name}/code`, { ZipFile: zipOf('main.py', `${AWAKE}# new`).toString('base64') });
    await page.getByRole('button', { name: 'Publish version' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Publish', exact: true }).click();
    await expect(page.getByText('Version 3 is published.')).toBeVisible();
    await expect(rowsOf(page, 'Versions')).toHaveCount(4);
    expect((await lambda('GET', `${name}/configuration?Qualifier=3`)).status).toBe(200);

    await page.getByRole('button', { name: 'Create alias' }).click();
    const create = page.getByRole('form', { name: 'Create an alias' });
    await create.getByRole('textbox', { name: 'Name' }).fill('live');
    await create.getByRole('combobox', { name: 'Version' }).selectOption('2');
    await create.getByRole('button', { name: 'Create alias' }).click();
    await expect(page.getByText('The alias live stands for 2.')).toBeVisible();
    expect(await versionOf(name, 'live')).toBe('2');

    const row = rowsOf(page, 'Aliases').filter({ hasText: 'live' });
    await row.getByRole('button', { name: 'Move' }).click();
    const move = page.getByRole('form', { name: 'Move the alias live' });
    await move.getByRole('combobox', { name: 'Version' }).selectOption('3');
    await move.getByRole('combobox', { name: 'Also send a part to' }).selectOption('2');
    await move.getByRole('spinbutton', { name: 'Percent of it' }).fill('10');
    await move.getByRole('button', { name: 'Move alias' }).click();
    await expect(row).toContainText('2 (10.0 %)');
    expect((await lambda('GET', `${name}/aliases/live`)).json).toMatchObject({
      FunctionVersion: '3',
      RoutingConfig: { AdditionalVersionWeights: { '2': 0.1 } },
    });

    await row.getByRole('button', { name: 'Roll back to 2' }).click();
    await expect(page.getByText('live stands for version 2 again, no more for 3.')).toBeVisible();
    expect((await lambda('GET', `${name}/aliases/live`)).json).not.toHaveProperty('RoutingConfig');
    expect(await versionOf(name, 'live')).toBe('2');

    await row.getByRole('button', { name: 'Delete' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox').fill('live');
    await dialog.getByRole('button', { name: 'Delete', exact: true }).click();
    await expect(page.getByText('The alias live is deleted.')).toBeVisible();
    expect((await lambda('GET', `${name}/aliases/live`)).status).toBe(404);
  } finally {
    await lambda('DELETE', name);
  }
});

test('an alias without a version before cannot be rolled back, and says so', async ({ page, open }) => {
  const name = await makeFunction('first', AWAKE, 1);
  try {
    await lambda('POST', `${name}/aliases`, { Name: 'live', FunctionVersion: '1' });
    await open(pageOf(name, 'versions'));
    const button = rowsOf(page, 'Aliases').getByRole('button', { name: 'Roll back' });
    await expect(button).toHaveAttribute('aria-disabled', 'true');
    await expect(button).toHaveAttribute('title', /no version before 1/);
  } finally {
    await lambda('DELETE', name);
  }
});

test('an alias that somebody moved meanwhile is not rolled back', async ({ page, open, expectTrouble }) => {
  expectTrouble(/^409 POST \/api\/fn\/lambda\/rollback/);
  const name = await makeFunction('raced', AWAKE, 3);
  try {
    await lambda('POST', `${name}/aliases`, { Name: 'live', FunctionVersion: '3' });
    await open(pageOf(name, 'versions'));
    await lambda('PUT', `${name}/aliases/live`, { FunctionVersion: '2' });
    await page.getByRole('button', { name: 'Roll back to 2' }).click();
    await expect(page.getByRole('alert')).toContainText('stands for version 2 by now');
    expect(await versionOf(name, 'live')).toBe('2');
  } finally {
    await lambda('DELETE', name);
  }
});

test('invocations are reserved, the function stopped, and shared again', async ({ page, open, expectTrouble }) => {
  const name = await makeFunction('reserved', AWAKE);
  const reserved = async () => (await lambda('GET', `${name}/concurrency`)).json;
  try {
    await open(pageOf(name));
    const form = page.getByRole('form', { name: 'Concurrency' });
    await form.getByRole('spinbutton').fill('7');
    await form.getByRole('button', { name: 'Reserve' }).click();
    await expect(page.getByText('7 invocations at once are reserved.')).toBeVisible();
    expect(await reserved()).toMatchObject({ ReservedConcurrentExecutions: 7 });
    await form.getByRole('spinbutton').fill('0');
    await form.getByRole('button', { name: 'Reserve' }).click();
    await expect(page.getByText('0: it is not invoked at all')).toBeVisible();
    expectTrouble(/^503 POST \/api\/fn\/lambda\/invoke/);
    await page.getByRole('link', { name: 'Test', exact: true }).click();
    await invoke(page, '{}');
    await expect(page.getByRole('alert')).toContainText('its reserved concurrency allows no more at once; if it reserves 0, it is stopped.');
    await page.getByRole('link', { name: 'Configuration', exact: true }).click();
    await form.getByRole('button', { name: 'Share again' }).click();
    await expect(page.getByText('The function shares what the account has.')).toBeVisible();
    expect(await reserved()).not.toHaveProperty('ReservedConcurrentExecutions');
  } finally {
    await lambda('DELETE', name);
  }
});

test('a test event is saved, chosen after coming back, and deleted', async ({ page, open }) => {
  const name = await makeFunction('tried', AWAKE);
  try {
    await open(pageOf(name, 'test'));
    await page.getByRole('textbox', { name: 'Payload, any JSON' }).fill('{"order": "o-1"}');
    const events = page.getByRole('group', { name: 'Test events' });
    await events.getByRole('textbox', { name: 'Save the payload as' }).fill('one order');
    await events.getByRole('button', { name: 'Save event' }).click();
    await expect(page.getByRole('alert')).toContainText('is not a name of a test event');
    await events.getByRole('textbox', { name: 'Save the payload as' }).fill('one-order');
    await events.getByRole('button', { name: 'Save event' }).click();
    await expect(page.getByText('The test event one-order is saved.')).toBeVisible();

    await open(pageOf(name, 'test'));
    await events.getByRole('combobox', { name: 'Test event' }).selectOption('one-order');
    await expect(page.getByRole('textbox', { name: 'Payload, any JSON' })).toHaveValue('{"order": "o-1"}');
    await page.getByRole('button', { name: 'Invoke' }).click();
    await expect(page.getByRole('region', { name: 'Answer' })).toContainText('o-1');
    await events.getByRole('button', { name: 'Delete event' }).click();
    await expect(page.getByText('The test event one-order is deleted.')).toBeVisible();
    await expect(events.getByRole('combobox', { name: 'Test event' })).toContainText('none saved yet');
  } finally {
    await lambda('DELETE', name);
  }
});

test('after a test its report and its lines of CloudWatch are shown, and lead to the log', async ({ page, open }) => {
  const name = await makeFunction('spoken', AWAKE);
  try {
    await open(pageOf(name, 'test'));
    await invoke(page, '{"a": 1}');
    const result = page.getByRole('status', { name: 'Result' });
    await expect(result.getByText('Succeeded')).toBeVisible();
    await expect(result.getByText(/^\d+ ms$/).first()).toBeVisible();
    await expect(result.getByText(/\d+ of 128 MB/)).toBeVisible();
    const lines = result.getByRole('region', { name: 'CloudWatch lines' });
    await expect(lines).toContainText('awake and well');
    await expect(lines).toContainText('REPORT RequestId');
    await result.getByRole('link', { name: 'Open in logs' }).click();
    await expect(page).toHaveURL(/\/logs\?.*stream=/);
    await expect(page.getByText('awake and well').first()).toBeVisible();
  } finally {
    await lambda('DELETE', name);
  }
});

test('recent errors of a function that throws are listed, and none of one that does not', async ({ page, open }) => {
  const [bad, good] = [await makeFunction('throws', THROWS), await makeFunction('works', AWAKE)];
  try {
    for (const name of [bad, good]) await lambda('POST', `${name}/invocations`, {});
    await open(pageOf(bad, 'errors'));
    await expect(rowsOf(page, 'Recent errors').filter({ hasText: 'the card was refused' })).toHaveCount(1);
    await page.getByRole('navigation', { name: 'Time range' }).getByRole('link', { name: '1d' }).click();
    await expect(page).toHaveURL(/range=1d/);
    await expect(rowsOf(page, 'Recent errors').filter({ hasText: 'the card was refused' })).toHaveCount(1);
    await open(pageOf(good, 'errors'));
    await expect(page.getByText('No errors', { exact: true })).toBeVisible();
  } finally {
    for (const name of [bad, good]) await lambda('DELETE', name);
  }
});

test('what functions did stands on each row, sorts them, and what is not known is a dash', async ({ page, open }) => {
  const idle = await makeFunction('idle', AWAKE);
  try {
    await open(`/lambda?account=${ACCOUNTS.production}&region=us-east-1&sort=-invocations`);
    const rows = rowsOf(page, 'Functions');
    await expect(rows.first()).not.toContainText(idle);
    const cells = rows.filter({ hasText: 'order-processor' }).getByRole('cell');
    await expect(cells.nth(6)).toHaveText(/^\d+$/);
    await expect(cells.nth(8)).toHaveText(/^[\d.]+ m?s$/);
    await page.getByRole('button', { name: 'Refresh' }).click();
    await expect(rows.filter({ hasText: idle }).getByRole('cell').nth(6)).toHaveText('–');
    await page.getByRole('searchbox', { name: 'Filter functions' }).fill('invocations:>0');
    await expect(rows.filter({ hasText: 'order-processor' })).toHaveCount(1);
    await expect(rows.filter({ hasText: idle })).toHaveCount(0);
  } finally {
    await lambda('DELETE', idle);
  }
});

test('columns are chosen and stay in the address, and what is filtered is saved as CSV', async ({ page, open }) => {
  await open(`/lambda?account=${ACCOUNTS.production}&q=order-processor`);
  await page.getByLabel('Columns', { exact: true }).first().click();
  await page.getByRole('checkbox', { name: 'Handler' }).check();
  await page.getByRole('checkbox', { name: 'Description' }).uncheck();
  await page.getByRole('button', { name: 'Apply' }).click();
  await expect(page).toHaveURL(/columns=[a-z0-9,]*handler/);
  await expect(page.getByRole('columnheader', { name: 'Handler' })).toBeVisible();
  await expect(page.getByRole('columnheader', { name: 'Description' })).toHaveCount(0);
  const saved = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Export CSV' }).click();
  const download = await saved;
  expect(download.suggestedFilename()).toBe('lambda-functions.csv');
  const lines = (await readFile(await download.path(), 'utf8')).trim().split('\r\n');
  expect(lines[0]).toMatch(/^Account ID,Region,Name,Runtime,.*Handler$/);
  expect(lines).toHaveLength(3);
  expect(lines.some((line) => line.startsWith(`${ACCOUNTS.production},${HERE.region},order-processor,`))).toBe(true);
});

test.describe('a viewer', () => {
  test.use({ role: 'viewer' });

  test('changes nothing, and is told why', async ({ page, open, apiAs }) => {
    for (const [part, button] of [
      ['', 'Delete function'],
      ['versions', 'Publish version'],
      ['versions', 'Create alias'],
      ['test', 'Save event'],
    ] as const) {
      await open(pageOf('thumbnailer', part));
      await expect(page.getByRole('button', { name: button })).toHaveAttribute('aria-disabled', 'true');
      await expect(page.getByRole('button', { name: button })).toHaveAttribute('title', /needs operator/);
    }
    const api = await apiAs('viewer');
    const where = `account=${ACCOUNTS.production}&region=us-east-1`;
    expect((await api.delete(`/api/lambda/thumbnailer?confirm=thumbnailer&${where}`)).status()).toBe(403);
    expect((await api.get(`/api/lambda/thumbnailer/versions?${where}`)).status()).toBe(200);
  });
});
