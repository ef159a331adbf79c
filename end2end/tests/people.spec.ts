// Inviting somebody onto the staff, and finding what was done in the log.
import { expect, type Page } from '@playwright/test';

import { PASSWORD, becomeAdmin, button, code, giveCode, letterTo, link, newAddress, setUpApp, signIn, test } from './account';
import { mistakes, sideways, violations } from './checks';
import { another, isDone } from './staff';
import { errorSummary, heading } from './support';

test.describe.configure({ timeout: 120_000 });

async function invite(page: Page, address: string, role: RegExp): Promise<void> {
  await page.goto('/admin/people');
  await page.getByLabel('Their email address').fill(address);
  await page.getByRole('radio', { name: role }).check();
  await button(page, 'Send the invitation').click();
  await isDone(page, 'The invitation is kept');
}

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? 'people with script' : 'people without script', () => {
    test.use({ javaScriptEnabled });

    test('somebody without an account is invited, comes with a second step, and is found in the log', async ({
      page,
      browser,
      contextOptions,
      viewport,
      baseURL,
    }) => {
      await becomeAdmin(page);
      await setUpApp(page);
      const address = newAddress('editor');
      await page.goto('/admin/people');
      await button(page, 'Send the invitation').click();
      await errorSummary(page).getByRole('link', { name: 'Choose a role' }).press('Enter');
      await invite(page, address, /^editor/);
      await expect(page.getByRole('region', { name: 'Invitations' })).toContainText(address);

      const invited = await another(browser, { ...contextOptions, viewport, baseURL, javaScriptEnabled });
      const letter = link(await letterTo(address, 'You are invited onto the staff'));
      await invited.goto(letter);
      await invited.getByLabel('Choose a password').fill(PASSWORD);
      await invited.getByRole('checkbox', { name: 'I am 16 or over' }).check();
      await button(invited, 'Create an account').click();
      await expect(invited.getByRole('main')).toContainText('First, set up a second step');
      const { key } = await setUpApp(invited);
      await invited.goto(letter);
      await button(invited, 'Accept').click();
      await expect(heading(invited)).toHaveText('Welcome');
      await invited.context().clearCookies();
      await signIn(invited, address);
      await giveCode(invited, code(key, 1));
      await expect(invited.getByRole('main')).toContainText('On the staff: editor.');

      // The log, narrowed.
      await page.goto('/admin');
      await page.getByRole('link', { name: 'People' }).click();
      await expect(page.locator('#staff').getByRole('heading', { name: address })).toBeVisible();
      await page.goto('/admin');
      await page.getByRole('link', { name: 'What was done' }).click();
      await page.getByLabel('About', { exact: true }).selectOption('the staff');
      await page.getByLabel('What', { exact: true }).selectOption('role granted');
      await button(page, 'Show').click();
      const rows = page.getByRole('table').getByRole('row');
      await expect(rows.filter({ hasText: address })).toHaveCount(1);
      await rows.filter({ hasText: address }).getByRole('link', { name: address }).click();
      await expect(page.getByLabel('About', { exact: true })).toHaveValue('staff');
      await expect(rows.filter({ hasText: 'role-granted' })).toHaveCount(1);

      // And taken back, before it is answered.
      const other = newAddress('late');
      await invite(page, other, /^reviewer/);
      await button(page, `Withdraw the invitation of ${other} as reviewer`).click();
      await isDone(page, 'The invitation is withdrawn');
      await invited.goto(link(await letterTo(other, 'You are invited onto the staff')));
      await expect(heading(invited)).toHaveText('This invitation does not hold any more');
    });
  });
}

test.describe('the pages of people', () => {
  // axe is a script of the test's.
  test.use({ bypassCSP: true });

  test('they have no accessibility problems, valid HTML and fit the screen', async ({ page, browser, contextOptions, viewport, baseURL }) => {
    await becomeAdmin(page);
    await setUpApp(page);
    const address = newAddress('axe');
    await invite(page, address, /^editor/);
    const invited = await another(browser, { ...contextOptions, viewport, baseURL, bypassCSP: true });
    const letter = link(await letterTo(address, 'You are invited onto the staff'));
    const look = async (on: Page, path: string) => {
      expect(await mistakes(on, async () => void (await on.goto(path))), path).toEqual([]);
      expect(await violations(on), path).toEqual([]);
      expect(await sideways(on), path).toBe(0);
    };
    for (const path of ['/admin', '/admin/system', '/admin/people', '/admin/audit', '/admin/audit?about=staff&from=2026-01-01', '/admin/audit?number=7']) await look(page, path);
    await look(page, letter);
    await look(invited, letter);
    await invited.getByLabel('Choose a password').fill(PASSWORD);
    await invited.getByRole('checkbox', { name: 'I am 16 or over' }).check();
    await button(invited, 'Create an account').click();
    await look(invited, letter);
    await setUpApp(invited);
    await look(invited, letter);
    await button(invited, 'Decline').click();
    await look(invited, letter);
  });
});
