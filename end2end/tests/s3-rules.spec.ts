// S3: the rules of a bucket, which are only shown: what happens to its objects by and by, and its policy. They are written past
// nephoscope, and each test has a bucket of its own.

import type { Locator, Page } from '@playwright/test';
import type { Place } from './support/cloud';
import { makeBucket, pageOf, s3 } from './support/s3';
import { expect, test } from './support/test';

const PLACE: Place = { account: 'sandbox', region: 'us-east-1' };

const HOSTILE = `</pre><script>document.title = "ran"</script><img src=x onerror="document.title = 'ran'"> <!-- & --> {{ 1 + 1 }}`;

const NO_RULES = 'Objects stay until somebody deletes them.';
const NO_POLICY = 'It has no policy.';
/** What AWS says of the two. */
const NEVER_SET = ['NoSuchLifecycleConfiguration', 'NoSuchBucketPolicy'];

const panelOf = (page: Page, title: string): Locator =>
  page.locator('section').filter({ has: page.getByRole('heading', { level: 2, name: title }) });
/** What stands about one rule: in a list, or in a table. */
function ruleOf(page: Page, id: string): Locator {
  const panel = panelOf(page, 'Lifecycle rules');
  return panel.getByRole('listitem').or(panel.getByRole('row')).filter({ hasText: id });
}
const properties = (bucket: string) => pageOf(PLACE, bucket, '&part=properties');

const escape = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
const days = (count: number) => `<Days>${count}</Days>`;
const tag = (key: string, value: string) => `<Tag><Key>${escape(key)}</Key><Value>${escape(value)}</Value></Tag>`;

/** A rule, as S3 wants it written. */
function rule(id: string, filter: string, actions: string, status = 'Enabled'): string {
  return `<Rule><ID>${escape(id)}</ID><Filter>${filter}</Filter><Status>${status}</Status>${actions}</Rule>`;
}

/** Gives a bucket these rules, and makes sure that AWS has them as they are written. */
async function setRules(bucket: string, ...rules: string[]): Promise<void> {
  const written = rules.join('');
  const answer = await s3(PLACE, 'PUT', `${bucket}?lifecycle`, `<LifecycleConfiguration>${written}</LifecycleConfiguration>`);
  expect(answer.status, await answer.text()).toBe(200);
  const kept = await (await s3(PLACE, 'GET', `${bucket}?lifecycle`)).text();
  // S3 says of a filter of several that it is about objects of more than 0 bytes.
  const unsaid = (xml: string) => xml.replaceAll('<ObjectSizeGreaterThan>0</ObjectSizeGreaterThan>', '').replaceAll('<Prefix></Prefix>', '');
  expect(unsaid(kept)).toContain(unsaid(written));
}

async function setPolicy(bucket: string, policy: string): Promise<void> {
  const answer = await s3(PLACE, 'PUT', `${bucket}?policy`, policy);
  expect(answer.status, await answer.text()).toBe(204);
  expect(await (await s3(PLACE, 'GET', `${bucket}?policy`)).text()).toBe(policy);
}

/** With what code AWS refuses to tell a part. */
async function codeOf(bucket: string, part: string): Promise<string | undefined> {
  return /<Code>(.*?)<\/Code>/.exec(await (await s3(PLACE, 'GET', `${bucket}?${part}`)).text())?.[1];
}

/** All of these words stand in a place. */
async function tells(place: Locator, ...words: (string | RegExp)[]): Promise<void> {
  for (const word of words) await expect(place).toContainText(word);
}

