// Without a network: the checker answers on the device, and everything else says whom to call.
import { expect, test, type Page } from '@playwright/test';

import { CHECKER, EMERGENCY, FOOT_DROP, PLAN, SELF_CARE, TRACKER, goOn, heading, isReady, keptFiles, openWithScript, visitAndKeep, walk } from './support';

const RECENT = 'You seem to be offline. The checker still works on this device.';
const OLD = 'these rules are more than 30 days old';
const DAY = 24 * 60 * 60 * 1000;

/** Makes the kept page look as if the network had last confirmed it then. */
async function confirmedAgo(page: Page, milliseconds: number): Promise<void> {
  await page.evaluate(async (ago) => {
    const name = (await caches.keys()).find((cache) => cache.startsWith('checker '));
    const cache = await caches.open(name!);
    const kept = await cache.match('/seek-help');
    const headers = new Headers(kept!.headers);
    headers.set('date', new Date(Date.now() - ago).toUTCString());
    await cache.put('/seek-help', new Response(await kept!.text(), { headers }));
  }, milliseconds);
}

/** When the network last confirmed the kept page, in milliseconds since 1970. */
async function confirmed(page: Page): Promise<number> {
  return page.evaluate(async () => Date.parse((await caches.match('/seek-help'))!.headers.get('date')!));
}

/** Opens the checker where its wasm does not start: the form is then the browser's own. */
async function openWithBrokenWasm(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const [name] = await caches.keys();
    const cache = await caches.open(name!);
    const wasm = (await cache.keys()).find(({ url }) => url.endsWith('.wasm'));
    await cache.put(wasm!, new Response('not wasm at all', { headers: { 'content-type': 'application/wasm' } }));
  });
  await page.goto(CHECKER.path);
  await expect(page.locator('html')).toHaveAttribute('data-script', 'failed');
}

test.describe('after one visit', () => {
  test.beforeEach(async ({ page, context }) => {
    await visitAndKeep(page);
    await context.setOffline(true);
  });

  for (const journey of [EMERGENCY, SELF_CARE]) {
    test(`offline, the answers for ${journey.name} lead to “${journey.heading}”`, async ({ page }) => {
      await openWithScript(page);
      await expect(page.getByText(RECENT)).toBeVisible();
      await expect(page.getByText(OLD)).toBeHidden();
      await walk(page, journey);
    });
  }

  test('offline, a page that is not kept says whom to call and what to watch for', async ({ page }) => {
    for (const path of [FOOT_DROP, '/', '/tracker', '/tracker/plan', '/tracker/body', '/seek-help/about']) {
      await page.goto(path);
      await expect(heading(page)).toHaveText('You are offline');
      await expect(page.getByRole('main').getByRole('link', { name: 'Call 999' })).toHaveAttribute('href', 'tel:999');
      await expect(page.getByRole('main').getByRole('link', { name: '111' })).toBeVisible();
      await expect(page.getByRole('heading', { name: 'if any of these starts' })).toBeVisible();
    }
    await page.getByRole('main').getByRole('link', { name: 'Check if you need help' }).click();
    await expect(heading(page)).toHaveText(CHECKER.heading);
    await isReady(page);
  });

  test('offline, rules that may have changed are said to be old', async ({ page }) => {
    await confirmedAgo(page, 31 * DAY);
    await openWithScript(page);
    await expect(page.getByText(OLD)).toBeVisible();
    await expect(page.getByText(RECENT)).toBeHidden();
    // It is said to the end, and the checker works none the less.
    await walk(page, SELF_CARE);
    await expect(page.getByText(OLD)).toBeVisible();
  });

  test('offline, nothing stands before the advice of an emergency', async ({ page }) => {
    await confirmedAgo(page, 31 * DAY);
    await openWithScript(page);
    await walk(page, EMERGENCY);
    await expect(page.getByText(OLD)).toBeHidden();
    await expect(page.getByRole('main').getByRole('link', { name: 'Call 999' })).toBeInViewport({ ratio: 1 });
  });

  test('offline, a clock that went back makes the rules no younger', async ({ page }) => {
    await confirmedAgo(page, -3 * DAY);
    await openWithScript(page);
    await expect(page.getByText(OLD)).toBeVisible();
  });

  test('offline, an answer that cannot be posted leads to the warning signs', async ({ page }) => {
    await openWithBrokenWasm(page);
    await goOn(page);
    await expect(heading(page)).toHaveText('You are offline');
    await expect(page.getByRole('heading', { name: 'if any of these starts' })).toBeVisible();
  });

  test('back on the network, the page is confirmed and nothing is said', async ({ page, context }) => {
    await confirmedAgo(page, 31 * DAY);
    await context.setOffline(false);
    await openWithScript(page);
    await expect(page.getByText(OLD)).toBeHidden();
    await expect(page.getByText(RECENT)).toBeHidden();
    await expect.poll(() => confirmed(page)).toBeGreaterThan(Date.now() - DAY);
  });
});

