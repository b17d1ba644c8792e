// What a person feels in the browser: how long frames take while a long list is scrolled, and how long a letter typed into the filter
// takes to be on the screen. node frames.js BASE USER PASSWORD BUCKET-LINK

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
  await page.evaluate(watchTyping);
  const filter = page.getByRole('searchbox').first();
  for (const text of ['checkout', 'state:running', 'type:c6i']) {
    await filter.fill('');
    await filter.pressSequentially(text, { delay: 60 });
  }
  told('a letter in the filter', await page.evaluate(() => window.typed));

  if (bucket) {
    await open(page, bucket);
    told('scrolling', await page.evaluate(scroll));
  }
} finally {
  await browser.close();
}
