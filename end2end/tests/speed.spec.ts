// How soon the checker answers: measured when no other test runs.
import { expect, test } from '@playwright/test';

import { isReady } from './support';

test('it answers within 1.5 seconds on a slow device', async ({ browser, baseURL }) => {
  test.setTimeout(60_000);
  const took: number[] = [];
  // The machine has other things to do too, so one attempt may be slow for no fault of the page.
  for (let attempt = 0; attempt < 6 && (attempt < 3 || Math.min(...took) >= 1_500); attempt++) {
    // As at the first visit: nothing kept.
    const context = await browser.newContext({ baseURL: baseURL ?? '' });
    const page = await context.newPage();
    const session = await context.newCDPSession(page);
    await session.send('Emulation.setCPUThrottlingRate', { rate: 4 });
    await page.addInitScript(() => {
      new MutationObserver(() => {
        if (document.documentElement.dataset.script !== 'ready' || 'readyAfter' in window) return;
        Object.assign(window, { readyAfter: performance.now() });
      }).observe(document, { subtree: true, attributes: true, attributeFilter: ['data-script'] });
    });
    await page.goto('/seek-help');
    await isReady(page);
    took.push(await page.evaluate(() => (window as unknown as { readyAfter: number }).readyAfter));
    await context.close();
  }
  console.log(`interactive after ${took.map(Math.round).join(', ')} ms on a CPU four times slower`);
  expect(Math.min(...took)).toBeLessThan(1_500);
});
