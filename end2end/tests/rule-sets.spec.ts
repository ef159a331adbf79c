// Rule sets on the desk: written by forms, seen in words, tried and checked; and not published by who did not look. What happens
// once one is published is tested in server/tests/rule_sets.rs: here every other test decides by the same rules.
import { randomUUID } from 'node:crypto';

import { expect, type Locator, type Page } from '@playwright/test';

import { button, test } from './account';
import { mistakes, sideways, violations } from './checks';
import { another, becomeStaff } from './staff';
import { errorSummary, heading } from './support';

// Two people, each with a password, an authenticator app and a role; and the checks of a debug build.
test.describe.configure({ timeout: 240_000 });

async function isDone(page: Page, words: string): Promise<void> {
  await expect(page.getByRole('main').getByRole('status')).toContainText(words);
}

/** What a name of the form is: a place in a condition. */
const at = (page: Page, place: string): Locator => page.locator(`[id="${place}"]`);

/** On a rule's form: a first back pain counts from 53 on, not from 51. In words that nobody used: a text that was checked stays so. */
async function lower(page: Page): Promise<void> {
  await page.getByLabel('What the signs may mean').fill(`A first back pain before 20 or after 52 is looked at (${randomUUID()}).`);
  await at(page, 'when_1-0-0').locator('summary').click();
  await at(page, 'when_1-0-0-number').fill('53');
}

