import { test } from '@playwright/test';
for (const w of [300, 320, 360, 414, 560, 640, 700, 768]) test(`nav ${w}`, async ({ page }) => {
  await page.setViewportSize({ width: w, height: 300 }); await page.goto('/exercises'); 
  await page.screenshot({ path: `/tmp/e2e/shots/nav-${w}.png`, clip: {x:0,y:0,width:w,height:150} });
});
