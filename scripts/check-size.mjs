#!/usr/bin/env node
// What a browser downloads before its first page is interactive: HTML, WASM, JavaScript and CSS, as they come over the wire.
//
//   scripts/demo --exec node scripts/check-size.mjs            fails when a page is over end2end/size-budget.json
//   scripts/demo --exec node scripts/check-size.mjs --record   writes today's figures there
//
// Everybody's first page is the log-in page. The others are weighed as if they were the first, opened with an empty cache by somebody
// who is logged in.
//
// It asks a real browser with an empty cache, since which lazy parts a page needs only the page knows. It also fails when a page grew by
// more than the tolerance since the recorded figure: growth should be seen when it happens, and recorded on purpose.
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const { chromium } = createRequire(new URL('../end2end/package.json', import.meta.url))('@playwright/test');
const FILE = new URL('../end2end/size-budget.json', import.meta.url);
const budget = JSON.parse(readFileSync(FILE, 'utf8'));
const baseURL = process.env.DEMO_URL ?? 'http://127.0.0.1:8400';
const COUNTED = /\.(css|js|wasm)$/;

const browser = await chromium.launch({
  executablePath: process.env.NEPHOSCOPE_CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync'],
});

/** The files of one page, opened by somebody who was never here. */
const weigh = async (page) => {
  const context = await browser.newContext({ baseURL });
  if (page !== '/login') {
    const answer = await context.request.post('/api/authenticate', {
      data: { username: 'viewer', password: process.env.DEMO_VIEWER_PASSWORD ?? 'nephoscope-viewer' },
    });
    if (!answer.ok()) throw new Error(`POST /api/authenticate answered ${answer.status()}`);
  }
  const tab = await context.newPage();
  const requests = [];
  tab.on('requestfinished', (request) => requests.push(request));
  await tab.goto(page);
  await tab.waitForSelector('html[data-hydrated]', { state: 'attached' });
  const files = [];
  for (const request of requests) {
    const path = new URL(request.url()).pathname;
    if (request.isNavigationRequest() || COUNTED.test(path)) {
      files.push({ path, bytes: (await request.sizes()).responseBodySize });
    }
  }
  await context.close();
  if (!files.some((file) => file.path.endsWith('.wasm'))) throw new Error(`${page} loaded no WASM`);
  return files.sort((a, b) => b.bytes - a.bytes);
};

const record = process.argv.includes('--record');
const figures = {};
let failed = false;
for (const [page, limit] of Object.entries(budget.limit_bytes)) {
  const files = await weigh(page);
  const total = files.reduce((sum, file) => sum + file.bytes, 0);
  figures[page] = total;
  console.log(`${page}: ${total.toLocaleString('en')} bytes in ${files.length} files (budget ${limit.toLocaleString('en')})`);
  for (const file of files.slice(0, 8)) console.log(`    ${String(file.bytes).padStart(9)}  ${file.path}`);
  const recorded = budget.recorded_bytes[page];
  if (total > limit) {
    console.error(`${page} is over the budget`);
    failed = true;
  } else if (!record && recorded !== undefined && total > recorded * (1 + budget.tolerance)) {
    console.error(`${page} grew from the recorded ${recorded} bytes; if that is intended, run this with --record`);
    failed = true;
  }
}
await browser.close();
if (record) {
  writeFileSync(FILE, `${JSON.stringify({ ...budget, recorded_bytes: figures }, null, 2)}\n`);
  console.log('recorded in end2end/size-budget.json');
}
process.exit(failed ? 1 : 0);
