// Lambda when AWS refuses or is too busy, and code that comes by way of S3. Each test has functions and a bucket of its own.

import { createHash } from 'node:crypto';
import { open as openFile } from 'node:fs/promises';
import type { Locator, Page } from '@playwright/test';
import { ACCOUNTS, at, type Place } from './support/cloud';
import { lambda, makeFunction, pageOf } from './support/functions';
import { makeBucket, put } from './support/s3';
import { expect, rowsOf, test } from './support/test';
import { zipOf } from './support/zip';

/** Where no other spec has functions. */
const PLACE: Place = { account: 'sandbox', region: 'eu-west-1' };
const ROLE = `arn:aws:iam::${ACCOUNTS[PLACE.account]}:role/lambda-e2e`;
const ECHO = 'def handler(event, context):\n    return event\n';

const archive = (buffer: Buffer) => ({ name: 'f.zip', mimeType: 'application/zip', buffer });
const saying = (word: string) => zipOf('main.py', `def handler(event, context):\n    return "${word}"\n`);
const result = (page: Page) => page.getByRole('status', { name: 'Result' });
const newName = (what: string) => `${what}-${Date.now().toString(36)}`;

/** An archive that says of its file that it is as large as that. */
function claiming(bytes: number): Buffer {
  const zip = zipOf('main.py', ECHO);
  zip.writeUInt32LE(bytes, zip.indexOf('PK\x01\x02') + 24);
  return zip;
}

/** The hash by which Lambda tells code. */
function hashOf(zip: Buffer): string {
  return createHash('sha256').update(zip).digest('base64');
}

async function configuration(name: string): Promise<{ status: number; hash?: string }> {
  const { status, json } = await lambda('GET', `${name}/configuration`, undefined, PLACE);
  return { status, hash: (json as { CodeSha256?: string }).CodeSha256 };
}

async function invoke(page: Page, payload: string): Promise<void> {
  await page.getByRole('textbox', { name: 'Payload, any JSON' }).fill(payload);
  await page.getByRole('button', { name: 'Invoke' }).click();
}

/** Fills in what a new function needs but its code, and gives what can be asked about it later. */
async function describe(form: Locator, name: string): Promise<() => Promise<void>> {
  const filled = {
    Name: name,
    Handler: 'main.handler',
    'ARN of its role': ROLE,
    Description: 'what was typed <b>&',
  };
  for (const [label, value] of Object.entries(filled)) await form.getByRole('textbox', { name: label, exact: true }).fill(value);
  await form.getByRole('combobox', { name: 'Account and region' }).selectOption(at(PLACE));
  await form.getByRole('combobox', { name: 'Runtime' }).selectOption('python3.12');
  await form.getByRole('combobox', { name: 'Architecture' }).selectOption('arm64');
  await form.getByRole('spinbutton', { name: 'Timeout in seconds' }).fill('7');
  await form.getByRole('spinbutton', { name: 'Memory in MB' }).fill('256');
  return async () => {
    for (const [label, value] of Object.entries(filled)) {
      await expect(form.getByRole('textbox', { name: label, exact: true })).toHaveValue(value);
    }
    await expect(form.getByRole('combobox', { name: 'Account and region' })).toHaveValue(at(PLACE));
    await expect(form.getByRole('combobox', { name: 'Runtime' })).toHaveValue('python3.12');
    await expect(form.getByRole('combobox', { name: 'Architecture' })).toHaveValue('arm64');
    await expect(form.getByRole('spinbutton', { name: 'Timeout in seconds' })).toHaveValue('7');
    await expect(form.getByRole('spinbutton', { name: 'Memory in MB' })).toHaveValue('256');
  };
}

