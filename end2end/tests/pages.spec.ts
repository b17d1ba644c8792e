// The dashboard, the activity, the API's page, and what stands around every page.

import { ACCOUNTS } from './support/cloud';
import { expect, hydrated, rowsOf, test } from './support/test';

test.describe('dashboard', () => {
  test('counts what there is and leads to it', async ({ page, open, cloud }) => {
    const production = await cloud.instances('production');
    const count = (state: string) => production.filter((instance) => instance.state === state).length;
    await open(`/dashboard?account=${ACCOUNTS.production}`);
    await expect(page).toHaveTitle('Dashboard · nephoscope');
    const tiles = page.getByRole('region', { name: 'Instances by state' });
    await expect(tiles.getByRole('link', { name: /^All instances/ })).toContainText(String(production.length));
    await expect(tiles.getByRole('link', { name: /^Running/ })).toContainText(String(count('running')));
    await expect(tiles.getByRole('link', { name: /^Stopped/ })).toContainText(String(count('stopped')));
    const places = rowsOf(page, 'Instances by account and region');
    await expect(places).toHaveCount(2);
    await expect(places.filter({ hasText: 'eu-west-1' })).toContainText('production');

    await tiles.getByRole('link', { name: /^Stopped/ }).click();
    await expect(page).toHaveURL(`/ec2?state=stopped&account=${ACCOUNTS.production}`);
    await expect(rowsOf(page, 'Instances')).toHaveCount(count('stopped'));
  });

  test('the first address leads here', async ({ page, open }) => {
    await open('/');
    await expect(page).toHaveURL('/dashboard');
    await expect(page.getByRole('link', { name: 'Dashboard' })).toHaveAttribute('aria-current', 'page');
  });
});

test.describe('activity', () => {
  test.describe('of a viewer', () => {
    test.use({ role: 'viewer' });

    test('is their own and nobody else\'s', async ({ page, open, request }) => {
      await open('/activity');
      await expect(page.getByText('What you did through nephoscope')).toBeVisible();
      await expect(page.getByLabel('Person')).toHaveCount(0);
      await expect(rowsOf(page, 'Activity').first()).toBeVisible();
      await expect(rowsOf(page, 'Activity').filter({ hasNot: page.getByRole('link', { name: 'viewer', exact: true }) })).toHaveCount(0);
      const others = (await (await request.get('/api/audit?user=admin')).json()) as { records?: { actor: string }[] };
      expect((others.records ?? []).filter((record) => record.actor !== 'viewer')).toEqual([]);
    });
  });

  test.describe('of an administrator', () => {
    test.use({ role: 'admin' });

    test('is everybody\'s, and can be narrowed', async ({ page, open, apiAs }) => {
      await (await apiAs('viewer')).get('/api/ec2');
      await open('/activity');
      await expect(page.getByText('What everybody did through nephoscope')).toBeVisible();
      const form = page.getByRole('form', { name: 'Filter the activity' });
      const records = rowsOf(page, 'Activity');
      await form.getByLabel('Person').fill('viewer');
      await form.getByLabel('Operation').selectOption({ label: 'List instances' });
      await form.getByRole('button', { name: 'Apply' }).click();
      await expect(page).toHaveURL('/activity?user=viewer&operation=ec2.list');
      await expect(records.filter({ hasText: 'List instances' }).first()).toBeVisible();
      await expect(records.filter({ hasNotText: 'List instances' })).toHaveCount(0);
      await expect(records.filter({ hasNot: page.getByRole('link', { name: 'viewer', exact: true }) })).toHaveCount(0);

      await page.reload();
      await hydrated(page);
      await expect(form.getByLabel('Person')).toHaveValue('viewer');
      await expect(form.getByLabel('Operation')).toHaveValue('ec2.list');
      await form.getByLabel('From (UTC)').fill('2999-01-01T00:00');
      await form.getByRole('button', { name: 'Apply' }).click();
      await expect(page.getByText('Nothing matches')).toBeVisible();
      await form.getByRole('link', { name: 'Clear', exact: true }).click();
      await expect(page).toHaveURL('/activity');
      await expect(form.getByLabel('Person')).toHaveValue('');
      await expect(records.first()).toBeVisible();
    });

    test('has older pages', async ({ page, open, apiAs }) => {
      const api = await apiAs('admin');
      await Promise.all(Array.from({ length: 51 }, () => api.get('/api/ec2')));
      await open('/activity');
      const first = await rowsOf(page, 'Activity').first().getAttribute('title');
      await page.getByRole('link', { name: 'Older' }).click();
      await expect(page).toHaveURL(/before=/);
      await expect(rowsOf(page, 'Activity').first()).not.toHaveAttribute('title', first ?? '');
      await page.getByRole('link', { name: 'Newest' }).click();
      await expect(page).toHaveURL('/activity');
    });
  });

  test('a filter that makes no sense says so', async ({ page, open, expectTrouble }) => {
    expectTrouble(/^400 /);
    await open('/activity?operation=ec2.hover');
    await expect(page.getByRole('alert')).toContainText('ec2.hover');
    await page.getByRole('link', { name: 'Clear filters' }).click();
    await expect(page).toHaveURL('/activity');
    await expect(rowsOf(page, 'Activity').first()).toBeVisible();
  });
});

