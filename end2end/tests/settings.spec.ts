// The site's settings, on a site of the test's own: what an administrator saves is on every page, with and without a network.
import { expect, type Page } from '@playwright/test';

import { becomeAdmin, button, setUpApp } from './account';
import { mistakes, sideways, violations } from './checks';
import { test } from './own-site';
import { errorSummary, heading, helpStrip, openWithScript } from './support';

test.describe.configure({ timeout: 90_000 });

const SAVED = 'Saved. Every page of every server shows it within five seconds.';

/** The page, once this server has taken over what was saved. */
async function shows(page: Page, path: string, text: string): Promise<void> {
  await expect(async () => {
    await page.goto(path);
    await expect(page.locator('body')).toContainText(text, { timeout: 300 });
  }).toPass({ timeout: 6_000 });
}

async function status(page: Page): Promise<void> {
  await expect(page.getByRole('main').getByRole('status').first()).toBeVisible();
}

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? 'settings with script' : 'settings without script', () => {
    test.use({ javaScriptEnabled });

    test('the help line is changed, by the keyboard, with a mistake first, and is then on every page', async ({ page, site }) => {
      await becomeAdmin(page, site);
      await setUpApp(page);
      await page.goto('/admin');
      await page.getByRole('link', { name: 'Settings' }).click();
      const helpLine = page.getByLabel('Help line', { exact: true });
      await expect(helpLine).toHaveValue('02380 248725');
      await page.getByLabel('Name', { exact: true }).fill('Our Backs');
      await helpLine.fill('+44 (0)20 7946 0000');
      await helpLine.press('Enter');
      await errorSummary(page).getByRole('link', { name: /without \(0\)/ }).press('Enter');
      await expect(helpLine).toBeFocused();
      await expect(page.getByLabel('Name', { exact: true }), 'nothing typed is lost').toHaveValue('Our Backs');

      // Looked at first, in the frame of every page.
      await helpLine.fill('020 7946 0000');
      await page.getByRole('checkbox', { name: 'Show the banner' }).check();
      await page.getByLabel('What it says').fill('We moved to a new number.');
      await button(page, 'Preview').click();
      await status(page);
      await expect(page.getByRole('heading', { name: 'Preview' })).toBeVisible();
      await expect(helpStrip(page).getByRole('link', { name: '020 7946 0000' })).toHaveAttribute('href', 'tel:02079460000');
      await expect(page.getByRole('region', { name: 'Notice' })).toContainText('We moved to a new number.');
      await expect(page.getByRole('banner').getByRole('link', { name: 'Our Backs' })).toBeVisible();

      // And only then saved, once somebody says that the number was looked up.
      await button(page, 'Save').last().click();
      await errorSummary(page).getByRole('link', { name: /^Look up each number/ }).press('Enter');
      await page.getByRole('checkbox', { name: /^I have looked up or rung/ }).check();
      await button(page, 'Save').last().click();
      await expect(page.getByRole('main')).toContainText(SAVED);
      for (const path of ['/', '/articles/what-is-sciatica', '/privacy', '/seek-help', '/tracker', '/offline', '/sign-up', '/nowhere']) {
        await shows(page, path, '020 7946 0000');
        await expect(page.locator('body'), path).not.toContainText('02380 248725');
        await expect(page.getByRole('region', { name: 'Notice' }), path).toContainText('We moved');
        expect(await sideways(page), path).toBe(0);
      }

      // Back to what was, from the list.
      await page.goto('/admin/settings');
      await page.getByRole('link', { name: 'Number 1', exact: true }).click();
      await expect(page.getByRole('region', { name: 'What changed since' })).toContainText('02380 248725');
      await page.getByRole('link', { name: /^Restore these settings/ }).click();
      await expect(page.getByLabel('Help line', { exact: true })).toHaveValue('02380 248725');
      await page.getByRole('checkbox', { name: /^I have looked up or rung/ }).check();
      await button(page, 'Save').last().click();
      await expect(page.getByRole('main')).toContainText('begun from number 1');
      await shows(page, '/articles/what-is-sciatica', '02380 248725');
    });
  });
}

test('what a device keeps for when it is offline has the new numbers', async ({ page, context, site }) => {
  await openWithScript(page);
  await page.evaluate(() => navigator.serviceWorker.ready);
  const admin = await context.browser()!.newPage({ baseURL: site.url });
  await becomeAdmin(admin, site);
  await setUpApp(admin);
  await admin.goto('/admin/settings');
  await admin.getByLabel('Emergency number').fill('112');
  await admin.getByRole('checkbox', { name: /^I have looked up or rung/ }).check();
  await button(admin, 'Save').last().click();
  await expect(admin.getByRole('main')).toContainText(SAVED);
  await shows(admin, '/', '112');
  // The next visit with a connection brings it.
  await page.goto('/seek-help');
  await expect(async () => {
    await page.goto('/seek-help');
    const kept = await page.evaluate(async () => {
      const pages = (await caches.keys()).map(async (name) => (await (await caches.open(name)).match('/offline'))?.text() ?? '');
      return (await Promise.all(pages)).join();
    });
    expect(kept).toContain('Call 112');
  }).toPass({ timeout: 20_000 });
  await context.setOffline(true);
  await page.goto('/articles');
  await expect(page.getByRole('main').getByRole('link', { name: 'Call 112' })).toHaveAttribute('href', 'tel:112');
  await context.setOffline(false);
});

test.describe('the pages of settings', () => {
  // axe is a script of the test's.
  test.use({ bypassCSP: true });

  test('they have no accessibility problems, valid HTML and fit the screen', async ({ page, site }) => {
    await becomeAdmin(page, site);
    await setUpApp(page);
    await page.goto('/admin/settings');
    await page.getByRole('checkbox', { name: 'Show the banner' }).check();
    await page.getByLabel('What it says').fill('Closed on Monday.');
    await page.getByLabel('Where its link leads').fill('/privacy');
    await page.getByLabel('The words of its link').fill('Read why');
    await page.getByLabel('When the help line is answered').fill('Monday to Friday, 9 to 5');
    const preview = async () => void (await button(page, 'Preview').click());
    expect(await mistakes(page, preview), 'preview').toEqual([]);
    expect(await violations(page), 'preview').toEqual([]);
    expect(await sideways(page), 'preview').toBe(0);
    await button(page, 'Save').last().click();
    await expect(page.getByRole('main')).toContainText(SAVED);
    await page.getByLabel('Emergency number').fill('');
    expect(await mistakes(page, async () => void (await button(page, 'Save').last().click())), 'a mistake').toEqual([]);
    await expect(errorSummary(page)).toBeVisible();
    expect(await violations(page), 'a mistake').toEqual([]);
    await shows(page, '/', 'Closed on Monday.');
    for (const address of ['/admin/settings', '/admin/settings/1', '/admin/settings/2', '/admin/settings?from=1', '/', '/sign-in', '/seek-help']) {
      expect(await mistakes(page, async () => void (await page.goto(address))), address).toEqual([]);
      await expect(heading(page)).toBeVisible();
      expect(await violations(page), address).toEqual([]);
      expect(await sideways(page), address).toBe(0);
    }
  });
});
