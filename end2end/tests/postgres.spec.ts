// The same site on PostgreSQL: what is read, what is checked, and accounts.
import { expect } from '@playwright/test';

import { button, isSignedIn, isSignedOut, signIn, signUp, test } from './account';
import { EMERGENCY, FOOT_DROP, HELP_LINE, SELF_CARE, heading, helpStrip, openWithScript, walk } from './support';

const site = process.env.SCIATICALM_POSTGRES_SITE_URL;

test.skip(!site && !process.env.CI, 'SCIATICALM_POSTGRES_SITE_URL names no server: `cargo xtask test` starts one');
test.use({ baseURL: site });

test.beforeEach(() => {
  expect(site, 'SCIATICALM_POSTGRES_SITE_URL').toBeTruthy();
});

test('on PostgreSQL, an article is found from the home page and by its tag', async ({ page }) => {
  await page.goto('/');
  await page.getByRole('link', { name: 'All articles' }).click();
  await page.getByRole('link', { name: 'back pain', exact: true }).click();
  await expect(heading(page)).toHaveText('Articles about back pain');
  await page.getByRole('link', { name: 'Back Pain and Foot Drop: When to Seek Help' }).click();
  await expect(page).toHaveURL(FOOT_DROP);
  await expect(page.getByRole('main')).toContainText('Published 18 October 2025');
  await expect(page.getByRole('heading', { name: 'Call 999 or go to A&E now if:' }).first()).toBeVisible();
  await expect(helpStrip(page)).toContainText(HELP_LINE);
});

test('on PostgreSQL, the exercises are there', async ({ page }) => {
  await page.goto('/exercises');
  await page.getByRole('link', { name: 'Pelvic tilt' }).click();
  await expect(heading(page)).toHaveText('Pelvic tilt');
});

test('on PostgreSQL, both feet dropping leads to 999', async ({ page }) => {
  await openWithScript(page);
  await walk(page, EMERGENCY);
  await expect(page.getByRole('main').getByRole('link', { name: 'Call 999' })).toHaveAttribute('href', 'tel:999');
});

test.describe('without script', () => {
  test.use({ javaScriptEnabled: false });

  test('on PostgreSQL, pain without warning signs leads to self-care', async ({ page }) => {
    await page.goto('/seek-help');
    await walk(page, SELF_CARE);
  });

  test('on PostgreSQL, somebody signs up by a letter, signs out and signs in', async ({ page }) => {
    const address = await signUp(page);
    await button(page, 'Sign out').click();
    await isSignedOut(page);
    await signIn(page, address);
    await isSignedIn(page, address);
  });
});
