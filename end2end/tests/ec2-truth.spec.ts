// What AWS says of EC2 and a page must not leave out, since what it shows would mean something else without it.

import type { Page } from '@playwright/test';
import { ACCOUNTS, type Cloud, type CloudInstance, type Place, at } from './support/cloud';
import { expect, rowsOf, test } from './support/test';

test.describe.configure({ mode: 'default' });

const SANDBOX: Place = { account: 'sandbox', region: 'eu-west-1' };
const SCOPE = `account=${ACCOUNTS.sandbox}&region=eu-west-1`;
const fact = (page: Page, name: string) =>
  page.getByRole('term').filter({ hasText: new RegExp(`^${name}$`) }).locator('xpath=following-sibling::dd');
const address = (instance: CloudInstance) => `/ec2/${instance.id}?at=${at(instance.place)}`;

const described = (cloud: Cloud, { id, place }: CloudInstance) => cloud.ec2(place, 'DescribeInstances', { 'InstanceId.1': id });

/** The volumes that are attached to an instance, and whether each is deleted with it. */
async function volumesOf(cloud: Cloud, { id, place }: CloudInstance): Promise<{ volume: string; deleted: boolean }[]> {
  const xml = await cloud.ec2(place, 'DescribeVolumes', { 'Filter.1.Name': 'attachment.instance-id', 'Filter.1.Value.1': id });
  const attachments = [...xml.matchAll(/<attachmentSet>(.*?)<\/attachmentSet>/gs)].map(([, text]) => text ?? '');
  return attachments.map((text) => ({
    volume: /<volumeId>(.*?)</.exec(text)?.[1] ?? '',
    deleted: text.includes('<deleteOnTermination>true<'),
  }));
}

test.describe('an instance of an Auto Scaling group', () => {
  let name = '';
  let instance: CloudInstance | undefined;

  test.afterEach(async ({ cloud }) => {
    if (instance) await cloud.ec2(SANDBOX, 'TerminateInstances', { 'InstanceId.1': instance.id });
    instance = undefined;
  });

  async function launch(cloud: Cloud): Promise<CloudInstance> {
    name = `e2e-scaled-${Date.now().toString(36)}`;
    await cloud.ec2(SANDBOX, 'RunInstances', {
      ImageId: 'ami-0123456789abcdef0',
      InstanceType: 't3.micro',
      MinCount: '1',
      MaxCount: '1',
      'TagSpecification.1.ResourceType': 'instance',
      'TagSpecification.1.Tag.1.Key': 'Name',
      'TagSpecification.1.Tag.1.Value': name,
      'TagSpecification.1.Tag.2.Key': 'aws:autoscaling:groupName',
      'TagSpecification.1.Tag.2.Value': 'web-group',
    });
    instance = await cloud.find('sandbox', 'eu-west-1', name);
    const launched = instance;
    await expect.poll(() => cloud.stateOf(launched), { timeout: 15_000 }).toBe('running');
    return launched;
  }

  for (const action of ['Stop', 'Terminate'] as const) {
    test(`is said to be replaced by its group before it is asked to ${action.toLowerCase()}`, async ({ page, open, cloud }) => {
      const mine = await launch(cloud);
      expect(await described(cloud, mine)).toContain('<key>aws:autoscaling:groupName</key><value>web-group</value>');
      await open(address(mine));
      await page.getByRole('main').getByRole('button', { name: action, exact: true }).click();
      const dialog = page.getByRole('dialog', { name: `${action} ${name}?` });
      await expect(dialog).toContainText(/Auto Scaling group web-group/);
      // The group terminates what is stopped, and with it the volumes that go with an instance.
      if (action === 'Stop') await expect(dialog).not.toContainText('Its EBS volumes are kept');
      await dialog.getByRole('button', { name: 'Cancel' }).click();
      expect(await cloud.stateOf(mine)).toBe('running');
    });
  }
});