test('lifecycle rules are told, each with what it is about, what it does, and whether it is on', async ({ page, open, apiAs }) => {
  const name = await makeBucket(await apiAs('operator'), PLACE, 'rules', {}, true);
  await setRules(
    name,
    rule('expire-logs', '<Prefix>logs/ü &amp; more/</Prefix>', `<Expiration>${days(365)}</Expiration>`),
    rule(
      'cool-down',
      '<Prefix>archive/</Prefix>',
      `<Transition>${days(30)}<StorageClass>STANDARD_IA</StorageClass></Transition>` +
        `<Transition>${days(90)}<StorageClass>GLACIER</StorageClass></Transition>` +
        `<Expiration>${days(3650)}</Expiration>`,
    ),
    rule('old-versions', '', '<NoncurrentVersionExpiration><NoncurrentDays>45</NoncurrentDays></NoncurrentVersionExpiration>'),
    rule('sweep', '', '<Expiration><ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker></Expiration>'),
    rule('abort', '', '<AbortIncompleteMultipartUpload><DaysAfterInitiation>8</DaysAfterInitiation></AbortIncompleteMultipartUpload>'),
    rule('switched-off', '<Prefix>tmp/</Prefix>', `<Expiration>${days(2)}</Expiration>`, 'Disabled'),
  );
  await open(properties(name));
  await expect(ruleOf(page, 'all objects')).toHaveCount(3);
  await expect(ruleOf(page, 'expire-logs')).toHaveCount(1);
  await tells(ruleOf(page, 'expire-logs'), 'logs/ü & more/', 'deleted after 365 days');
  await tells(ruleOf(page, 'cool-down'), 'archive/', 'STANDARD_IA after 30 days', 'GLACIER after 90 days', 'deleted after 3650 days');
  await tells(ruleOf(page, 'old-versions'), 'all objects', 'earlier versions deleted after 45 days');
  await tells(ruleOf(page, 'sweep'), 'all objects', 'delete markers');
  await tells(ruleOf(page, 'abort'), 'all objects', 'unfinished uploads removed after 8 days');
  await tells(ruleOf(page, 'switched-off'), 'tmp/', 'deleted after 2 days');
  await expect(ruleOf(page, 'switched-off').getByText('off', { exact: true })).toBeVisible();
  await expect(ruleOf(page, 'expire-logs').getByText('off', { exact: true })).toHaveCount(0);
});

test('a lifecycle rule for tagged objects names the tags, and does not claim to be about all', async ({ page, open, apiAs }) => {
  const name = await makeBucket(await apiAs('operator'), PLACE, 'rules-tags');
  const expiration = `<Expiration>${days(7)}</Expiration>`;
  await setRules(
    name,
    rule('one-tag', tag('Stage', 'scratch'), expiration),
    rule('prefix-and-tags', `<And><Prefix>build/</Prefix>${tag('Team', 'web & shop')}${tag('Keep', 'no')}</And>`, expiration),
    rule('hostile', tag('<i>key</i>', '<svg onload=alert(3)>'), expiration),
  );
  await open(properties(name));
  await tells(ruleOf(page, 'one-tag'), 'Stage', 'scratch', 'deleted after 7 days');
  await expect(ruleOf(page, 'one-tag'), 'most objects have no such tag').not.toContainText('all objects');
  await tells(ruleOf(page, 'prefix-and-tags'), 'build/', 'Team', 'web & shop', 'Keep', 'no');
  await tells(ruleOf(page, 'hostile'), '<i>key</i>', '<svg onload=alert(3)>');
  await expect(panelOf(page, 'Lifecycle rules').locator('i, svg[onload]')).toHaveCount(0);
});

test('a lifecycle rule for objects of a size names the size, and does not claim to be about all', async ({ page, open, apiAs }) => {
  const name = await makeBucket(await apiAs('operator'), PLACE, 'rules-sizes');
  const transition = `<Transition>${days(10)}<StorageClass>GLACIER_IR</StorageClass></Transition>`;
  const sizes = '<ObjectSizeGreaterThan>500</ObjectSizeGreaterThan><ObjectSizeLessThan>64000</ObjectSizeLessThan>';
  await setRules(
    name,
    rule('large', '<ObjectSizeGreaterThan>131072</ObjectSizeGreaterThan>', transition),
    rule('between', `<And><Prefix>data/</Prefix>${sizes}</And>`, transition),
  );
  await open(properties(name));
  await tells(ruleOf(page, 'large'), 'GLACIER_IR after 10 days', /131[., ]?072|131(\.\d)? kB|128 KiB/);
  await expect(ruleOf(page, 'large'), 'smaller ones stay').not.toContainText('all objects');
  await tells(ruleOf(page, 'between'), 'data/', /500 B|500 bytes/, /64[., ]?000|64 kB/);
});

test('one day is a day', async ({ page, open, apiAs }) => {
  const name = await makeBucket(await apiAs('operator'), PLACE, 'rules-one');
  await setRules(name, rule('soon', '<Prefix>tmp/</Prefix>', `<Expiration>${days(1)}</Expiration>`));
  await open(properties(name));
  await tells(ruleOf(page, 'soon'), /after 1 day\b/);
});

