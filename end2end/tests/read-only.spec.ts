// A server that was switched to change nothing says so on every page, with and without JavaScript, and offers no change.

import { passwordOf } from './support/demo';
import { OwnServer, SERVER_BINARY } from './support/own-server';
import { expect, rowsOf, test } from './support/test';

const TEXT = 'nephoscope is read-only now: nothing can be changed.';

test.describe('read-only', () => {
  test.skip(!SERVER_BINARY, 'needs the binary of the demo: scripts/test browser');
  // The session of the demo is none here.
  test.use({ role: null });

  let server: OwnServer;
  test.beforeAll(async () => {
    server = await OwnServer.start({ NEPHOSCOPE_READ_ONLY: 'true' }, ['operator']);
  });
  test.afterAll(async () => server?.stop());

  for (const javaScriptEnabled of [true, false]) {
    test(`every page says it ${javaScriptEnabled ? 'and its buttons say why' : 'without JavaScript too'}`, async ({ browser }) => {
      const context = await browser.newContext({ baseURL: server.url, javaScriptEnabled });
      const page = await context.newPage();
      await page.goto('/login');
      await expect(page.getByRole('status').filter({ hasText: TEXT })).toBeVisible();
      await page.getByLabel('Name').fill('operator');
      await page.getByLabel('Password', { exact: true }).fill(passwordOf('operator'));
      await page.getByLabel('Password', { exact: true }).press('Enter');
      await expect(page).toHaveURL('/dashboard');
      for (const path of ['/dashboard', '/ec2', '/logs', '/activity', '/nothing']) {
        await page.goto(path);
        await expect(page.getByRole('status').filter({ hasText: TEXT }), path).toBeVisible();
      }
      if (javaScriptEnabled) {
        await page.goto('/ec2');
        await rowsOf(page, 'Instances').first().getByRole('link').first().click();
        const stop = page.getByRole('button', { name: /^Stop/ }).first();
        await expect(stop).toHaveAttribute('aria-disabled', 'true');
        await expect(stop).toHaveAttribute('title', TEXT);
      }
      await context.close();
    });
  }
});
