// What is done to one instance beside starting and stopping it: how it stops, its type, what protects it, its checks and its console.
// On an instance of the staging account that no other spec changes.

import type { Page } from '@playwright/test';
import { ACCOUNTS, type Cloud, type CloudInstance, at } from './support/cloud';
import { expect, rowsOf, test } from './support/test';

test.describe.configure({ mode: 'default' });

const button = (page: Page, name: string) => page.getByRole('main').getByRole('button', { name, exact: true });
const fact = (page: Page, name: string) =>
  page.getByRole('term').filter({ hasText: new RegExp(`^${name}$`) }).locator('xpath=following-sibling::dd');
const search = (cloud: Cloud, state: 'running' | 'stopped') => cloud.bring('staging', 'us-east-1', 'search', state);
const address = (instance: CloudInstance) => `/ec2/${instance.id}?at=${at(instance.place)}`;

async function typeOf(cloud: Cloud, instance: CloudInstance): Promise<string | undefined> {
  return (await cloud.instancesOf(instance.place)).find((other) => other.id === instance.id)?.type;
}

async function isProtected(cloud: Cloud, instance: CloudInstance): Promise<boolean> {
  const query = { InstanceId: instance.id, Attribute: 'disableApiTermination' };
  return (await cloud.ec2(instance.place, 'DescribeInstanceAttribute', query)).includes('<value>true</value>');
}

test('an instance hibernates when it was launched for it, and the activity says so', async ({ page, open, cloud }) => {
  const instance = await search(cloud, 'running');
  await open(address(instance));
  await button(page, 'Stop').click();
  const dialog = page.getByRole('dialog', { name: 'Stop search?' });
  await dialog.getByRole('checkbox', { name: 'Hibernate' }).check();
  await dialog.getByRole('button', { name: 'Stop' }).click();
  await expect(dialog).toBeHidden();
  await expect.poll(() => cloud.stateOf(instance), { timeout: 15_000 }).toBe('stopped');
  expect(await cloud.ec2(instance.place, 'DescribeInstances', { 'InstanceId.1': instance.id })).toContain('UserInitiatedHibernate');

  await open(`/activity?resource=${instance.id}&changes=1`);
  await expect(rowsOf(page, 'Activity').first()).toContainText('running → stopping, hibernating');
});

test('an instance that cannot hibernate says why, and what was ticked is forgotten with the dialog', async ({ page, open, cloud }) => {
  const instance = await cloud.bring('staging', 'us-east-1', 'checkout', 'running');
  await open(address(instance));
  await button(page, 'Stop').click();
  const dialog = page.getByRole('dialog', { name: 'Stop checkout?' });
  const hibernate = dialog.getByRole('checkbox', { name: 'Hibernate' });
  await expect(hibernate).toBeDisabled();
  await expect(hibernate).toHaveAttribute('aria-description', /not launched with hibernation/);
  await dialog.getByRole('checkbox', { name: 'Force it' }).check();
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await button(page, 'Stop').click();
  await expect(dialog.getByRole('checkbox', { name: 'Force it' }), 'what was ticked before is forgotten').not.toBeChecked();
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  expect(await cloud.stateOf(instance)).toBe('running');
});

test('what is protected is not terminated before that is lifted', async ({ page, open, cloud, apiAs }) => {
  const instance = await search(cloud, 'stopped');
  await open(address(instance));
  await expect(fact(page, 'Termination protection')).toContainText('off');
  await button(page, 'Protect').click();
  await expect(fact(page, 'Termination protection')).toContainText('on');
  expect(await isProtected(cloud, instance)).toBe(true);

  await button(page, 'Terminate').click();
  const dialog = page.getByRole('dialog', { name: 'Terminate search?' });
  await expect(dialog).toContainText('Termination protection is on. Lift it first');
  await dialog.getByRole('textbox').fill('search');
  await expect(dialog.getByRole('button', { name: 'Terminate' })).toBeDisabled();
  await page.keyboard.press('Escape');
  const api = await apiAs('operator');
  const refused = await api.delete(`/api/ec2/terminate/${instance.id}?confirm=search`);
  expect(refused.status()).toBe(409);
  expect(await cloud.stateOf(instance)).toBe('stopped');

  await button(page, 'Lift protection').click();
  await expect(fact(page, 'Termination protection')).toContainText('off');
  expect(await isProtected(cloud, instance)).toBe(false);
});

test('a stopped instance becomes one of another type that fits its architecture', async ({ page, open, cloud }) => {
  const instance = await search(cloud, 'stopped');
  const before = await typeOf(cloud, instance);
  const wanted = before === 'm6i.xlarge' ? 'r6i.large' : 'm6i.xlarge';
  await open(address(instance));
  await button(page, 'Change type').click();
  const dialog = page.getByRole('dialog', { name: 'Change the type of search?' });
  const list = dialog.getByRole('listbox', { name: 'Instance type' });
  await expect(list.getByRole('option', { name: /^m7g\./ }), 'of another architecture').toHaveCount(0);
  await expect(dialog.getByRole('button', { name: 'Change type' })).toBeDisabled();
  await dialog.getByRole('searchbox', { name: 'Filter instance types' }).fill(wanted);
  await expect(list.getByRole('option')).toHaveCount(1);
  await list.selectOption(wanted);
  await dialog.getByRole('button', { name: 'Change type' }).click();
  await expect(dialog).toBeHidden();
  await expect(fact(page, 'Type')).toHaveText(wanted);
  expect(await typeOf(cloud, instance)).toBe(wanted);

  await open(`/activity?resource=${instance.id}&changes=1`);
  await expect(rowsOf(page, 'Activity').first()).toContainText(`${before} → ${wanted}`);
});