test('a lifecycle rule of a day in the calendar names the day', async ({ page, open, apiAs }) => {
  const name = await makeBucket(await apiAs('operator'), PLACE, 'rules-dates');
  await setRules(
    name,
    rule('deadline', '<Prefix>case/</Prefix>', '<Expiration><Date>2031-05-17T00:00:00.000Z</Date></Expiration>'),
    rule('moving-day', '', '<Transition><Date>2032-10-09T00:00:00.000Z</Date><StorageClass>DEEP_ARCHIVE</StorageClass></Transition>'),
  );
  await open(properties(name));
  await tells(ruleOf(page, 'deadline'), 'case/', '2031-05-17');
  await tells(ruleOf(page, 'moving-day'), 'DEEP_ARCHIVE', '2032-10-09');
});

test('a lifecycle rule for earlier versions says where they go, and how many are kept', async ({ page, open, apiAs }) => {
  const name = await makeBucket(await apiAs('operator'), PLACE, 'rules-versions', {}, true);
  await setRules(
    name,
    rule(
      'versions-go',
      '',
      '<NoncurrentVersionTransition><NoncurrentDays>21</NoncurrentDays><StorageClass>GLACIER</StorageClass></NoncurrentVersionTransition>' +
        '<NoncurrentVersionExpiration><NoncurrentDays>99</NoncurrentDays><NewerNoncurrentVersions>5</NewerNoncurrentVersions></NoncurrentVersionExpiration>',
    ),
  );
  await open(properties(name));
  await tells(ruleOf(page, 'versions-go'), 'GLACIER', '21 days', '99 days', /\b5\b/);
});

test('names and prefixes of lifecycle rules are text, whatever stands in them', async ({ page, open, apiAs }) => {
  const name = await makeBucket(await apiAs('operator'), PLACE, 'rules-hostile');
  const expiration = `<Expiration>${days(2)}</Expiration>`;
  await setRules(
    name,
    rule('<b>bold</b><script>alert(1)</script>', `<Prefix>${escape('<img src=x onerror=alert(2)>/')}</Prefix>`, expiration),
  );
  await open(properties(name));
  const panel = panelOf(page, 'Lifecycle rules');
  await tells(panel, '<b>bold</b><script>alert(1)</script>', '<img src=x onerror=alert(2)>/');
  await expect(panel.locator('b, script, img')).toHaveCount(0);
});

test('a policy is shown as text and in whole, whatever stands in it', async ({ page, open, apiAs }) => {
  const name = await makeBucket(await apiAs('operator'), PLACE, 'policy');
  const statement = (Sid: string, number: number) => ({
    Sid,
    Effect: 'Deny',
    Principal: '*',
    Action: ['s3:PutObject', 's3:DeleteObject'],
    Resource: `arn:aws:s3:::${name}/part-${number}/*`,
    Condition: { Bool: { 'aws:SecureTransport': 'false' }, StringLike: { 'aws:UserAgent': HOSTILE } },
  });
  // As long as S3 takes policies: 20 KB.
  const statements = [statement(HOSTILE, 0)];
  const document = () => JSON.stringify({ Version: '2012-10-17', Id: '/* no comment */ // é 日本', Statement: statements });
  while (document().length < 19_500) statements.push(statement(`Statement${statements.length}`, statements.length));
  await setPolicy(name, document());
  await open(properties(name));
  const shown = page.getByLabel('The policy', { exact: true });
  expect(JSON.parse(await shown.innerText()), 'nothing is missing').toEqual(JSON.parse(document()));
  expect(await shown.innerText(), 'as it is laid out').toBe(JSON.stringify(JSON.parse(document()), undefined, 2));
  await tells(shown, HOSTILE.slice(0, 40).replaceAll('"', '\\"'), '/* no comment */ // é 日本', `part-${statements.length - 1}/*`);
  await expect(shown.locator('*'), 'text and nothing else').toHaveCount(0);
  await expect(page).not.toHaveTitle(/ran/);
});

test('a bucket without rules and policy says so', async ({ page, open, apiAs }) => {
  const name = await makeBucket(await apiAs('operator'), PLACE, 'no-rules');
  await open(pageOf(PLACE, name));
  await page.getByRole('link', { name: 'Properties', exact: true }).click();
  await tells(panelOf(page, 'Lifecycle rules'), NO_RULES);
  await tells(panelOf(page, 'Policy'), NO_POLICY);
  await expect(page.getByText('AWS did not tell everything')).toHaveCount(0);
  expect([await codeOf(name, 'lifecycle'), await codeOf(name, 'policy')]).toEqual(NEVER_SET);
});