test('the API is described, with a command to try', async ({ page, open, request }) => {
  await open('/api-docs');
  const document = (await (await request.get('/api/openapi.json')).json()) as { paths: Record<string, object> };
  for (const path of ['/api/authenticate', '/api/ec2/instances', '/api/ec2/stop/{id}', '/api/log/groups', '/api/ec2/{instanceId}/metrics/stats']) {
    expect(Object.keys(document.paths)).toContain(path);
  }
  const operations = page.locator('details.api-operation');
  const methods = Object.values(document.paths).reduce((sum, path) => sum + Object.keys(path).length, 0);
  await expect(operations).toHaveCount(methods);
  const stop = operations.filter({ hasText: '/api/ec2/stop/{id}' });
  await stop.locator('summary').click();
  await expect(stop.getByText(/^curl /)).toBeVisible();
  await expect(stop.getByText('403')).toBeVisible();
});

test.describe('theme', () => {
  test('is chosen, kept, and painted by the server', async ({ page, open }) => {
    await open('/dashboard');
    const root = page.locator('html');
    const theme = page.getByRole('group', { name: 'Theme' });
    expect(await root.getAttribute('data-theme'), 'the system decides at first').toBeNull();
    await theme.getByRole('button', { name: 'Dark theme' }).click();
    await expect(root).toHaveAttribute('data-theme', 'nephoscope-dark');
    await expect(theme.getByRole('button', { name: 'Dark theme' })).toHaveAttribute('aria-pressed', 'true');
    const dark = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);

    const html = await (await page.request.get('/ec2')).text();
    expect(html, 'nothing flashes').toMatch(/<html[^>]*data-theme="nephoscope-dark"/);
    await open('/ec2');
    await expect(root).toHaveAttribute('data-theme', 'nephoscope-dark');

    await theme.getByRole('button', { name: 'Light theme' }).click();
    await expect(root).toHaveAttribute('data-theme', 'nephoscope-light');
    await page.emulateMedia({ colorScheme: 'dark' });
    expect(await page.evaluate(() => getComputedStyle(document.body).backgroundColor), 'light is light').not.toBe(dark);
    await theme.getByRole('button', { name: 'System theme' }).click();
    expect(await root.getAttribute('data-theme')).toBeNull();
    expect(await page.evaluate(() => getComputedStyle(document.body).backgroundColor), 'the system is dark').toBe(dark);
  });
});

test('times are local in the browser, and UTC in the first HTML and the tooltip', async ({ page, open }) => {
  for (const path of ['/ec2', '/activity', `/logs?at=${ACCOUNTS.production}/us-east-1&group=/shop/checkout`]) {
    await open(path);
    const time = page.getByRole('cell').or(page.getByRole('log')).locator('time').first();
    const utc = new Date((await time.getAttribute('datetime'))!);
    // The sv-SE way to write a date is ours.
    const local = (zone: string) => utc.toLocaleString('sv-SE', { timeZone: zone });
    await expect(time, path).toHaveAttribute('title', `${local('UTC')} UTC`);
    // The table of instances has room for minutes only.
    const shown = path === '/ec2' ? local('Asia/Tokyo').slice(0, 16) : local('Asia/Tokyo');
    await expect(time, path).toContainText(shown);
    expect(await (await page.request.get(path)).text(), path).toContain(local('UTC'));
  }
});

test('an address that leads nowhere is not found, and offers the way back', async ({ page, open, expectTrouble }) => {
  expectTrouble(/^404 GET \/nowhere/);
  expect(await open('/nowhere/at/all')).toBe(404);
  await expect(page.getByRole('heading', { level: 1, name: 'Page not found' })).toBeVisible();
  await page.getByRole('main').getByRole('link', { name: 'Logs' }).click();
  await expect(page).toHaveURL('/logs');
});

test('links are followed without loading the page again, and the focus goes along', async ({ page, open }) => {
  await open('/dashboard');
  await page.evaluate(() => Object.assign(window, { sameDocument: true }));
  const areas = page.getByRole('navigation', { name: 'Main' });
  for (const [name, path] of [['EC2', '/ec2'], ['Logs', '/logs'], ['Activity', '/activity'], ['API', '/api-docs'], ['Settings', '/settings/me']] as const) {
    await areas.getByRole('link', { name, exact: true }).click();
    await expect(page).toHaveURL(path);
    await expect(areas.getByRole('link', { name, exact: true })).toHaveAttribute('aria-current', 'page');
    await expect(page.getByRole('main')).toBeFocused();
  }
  await page.goBack();
  await expect(page).toHaveURL('/api-docs');
  await page.goBack();
  await expect(page).toHaveURL('/activity');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Activity');
  expect(await page.evaluate(() => 'sameDocument' in window)).toBe(true);
});

test.describe('on a narrow screen', () => {
  test.use({ viewport: { width: 390, height: 844 } });

  test('the menu leads everywhere and no page is wider than the screen', async ({ page, open, cloud }) => {
    const instance = await cloud.find('production', 'us-east-1', 'search');
    const fits = async (what: string) => {
      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      expect(width, `${what} is ${width} wide`).toBeLessThanOrEqual(390);
    };
    await open('/dashboard');
    await fits('dashboard');
    for (const [name, path] of [['EC2', '/ec2'], ['Logs', '/logs'], ['Activity', '/activity'], ['API', '/api-docs'], ['Settings', '/settings/me']] as const) {
      await page.getByLabel('Menu', { exact: true }).click();
      const link = page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name, exact: true });
      await link.click();
      await expect(page).toHaveURL(path);
      await expect(link).toBeHidden();
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
      await expect(page.getByText(/^Loading/)).toHaveCount(0);
      await fits(path);
    }
    await open(`/ec2/${instance.id}?at=${ACCOUNTS.production}/us-east-1`);
    await fits('an instance');
    await open(`/logs?at=${ACCOUNTS.production}/us-east-1&group=/shop/checkout`);
    await fits('log lines');
  });
});
