// Lambda functions: the list, one of them, invoking and deploying. The demo cloud really runs them.

import type { Page } from '@playwright/test';
import { ACCOUNTS, at } from './support/cloud';
import { HERE, lambda, pageOf } from './support/functions';
import { expect, rowsOf, test } from './support/test';
import { zipOf } from './support/zip';

const fact = (page: Page, name: string) =>
  page.getByRole('term').filter({ hasText: new RegExp(`^${name}$`) }).locator('xpath=following-sibling::dd');

async function invoke(page: Page, payload: string): Promise<void> {
  await page.getByRole('textbox', { name: 'Payload, any JSON' }).fill(payload);
  await page.getByRole('button', { name: 'Invoke' }).click();
}

test('functions are listed over accounts and regions, filtered and sorted', async ({ page, open }) => {
  expect(await open('/lambda')).toBe(200);
  const rows = rowsOf(page, 'Functions');
  await expect(rows.filter({ hasText: 'order-processor' })).toHaveCount(3);
  await expect(rows.filter({ hasText: 'nightly-report' }).first()).toContainText('python3.12');
  await page.getByRole('searchbox', { name: 'Filter functions' }).fill('memory:512 account:production');
  await expect(rows).toHaveCount(2);
  await expect(page).toHaveURL(/q=memory:512/);
  await page.getByRole('searchbox', { name: 'Filter functions' }).fill('runtime:node');
  await expect(page.getByText('No functions match')).toBeVisible();
  await page.getByRole('link', { name: 'Clear filter' }).click();
  await page.getByRole('columnheader', { name: 'Memory' }).getByRole('link').click();
  await expect(page.getByRole('columnheader', { name: 'Memory' })).toHaveAttribute('aria-sort', 'descending');
  await expect(rows.first()).toContainText('nightly-report');
});

test('a region that fails is named and empties nothing', async ({ page, open, cloud }) => {
  await cloud.breakDown({ service: 'lambda', kind: 'denied', account: 'staging', region: 'eu-west-1' });
  await open('/lambda');
  await page.getByRole('button', { name: 'Refresh' }).click();
  await expect(page.getByText(/1 of 6 accounts and regions could not be asked/)).toBeVisible();
  await expect(page.getByText('lambda:ListFunctions').first()).toBeVisible();
  await expect(rowsOf(page, 'Functions').filter({ hasText: 'thumbnailer' }).first()).toBeVisible();
});

test('a function tells what it is', async ({ page, open }) => {
  await open('/lambda?account=111111111111&region=us-east-1');
  await rowsOf(page, 'Functions').getByRole('link', { name: 'order-processor' }).click();
  await expect(page).toHaveURL(/\/lambda\/order-processor\?at=/);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('order-processor');
  await expect(fact(page, 'Handler')).toHaveText('main.handler');
  await expect(fact(page, 'Memory')).toHaveText('256 MB');
  await expect(fact(page, 'Account')).toHaveText('production');
  await page.getByRole('link', { name: 'Versions and aliases' }).click();
  await expect(rowsOf(page, 'Versions').first()).toContainText('$LATEST');
  await page.getByRole('link', { name: 'Triggers' }).click();
  await expect(page.getByText('Nothing invokes it by itself')).toBeVisible();
  // What its policy lets invoke it is a trigger, too.
  await open(pageOf('nightly-report', 'triggers'));
  const trigger = rowsOf(page, 'Triggers').filter({ hasText: 'rule/nightly-report' });
  await expect(trigger).toContainText('Permission');
  await expect(trigger).toContainText('events.amazonaws.com');
});

test('values of the environment are hidden until they are asked for, and that is on record', async ({ page, open, pageAs }) => {
  const path = pageOf('nightly-report', 'environment');
  await open(path);
  const rows = rowsOf(page, 'Environment variables');
  await expect(rows.filter({ hasText: 'REPORTS_BUCKET' })).toBeVisible();
  expect(await page.content()).not.toContain('tidemark-production-reports');
  await page.getByRole('button', { name: 'Show values' }).click();
  await expect(rows.filter({ hasText: 'REPORTS_BUCKET' })).toContainText('tidemark-production-reports');
  await page.getByRole('button', { name: 'Hide values' }).click();
  await expect(page.getByText('tidemark-production-reports')).toHaveCount(0);

  const admin = await pageAs('admin');
  await open('/activity?operation=lambda.environment', admin);
  await expect(admin.getByText('nightly-report').first()).toBeVisible();

  const viewer = await pageAs('viewer');
  await open(path, viewer);
  await expect(viewer.getByRole('button', { name: 'Show values' })).toHaveAttribute('aria-disabled', 'true');
});

test('a function is invoked, and its answer and log are shown', async ({ page, open }) => {
  await open(pageOf('order-processor', 'test'));
  await invoke(page, '{"order": "o-1", "lines": 2}');
  const result = page.getByRole('status', { name: 'Result' });
  await expect(result.getByText('Succeeded')).toBeVisible();
  await expect(result.getByRole('region', { name: 'Answer' })).toContainText('"charged"');
  await expect(result.getByRole('region', { name: 'Log tail' })).toContainText('order charged');
  await expect(fact(page, 'Request ID')).toContainText('-');
});

