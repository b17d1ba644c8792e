// Pictures for the README, written into docs/images from a fresh demo: `make screenshots`.
//
// SHOTS_ALL=<folder> writes every page instead, light and dark, wide and narrow, from top to bottom, to look at.

import { defineConfig } from '@playwright/test';
import { browser } from './tests/support/demo';
import type { Options } from './tests/support/test';

export default defineConfig<Options>({
  testDir: 'screenshots',
  testMatch: 'shots.ts',
  outputDir: 'test-results/screenshots',
  workers: 1,
  timeout: 120_000,
  expect: { timeout: 15_000 },
  reporter: [['list']],
  use: {
    ...browser,
    timezoneId: 'UTC',
    deviceScaleFactor: 1,
    contextOptions: { reducedMotion: 'reduce' },
    role: 'admin',
  },
});
