// The links to AWS's own console lead to the same thing in the right region. Nobody follows them here.

import type { Page } from '@playwright/test';
import { at, type Place } from './support/cloud';
import { makeBucket, objectPage, pageOf as bucketPage } from './support/s3';
import { expect, test } from './support/test';

const IRELAND = 'https://eu-west-1.console.aws.amazon.com';
const VIRGINIA = 'https://us-east-1.console.aws.amazon.com';

async function leadsTo(page: Page, href: string): Promise<void> {
  const link = page.getByRole('link', { name: 'Open in AWS Console' });
  await expect(link).toHaveAttribute('href', href);
  await expect(link, 'nephoscope stays open').toHaveAttribute('target', '_blank');
  await expect(link, 'AWS is not told where one comes from').toHaveAttribute('rel', /noreferrer/);
}

test('an instance', async ({ page, open, cloud }) => {
  for (const [region, host] of [['eu-west-1', IRELAND], ['us-east-1', VIRGINIA]] as const) {
    const instance = await cloud.find('production', region, 'bastion');
    await open(`/ec2/${instance.id}?at=${at(instance.place)}`);
    await leadsTo(page, `${host}/ec2/home?region=${region}#InstanceDetails:instanceId=${instance.id}`);
  }
});

test('a function', async ({ page, open }) => {
  for (const [region, host] of [['eu-west-1', IRELAND], ['us-east-1', VIRGINIA]] as const) {
    await open(`/lambda/thumbnailer?at=${at({ account: 'production', region })}`);
    await leadsTo(page, `${host}/lambda/home?region=${region}#/functions/thumbnailer`);
  }
});

test('a bucket, a folder of it and an object', async ({ page, open, apiAs }) => {
  const place: Place = { account: 'sandbox', region: 'eu-west-1' };
  const bucket = await makeBucket(await apiAs('operator'), place, 'console', { 'a b/ü+%.txt': 'x' });
  await open(bucketPage(place, bucket));
  await leadsTo(page, `${IRELAND}/s3/buckets/${bucket}?region=eu-west-1`);
  await page.getByRole('link', { name: 'a b/', exact: true }).click();
  await leadsTo(page, `${IRELAND}/s3/buckets/${bucket}?region=eu-west-1&prefix=a%20b/`);
  await open(objectPage(place, bucket, 'a b/ü+%.txt'));
  await leadsTo(page, `${IRELAND}/s3/object/${bucket}?region=eu-west-1&prefix=a%20b/%C3%BC%2B%25.txt`);
});