test('a payload that is no JSON is not sent, and one that is queued has no answer', async ({ page, open }) => {
  await open(pageOf('thumbnailer', 'test'));
  let sent = 0;
  page.on('request', (request) => (sent += Number(request.url().includes('/lambda/invoke'))));
  await invoke(page, '{"key": }');
  await expect(page.getByRole('alert')).toContainText('not valid JSON (line 1, column 9)');
  expect(sent).toBe(0);
  await page.getByRole('combobox', { name: 'Answer' }).selectOption('async');
  await invoke(page, '{"key": "a.jpg"}');
  const result = page.getByRole('status', { name: 'Result' });
  await expect(result.getByText('Queued')).toBeVisible();
  await expect(result.getByRole('region', { name: 'Answer' })).toHaveCount(0);
});

test('a function that throws is a result', async ({ page, open }) => {
  await open(pageOf('order-processor', 'test'));
  await invoke(page, '{"order": "o-2", "lines": 1, "card": "refused"}');
  const result = page.getByRole('status', { name: 'Result' });
  await expect(result.getByText('The function failed')).toBeVisible();
  await expect(result.getByRole('region', { name: 'Answer' })).toContainText('payment for o-2 was refused');
});

test('a viewer may not invoke nor deploy', async ({ open, pageAs, apiAs }) => {
  const viewer = await pageAs('viewer');
  await open(pageOf('order-processor', 'test'), viewer);
  const button = viewer.getByRole('button', { name: 'Invoke' });
  await expect(button).toHaveAttribute('aria-disabled', 'true');
  await expect(button).toHaveAttribute('title', /needs operator/);
  await open('/lambda', viewer);
  await expect(viewer.getByRole('link', { name: 'Create function' })).toHaveCount(0);
  const api = await apiAs('viewer');
  const answer = await api.post(`/api/lambda/invoke/order-processor?account=${ACCOUNTS.production}&region=us-east-1`, { data: {} });
  expect(answer.status()).toBe(403);
});

test('a function is created, times out, gets new code, and AWS agrees', async ({ page, open }) => {
  const name = `sleeper-${Date.now()}`;
  const source = (seconds: number) =>
    zipOf('main.py', `import time\n\n\ndef handler(event, context):\n    time.sleep(${seconds})\n    return "awake"\n`);
  const archive = (seconds: number) => ({ name: 'f.zip', mimeType: 'application/zip', buffer: source(seconds) });
  try {
    await open('/lambda?create=1');
    const form = page.getByRole('form', { name: 'Create a function' });
    await form.getByRole('textbox', { name: 'Name' }).fill(name);
    await form.getByRole('combobox', { name: 'Account and region' }).selectOption(at(HERE));
    await form.getByRole('combobox', { name: 'Runtime' }).selectOption('python3.12');
    await form.getByRole('textbox', { name: 'Handler' }).fill('main.handler');
    await form.getByRole('textbox', { name: 'ARN of its role' }).fill(`arn:aws:iam::${ACCOUNTS.production}:role/lambda-sleeper`);
    await form.getByRole('spinbutton', { name: 'Timeout in seconds' }).fill('1');
    await form.getByLabel('Zip archive, up to 50 MB').setInputFiles(archive(30));
    await form.getByRole('button', { name: 'Create function' }).click();
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(name);
    expect((await lambda('GET', `${name}/configuration`)).json).toMatchObject({ FunctionName: name, Timeout: 1 });

    await page.getByRole('link', { name: 'Test', exact: true }).click();
    await invoke(page, '{}');
    const result = page.getByRole('status', { name: 'Result' });
    await expect(result.getByText('Timed out').first()).toBeVisible({ timeout: 20_000 });

    await page.getByRole('link', { name: 'Deploy', exact: true }).click();
    const deploy = page.getByRole('form', { name: 'Deploy new code' });
    await deploy.getByLabel('Zip archive, up to 50 MB').setInputFiles(archive(0));
    await deploy.getByRole('checkbox', { name: 'Publish a version when it is ready' }).check();
    await deploy.getByRole('button', { name: 'Deploy' }).click();
    await expect(page.getByText(`${name} has new code: version 1.`)).toBeVisible();
    await page.getByRole('link', { name: 'Test', exact: true }).click();
    await invoke(page, '{}');
    await expect(result.getByRole('region', { name: 'Answer' })).toContainText('awake');
  } finally {
    await lambda('DELETE', name);
  }
});

test('a name that is taken and an archive that is none are refused with words', async ({ page, open, expectTrouble }) => {
  expectTrouble(/^4\d\d POST \/api\/lambda\/deploy/);
  await open('/lambda?create=1');
  const form = page.getByRole('form', { name: 'Create a function' });
  await form.getByRole('textbox', { name: 'Name' }).fill('order-processor');
  await form.getByRole('combobox', { name: 'Account and region' }).selectOption(at(HERE));
  await form.getByRole('textbox', { name: 'Handler' }).fill('main.handler');
  await form.getByRole('textbox', { name: 'ARN of its role' }).fill(`arn:aws:iam::${ACCOUNTS.production}:role/r`);
  const file = form.getByLabel('Zip archive, up to 50 MB');
  await file.setInputFiles({ name: 'f.zip', mimeType: 'application/zip', buffer: Buffer.from('no archive') });
  await form.getByRole('button', { name: 'Create function' }).click();
  await expect(form.getByRole('alert')).toContainText('not a zip archive');
  await file.setInputFiles({ name: 'f.zip', mimeType: 'application/zip', buffer: zipOf('main.py', 'pass') });
  await form.getByRole('button', { name: 'Create function' }).click();
  await expect(form.getByRole('alert')).toContainText('already');
});