for (const [what, range] of [
  ['in two halves', { 'IpRanges.1.CidrIp': '0.0.0.0/1', 'IpRanges.2.CidrIp': '128.0.0.0/1' }],
  ['by all public addresses of IPv6', { 'Ipv6Ranges.1.CidrIpv6': '2000::/3' }],
] as const) {
  test(`a security group that lets everybody in ${what} is one of those that are open`, async ({ page, open, cloud, apiAs }) => {
    const vpc = /<vpcId>(.*?)</.exec(await cloud.ec2(SANDBOX, 'DescribeVpcs'))?.[1] ?? '';
    const name = `e2e-open-${Date.now().toString(36)}`;
    const made = await cloud.ec2(SANDBOX, 'CreateSecurityGroup', { GroupName: name, GroupDescription: 'a test', VpcId: vpc });
    const id = /<groupId>(.*?)</.exec(made)?.[1] ?? '';
    try {
      const rule = 'IpPermissions.1';
      const ranges = Object.fromEntries(Object.entries(range).map(([key, value]) => [`${rule}.${key}`, value]));
      const ssh = { [`${rule}.IpProtocol`]: 'tcp', [`${rule}.FromPort`]: '22', [`${rule}.ToPort`]: '22' };
      await cloud.ec2(SANDBOX, 'AuthorizeSecurityGroupIngress', { GroupId: id, ...ssh, ...ranges });
      const told = await cloud.ec2(SANDBOX, 'DescribeSecurityGroups', { 'GroupId.1': id });
      for (const value of Object.values(range)) expect(told).toContain(`>${value}<`);

      await open(`/ec2/security-groups?${SCOPE}&q=id:${id}&open=${id}`);
      // Who asks again within a second is given what was just answered.
      await expect(async () => {
        await page.getByRole('button', { name: 'Refresh' }).click();
        await expect(rowsOf(page, 'Security groups').filter({ hasText: id })).toHaveCount(1, { timeout: 1_500 });
      }).toPass();
      await expect(rowsOf(page, 'Security groups').filter({ hasText: id })).toContainText('open to everybody');
      await expect(rowsOf(page, 'Inbound rules')).toContainText('everybody');
      const answer = await (await apiAs('viewer')).get(`/api/ec2/security-groups?${SCOPE}`);
      const { items } = (await answer.json()) as { items: { id: string; inbound: { open: boolean }[] }[] };
      expect(items.find((group) => group.id === id)?.inbound.map((rule) => rule.open)).toEqual([true]);
    } finally {
      await cloud.ec2(SANDBOX, 'DeleteSecurityGroup', { GroupId: id });
    }
  });
}

test('the page of an instance leads to its volumes and says which of them go with it', async ({ page, open, cloud }) => {
  const instance = await cloud.find('production', 'us-east-1', 'search');
  const volumes = await volumesOf(cloud, instance);
  expect(volumes.map(({ deleted }) => deleted).sort()).toEqual([false, true]);
  await open(address(instance));
  for (const { volume, deleted } of volumes) {
    const row = rowsOf(page, 'Volumes').filter({ hasText: volume });
    await expect(row).toContainText(deleted ? 'deleted on termination' : 'kept on termination');
    await expect(row.getByRole('link', { name: volume })).toHaveAttribute('href', new RegExp(`/ec2/volumes\\?.*${volume}`));
  }
});

test('who terminates an instance is told which volumes go with it and which stay', async ({ page, open, cloud }) => {
  const instance = await cloud.find('production', 'us-east-1', 'search-replica');
  const volumes = await volumesOf(cloud, instance);
  expect(volumes).toHaveLength(2);
  await open(address(instance));
  await page.getByRole('main').getByRole('button', { name: 'Terminate', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: 'Terminate search-replica?' });
  for (const { volume } of volumes) await expect(dialog).toContainText(volume);
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  expect(await cloud.stateOf(instance)).not.toBe('shutting-down');
});

test('the security groups of an instance lead to their rules, and programs get their ids', async ({ page, open, cloud, apiAs }) => {
  const instance = await cloud.find('production', 'us-east-1', 'search');
  const [, id = '', name = ''] = /<groupId>(.*?)<\/groupId><groupName>(.*?)</.exec(await described(cloud, instance)) ?? [];
  expect(id).toMatch(/^sg-/);
  const answer = await (await apiAs('viewer')).get(`/api/ec2/${instance.id}?account=${ACCOUNTS.production}&region=us-east-1`);
  expect(await answer.text(), 'a name is not unique: each network may have a group of it').toContain(id);
  await open(address(instance));
  await fact(page, 'Security groups').getByRole('link', { name: new RegExp(`^(${name}|${id})`) }).click();
  await expect(page).toHaveURL(new RegExp(`/ec2/security-groups\\?.*${id}`));
  await expect(page.getByRole('region', { name: 'Inbound rules' })).toBeVisible();
});

test('the list says of an instance that it is impaired and about to be retired', async ({ page, open, cloud }) => {
  const place: Place = { account: 'sandbox', region: 'us-east-1' };
  const statuses = (await cloud.ec2(place, 'DescribeInstanceStatus', { IncludeAllInstances: 'true' })).split('</eventsSet>')[0] ?? '';
  expect(statuses).toContain('<code>instance-retirement</code>');
  const id = [...statuses.matchAll(/<instanceId>(.*?)</g)].pop()?.[1] ?? '';
  await open(`/ec2?account=${ACCOUNTS.sandbox}&region=us-east-1`);
  const row = rowsOf(page, 'Instances').filter({ hasText: id });
  await expect(row).toContainText('impaired');
  await expect(row).toContainText(/retire/i);
});