/** Builds a condition with the buttons, reads it in words, takes a part of it out again, and saves it as it was. */
async function buildsAndLeaves(page: Page, address: string): Promise<void> {
  await page.goto(address);
  const says = (words: string): Promise<void> => expect(page.getByText(words)).toBeVisible();
  await says('When: “high temperature, shivering or very unwell”.');
  await button(page, 'Add a group to the whole (When)').click();
  await expect(page).toHaveURL(/#when_1-1$/);
  await expect(at(page, 'when_1-1')).toBeInViewport();
  await at(page, 'when_1-1-join').selectOption('none of these is so');
  const about = (number: string): Locator => page.getByLabel(`Condition ${number} is about (When)`);
  await about('2.1').selectOption({ label: 'How old are you? (age)' });
  await button(page, 'Show its answers of condition 2.1 (When)').click();
  await at(page, 'when_1-1-0-compared').selectOption('less than this');
  await at(page, 'when_1-1-0-number').fill('60');
  await button(page, 'Add a condition to group 2 (When)').click();
  await about('2.2').selectOption({ label: 'Where is the pain? (pain_where)' });
  // Not saved before its answers were looked at.
  await button(page, 'Save').click();
  await errorSummary(page).getByRole('link', { name: 'Condition 2.2: look at its answers, and choose which count' }).click();
  await expect(about('2.2')).toBeFocused();
  await button(page, 'Show its answers of condition 2.2 (When)').click();
  await page.getByRole('checkbox', { name: 'In the back', exact: true }).check();
  await page.getByRole('checkbox', { name: 'I have no pain' }).check();
  await button(page, 'Say it in words (When)').click();
  await says('When: “high temperature, shivering or very unwell” and not (“Age” is 59 or less or “Where the pain is”: In the back or I have no pain).');
  await button(page, 'Take the group out 2 (When)').click();
  await says('When: “high temperature, shivering or very unwell”.');
  await button(page, 'Save').click();
  await isDone(page, 'Nothing was changed, so there is no new revision.');
}

/** Orders, adds and takes out rows with the buttons, and saves what came of it. */
async function ordersRows(page: Page, desk: string): Promise<void> {
  await page.goto(`${desk}/parts`);
  await page.getByRole('link', { name: 'The tracker’s daily list' }).click();
  const signs = page.getByRole('group', { name: 'Its signs' }).getByRole('listitem');
  await expect(signs.first()).toContainText('saddle');
  const last = (await signs.count()) - 1;
  await expect(signs.nth(last)).toContainText('fever');
  await button(page, `Move up ${last + 1} (Its signs)`).click();
  await expect(page).toHaveURL(new RegExp(`#daily-${last - 1}$`));
  await expect(signs.nth(last - 1)).toContainText('fever');
  await button(page, `Take it out ${last + 1} (Its signs)`).click();
  await page.getByLabel(`What comes as number ${last + 1}`).selectOption({ label: 'Chest pain, trouble breathing, or coughing up blood (chest)' });
  await button(page, 'Add another (Its signs)').click();
  await expect(signs.nth(last)).toContainText('chest');
  await expect(page.getByLabel(`What comes as number ${last + 2}`)).toHaveValue('');
  await button(page, 'Save').click();
  await isDone(page, 'Saved as a new revision.');
  await expect(page.getByRole('region', { name: 'What it changes' })).toContainText(/daily list: saddle, .* → saddle, .*, fever, chest\./);
}

/** A question is moved before another on its screen; a source is added, with a mistake first. */
async function ordersAScreenAndAddsASource(page: Page, desk: string): Promise<void> {
  await page.goto(`${desk}/parts/screen/bladder`);
  await button(page, 'Move down 1 (Its questions)').click();
  await expect(page.getByRole('group', { name: 'Its questions' }).getByRole('listitem').first()).toContainText('pee_start');
  await page.getByLabel('Introduction').fill('Tick anything that is not usual for you.');
  await button(page, 'Save').click();
  await isDone(page, 'Saved as a new revision.');
  const changes = page.getByRole('region', { name: 'What it changes' });
  await expect(changes).toContainText('bladder: its questions come in another order: pee_start, saddle, ');
  await page.goto(`${desk}/parts/source/new`);
  await page.getByLabel('Its id').fill('who');
  await page.getByLabel('Title').fill('Low back pain');
  await page.getByLabel('Address').fill('www.who.int');
  await button(page, 'Save').click();
  await errorSummary(page).getByRole('link', { name: 'Enter an address that begins with https://' }).click();
  await expect(page.getByLabel('Address')).toBeFocused();
  await page.getByLabel('Address').fill('https://www.who.int/');
  await page.getByLabel('Who published it').fill('WHO');
  await button(page, 'Save').click();
  await isDone(page, 'Saved as a new revision.');
  await expect(changes).toContainText('New: “Low back pain”, WHO, https://www.who.int/ (who).');
  // It is cited by nothing, so it can go.
  await page.goto(`${desk}/parts/source/who`);
  await page.getByRole('checkbox', { name: 'Take it out' }).check();
  await button(page, 'Save').click();
  await isDone(page, 'Saved as a new revision.');
  await page.goto(`${desk}/parts/source/ng127`);
  await page.getByRole('checkbox', { name: 'Take it out' }).check();
  await button(page, 'Save').click();
  await errorSummary(page).getByRole('link', { name: /^It cannot go while it is named by the rule / }).click();
  await expect(page.getByRole('checkbox', { name: 'Take it out' })).toBeFocused();
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
      await at(page, 'when_1-0-0-number').fill('many');
      await page.getByLabel('What did you change, and why?').fill('From 53 on');
      await page.keyboard.press('Tab');
      await page.keyboard.press('Enter');
      await errorSummary(page).getByRole('link', { name: 'Condition 1.1: enter a whole number from 0 to 120' }).press('Enter');
      await expect(at(page, 'when_1-0-0-number')).toBeFocused();
      await expect(page.getByLabel('What did you change, and why?'), 'nothing typed is lost').toHaveValue('From 53 on');
      await at(page, 'when_1-0-0-number').fill('53');
      await page.getByLabel('What did you change, and why?').focus();
      await page.keyboard.press('Tab');
      await page.keyboard.press('Enter');
      await isDone(page, 'Saved as a new revision.');
      await expect(page.getByRole('region', { name: 'What it changes' })).toContainText('W15 fires as soon when “Age” is 53 or more; before, when “Age” is 51 or more.');

      await buildsAndLeaves(page, `${desk}/parts/rule/W01`);

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

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? 'lists of a rule set with script' : 'lists of a rule set without script', () => {
    test.use({ javaScriptEnabled });

    test('screens, sources and lists are changed by forms', async ({ page }) => {
      await becomeStaff(page, 'editor');
      await page.goto('/admin/rules');
      await button(page, /^Begin a draft from version/).click();
      await isDone(page, 'Nothing changes for anybody until it is published.');
      const desk = page.url().split('?')[0];
      await ordersRows(page, desk);
      await ordersAScreenAndAddsASource(page, desk);
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
    const parts = ['rule/W15', 'rule/E06', 'watch/T5', 'question/fever', 'case/ordinary-lift', 'case/new', 'rule/new', 'condition/other_emergency', 'question/new', 'question/both_legs_pattern', 'question/age', 'rule/W14', 'source/nhs_back', 'source/new', 'screen/bladder', 'screen/new', 'answers/since_3_months', 'answers/new', 'daily/only', 'safety-net/only', 'usual/only', 'history/2.2.0'].map((part) => `${desk}/parts/${part}`);
    for (const address of ['/admin/rules', desk, `${desk}/parts`, `${desk}/edit`, `${desk}/try`, `${desk}/try?example=1`, ...parts]) {
      expect(await mistakes(page, async () => void (await page.goto(address))), address).toEqual([]);
      await expect(heading(page)).toBeVisible();
      expect(await violations(page), address).toEqual([]);
      expect(await sideways(page), address).toBe(0);
    }
    // With rows that are not finished, and what is wrong with them.
    await page.goto(`${desk}/parts/rule/W15`);
    await button(page, 'Add a group to the whole (When)').click();
    await button(page, 'Save').click();
    await expect(errorSummary(page)).toContainText('Condition 4.1: choose what it is about');
    expect(await violations(page)).toEqual([]);
    expect(await sideways(page)).toBe(0);
  });
});
