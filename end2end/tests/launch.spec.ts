// Launching instances, in the staging account's second region. What is launched is terminated again, and has a name that no other spec looks for.

import type { Page } from '@playwright/test';
import { ACCOUNTS, type Cloud, type CloudInstance, type Place } from './support/cloud';
import { expect, rowsOf, test } from './support/test';

test.describe.configure({ mode: 'default' });

const PLACE: Place = { account: 'staging', region: 'eu-west-1' };
const SCOPE = `account=${ACCOUNTS.staging}&region=${PLACE.region}`;
const NAME = 'just-launched';

const form = (page: Page) => page.getByRole('form', { name: 'Launch instances' });
const review = (page: Page) => form(page).getByRole('button', { name: 'Check and review' });

async function launched(cloud: Cloud): Promise<CloudInstance[]> {
  const all = await cloud.instancesOf(PLACE);
  return all.filter((instance) => instance.name === NAME && !['shutting-down', 'terminated'].includes(instance.state));
}

test.afterEach(async ({ cloud }) => {
  for (const { id } of await launched(cloud)) {
    await cloud.ec2(PLACE, 'ModifyInstanceAttribute', { InstanceId: id, 'DisableApiTermination.Value': 'false' });
    await cloud.ec2(PLACE, 'TerminateInstances', { 'InstanceId.1': id });
  }
});

test('an own image and a type: the price is shown, AWS is asked, and then it is launched', async ({ page, open, cloud }) => {
  await open(`/ec2?${SCOPE}`);
  await page.getByRole('link', { name: 'Launch instances' }).click();
  await expect(page).toHaveURL(`/ec2/launch?${SCOPE}`);
  await expect(page.getByLabel('Account and region').locator('option:checked')).toHaveText('staging · eu-west-1');

  await form(page).getByLabel('Image of this account').selectOption({ label: 'shop-base-2026.11 · x86_64 · Linux/UNIX' });
  await form(page).getByLabel('Instance type').fill('t3.micro');
  await form(page).getByLabel('Instance type').blur();
  await expect(form(page).getByRole('status'), 'size and price of the type').toContainText(/vCPU.*\$0\.011544 an hour, about \$8\.43 a month/);
  await form(page).getByLabel('How many').fill('2');
  await form(page).getByLabel('Name', { exact: true }).fill(NAME);
  await form(page).getByLabel('Protect against termination').check();
  await review(page).click();

  const dialog = page.getByRole('dialog', { name: 'Launch?' });
  await expect(dialog).toContainText('AWS would launch 2 instances of type t3.micro.');
  await expect(dialog).toContainText('$0.023088 an hour');
  expect(await launched(cloud), 'nothing is launched before it is confirmed').toEqual([]);
  await dialog.getByRole('button', { name: 'Launch' }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByRole('region', { name: 'Notifications' })).toContainText('2 instances launched.');
  const links = page.getByRole('status').filter({ hasText: 'On their way to running' }).getByRole('link');
  await expect(links).toHaveCount(2);

  const found = await launched(cloud);
  expect(found.map((instance) => instance.type)).toEqual(['t3.micro', 't3.micro']);
  for (const { id } of found) {
    const query = { InstanceId: id, Attribute: 'disableApiTermination' };
    expect(await cloud.ec2(PLACE, 'DescribeInstanceAttribute', query)).toContain('<value>true</value>');
  }
  await links.first().click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(NAME);
  await open(`/activity?${SCOPE}&operation=ec2.launch`);
  await expect(rowsOf(page, 'Activity').first()).toContainText(found[0]!.id);
});

test('a launch template alone is enough, and its price is known', async ({ page, open, cloud }) => {
  await open(`/ec2/launch?${SCOPE}`);
  await form(page).getByLabel('Launch template').selectOption({ label: 'web (default 1, latest 1)' });
  await form(page).getByLabel('Version of the template').selectOption('latest');
  await form(page).getByLabel('Name', { exact: true }).fill(NAME);
  await review(page).click();
  const dialog = page.getByRole('dialog', { name: 'Launch?' });
  await expect(dialog).toContainText('$0.011544 an hour');
  await dialog.getByRole('button', { name: 'Launch' }).click();
  await expect(dialog).toBeHidden();
  await expect.poll(async () => (await launched(cloud)).map((instance) => instance.type)).toEqual(['t3.micro']);
});

test('what cannot be launched is explained, and nothing is', async ({ page, open, cloud, expectTrouble }) => {
  expectTrouble(/^\d{3} POST \/api\/fn\/ec2\/launch_check/);
  await open(`/ec2/launch?${SCOPE}`);
  const alert = form(page).getByRole('alert');
  await form(page).getByLabel('Or the id of any image').fill('ami-0123456789abcdef0');
  await review(page).click();
  await expect(alert).toContainText('type');
  await form(page).getByLabel('Instance type').fill('huge');
  await review(page).click();
  await expect(alert).toContainText('an instance type such as');
  await form(page).getByLabel('Instance type').fill('t3.micro');
  // The browser's own suggestions lie over the button, and take the first click.
  await page.keyboard.press('Tab');
  await cloud.breakDown({ service: 'ec2', operation: 'RunInstances', kind: 'denied', ...PLACE });
  await review(page).click();
  await expect(alert).toContainText('ec2:RunInstances');
  await expect(page.getByRole('dialog')).toBeHidden();
  expect(await launched(cloud)).toEqual([]);
});

test.describe('a viewer', () => {
  test.use({ role: 'viewer' });

  test('is told why nothing can be launched, and the server refuses as well', async ({ page, open, cloud, apiAs }) => {
    const reason = 'Your role is viewer; this needs operator.';
    await open(`/ec2?${SCOPE}`);
    const button = page.getByRole('button', { name: 'Launch instances' });
    await expect(button).toHaveAttribute('aria-disabled', 'true');
    await expect(button).toHaveAttribute('aria-description', reason);
    await open(`/ec2/launch?${SCOPE}`);
    await expect(form(page)).toContainText(reason);
    await expect(review(page)).toBeDisabled();
    const api = await apiAs('viewer');
    const data = { image: 'ami-0123456789abcdef0', instanceType: 't3.micro', name: NAME };
    const refused = await api.post(`/api/ec2/launch?${SCOPE}`, { data });
    expect(refused.status()).toBe(403);
    expect(await refused.json()).toMatchObject({ code: 'forbidden' });
    expect(await launched(cloud)).toEqual([]);
  });
});
