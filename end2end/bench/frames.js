// What a person feels in the browser: how long frames take while a long list is scrolled, and how long a letter typed into the filter of
// ten thousand rows takes to be on the screen. node frames.js BASE USER PASSWORD BUCKET-LINK

import { chromium } from '@playwright/test';

const [base, user, password, bucket] = process.argv.slice(2);

/** Scrolls the page for two seconds, a little each frame, and gives the milliseconds of each. */
const scroll = () =>
  new Promise((resolve) => {
    const frames = [];
    let last = performance.now();
    const begun = last;
    const step = (now) => {
      frames.push(now - last);
      last = now;
      window.scrollBy(0, 40);
      if (window.innerHeight + window.scrollY >= document.body.scrollHeight) window.scrollTo(0, 0);
      if (now - begun < 2000) requestAnimationFrame(step);
      else resolve(frames.slice(1));
    };
    requestAnimationFrame(step);
  });

/** Notes for each letter when it came and when the frame after it was there. */
const watchTyping = () => {
  window.typed = [];
  addEventListener(
    'input',
    () => {
      const begun = performance.now();
      requestAnimationFrame(() => setTimeout(() => window.typed.push(performance.now() - begun)));
    },
    true,
  );
};

/** Answers the page's next request for the list with so many rows: the cloud behind the bench has half as many. */
async function swell(page, rows) {
  await page.route('**/api/fn/ec2/list', async (route) => {
    const response = await route.fetch();
    const listing = await response.json();
    const items = Array.from({ length: rows }, (_, n) => {
      const like = listing.items[n % listing.items.length];
      return { ...like, id: `i-${n.toString(16).padStart(17, '0')}`, name: `${like.name}-${n}` };
    });
    await route.fulfill({ response, json: { ...listing, items } });
  });
  await page.getByRole('button', { name: 'Refresh' }).click();
  await page.getByRole('heading', { level: 1 }).getByText(String(rows)).waitFor();
}

function told(name, millis) {
  const sorted = [...millis].sort((a, b) => a - b);
  const at = (part) => sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))].toFixed(0);
  console.log(`  ${name.padEnd(34)}median ${at(0.5)} ms, 95 % ${at(0.95)} ms, longest ${at(1)} ms`);
}

async function open(page, path) {
  const begun = Date.now();
  await page.goto(base + path);
  await page.getByRole('row').nth(1).waitFor();
  const seen = Date.now() - begun;
  await page.locator('html[data-hydrated]').waitFor({ state: 'attached' });
  console.log(`${path}: rows after ${seen} ms, usable after ${Date.now() - begun} ms`);
}

const executablePath = process.env.NEPHOSCOPE_CHROMIUM ?? '/usr/bin/chromium';
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
try {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  await page.goto(`${base}/login`);
  await page.getByLabel('Name').fill(user);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Log in', exact: true }).click();
  await page.waitForURL(/dashboard/);

  await open(page, '/ec2');
  told('scrolling', await page.evaluate(scroll));
  await swell(page, 10_000);
  await page.evaluate(watchTyping);
  const filter = page.getByRole('searchbox').first();
  for (const text of ['checkout', 'state:running', 'type:c6i', 'web -9', 'nothing-here']) {
    await filter.fill('');
    await filter.pressSequentially(text, { delay: 150 });
  }
  told('a letter in the filter of 10,000', await page.evaluate(() => window.typed));

  if (bucket) {
    await open(page, bucket);
    told('scrolling', await page.evaluate(scroll));
  }
} finally {
  await browser.close();
}