test('a region that throttles is named, with why, and the others are shown', async ({ page, open, cloud }) => {
  // The SDK tries again several times, ever more slowly, before it says so.
  test.setTimeout(150_000);
  // The place that lambda.spec.ts breaks as well: whichever of the two breaks it, one place of six is broken.
  await cloud.breakDown({ service: 'lambda', operation: 'ListFunctions', kind: 'throttle', account: 'staging', region: 'eu-west-1' });
  page.setDefaultNavigationTimeout(60_000);
  await open('/lambda');
  const notice = page.getByRole('group').filter({ hasText: '1 of 6 accounts and regions could not be asked.' });
  const refresh = page.getByRole('button', { name: 'Refresh' });
  // What was known before counts for a while.
  await expect(async () => {
    await refresh.click();
    await expect(notice).toContainText('AWS is throttling lambda:ListFunctions', { timeout: 15_000 });
  }).toPass({ timeout: 90_000 });
  const failure = notice.getByRole('listitem');
  await expect(failure).toHaveCount(1);
  for (const words of ['staging', 'eu-west-1', 'Wait a minute.', 'TooManyRequestsException']) await expect(failure).toContainText(words);
  const rows = rowsOf(page, 'Functions');
  await expect(rows.filter({ hasText: 'order-processor' })).toHaveCount(3);
  await expect(rows.filter({ hasText: 'production' }).filter({ hasText: 'thumbnailer' }).first()).toBeVisible();

  await cloud.repair();
  await expect(async () => {
    await refresh.click();
    await expect(notice).toHaveCount(0, { timeout: 5_000 });
  }).toPass({ timeout: 60_000 });
  await expect(rows.filter({ hasText: 'staging' }).filter({ hasText: 'thumbnailer' })).toHaveCount(1);
});

test('an invocation that AWS denies says what is missing, and what was typed stays', async ({ page, open, cloud, expectTrouble }) => {
  expectTrouble(/^502 POST \/api\/fn\/lambda\/invoke/);
  const name = await makeFunction('denied', ECHO, 0, 5, PLACE);
  try {
    await cloud.breakDown({ service: 'lambda', operation: 'Invoke', kind: 'denied', ...PLACE });
    await open(pageOf(name, 'test', PLACE));
    await invoke(page, '{"order": "o-7"}');
    await expect(result(page).getByRole('alert')).toContainText('AWS denied lambda:InvokeFunction');
    await expect(result(page).getByRole('alert')).toContainText('Allow lambda:InvokeFunction to the role or user');
    await expect(page.getByRole('textbox', { name: 'Payload, any JSON' })).toHaveValue('{"order": "o-7"}');
    await cloud.repair();
    await page.getByRole('button', { name: 'Invoke' }).click();
    await expect(result(page).getByRole('region', { name: 'Answer' })).toContainText('o-7');
    await open(`/activity?resource=${name}&operation=lambda.invoke`);
    const records = rowsOf(page, 'Activity');
    await expect(records.nth(0)).toContainText('succeeded');
    await expect(records.nth(1)).toContainText('failed');
  } finally {
    await lambda('DELETE', name, undefined, PLACE);
  }
});

test('code that AWS does not take is refused with words, and nothing that was typed is lost', async ({ page, open, expectTrouble }, info) => {
  expectTrouble(/^(400|413) POST \/api\/lambda\/deploy/);
  const name = newName('refused');
  try {
    await open('/lambda?create=1');
    const form = page.getByRole('form', { name: 'Create a function' });
    const file = form.getByLabel('Zip archive, up to 50 MB');
    const send = form.getByRole('button', { name: 'Create function' });
    const alert = form.getByRole('alert');
    const stillThere = await describe(form, name);
    await form.getByRole('checkbox', { name: 'Publish a version when it is ready' }).check();

    await test.step('too large when it is unpacked', async () => {
      await file.setInputFiles(archive(claiming(300 << 20)));
      await send.click();
      await expect(alert).toContainText('AWS rejected lambda:CreateFunction');
      await expect(alert).toContainText('Unzipped size must be smaller than 262144000 bytes');
      await stillThere();
      expect(await file.evaluate((field) => (field as HTMLInputElement).files?.length)).toBe(1);
    });
    await test.step('too large to be sent', async () => {
      const path = info.outputPath('large.zip');
      const large = await openFile(path, 'w');
      await large.write('PK\x03\x04');
      await large.truncate((50 << 20) + 1);
      await large.close();
      await file.setInputFiles(path);
      await send.click();
      await expect(alert).toContainText('Lambda takes up to 50 MB directly', { timeout: 60_000 });
      await expect(alert).toContainText('Upload it to S3');
      await stillThere();
    });
    await test.step('an archive that is broken', async () => {
      await file.setInputFiles(archive(Buffer.from('PK\x03\x04 and no more')));
      await send.click();
      await expect(alert).toContainText('Could not unzip uploaded file');
      await stillThere();
    });
    expect((await configuration(name)).status, 'nothing was made').toBe(404);

    const good = saying('well');
    await file.setInputFiles(archive(good));
    await send.click();
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(name);
    const { json } = await lambda('GET', `${name}/configuration`, undefined, PLACE);
    expect(json).toMatchObject({ MemorySize: 256, Timeout: 7, Architectures: ['arm64'], Description: 'what was typed <b>&', CodeSha256: hashOf(good) });

    await test.step('new code for what exists is refused as well, and the old code stays', async () => {
      await open(pageOf(name, 'deploy', PLACE));
      const deploy = page.getByRole('form', { name: 'Deploy new code' });
      await deploy.getByLabel('Zip archive, up to 50 MB').setInputFiles(archive(claiming(300 << 20)));
      await deploy.getByRole('checkbox', { name: 'Publish a version when it is ready' }).check();
      await deploy.getByRole('button', { name: 'Deploy' }).click();
      await expect(deploy.getByRole('alert')).toContainText('Unzipped size must be smaller');
      await expect(deploy.getByRole('checkbox', { name: 'Publish a version when it is ready' })).toBeChecked();
      expect(await configuration(name)).toEqual({ status: 200, hash: hashOf(good) });
    });
  } finally {
    await lambda('DELETE', name, undefined, PLACE);
  }
});

