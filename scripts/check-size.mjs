#!/usr/bin/env node
// What a browser downloads for its first page: HTML, WASM, JavaScript and CSS as sent, with brotli.
//
//   scripts/demo --exec scripts/check-size.mjs            fails when a page is over end2end/size-budget.json
//   scripts/demo --exec scripts/check-size.mjs --record   writes today's figure there
//
// Fails over the budget, and also when the page grew by more than the tolerance since the recorded figure: growth
// should be seen when it happens, and recorded on purpose.
import { readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';

const FILE = new URL('../end2end/size-budget.json', import.meta.url);
const budget = JSON.parse(readFileSync(FILE, 'utf8'));
const base = process.env.DEMO_URL ?? 'http://127.0.0.1:8400';

/** One request as a browser sends it; Node's own `fetch` would decode the body and hide its size. */
const get = (path, { headers = {}, method = 'GET', body } = {}) =>
  new Promise((resolve, reject) => {
    const sent = request(new URL(path, base), { method, headers }, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) }));
    });
    sent.on('error', reject);
    sent.end(body);
  });

const logIn = async () => {
  const body = JSON.stringify({ username: 'viewer', password: process.env.DEMO_VIEWER_PASSWORD ?? 'nephoscope-viewer' });
  const answer = await get('/api/authenticate', {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
    body,
  });
  if (answer.status !== 200) throw new Error(`POST /api/authenticate answered ${answer.status}: ${answer.body}`);
  return (answer.headers['set-cookie'] ?? []).map((cookie) => cookie.split(';')[0]).join('; ');
};

/** The page and all that it makes the browser load before it is interactive. */
const weigh = async (page, cookie) => {
  const load = async (path) => {
    const answer = await get(path, { headers: { 'accept-encoding': 'br', accept: '*/*', ...(cookie ? { cookie } : {}) } });
    if (answer.status !== 200) throw new Error(`GET ${path} answered ${answer.status}`);
    return answer;
  };
  const plain = (await get(page, { headers: { accept: 'text/html', ...(cookie ? { cookie } : {}) } })).body.toString();
  const paths = new Set();
  for (const [, path] of plain.matchAll(/(?:href|src)="(\/[^"]+\.(?:css|js|wasm)(?:\?[^"]*)?)"/g)) paths.add(path);
  // The inline start script names the WASM file when no preload link does.
  for (const [, path] of plain.matchAll(/["'](\/[^"'\s]+\.(?:js|wasm))["']/g)) paths.add(path);
  if (![...paths].some((path) => path.includes('.wasm'))) throw new Error(`${page} names no WASM file`);
  const files = [];
  for (const path of [page, ...paths]) {
    const answer = await load(path);
    files.push({ path, bytes: answer.body.length, encoding: answer.headers['content-encoding'] ?? 'none' });
  }
  return files;
};

const cookie = await logIn();
const figures = {};
let failed = false;
for (const page of budget.pages) {
  const files = await weigh(page, page === '/login' ? '' : cookie);
  const total = files.reduce((sum, file) => sum + file.bytes, 0);
  figures[page] = total;
  console.log(`${page}: ${total.toLocaleString('en')} bytes (budget ${budget.limit_bytes.toLocaleString('en')})`);
  for (const file of files) console.log(`    ${String(file.bytes).padStart(9)}  ${file.encoding.padEnd(5)} ${file.path}`);
  const recorded = budget.recorded_bytes[page];
  if (total > budget.limit_bytes) {
    console.error(`${page} is over the budget`);
    failed = true;
  } else if (recorded !== undefined && total > recorded * (1 + budget.tolerance)) {
    console.error(`${page} grew from the recorded ${recorded} bytes; if that is intended, record it: scripts/demo --exec scripts/check-size.mjs --record`);
    failed = !process.argv.includes('--record') || failed;
  }
}
if (process.argv.includes('--record')) {
  writeFileSync(FILE, `${JSON.stringify({ ...budget, recorded_bytes: figures }, null, 2)}\n`);
  console.log('recorded in end2end/size-budget.json');
}
process.exit(failed ? 1 : 0);