test('the type of what runs is not changed, and the button says why', async ({ page, open, cloud }) => {
  const instance = await search(cloud, 'running');
  await open(address(instance));
  const change = button(page, 'Change type');
  await expect(change).toHaveAttribute('aria-disabled', 'true');
  await expect(change).toHaveAttribute('aria-description', /it must be stopped/);
});

test('a refusal of AWS stands in the dialog of the type', async ({ page, open, cloud, expectTrouble }) => {
  expectTrouble(/^\d{3} POST \/api\/fn\/ec2\/set_type/);
  const instance = await search(cloud, 'stopped');
  const before = await typeOf(cloud, instance);
  await cloud.breakDown({ service: 'ec2', operation: 'ModifyInstanceAttribute', kind: 'denied', account: 'staging', region: 'us-east-1' });
  await open(address(instance));
  await button(page, 'Change type').click();
  const dialog = page.getByRole('dialog', { name: 'Change the type of search?' });
  await dialog.getByRole('listbox', { name: 'Instance type' }).selectOption('c6i.xlarge');
  await dialog.getByRole('button', { name: 'Change type' }).click();
  await expect(dialog.getByRole('alert')).toContainText('ec2:ModifyInstanceAttribute');
  expect(await typeOf(cloud, instance)).toBe(before);
});

test('checks, announcements and uptime are on the page, and in the list when they are asked for', async ({ page, open, cloud }) => {
  const broken = (await cloud.instances('sandbox')).find((instance) => instance.name === '' && instance.state === 'running')!;
  await open(address(broken));
  await expect(fact(page, 'System check')).toHaveText('impaired');
  await expect(fact(page, 'Instance check')).toHaveText('passed');
  await expect(page.getByText('instance-retirement')).toBeVisible();
  await expect(fact(page, 'Uptime')).toHaveText(/^\d+ (days|h|min|s)$/);

  await open(`/ec2?account=${ACCOUNTS.sandbox}&columns=status,uptime&q=status:impaired`);
  const rows = rowsOf(page, 'Instances');
  await expect(rows).toHaveCount(1);
  await expect(rows.first()).toContainText('(no name)');
  await expect(rows.first()).toContainText('1/2 passed, impaired');
  await expect(rows.first()).toContainText(/\d+ (days|h)/);
  await open(`/ec2?account=${ACCOUNTS.sandbox}`);
  await page.getByRole('searchbox', { name: 'Filter instances' }).fill('status:impaired');
  await expect(rows, 'they are read when somebody asks for them').toHaveCount(1);
});

test('the console is shown when asked for, as text that does nothing, and the screen as a picture', async ({ page, open, cloud }) => {
  const instance = await search(cloud, 'running');
  await open(address(instance));
  await expect(page.getByRole('region', { name: 'Console output' })).toHaveCount(0);
  await button(page, 'Show output').click();
  const output = page.getByRole('region', { name: 'Console output' });
  await expect(output).toContainText('login:');
  await expect(output, 'hostile text is text').toContainText("<script>alert('console')</script>");
  await expect(output).toContainText('‹U+202E›reversed');
  await expect(output).toContainText('[  OK  ] Started the network.');

  await button(page, 'Take screenshot').click();
  const picture = page.getByRole('img', { name: 'The screen of search' });
  await expect(picture).toBeVisible();
  expect(await picture.evaluate((image) => (image as HTMLImageElement).naturalWidth)).toBe(640);

  await open(`/activity?resource=${instance.id}`);
  await expect(rowsOf(page, 'Activity').filter({ hasText: 'Take screenshot of instance' }).first()).toContainText('succeeded');
  await expect(rowsOf(page, 'Activity').filter({ hasText: 'Read console of instance' }).first()).toContainText('succeeded');
});

test.describe('a viewer', () => {
  test.use({ role: 'viewer' });

  test('sees the checks and the protection, and neither the console nor a way to change anything', async ({ page, open, cloud, apiAs }) => {
    const instance = await cloud.find('production', 'us-east-1', 'bastion');
    await open(address(instance));
    await expect(fact(page, 'Termination protection')).toContainText('on');
    await expect(fact(page, 'System check')).toHaveText('passed');
    for (const name of ['Lift protection', 'Change type', 'Show output', 'Take screenshot']) {
      await expect(button(page, name)).toHaveAttribute('aria-description', 'Your role is viewer; this needs operator.');
    }
    const api = await apiAs('viewer');
    for (const path of ['console-output', 'console-screenshot']) {
      expect((await api.get(`/api/ec2/${instance.id}/${path}`)).status(), path).toBe(403);
    }
    const lift = await api.put(`/api/ec2/${instance.id}/protection`, { data: { termination: false } });
    expect(lift.status()).toBe(403);
    expect(await isProtected(cloud, instance)).toBe(true);
  });
});