test('a function is made of an archive in S3 and gets new code from there', async ({ page, open, apiAs, expectTrouble }) => {
  expectTrouble(/^4\d\d POST \/api\/lambda\/deploy/);
  const name = newName('from-s3');
  const [first, second] = [saying('from a bucket'), saying('from another key')];
  const api = await apiAs('operator');
  const bucket = await makeBucket(api, PLACE, 'code');
  const elsewhere = await makeBucket(api, { account: 'sandbox', region: 'us-east-1' }, 'code-far', { 'build/1 a.zip': first });
  await put(PLACE, bucket, 'build/1 a.zip', first);
  await put(PLACE, bucket, 'build/2.zip', second);
  try {
    await open('/lambda?create=1');
    const form = page.getByRole('form', { name: 'Create a function' });
    const stillThere = await describe(form, name);
    await form.getByRole('textbox', { name: 'S3 bucket' }).fill(elsewhere);
    await form.getByRole('textbox', { name: 'S3 key' }).fill('build/1 a.zip');
    await form.getByRole('button', { name: 'Create function' }).click();
    await expect(form.getByRole('alert'), 'the bucket is in another region').toContainText('PermanentRedirect');
    await expect(form.getByRole('textbox', { name: 'S3 key' })).toHaveValue('build/1 a.zip');
    expect((await configuration(name)).status).toBe(404);
    await stillThere();

    await form.getByRole('textbox', { name: 'S3 bucket' }).fill(bucket);
    await form.getByRole('button', { name: 'Create function' }).click();
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(name);
    expect(await configuration(name)).toEqual({ status: 200, hash: hashOf(first) });
    await page.getByRole('link', { name: 'Test', exact: true }).click();
    await invoke(page, '{}');
    await expect(result(page).getByRole('region', { name: 'Answer' })).toContainText('from a bucket');

    await page.getByRole('link', { name: 'Deploy', exact: true }).click();
    const deploy = page.getByRole('form', { name: 'Deploy new code' });
    await deploy.getByRole('textbox', { name: 'S3 bucket' }).fill(bucket);
    await deploy.getByRole('textbox', { name: 'S3 key' }).fill('build/2.zip');
    await deploy.getByRole('checkbox', { name: 'Publish a version when it is ready' }).check();
    await deploy.getByRole('button', { name: 'Deploy' }).click();
    await expect(page.getByText(`${name} has new code: version 1.`)).toBeVisible();
    expect(await configuration(name)).toEqual({ status: 200, hash: hashOf(second) });
    expect((await lambda('GET', `${name}/configuration?Qualifier=1`, undefined, PLACE)).json).toMatchObject({ CodeSha256: hashOf(second) });
    await page.getByRole('link', { name: 'Test', exact: true }).click();
    await invoke(page, '{}');
    await expect(result(page).getByRole('region', { name: 'Answer' })).toContainText('from another key');

    await open(`/activity?resource=${name}&operation=lambda.deploy`);
    await expect(rowsOf(page, 'Activity').first()).toContainText('succeeded');
    await expect(rowsOf(page, 'Activity').first()).toContainText('new code, ready, version 1');
  } finally {
    await lambda('DELETE', name, undefined, PLACE);
  }
});
