// axe on every page, light and dark.

import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { ACCOUNTS } from './support/cloud';
import { DEMO_URL } from './support/demo';
import { pageOf } from './support/functions';
import { expect, test } from './support/test';

async function violations(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations.flatMap((violation) =>
    violation.nodes.map((node) => `${violation.id}: ${node.target.join(' ')}: ${node.failureSummary?.split('\n')[1]?.trim()}`),
  );
}

for (const theme of ['light', 'dark']) {
  test.describe(theme, () => {
    test.beforeEach(async ({ context }) => {
      await context.addCookies([{ name: 'theme', value: theme, url: DEMO_URL }]);
    });

    test.describe('logged out', () => {
      test.use({ role: null });

      test('log-in', async ({ page, open }) => {
        await open('/login');
        expect(await violations(page)).toEqual([]);
        await open('/login?error=invalid');
        expect(await violations(page)).toEqual([]);
      });
    });

    // Few rows: axe looks at each of them, and they are all alike.
    for (const path of ['/dashboard', '/ec2?q=orders', '/ec2/launch', '/logs?find=orders', '/activity?operation=ec2.stop', '/api-docs', '/settings/me', '/settings/accounts']) {
      test(path, async ({ page, open }) => {
        await open(path);
        await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
        expect(await violations(page)).toEqual([]);
      });
    }

    for (const [list, name] of [['volumes', 'search-data'], ['snapshots', 'before'], ['addresses', 'old-vpn'], ['security-groups', 'demo-open']]) {
      test(`/ec2/${list}, and the details of one`, async ({ page, open }) => {
        await open(`/ec2/${list}?q=${name}`);
        expect(await violations(page), 'the list').toEqual([]);
        await page.getByRole('region').getByRole('cell').getByRole('link').first().click();
        await expect(page.getByRole('button', { name: 'Edit tags' })).toBeVisible();
        expect(await violations(page), 'the details').toEqual([]);
      });
    }

    test('an instance', async ({ page, open, cloud }) => {
      const instance = await cloud.find('production', 'us-east-1', 'search');
      await open(`/ec2/${instance.id}?at=${ACCOUNTS.production}/us-east-1`);
      await expect(page.getByRole('img', { name: /CPUUtilization/ }).locator('canvas').first()).toBeVisible();
      await page.getByText('Data table').click();
      expect(await violations(page)).toEqual([]);
    });

    test('functions, and the parts of one', async ({ page, open }) => {
      for (const path of ['/lambda', ...['', 'versions', 'errors', 'test'].map((part) => pageOf('order-processor', part))]) {
        await open(path);
        await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
        expect(await violations(page), path).toEqual([]);
      }
    });

    test('log lines', async ({ page, open }) => {
      await open(`/logs?at=${ACCOUNTS.production}/us-east-1&group=/shop/checkout&q=TM-0`);
      await expect(page.getByRole('log').locator('.log-line').first()).toBeVisible();
      await page.getByRole('button', { name: 'Line details' }).last().click();
      expect(await violations(page)).toEqual([]);
    });

    test('menus and a dialog', async ({ page, open }) => {
      await open(`/ec2?account=${ACCOUNTS.production}&q=reports`);
      await page.getByLabel(/^Scope:/).click();
      expect(await violations(page), 'the scope').toEqual([]);
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: 'Actions for' }).first().click();
      expect(await violations(page), 'the menu of a row').toEqual([]);
      await page.getByRole('menuitem', { name: 'Terminate' }).click();
      await expect(page.getByRole('dialog')).toBeVisible();
      expect(await violations(page), 'the dialog').toEqual([]);
    });

    test('not found', async ({ page, open, expectTrouble }) => {
      expectTrouble(/^404 GET \/nowhere/);
      await open('/nowhere');
      expect(await violations(page)).toEqual([]);
    });
  });
}
