// The browser tests. They need a running demo: `scripts/test browser`, or `scripts/demo --exec` and this folder's `npm test`.
//
// What reads is tested with and without JavaScript, from the same files (`tests/reading`); the rest needs JavaScript.

import { defineConfig } from '@playwright/test';
import { DEMO_URL, browser } from './tests/support/demo';

export default defineConfig({
  testDir: 'tests',
  // Runs against several demos do not clear away each other's.
  outputDir: `test-results/${new URL(DEMO_URL).port}`,
  globalSetup: './tests/support/many-groups.ts',
  globalTeardown: './tests/support/server-log.ts',
  // Tests run beside each other and share the demo: each changes an instance or a log group of its own. Those of ec2.spec.ts,
  // instance-actions.spec.ts and login.spec.ts would disturb each other; they run from top to bottom.
  fullyParallel: true,
  // A browser draws on the processor here: two of them on a small machine starve each other.
  workers: process.env.CI ? 1 : 2,
  forbidOnly: !!process.env.CI,
  // What passes only the second time is reported as flaky.
  retries: process.env.CI ? 1 : 0,
  maxFailures: 20,
  timeout: 60_000,
  // The live pages ask AWS every 4 s, and every 15 s at most after failures.
  expect: { timeout: 15_000 },
  reporter: [['list']],
  use: {
    ...browser,
    viewport: { width: 1440, height: 900 },
    actionTimeout: 15_000,
    navigationTimeout: 20_000,
    // A quarter slower with traces: PLAYWRIGHT_ARGS='--trace retain-on-failure'.
    trace: 'off',
    screenshot: 'only-on-failure',
  },
  projects: [
    { name: 'hydrated' },
    { name: 'no-js', testMatch: 'reading/**', use: { javaScriptEnabled: false } },
  ],
});
