// What invokes a function: queues and streams that really run it. Each test has a function and sources of its own.

import type { Page } from '@playwright/test';
import type { Place } from './support/cloud';
import { lambda, makeFunction, pageOf } from './support/functions';
import { Sources } from './support/sources';
import { expect, hydrated, rowsOf, test as base } from './support/test';

const PLACE: Place = { account: 'sandbox', region: 'us-east-1' };

/** Writes into its log what it got, and fails when it got "refuse". */
const READER = `
import base64


def handler(event, context):
    for record in event["Records"]:
        if "kinesis" in record:
            body = base64.b64decode(record["kinesis"]["data"]).decode()
        else:
            body = record["body"]
        print("got " + body)
        if body == "refuse":
            raise RuntimeError("this one is refused")
`;

const test = base.extend<{ sources: Sources; reader: string }>({
  sources: async ({}, use) => {
    const sources = new Sources(PLACE);
    await use(sources);
    await sources.remove();
  },
  /** The name of a function; it is deleted after what runs it. */
  reader: async ({}, use) => {
    const name = await makeFunction('e2e-triggers', READER, 0, 5, PLACE);
    await use(name);
    await lambda('DELETE', name, undefined, PLACE);
  },
});

// What is broken is broken for the whole account and region.
test.describe.configure({ mode: 'default' });

const triggers = (page: Page) => rowsOf(page, 'Triggers');
const cellsOf = (page: Page, source: string) => triggers(page).filter({ hasText: source }).getByRole('cell');
/** A name that no other test has. */
const newName = (what: string) => `e2e-${what}-${Date.now().toString(36)}`;

async function again(page: Page): Promise<void> {
  await page.reload();
  await hydrated(page);
}

test('a queue is told with its state, how many it gives at once, and how the last went', async ({ page, open, sources, reader }) => {
  const queue = await sources.queue(newName('queue'));
  const id = await sources.map(reader, queue, { BatchSize: 7 });
  expect(await sources.mapping(id)).toMatchObject({ State: 'Enabled', BatchSize: 7, EventSourceArn: queue });
  await open(pageOf(reader, '', PLACE));
  await page.getByRole('link', { name: 'Triggers', exact: true }).click();
  await expect(page.getByRole('heading', { level: 2, name: 'Triggers' })).toContainText('1');
  const told = ['Source', 'State', 'Kind', 'Alias', 'Batch size', 'Last result'];
  await expect(page.getByRole('region', { name: 'Triggers' }).getByRole('columnheader')).toHaveText(told);
  await expect(cellsOf(page, queue)).toHaveText([queue, 'Enabled', 'SQS queue', '–', '7', 'No records processed']);

  await test.step('it is switched off and given other batches at AWS, and the page says so when it is loaded again', async () => {
    await sources.change(id, { Enabled: false, BatchSize: 3 });
    expect(await sources.mapping(id)).toMatchObject({ State: 'Disabled', BatchSize: 3 });
    await again(page);
    await expect(cellsOf(page, queue)).toHaveText([queue, 'Disabled', 'SQS queue', '–', '3', 'No records processed']);
  });

  await test.step('what waited runs the function once it is on again', async () => {
    await sources.send(queue, 'a message that waited');
    await sources.change(id, { Enabled: true });
    await expect.poll(async () => (await sources.mapping(id)).LastProcessingResult).toBe('OK - 1 records');
    expect(await sources.waitingIn(queue)).toBe(0);
    await again(page);
    await expect(cellsOf(page, queue)).toHaveText([queue, 'Enabled', 'SQS queue', '–', '3', 'OK - 1 records']);
  });

  await test.step('one that makes the function fail is told as well', async () => {
    await sources.send(queue, 'refuse');
    await expect.poll(async () => (await sources.mapping(id)).LastProcessingResult).toBe('FAILED');
    await again(page);
    await expect(cellsOf(page, queue).last()).toHaveText('FAILED');
  });

  await test.step('and when AWS has it no more, the page has not either', async () => {
    await sources.remove();
    await again(page);
    await expect(page.getByText('Nothing invokes it by itself')).toBeVisible();
  });
});

test('a message in a queue and a record of a stream run the function, and its log appears', async ({ page, open, sources, reader }) => {
  const queue = await sources.queue(newName('queue'));
  const stream = await sources.stream(newName('stream'));
  const taking = await sources.map(reader, queue, {});
  const reading = await sources.map(reader, stream, { StartingPosition: 'TRIM_HORIZON', BatchSize: 50 });
  await sources.send(queue, 'order <b>o-17</b>');
  const log = page.getByRole('log');
  // The first run makes the group.
  await expect.poll(async () => (await sources.mapping(taking)).LastProcessingResult).toBe('OK - 1 records');
  await open(pageOf(reader, '', PLACE));
  await page.getByRole('main').getByRole('link', { name: 'Logs', exact: true }).click();
  await expect(log).toContainText('got order <b>o-17</b>');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(`/aws/lambda/${reader}`);
  await expect(log.locator('b')).toHaveCount(0);

  await test.step('without loading the page again', async () => {
    await sources.record(stream, 'a record of the stream');
    await expect(log).toContainText('got a record of the stream');
    await sources.send(queue, 'one more message');
    await expect(log).toContainText('got one more message');
  });
  expect(await sources.logOf(`/aws/lambda/${reader}`)).toEqual(
    expect.arrayContaining(['got order <b>o-17</b>', 'got a record of the stream', 'got one more message']),
  );
  expect(await sources.mapping(reading)).toMatchObject({ LastProcessingResult: expect.stringMatching(/^OK/) });
});

