// Reminders: choosing them, the calendar, and the e-mail that comes by a real mail server and is stopped by its link.
import { expect } from '@playwright/test';

import { agreeToReminders, button, chooseReminders, letterTo, link, signUp, test } from './account';
import { errorSummary, heading } from './support';

test.describe.configure({ timeout: 60_000 });

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? 'with script' : 'without script', () => {
    test.use({ javaScriptEnabled });

    test('reminders are chosen from the page of the account, and wrong ones are said', async ({ page }) => {
      await signUp(page);
      await page.getByRole('main').getByRole('link', { name: 'Reminders' }).click();
      await expect(page.getByRole('main')).toContainText('You get no reminders by email.');
      await expect(page.getByRole('checkbox', { name: 'Send me an email' })).toHaveCount(0);
      await agreeToReminders(page);
      await chooseReminders(page, '07:30');
      await expect(page.getByRole('main')).toContainText(/The next email comes on \w+day .* at 07:30 \(Europe\/London\)/);
      await expect(page.getByRole('checkbox', { name: 'Sunday' }), 'what was chosen is there').not.toBeChecked();
      await page.getByLabel('Time', { exact: true }).fill('');
      await button(page, 'Save').click();
      await expect(errorSummary(page)).toContainText('Enter a time from 00:00 to 23:59');
      await page.goto('/account/reminders');
      await expect(page.getByLabel('Time', { exact: true }), 'nothing was changed').toHaveValue('07:30');
    });

    test('a calendar is made, read by its address, and ended', async ({ page, request }) => {
      await signUp(page);
      await chooseReminders(page, '07:30');
      await button(page, 'Make an address').click();
      const address = await page.getByRole('main').locator('code').innerText();
      const subscribe = page.getByRole('link', { name: 'Subscribe in your calendar program' });
      await expect(subscribe).toHaveAttribute('href', address.replace(/^https?:/, 'webcal:'));
      const calendar = await request.get(address);
      expect(calendar.headers()['content-type']).toBe('text/calendar; charset=utf-8');
      expect(await calendar.text()).toContain('RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR\r\n');
      await button(page, 'Make a new address').click();
      expect((await request.get(address)).status(), 'the old one').toBe(404);
      const next = await page.getByRole('main').locator('code').innerText();
      expect((await request.get(next)).status()).toBe(200);
      await button(page, 'Remove the calendar').click();
      expect((await request.get(next)).status()).toBe(404);
    });
  });
}

test('an email comes at the chosen minute, and its link stops them by one button', async ({ page }) => {
  // It comes within the second minute from now.
  test.setTimeout(240_000);
  const address = await signUp(page);
  await agreeToReminders(page);
  await page.goto('/account/reminders');
  const soon = new Date(Date.now() + 100_000).toISOString().slice(11, 16);
  await page.getByLabel('Time', { exact: true }).fill(soon);
  await page.getByLabel('Time zone').selectOption('UTC');
  await page.getByRole('checkbox', { name: 'Send me an email' }).check();
  await button(page, 'Save').click();
  await expect(page.getByRole('main')).toContainText(`at ${soon} (UTC)`);
  const arrived = async () => void (await letterTo(address, 'Your reminder'));
  await expect(arrived).toPass({ timeout: 150_000 });
  const letter = await letterTo(address, 'Your reminder');
  expect(link(letter)).toContain('/tracker');
  const [stop] = /https?:\/\/\S+\/reminders\/stop\S+/.exec(letter.text) ?? [];
  await page.context().clearCookies();
  await page.goto(stop!);
  await button(page, 'Stop these emails').click();
  await expect(heading(page)).toHaveText('No more reminder emails will come');
});
