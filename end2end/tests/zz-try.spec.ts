import { test } from '@playwright/test';
import { CHECKER, EMERGENCY, open, walk } from './support';
test.use({ javaScriptEnabled: false, viewport: { width: 360, height: 640 } });
test('x', async ({ page }) => { await page.route('**/*.css', (r) => r.abort()); await open(page, CHECKER); await walk(page, EMERGENCY); 
 await page.screenshot({ path: '/tmp/nocss.png' });
 for (const s of ['h1', '.btn--call', 'header', '.help', '.top']) console.log(s, JSON.stringify(await page.locator(s).first().boundingBox()));
});
