// Rule sets on the desk: written by forms, seen in words, tried and checked; and not published by who did not look. What happens
// once one is published is tested in server/tests/rule_sets.rs: here every other test decides by the same rules.
import { randomUUID } from 'node:crypto';

import { expect, type Page } from '@playwright/test';

import { button, test } from './account';
import { mistakes, sideways, violations } from './checks';
import { another, becomeStaff } from './staff';
import { errorSummary, heading } from './support';

// Two people, each with a password, an authenticator app and a role; and the checks of a debug build.
test.describe.configure({ timeout: 240_000 });

async function isDone(page: Page, words: string): Promise<void> {
  await expect(page.getByRole('main').getByRole('status')).toContainText(words);
}

/** On a rule's form: a first back pain counts from 53 on, not from 51. In words that nobody used: a text that was checked stays so. */
async function lower(page: Page): Promise<void> {
  await page.getByLabel('What the signs may mean').fill(`A first back pain before 20 or after 52 is looked at (${randomUUID()}).`);
  const when = page.getByLabel('When', { exact: true });
  await when.fill((await when.inputValue()).replace('age>=51', 'age>=53'));
}

/** The page once the checks are done. */
async function checked(page: Page, address: string): Promise<void> {
  await expect(async () => {
    await page.goto(address);
    await expect(page.getByRole('region', { name: 'The checks' })).toContainText(/It passes all|It fails its checks/, { timeout: 500 });
  }).toPass({ timeout: 120_000 });
}

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? 'rule sets with script' : 'rule sets without script', () => {
    test.use({ javaScriptEnabled });

    test('a rule set that lowers an outcome is written, tried, checked, and shown to whoever is to publish it', async ({
      page,
      browser,
      contextOptions,
      viewport,
      baseURL,
    }) => {
      const reviewer = await another(browser, { ...contextOptions, viewport, baseURL, javaScriptEnabled });
      await becomeStaff(page, 'editor');
      await becomeStaff(reviewer, 'reviewer');
      await page.goto('/admin');
      await page.getByRole('link', { name: 'Rule sets' }).click();
      await button(page, /^Begin a draft from version/).click();
      await isDone(page, 'Nothing changes for anybody until it is published.');
      const desk = page.url().split('?')[0];

      // By a form, with the keyboard, and with a mistake first.
      await page.getByRole('link', { name: 'Change it by forms' }).click();
      await page.getByRole('link', { name: 'W15', exact: true }).click();
      await lower(page);
      const when = page.getByLabel('When', { exact: true });
      const right = await when.inputValue();
      await when.fill('{ all = [');
      await page.getByLabel('What did you change, and why?').fill('From 53 on');
      await page.keyboard.press('Tab');
      await page.keyboard.press('Enter');
      await errorSummary(page).getByRole('link', { name: /not written as the file needs it/ }).press('Enter');
      await expect(when).toBeFocused();
      await expect(page.getByLabel('What did you change, and why?'), 'nothing typed is lost').toHaveValue('From 53 on');
      await when.fill(right);
      await page.getByLabel('What did you change, and why?').focus();
      await page.keyboard.press('Tab');
      await page.keyboard.press('Enter');
      await isDone(page, 'Saved as a new revision.');
      await expect(page.getByRole('region', { name: 'What it changes' })).toContainText('W15 fires as soon when “Age” is 53 or more; before, when “Age” is 51 or more.');

      // Tried, beside what is in use.
      await page.getByRole('link', { name: 'Try it' }).click();
      await page.locator('#try_fever').selectOption('yes');
      await button(page, 'Show the outcome').click();
      await expect(page.getByRole('region', { name: 'The outcome' }).getByRole('row', { name: /^In use \(2\.1\.0\)/ })).toContainText('W01 (urgent)');

      // Somebody else saved meanwhile.
      await reviewer.goto(`${desk}/parts/question/fever`);
      await reviewer.getByLabel('More about it').fill('Mine.');
      await page.goto(`${desk}/parts/rule/W15`);
      await page.getByLabel('What the signs may mean').fill(`A first back pain is looked at (${randomUUID()}).`);
      await button(page, 'Save').click();
      await isDone(page, 'Saved as a new revision.');
      await button(reviewer, 'Save').click();
      await expect(errorSummary(reviewer)).toContainText('Somebody else saved meanwhile');
      await expect(reviewer.getByLabel('More about it')).toHaveValue('Mine.');

      // Checked, and shown to the reviewer.
      await button(page, 'Ask for it to be published').click();
      await isDone(page, 'Sent to a reviewer');
      await checked(reviewer, desk);
      await expect(reviewer.getByRole('region', { name: 'The checks' })).toContainText(/Lowered: soon → .* by rule W15/);
      await expect(page.getByRole('button', { name: /^Publish revision/ }), 'an editor does not publish').toHaveCount(0);
      await reviewer.getByLabel('Your name', { exact: true }).fill('Dr Alex Example');
      await reviewer.getByLabel('Your registration number').fill('GMC 1234567');
      await reviewer.getByRole('checkbox', { name: 'I have read what it changes, and publish it' }).check();
      await button(reviewer, /^Publish revision/).click();
      await errorSummary(reviewer).getByRole('link', { name: /^Look at lowered outcome 1/ }).press('Enter');
      await expect(reviewer.getByRole('checkbox', { name: /^I have seen number 1:/ })).toBeFocused();
      await expect(reviewer.getByLabel('Your name', { exact: true })).toHaveValue('Dr Alex Example');
      await reviewer.getByRole('link', { name: 'Try this example 1', exact: true }).click();
      await expect(reviewer.getByRole('region', { name: 'The outcome' })).toContainText('It is lowered.');
      await page.goto(desk);
      await button(page, 'Take it back').click();
      await isDone(page, 'it is a draft again');
    });
  });
}

test.describe('the pages of rule sets', () => {
  // axe is a script of the test's.
  test.use({ bypassCSP: true });

  test('they have no accessibility problems, valid HTML and fit the screen', async ({ page }) => {
    await becomeStaff(page, 'editor', 'reviewer');
    await page.goto('/admin/rules');
    await button(page, /^Begin a draft from version/).click();
    const desk = page.url().split('?')[0];
    await page.goto(`${desk}/parts/rule/W15`);
    await lower(page);
    await button(page, 'Save').click();
    await button(page, 'Run the checks').click();
    await checked(page, desk);
    const parts = ['rule/W15', 'rule/E06', 'watch/T5', 'question/fever', 'case/ordinary-lift', 'case/new', 'rule/new'].map((part) => `${desk}/parts/${part}`);
    for (const address of ['/admin/rules', desk, `${desk}/parts`, `${desk}/edit`, `${desk}/try`, `${desk}/try?example=1`, ...parts]) {
      expect(await mistakes(page, async () => void (await page.goto(address))), address).toEqual([]);
      await expect(heading(page)).toBeVisible();
      expect(await violations(page), address).toEqual([]);
      expect(await sideways(page), address).toBe(0);
    }
  });
});
