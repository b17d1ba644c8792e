// Lambda: what the pages say is what AWS says, also where a function is not as most are. Each test has a function of its own.

import type { Page } from '@playwright/test';
import { ACCOUNTS, type Place } from './support/cloud';
import { CLOUD_URL } from './support/demo';
import { lambda, makeFunction, pageOf } from './support/functions';
import { expect, rowsOf, test as base } from './support/test';

const PLACE: Place = { account: 'sandbox', region: 'us-east-1' };
/** The place that lambda.spec.ts breaks as well: whichever of the two breaks it, one place of six is broken. */
const BROKEN: Place = { account: 'staging', region: 'eu-west-1' };
const ECHO = 'def handler(event, context):\n    return event\n';

/** Makes functions that end with the test. */
const test = base.extend<{ make: (what: string, handler?: string, versions?: number, place?: Place) => Promise<string> }>({
  make: async ({}, use) => {
    const made: [string, Place][] = [];
    await use(async (what, handler = ECHO, versions = 0, place = PLACE) => {
      const name = await makeFunction(`e2e-${what}`, handler, versions, 10, place);
      made.push([name, place]);
      return name;
    });
    for (const [name, place] of made) await lambda('DELETE', name, undefined, place);
  },
});

const result = (page: Page) => page.getByRole('status', { name: 'Result' });
/** What stands beside a label of a function's configuration. */
const told = (page: Page, label: string) => page.getByText(label, { exact: true }).locator('..').getByRole('definition');
const where = `account=${ACCOUNTS[PLACE.account]}&region=${PLACE.region}`;
const overflow = (page: Page) => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

/** Operations of Lambda whose addresses begin with another date. */
async function later(method: string, path: string, body: object): Promise<Response> {
  const scope = `${ACCOUNTS[PLACE.account]}/20260101/${PLACE.region}/lambda/aws4_request`;
  const authorization = `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=0`;
  const headers = { authorization, 'content-type': 'application/json' };
  return fetch(`${CLOUD_URL}/${path}`, { method, headers, body: JSON.stringify(body) });
}

/** Changes a function's configuration as soon as Lambda takes it, and waits until it is so. */
async function configure(name: string, change: object): Promise<void> {
  await expect.poll(async () => (await lambda('PUT', `${name}/configuration`, change, PLACE)).status).toBe(200);
  const settled = async () => (await lambda('GET', `${name}/configuration`, undefined, PLACE)).json;
  await expect.poll(settled).toMatchObject({ State: 'Active', LastUpdateStatus: 'Successful' });
}

test('rolling back while a new version gets a part of the invocations takes that part away, and goes no further back', async ({ page, open, make }) => {
  const name = await make('canary', ECHO, 3);
  const alias = { Name: 'live', FunctionVersion: '2', RoutingConfig: { AdditionalVersionWeights: { '3': 0.1 } } };
  expect((await lambda('POST', `${name}/aliases`, alias, PLACE)).status).toBe(201);
  await open(pageOf(name, 'versions', PLACE));
  await expect(rowsOf(page, 'Aliases')).toContainText('3 (10.0 %)');
  await rowsOf(page, 'Aliases').getByRole('button', { name: /^Roll back/ }).click();
  await expect(page.getByText(/^live stands for version/)).toBeVisible();
  // Version 1 was replaced long ago by 2, which nine of ten callers use and nobody complained of.
  const now = (await lambda('GET', `${name}/aliases/live`, undefined, PLACE)).json as { FunctionVersion: string; RoutingConfig?: object };
  expect(now.FunctionVersion).toBe('2');
  expect(JSON.stringify(now.RoutingConfig ?? {})).not.toContain('0.1');
});