test('what is kept is one build of the checker and nothing that was answered', async ({ page }) => {
  await visitAndKeep(page);
  await openWithScript(page);
  await walk(page, EMERGENCY);
  const kept = await keptFiles(page);
  expect(kept.map((file) => file.replace(/\.[0-9a-f]+\./, '.*.')).sort()).toEqual([
    'GET /assets/base.*.css',
    'GET /assets/checker-boot.*.js',
    'GET /assets/checker.*.js',
    'GET /assets/checker.*.wasm',
    'GET /favicon.svg',
    'GET /offline',
    'GET /seek-help',
  ]);
  const html = await page.evaluate(async () => (await caches.match('/seek-help'))!.text());
  for (const file of kept.filter((name) => name.includes('/assets/'))) {
    expect(html).toContain(file.replace('GET ', ''));
  }
});

test('an answer posted under the worker reaches the server', async ({ page, context }) => {
  await visitAndKeep(page);
  await openWithBrokenWasm(page);
  await walk(page, EMERGENCY);
  expect(await context.cookies()).toEqual([]);
});

test('a visit to an article keeps nothing', async ({ page }) => {
  await page.goto(FOOT_DROP);
  expect(await page.evaluate(() => navigator.serviceWorker.getRegistrations().then((all) => all.length))).toBe(0);
  expect(await keptFiles(page)).toEqual([]);
});

/** Opens the tracker once with a network, and waits until all of it is kept. */
async function visitTracker(page: Page): Promise<void> {
  await page.goto(TRACKER.path);
  await isReady(page);
  await expect.poll(() => trackerIsKept(page), { timeout: 20_000 }).toBe(true);
}

/** Its pages come last into the cache. */
async function trackerIsKept(page: Page): Promise<boolean> {
  return page.evaluate(async (paths) => {
    const kept = await Promise.all(paths.map((path) => caches.match(path)));
    return kept.every(Boolean);
  }, TRACKER_PAGES);
}

const TRACKER_PAGES = [TRACKER.path, PLAN.path];

test.describe('after one visit of the tracker', () => {
  test.beforeEach(async ({ page, context }) => {
    await visitTracker(page);
    await context.setOffline(true);
  });

  test('offline, a plan is made, a day is logged, and a warning sign interrupts', async ({ page }) => {
    await page.goto(TRACKER.path);
    await isReady(page);
    await expect(page.getByText('You seem to be offline. The tracker still works')).toBeVisible();
    await page.getByRole('link', { name: 'Find your plan' }).click();
    await expect(heading(page)).toHaveText('Your plan');
    await isReady(page);
    await page.locator('summary', { hasText: 'Choose your own exercises' }).click();
    await page.getByRole('checkbox', { name: 'Walking' }).check();
    await page.getByRole('button', { name: 'Save my exercises' }).click();
    await page.getByRole('link', { name: 'Go to today’s exercises' }).click();
    await page.getByRole('button', { name: 'Done, Walking' }).click();
    await expect(page.getByText('Saved on this device')).toBeVisible();
    await page.reload();
    await expect(page.getByRole('button', { name: 'Done, Walking' })).toHaveAttribute('aria-pressed', 'true');
    await page.getByRole('checkbox', { name: /between your legs/ }).click();
    await expect(heading(page)).toHaveText('Call 999 or go to A&E now');
    await expect(page.getByText('You seem to be offline')).toHaveCount(2);
    for (const line of await page.getByText('You seem to be offline').all()) await expect(line).toBeHidden();
  });

  test('offline, the checker is there too, and an article is not', async ({ page }) => {
    await openWithScript(page);
    await walk(page, SELF_CARE);
    await page.goto(FOOT_DROP);
    await expect(heading(page)).toHaveText('You are offline');
  });
});

test('who opens the checker alone is sent nothing of the tracker', async ({ page }) => {
  const asked: string[] = [];
  page.context().on('request', (request) => asked.push(new URL(request.url()).pathname));
  await visitAndKeep(page);
  await page.waitForTimeout(500);
  expect(asked.filter((path) => /tracker|today|planning/.test(path))).toEqual([]);
  expect((await keptFiles(page)).filter((file) => /tracker|today|planning/.test(file))).toEqual([]);
});

test('a tracker that cannot be kept leaves the checker, and nothing of itself', async ({ page, context }) => {
  await context.route(/\/assets\/planning\..*\.wasm$/, (route) => route.abort());
  await page.goto(TRACKER.path);
  await isReady(page);
  await expect.poll(async () => (await keptFiles(page)).filter((file) => file.endsWith('/seek-help'))).toHaveLength(1);
  await page.waitForTimeout(1_000);
  expect((await keptFiles(page)).filter((file) => /tracker|today|planning/.test(file))).toEqual([]);
  await context.setOffline(true);
  await page.goto(TRACKER.path);
  await expect(heading(page)).toHaveText('You are offline');
  await openWithScript(page);
  await walk(page, EMERGENCY);
});

test('the browser finds nothing that keeps the tracker from being installed', async ({ page, context }) => {
  await page.goto(TRACKER.path);
  const session = await context.newCDPSession(page);
  const { errors } = await session.send('Page.getAppManifest');
  expect(errors).toEqual([]);
  const { installabilityErrors } = await session.send('Page.getInstallabilityErrors');
  expect(installabilityErrors.filter(({ errorId }) => errorId !== 'in-incognito')).toEqual([]);
});
