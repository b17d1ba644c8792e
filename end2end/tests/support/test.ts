// The `test` of all specs: logged in with a role, and failing on anything that goes wrong in the browser unnoticed.

import { type APIRequestContext, type BrowserContext, type Locator, type Page, test as base, expect } from '@playwright/test';
import { Cloud } from './cloud';
import { DEMO_URL, type Role } from './demo';
import { sessionOf } from './sessions';

export { expect };

export interface Options {
  /** Who is logged in; `null` for nobody. */
  role: Role | null;
}

interface Fixtures {
  /** The demo cloud. Faults made with it end with the test. */
  cloud: Cloud;
  /** What went wrong in the browser; call it with a pattern for what the test provokes. */
  expectTrouble: (pattern: RegExp) => void;
  /** Opens a page and waits until it is hydrated (where there is JavaScript). Gives the status of the answer. */
  open: (path: string, page?: Page) => Promise<number>;
  /** A page of somebody else, watched like the test's own. */
  pageAs: (role: Role | null) => Promise<Page>;
  /** The API as somebody else, with a bearer token. */
  apiAs: (role: Role | null) => Promise<APIRequestContext>;
}

/**
 * Notes console errors and warnings, page errors, failed requests and error answers of ours. Chromium writes violations of the
 * Content-Security-Policy to the console.
 */
function watch(context: BrowserContext, found: string[], scripts = true): void {
  context.on('console', (message) => {
    const text = message.text();
    // The answer itself is noted below, with its address.
    if (text.startsWith('Failed to load resource')) return;
    // A hint of Chromium's on how ECharts measures texts.
    if (text.startsWith('Canvas2D: Multiple readback operations')) return;
    if (message.type() === 'error' || message.type() === 'warning') found.push(`console ${message.type()}: ${text}`);
  });
  context.on('weberror', (error) => found.push(`page error: ${error.error().stack ?? error.error().message}`));
  context.on('response', (response) => {
    if (response.url().startsWith(DEMO_URL) && response.status() >= 400) {
      found.push(`${response.status()} ${response.request().method()} ${response.url().slice(DEMO_URL.length)}`);
    }
  });
  context.on('requestfailed', (request) => {
    const why = request.failure()?.errorText ?? '';
    // A page that is left gives up what it was asking for; with scripts off, Chromium refuses to preload them.
    const harmless = why === 'net::ERR_ABORTED' || (!scripts && why === 'csp');
    if (request.url().startsWith(DEMO_URL) && !harmless) {
      found.push(`${why} ${request.method()} ${request.url().slice(DEMO_URL.length)}`);
    }
  });
}

export async function hydrated(page: Page): Promise<void> {
  await expect(page.locator('html[data-hydrated]'), 'the page is hydrated').toBeAttached();
}

export const test = base.extend<Options & Fixtures & { trouble: { found: string[]; expected: RegExp[] } }>({
  role: ['operator', { option: true }],

  storageState: async ({ role, playwright }, use, info) => {
    await use(role ? (await sessionOf(role, playwright.request, info.project.outputDir)).state : undefined);
  },

  trouble: [
    async ({ context, javaScriptEnabled }, use) => {
      const trouble = { found: [] as string[], expected: [] as RegExp[] };
      watch(context, trouble.found, javaScriptEnabled);
      await use(trouble);
      const unexpected = trouble.found.filter((text) => !trouble.expected.some((pattern) => pattern.test(text)));
      expect(unexpected, 'what went wrong in the browser').toEqual([]);
    },
    { auto: true },
  ],

  expectTrouble: async ({ trouble }, use) => {
    await use((pattern) => trouble.expected.push(pattern));
  },

  cloud: async ({}, use) => {
    const cloud = new Cloud();
    await use(cloud);
    await cloud.repair();
  },

  open: async ({ page, javaScriptEnabled }, use) => {
    await use(async (path, other = page) => {
      const response = await other.goto(path);
      if (javaScriptEnabled ?? true) await hydrated(other);
      return response?.status() ?? 0;
    });
  },

  pageAs: async ({ browser, playwright, trouble, contextOptions, viewport, timezoneId, locale }, use, info) => {
    const made: BrowserContext[] = [];
    await use(async (role) => {
      const session = role && (await sessionOf(role, playwright.request, info.project.outputDir));
      const context = await browser.newContext({
        ...contextOptions,
        baseURL: DEMO_URL,
        viewport,
        ...(timezoneId && { timezoneId }),
        ...(locale && { locale }),
        ...(session && { storageState: session.state }),
      });
      made.push(context);
      watch(context, trouble.found);
      return context.newPage();
    });
    for (const context of made) await context.close();
  },

  apiAs: async ({ playwright }, use, info) => {
    const made: APIRequestContext[] = [];
    await use(async (role) => {
      const session = role && (await sessionOf(role, playwright.request, info.project.outputDir));
      const api = await playwright.request.newContext({
        baseURL: DEMO_URL,
        // Not the cookies of the test's own role.
        storageState: { cookies: [], origins: [] },
        ...(session && { extraHTTPHeaders: { authorization: `Bearer ${session.token}` } }),
      });
      made.push(api);
      return api;
    });
    for (const api of made) await api.dispose();
  },
});

/** The rows of a table's body, by the name of the region around it. */
export function rowsOf(page: Page, table: string): Locator {
  return page.getByRole('region', { name: table, exact: true }).getByRole('row').filter({ has: page.getByRole('cell') });
}

/** Fails when the document was loaded again since {@link stayed} was called first. */
export async function stayed(page: Page): Promise<() => Promise<void>> {
  await page.evaluate(() => Object.assign(window, { sameDocument: true }));
  return async () => {
    expect(await page.evaluate(() => 'sameDocument' in window), 'the page was not loaded again').toBe(true);
  };
}