test('a function of which nothing may run says so when it is invoked, and not that a moment helps', async ({ page, open, make, expectTrouble }) => {
  expectTrouble(/^50\d POST \/api\/fn\/lambda\/invoke/);
  const name = await make('stopped');
  expect((await later('PUT', `2017-10-31/functions/${name}/concurrency`, { ReservedConcurrentExecutions: 0 })).status).toBe(200);
  const refused = await lambda('POST', `${name}/invocations`, {}, PLACE);
  expect(refused).toMatchObject({ status: 429, json: { Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded' } });
  await open(pageOf(name, 'test', PLACE));
  await page.getByRole('button', { name: 'Invoke' }).click();
  const alert = result(page).getByRole('alert');
  await expect(alert).toContainText('TooManyRequestsException');
  const text = await alert.innerText();
  expect.soft(text).toMatch(/is stopped|reserves 0|0 invocations/i);
  expect.soft(text).not.toContain('Try again in a moment');
});

test('a program invokes a function with the numbers it wrote, and gets those that the function answered', async ({ apiAs, make }) => {
  const name = await make('numbers', 'def handler(event, context):\n    return {"read": str(event["n"]), "n": event["n"]}\n');
  const number = '12345678901234567890123';
  const payload = `{"n": ${number}}`;
  const scope = `${ACCOUNTS[PLACE.account]}/20260101/${PLACE.region}/lambda/aws4_request`;
  const authorization = `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=0`;
  const direct = await fetch(`${CLOUD_URL}/2015-03-31/functions/${name}/invocations`, { method: 'POST', headers: { authorization }, body: payload });
  expect(await direct.json(), 'what AWS does').toMatchObject({ read: number });

  const api = await apiAs('operator');
  const headers = { 'content-type': 'application/json' };
  const answer = await api.post(`/api/lambda/invoke/${name}?${where}`, { headers, data: Buffer.from(`{"payload": ${payload}}`) });
  const text = await answer.text();
  expect(answer.status(), text).toBe(200);
  expect.soft(text, 'what the function got').toMatch(new RegExp(`"read":\\s*"${number}"`));
  expect.soft(text, 'what the function answered').toMatch(new RegExp(`"n":\\s*${number}`));
});

test.describe('an address without account and region', () => {
  test.describe.configure({ mode: 'default' });

  test('finds a function that was made a moment ago', async ({ open, page, make }) => {
    await open('/lambda');
    const name = await make('new');
    expect((await lambda('GET', `${name}/configuration`, undefined, PLACE)).status).toBe(200);
    expect(await open(`/lambda/${name}`)).toBe(200);
    await expect(page.getByRole('heading', { level: 2, name: 'Configuration' })).toBeVisible();
  });

  test('does not say that there is no such function when a place could not be asked', async ({ open, page, make, cloud, expectTrouble }) => {
    test.setTimeout(90_000);
    expectTrouble(/^502 GET \/lambda\//);
    const name = await make('unasked', ECHO, 0, BROKEN);
    for (const operation of ['ListFunctions', 'GetFunctionConfiguration']) {
      await cloud.breakDown({ service: 'lambda', operation, kind: 'denied', ...BROKEN });
    }
    expect((await lambda('GET', name, undefined, BROKEN)).status, 'it is there').toBe(200);
    await open(`/lambda/${name}`);
    await expect(page.getByRole('main')).toContainText('AWS denied lambda:');
    await expect(page.getByRole('main')).not.toContainText('There is no function');
  });

  test('asks which is meant when several places have one of that name, as it does of programs', async ({ open, page, apiAs, expectTrouble }) => {
    expectTrouble(/^400 GET \/lambda\//);
    const words = 'Several accounts or regions have a function called order-processor.';
    const asked = await (await apiAs('viewer')).get('/api/lambda/functions/order-processor');
    expect(await asked.json()).toMatchObject({ status: 400, detail: words });
    await open('/lambda/order-processor');
    await expect(page.getByRole('main')).toContainText(words);
    await expect(page.getByRole('button', { name: 'Delete function' })).toHaveCount(0);
  });
});

test('a container image is not said to have no bytes, and what is started in it is told', async ({ page, open }) => {
  const name = `e2e-image-${Date.now().toString(36)}`;
  const wanted = {
    FunctionName: name,
    PackageType: 'Image',
    Role: `arn:aws:iam::${ACCOUNTS[PLACE.account]}:role/lambda-image`,
    Code: { ImageUri: `${ACCOUNTS[PLACE.account]}.dkr.ecr.us-east-1.amazonaws.com/shop:7` },
    ImageConfig: { EntryPoint: ['/usr/bin/boot'], Command: ['orders.handler'], WorkingDirectory: '/srv' },
  };
  expect((await lambda('POST', '', wanted, PLACE)).status).toBe(201);
  try {
    // Of an image, AWS tells no size: 0.
    const { json } = await lambda('GET', `${name}/configuration`, undefined, PLACE);
    expect(json).toMatchObject({ PackageType: 'Image', CodeSize: 0, ImageConfigResponse: { ImageConfig: { Command: ['orders.handler'] } } });
    await open(pageOf(name, '', PLACE));
    await expect(told(page, 'Package')).toHaveText('Image');
    const text = await page.getByRole('main').innerText();
    expect.soft(text).not.toMatch(/^0 B$/m);
    expect.soft(text).toContain('/usr/bin/boot');
    expect.soft(text).toContain('orders.handler');
  } finally {
    await lambda('DELETE', name, undefined, PLACE);
  }
});

test('where failed events go, what encrypts the environment, the network and what of the log is kept are told', async ({ page, open, make }) => {
  const name = await make('configured');
  const change = {
    DeadLetterConfig: { TargetArn: 'arn:aws:sqs:us-east-1:333333333333:e2e-dead' },
    KMSKeyArn: 'arn:aws:kms:us-east-1:333333333333:key/e2e-key',
    VpcConfig: { SubnetIds: ['subnet-0e2e'], SecurityGroupIds: ['sg-0e2e'] },
    SnapStart: { ApplyOn: 'PublishedVersions' },
    LoggingConfig: { LogFormat: 'JSON', ApplicationLogLevel: 'FATAL', SystemLogLevel: 'WARN', LogGroup: '/e2e/configured' },
  };
  await configure(name, change);
  expect((await lambda('GET', `${name}/configuration`, undefined, PLACE)).json).toMatchObject(change);
  await open(pageOf(name, '', PLACE));
  await expect(told(page, 'Log group')).toHaveText('/e2e/configured');
  const text = await page.getByRole('main').innerText();
  const words = ['arn:aws:sqs:us-east-1:333333333333:e2e-dead', 'key/e2e-key', 'subnet-0e2e', 'sg-0e2e', 'PublishedVersions', 'FATAL'];
  expect(words.filter((word) => !text.includes(word)), 'what is not told').toEqual([]);
});

test('errors of another function that writes to the same log group are not told as its own', async ({ page, open, make, cloud }) => {
  const name = await make('sharing');
  const group = `/e2e/shared-${name}`;
  await configure(name, { LoggingConfig: { LogFormat: 'Text', LogGroup: group } });
  // In a log group of one's own choice, streams are called after the function, the version and the environment.
  const stream = (whose: string) => `2026/11/30/${whose}[$LATEST]0123456789abcdef0123456789abcdef`;
  await cloud.writeLog(PLACE, group, stream(name), '[ERROR] mine is broken');
  await cloud.writeLog(PLACE, group, stream('e2e-another'), '[ERROR] another is broken');
  await open(pageOf(name, 'errors', PLACE));
  await expect(rowsOf(page, 'Recent errors').filter({ hasText: 'mine is broken' })).toHaveCount(1);
  await expect(rowsOf(page, 'Recent errors').filter({ hasText: 'another is broken' })).toHaveCount(0);
});

test('it is said that a log tail is only the end of a log', async ({ page, open, make }) => {
  const name = await make('talks', 'def handler(event, context):\n    for i in range(300):\n        print("line %04d " % i + "x" * 40)\n');
  await open(pageOf(name, 'test', PLACE));
  await page.getByRole('button', { name: 'Invoke' }).click();
  const tail = result(page).getByRole('region', { name: 'Log tail' });
  await expect(tail).toContainText('line 0299');
  await expect(tail, 'AWS gives the last 4 KB').not.toContainText('line 0000');
  await expect(result(page)).toContainText(/last 4 KB/i);
});

test('invocations that are kept ready for a version, and paid for, are told', async ({ page, open, make }) => {
  const name = await make('ready', ECHO, 1);
  const asked = await later('PUT', `2019-09-30/functions/${name}/provisioned-concurrency?Qualifier=1`, { ProvisionedConcurrentExecutions: 5 });
  expect(asked.status).toBe(202);
  await open(pageOf(name, 'versions', PLACE));
  await expect(rowsOf(page, 'Versions').filter({ hasText: /^1/ })).toContainText(/\b5\b.*(ready|provisioned)|(ready|provisioned).*\b5\b/i);
});

test.describe('on a narrow screen', () => {
  test.use({ viewport: { width: 390, height: 844 } });

  test('a description that is one long word does not make the page wider', async ({ page, open, make }) => {
    const name = await make('wordy');
    const description = `https://wiki.example.com/${'orders_of_customers_'.repeat(5)}`;
    await configure(name, { Description: description });
    await open(pageOf(name, '', PLACE));
    await expect(page.getByText(description)).toBeVisible();
    expect(await overflow(page), 'pixels beyond the screen').toBeLessThanOrEqual(0);
  });
});