test('several sources stand beside what the policy allows, and none hides another', async ({ page, open, sources, reader }) => {
  const queues = [await sources.queue(newName('queue-a')), await sources.queue(newName('queue-b'))];
  const stream = await sources.stream(newName('stream'));
  const table = await sources.table(newName('table'));
  expect(table).toContain('/stream/');
  await sources.map(reader, queues[0]!, { BatchSize: 1 });
  await sources.map(reader, queues[1]!, { BatchSize: 10_000, MaximumBatchingWindowInSeconds: 5, Enabled: false });
  await sources.map(reader, stream, { StartingPosition: 'LATEST', BatchSize: 100 });
  await sources.map(reader, table, { StartingPosition: 'TRIM_HORIZON', BatchSize: 25, Enabled: false });
  const permission = { StatementId: 'bucket', Action: 'lambda:InvokeFunction', Principal: 's3.amazonaws.com', SourceArn: 'arn:aws:s3:::e2e-some-bucket' };
  expect((await lambda('POST', `${reader}/policy`, permission, PLACE)).status).toBe(201);

  await open(pageOf(reader, 'triggers', PLACE));
  await expect(triggers(page)).toHaveCount(5);
  const shown = async (source: string) => (await cellsOf(page, source).allTextContents()).slice(1, 5);
  expect(await shown(queues[0]!)).toEqual(['Enabled', 'SQS queue', '–', '1']);
  expect(await shown(queues[1]!)).toEqual(['Disabled', 'SQS queue', '–', '10000']);
  expect(await shown(stream)).toEqual(['Enabled', 'Kinesis stream', '–', '100']);
  expect(await shown(table)).toEqual(['Disabled', 'DynamoDB stream', '–', '25']);
  expect(await shown('arn:aws:s3:::e2e-some-bucket')).toEqual(['s3.amazonaws.com', 'Permission', '–', '–']);

  // What AWS says when it is asked for those of the function.
  const mappings = (await sources.mappingsOf(reader)).map((it) => [it.EventSourceArn, it.State, it.BatchSize]);
  expect(mappings.sort()).toEqual(
    [
      [queues[0], 'Enabled', 1],
      [queues[1], 'Disabled', 10_000],
      [stream, 'Enabled', 100],
      [table, 'Disabled', 25],
    ].sort(),
  );
});

test('when the policy may not be read, queues are told all the same', async ({ page, open, sources, reader, cloud }) => {
  const queue = await sources.queue(newName('queue'));
  await sources.map(reader, queue, {});
  await cloud.breakDown({ service: 'lambda', operation: 'GetPolicy', kind: 'denied', ...PLACE });
  await open(pageOf(reader, 'triggers', PLACE));
  await expect(page.getByRole('alert')).toContainText('AWS denied lambda:GetPolicy');
  await expect(cellsOf(page, queue)).toHaveText([queue, 'Enabled', 'SQS queue', '–', '10', 'No records processed']);
});

test('what invokes an alias is told with it, and everybody under conditions is not everybody', async ({ page, open, sources, reader }) => {
  expect((await lambda('POST', `${reader}/versions`, {}, PLACE)).status).toBe(201);
  expect((await lambda('POST', `${reader}/aliases`, { Name: 'live', FunctionVersion: '1' }, PLACE)).status).toBe(201);
  const queue = await sources.queue(newName('queue'));
  const id = await sources.map(`${reader}:live`, queue, {});
  expect((await sources.mapping(id)).FunctionArn).toMatch(/:live$/);
  const permission = { StatementId: 'organization', Action: 'lambda:InvokeFunction', Principal: '*', PrincipalOrgID: 'o-e2e' };
  expect((await lambda('POST', `${reader}/policy?Qualifier=live`, permission, PLACE)).status).toBe(201);

  await open(pageOf(reader, 'triggers', PLACE));
  await expect(triggers(page)).toHaveCount(2);
  await expect(cellsOf(page, queue)).toHaveText([queue, 'Enabled', 'SQS queue', 'live', '10', 'No records processed']);
  const told = ['*', 'everybody, under conditions if aws:PrincipalOrgID', 'Permission', 'live', '–', '–'];
  await expect(cellsOf(page, 'everybody')).toHaveText(told);
  await expect(triggers(page).filter({ hasText: 'everybody' }).locator('.tone-bad')).toHaveCount(0);
});

test.describe('on a narrow screen', () => {
  test.use({ viewport: { width: 390, height: 844 } });

  test('a long source is told in whole, and only the table scrolls', async ({ page, open, sources, reader }) => {
    const queue = await sources.queue(`${newName('queue')}-${'with-a-name-as-long-as-it-may-be-'.repeat(3)}`.slice(0, 80));
    await sources.map(reader, queue, {});
    await open(pageOf(reader, 'triggers', PLACE));
    await expect(cellsOf(page, queue).first()).toHaveText(queue);
    const overflow = () => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(await overflow()).toBeLessThanOrEqual(0);
  });
});
