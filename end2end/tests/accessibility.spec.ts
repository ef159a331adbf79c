// axe on every page: light and dark, as it is and as readers without script see it.
import { expect, test, type Page } from '@playwright/test';

import { sideways, violations } from './checks';
import {
  BETWEEN,
  CHECKER,
  PAGES,
  RESULTS,
  SCRIPTED,
  TRACKER,
  heading,
  isReady,
  open,
  sendOlderQuestions,
  walk,
} from './support';

// axe is a script of its own, which the pages' policy would refuse.
test.use({ bypassCSP: true });

/** The states that have no address of their own, each reached from the checker's first screen. */
const STATES: { name: string; reach: (page: Page) => Promise<void> }[] = [
  ...BETWEEN,
  ...RESULTS.map((journey) => ({ name: journey.name, reach: (page: Page) => walk(page, journey) })),
];

test.describe('as it is', () => {
  for (const sitePage of PAGES) {
    test(`${sitePage.name} has nothing that axe finds wrong`, async ({ page }) => {
      await open(page, sitePage);
      if (SCRIPTED.includes(sitePage)) await isReady(page);
      expect(await violations(page)).toEqual([]);
    });
  }

  test('the kept checker has nothing that axe finds wrong', async ({ page }) => {
    await open(page, CHECKER);
    for (const age of ['recent', 'old']) {
      await page.evaluate((mark) => document.documentElement.setAttribute('data-offline', mark), age);
      await expect(page.getByText('You seem to be offline').locator('visible=true')).toHaveCount(1);
      expect(await violations(page)).toEqual([]);
    }
  });

  for (const { name, reach } of STATES) {
    test(`${name} has nothing that axe finds wrong`, async ({ page }) => {
      await open(page, CHECKER);
      await isReady(page);
      await reach(page);
      expect(await violations(page)).toEqual([]);
    });
  }
});

// axe needs script, so it stays on, and the site's own does not arrive. The pages that are read have none, which
// reading.spec.ts makes sure of: for them this would be the same again.
test.describe('without its script', () => {
  test.beforeEach(async ({ page }) => {
    await page.route(/\/assets\/.*\.(js|wasm)$/, (route) => route.abort());
  });

  for (const sitePage of [CHECKER, TRACKER]) {
    test(`${sitePage.name} has nothing that axe finds wrong`, async ({ page }) => {
      await open(page, sitePage);
      await expect(page.locator('html')).not.toHaveAttribute('data-script', 'ready');
      expect(await violations(page)).toEqual([]);
    });
  }

  for (const { name, reach } of STATES) {
    test(`${name} has nothing that axe finds wrong`, async ({ page }) => {
      await open(page, CHECKER);
      await reach(page);
      expect(await violations(page)).toEqual([]);
    });
  }

  test('the checker after its questions have changed has nothing that axe finds wrong', async ({ page }) => {
    await sendOlderQuestions(page);
    expect(await violations(page)).toEqual([]);
  });
});

// A page that shows a screen 1,280 pixels wide at 400% has 320; and text alone may be twice as large on a narrow one.
test.describe('on a narrow screen', () => {
  test.use({ viewport: { width: 320, height: 640 } });

  for (const { name, reach } of [...STATES, { name: 'the first screen', reach: async () => {} }]) {
    test(`${name} needs no sideways scrolling, with text twice as large either`, async ({ page }) => {
      await open(page, CHECKER);
      await isReady(page);
      await reach(page);
      expect(await sideways(page), 'at 320 pixels').toBe(0);
      await page.evaluate(() => (document.documentElement.style.fontSize = '200%'));
      const size = await heading(page).evaluate((title) => parseFloat(getComputedStyle(title).fontSize));
      expect(size, 'the text did grow').toBeGreaterThan(40);
      expect(await sideways(page), 'with text at 200%').toBe(0);
    });
  }
});