test('a stopped instance says since when it is stopped', async ({ page, open, cloud }) => {
  const instance = await cloud.bring('staging', 'eu-west-1', 'checkout', 'stopped');
  const [, day = '', clock = ''] = /<reason>User initiated \((\S+) (\S+) GMT\)</.exec(await described(cloud, instance)) ?? [];
  const stopped = new Date(`${day}T${clock}Z`);
  const days = ['UTC', 'Asia/Tokyo'].map((timeZone) => stopped.toLocaleDateString('sv', { timeZone }));
  await open(address(instance));
  await expect(fact(page, 'State')).toContainText('stopped');
  await expect(fact(page, 'State')).toContainText(new RegExp(days.join('|')));
});

test('status checks that AWS denies are named as such beside instances that were read', async ({ page, open, cloud }) => {
  const read = await cloud.instancesOf(SANDBOX);
  await cloud.breakDown({ service: 'ec2', operation: 'DescribeInstanceStatus', kind: 'denied', account: 'sandbox', region: 'eu-west-1' });
  await open(`/ec2?${SCOPE}&columns=name,id,status`);
  await page.getByRole('button', { name: 'Refresh' }).click();
  await expect(page.getByText('ec2:DescribeInstanceStatus').first()).toBeVisible();
  await expect(rowsOf(page, 'Instances').filter({ hasText: read[0]?.id ?? '' })).toHaveCount(1);
  await expect(page.getByText('None of the accounts and regions could be asked')).toHaveCount(0);
  await expect(page.getByText(/status checks .*could not be/i)).toBeVisible();
});

test('who stops an instance out of a list of many accounts is told whose it is', async ({ page, open, cloud }) => {
  // There is one of this name in production, too.
  const instance = await cloud.find('staging', 'us-east-1', 'storefront-02');
  expect((await cloud.instances('production')).map(({ name }) => name)).toContain(instance.name);
  await open(`/ec2?q=name:${instance.name}`);
  const row = rowsOf(page, 'Instances').filter({ hasText: instance.id });
  await row.getByRole('button', { name: 'Actions for' }).click();
  await page.getByRole('menu', { name: `Actions for ${instance.name}` }).getByRole('menuitem', { name: 'Stop' }).click();
  const dialog = page.getByRole('dialog', { name: `Stop ${instance.name}?` });
  await expect(dialog).toContainText(instance.id);
  await expect(dialog).toContainText('staging');
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  expect(await cloud.stateOf(instance)).toBe('running');
});

test('who launches instances is told in which account and region before it is done', async ({ page, open, cloud }) => {
  const place: Place = { account: 'staging', region: 'us-east-1' };
  const names = async () => (await cloud.instancesOf(place)).map((instance) => instance.name);
  await open(`/ec2/launch?at=${at(place)}`);
  await expect(page.getByLabel('Account and region').locator('option:checked')).toHaveText('staging · us-east-1');
  const form = page.getByRole('form', { name: 'Launch instances' });
  await form.getByLabel('Image of this account').selectOption({ label: 'shop-base-2026.11 · x86_64 · Linux/UNIX' });
  await form.getByLabel('Instance type').fill('t3.micro');
  await form.getByLabel('Name', { exact: true }).fill('e2e-never-launched');
  await form.getByRole('button', { name: 'Check and review' }).click();
  const dialog = page.getByRole('dialog', { name: 'Launch?' });
  await expect(dialog).toContainText('AWS would launch 1 instance of type t3.micro');
  await expect(dialog).toContainText(/staging.*us-east-1/s);
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  expect(await names()).not.toContain('e2e-never-launched');
});

test('one click on the button is enough when a type was typed last', async ({ page, open }) => {
  // What is said of the type appears when the field is left, which is when the button is pressed: it must not move away from under it.
  await open(`/ec2/launch?at=${at(SANDBOX)}`);
  const form = page.getByRole('form', { name: 'Launch instances' });
  await form.getByRole('textbox', { name: 'Or the id of any image' }).fill('ami-0123456789abcdef0');
  await form.getByLabel('Instance type').fill('t3.micro');
  await form.getByRole('button', { name: 'Check and review' }).click();
  const dialog = page.getByRole('dialog', { name: 'Launch?' });
  await expect(dialog).toContainText('AWS would launch 1 instance of type t3.micro');
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await expect(dialog).toBeHidden();
});
