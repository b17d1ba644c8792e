// What the pictures show. As alike from one time to the next as a demo that lives allows: the same pages, sizes, people and deeds.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { APIRequestContext, Page } from '@playwright/test';
import { ACCOUNTS, type AccountName, type Cloud, type RegionName } from '../tests/support/cloud';
import { DEMO_URL } from '../tests/support/demo';
import { expect, test } from '../tests/support/test';

const ALL = process.env.SHOTS_ALL;
const FOLDER = ALL ?? join(import.meta.dirname, '../../docs/images');
const WIDE = { width: 1440, height: 900 };
const NARROW = { width: 390, height: 844 };
const THEMES = ['light', 'dark'] as const;

interface Shot {
  name: string;
  path: string;
  /** Whether there is more to wait for than the page itself. */
  ready?: (page: Page) => Promise<void>;
  loggedOut?: true;
  /** The picture is in the README, in these sizes. */
  readme?: ('wide' | 'narrow')[];
}

const chart = async (page: Page) => {
  await expect(page.getByRole('img', { name: /CPUUtilization/ }).locator('canvas').first()).toBeVisible();
};
const lines = async (page: Page) => {
  await expect(page.getByRole('log').locator('.log-line').nth(20)).toBeAttached();
};

/** A few deeds of several people, so that the activity has something to tell. */
async function act(cloud: Cloud, apiAs: (role: 'viewer' | 'operator' | 'admin') => Promise<APIRequestContext>): Promise<void> {
  const find = async (account: AccountName, region: RegionName, name: string) => (await cloud.find(account, region, name)).id;
  const [operator, admin, viewer] = [await apiAs('operator'), await apiAs('admin'), await apiAs('viewer')];
  await operator.post(`/api/ec2/reboot/${await find('production', 'eu-west-1', 'nightly-etl')}`);
  await viewer.post(`/api/ec2/stop/${await find('production', 'us-east-1', 'search')}`);
  await operator.post(`/api/ec2/start/${await find('staging', 'us-east-1', 'search')}`);
  await admin.delete(`/api/ec2/terminate/${await find('sandbox', 'eu-west-1', 'latency-probe')}?confirm=latency-probe`);
  await operator.post(`/api/ec2/stop/${await find('staging', 'us-east-1', 'storefront-02')}`);
  // Nothing is on its way when the pictures are taken.
  await expect
    .poll(async () => (await cloud.instances()).filter((one) => /ing$|down$/.test(one.state) && one.state !== 'running').length, { timeout: 30_000 })
    .toBe(0);
}

test.beforeAll(() => {
  mkdirSync(FOLDER, { recursive: true });
});

test('prepare', async ({ cloud, apiAs }) => {
  await act(cloud, apiAs);
});

for (const theme of THEMES) {
  for (const size of ['wide', 'narrow'] as const) {
    test.describe(`${theme}, ${size}`, () => {
      test.use({ viewport: size === 'wide' ? WIDE : NARROW });

      test('pages', async ({ page, context, open, cloud, expectTrouble }) => {
        expectTrouble(/^404 GET/);
        const instance = await cloud.find('production', 'us-east-1', 'checkout-01');
        const place = `at=${ACCOUNTS.production}/us-east-1`;
        const shots: Shot[] = [
          { name: 'dashboard', path: '/dashboard', readme: ['wide'] },
          { name: 'ec2', path: '/ec2', readme: ['wide', 'narrow'] },
          { name: 'instance', path: `/ec2/${instance.id}?range=1d&${place}`, ready: chart, readme: ['wide'] },
          { name: 'logs', path: `/logs?${place}&group=/shop/checkout`, ready: lines, readme: ['wide'] },
          { name: 'log-groups', path: '/logs' },
          { name: 'activity', path: '/activity' },
          { name: 'api', path: '/api-docs' },
          { name: 'not-found', path: '/nowhere' },
          { name: 'no-instance', path: `/ec2/i-0123456789abcdef0?${place}` },
          { name: 'no-match', path: '/ec2?q=nothing' },
          { name: 'login', path: '/login?error=invalid', loggedOut: true },
        ];
        await context.addCookies([{ name: 'theme', value: theme, url: DEMO_URL }]);
        for (const shot of shots) {
          // The narrow picture of the README is light.
          const wanted = ALL || (shot.readme?.includes(size) && !(size === 'narrow' && theme === 'dark'));
          if (!wanted) continue;
          if (shot.loggedOut) await context.clearCookies({ name: /^nephoscope_/ });
          await open(shot.path);
          await shot.ready?.(page);
          const live = page.getByRole('status').filter({ hasText: /^(Not live|Connecting|Reconnecting)$/ });
          await expect(live).toHaveCount(0);
          await page.evaluate(() => document.fonts.ready);
          const name = size === 'narrow' ? `${shot.name}-narrow-${theme}` : `${shot.name}-${theme}`;
          const file = ALL ? name : name.replace('narrow-light', 'narrow');
          await page.screenshot({ path: join(FOLDER, `${file}.png`), animations: 'disabled', caret: 'hide', fullPage: !!ALL });
        }
      });
    });
  }
}