test('what is changed at AWS is seen when the page is refreshed', async ({ page, open, apiAs }) => {
  const name = await makeBucket(await apiAs('operator'), PLACE, 'fresh-rules');
  // Who asks again within a second is given what was just answered.
  const refreshed = (place: Locator, words: string) =>
    expect(async () => {
      await page.getByRole('button', { name: 'Refresh' }).click();
      await expect(place).toContainText(words, { timeout: 1_500 });
    }).toPass();
  await open(properties(name));
  await tells(panelOf(page, 'Policy'), NO_POLICY);

  const statement = { Effect: 'Deny', Principal: '*', Action: 's3:*', Resource: `arn:aws:s3:::${name}/secret/*` };
  await setPolicy(name, JSON.stringify({ Version: '2012-10-17', Statement: [statement] }));
  await setRules(name, rule('short', '', `<Expiration>${days(3)}</Expiration>`));
  await refreshed(page.getByLabel('The policy', { exact: true }), `arn:aws:s3:::${name}/secret/*`);
  await tells(ruleOf(page, 'short'), 'all objects', 'deleted after 3 days');
  await expect(page.getByText(NO_RULES)).toHaveCount(0);
  await expect(page.getByText(NO_POLICY)).toHaveCount(0);

  for (const part of ['lifecycle', 'policy']) expect((await s3(PLACE, 'DELETE', `${name}?${part}`)).status).toBe(204);
  await refreshed(panelOf(page, 'Lifecycle rules'), NO_RULES);
  await tells(panelOf(page, 'Policy'), NO_POLICY);
  expect([await codeOf(name, 'lifecycle'), await codeOf(name, 'policy')]).toEqual(NEVER_SET);
});

test('what AWS does not tell is not said to be missing', async ({ page, open, apiAs, cloud }) => {
  // Where no other spec looks at properties: what is broken is broken for the whole account and region.
  const place: Place = { account: 'sandbox', region: 'eu-west-1' };
  const name = await makeBucket(await apiAs('operator'), place, 'untold');
  for (const operation of ['GetBucketLifecycleConfiguration', 'GetBucketPolicy', 'GetBucketTagging']) {
    await cloud.breakDown({ service: 's3', operation, kind: 'denied', ...place });
  }
  await open(pageOf(place, name, '&part=properties'));
  const notice = page.getByRole('status').filter({ hasText: 'AWS did not tell everything' });
  await tells(notice, 'Lifecycle rules: AWS denied', 'Policy: AWS denied s3:GetBucketPolicy', 'Tags: AWS denied s3:GetBucketTagging');
  await expect.soft(panelOf(page, 'Lifecycle rules')).not.toContainText(NO_RULES);
  await expect.soft(panelOf(page, 'Policy')).not.toContainText(NO_POLICY);
  await expect.soft(panelOf(page, 'Tags')).not.toContainText('It has no tags.');
});

test.describe('on a narrow screen', () => {
  test.use({ viewport: { width: 390, height: 844 } });

  const overflow = (page: Page) => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

  test('a long policy scrolls in itself, and not the page with it', async ({ page, open, apiAs }) => {
    const name = await makeBucket(await apiAs('operator'), PLACE, 'narrow-policy');
    const role = 'arn:aws:iam::111111111111:role/service-role/a-rather-long-name-of-a-role-that-reads-reports';
    const statement = { Effect: 'Allow', Principal: { AWS: role }, Action: 's3:GetObject', Resource: `arn:aws:s3:::${name}/*` };
    await setPolicy(name, JSON.stringify({ Version: '2012-10-17', Statement: [statement] }));
    await open(properties(name));
    await tells(page.getByLabel('The policy', { exact: true }), role);
    expect(await overflow(page), 'pixels beyond the screen').toBeLessThanOrEqual(0);
  });

  test('a long prefix of a lifecycle rule is broken into lines', async ({ page, open, apiAs }) => {
    const name = await makeBucket(await apiAs('operator'), PLACE, 'narrow-rules');
    const prefix = `a/very/long/prefix/${'deeper/'.repeat(12)}`;
    await setRules(name, rule('ZTk2YjM1NjEtYzQ4Yi00NjE2LWIwZmItNTg2ZjM0', `<Prefix>${prefix}</Prefix>`, `<Expiration>${days(90)}</Expiration>`));
    await open(properties(name));
    await tells(ruleOf(page, 'ZTk2YjM1NjEtYzQ4Yi00NjE2LWIwZmItNTg2ZjM0'), prefix, 'deleted after 90 days');
    expect(await overflow(page), 'pixels beyond the screen').toBeLessThanOrEqual(0);
  });
});
