import { test } from '@playwright/test';
import { test as t, STATES, signUp, signIn, button, PASSWORD } from './account';
const only = process.env.SHOTS;
const LONG = () => `wilhelmina.featherstonehaugh-cholmondeley${Math.floor(Math.random()*1e5)}@hospital.example.org`;
async function shots(page, name) {
  for (const w of [360, 1280]) for (const c of ['light','dark'] as const) {
    await page.setViewportSize({ width: w, height: w===360?640:800 });
    await page.emulateMedia({ colorScheme: c });
    await page.screenshot({ path: `/tmp/e2e/shots/${name.replace(/[^a-z0-9]+/gi,'_')}-${w}-${c}.png`, fullPage: true });
  }
}
for (const s of STATES) {
  t(`shot ${s.name}`, async ({ page }) => { await s.reach(page); await shots(page, s.name); });
}
t('shot long', async ({ page, browser }) => {
  const a = await signUp(page, LONG());
  const other = await (await browser.newContext()).newPage();
  await signIn(other, a);
  for (const p of ['/account','/account/password','/account/email','/account/devices']) { await page.goto(p); await shots(page, 'long'+p); }
});
