// "Was this page useful?", what the staff read of it, and the numbers.
import { randomUUID } from 'node:crypto';

import { expect } from '@playwright/test';

import { button, test } from './account';
import { mistakes, sideways, violations } from './checks';
import { another, becomeStaff } from './staff';
import { errorSummary, heading } from './support';

// An account with a password, an authenticator app and a role.
test.describe.configure({ timeout: 120_000 });

const ARTICLE = '/articles/what-is-sciatica';

for (const script of [true, false]) {
  test.describe(`${script ? 'with' : 'without'} script`, () => {
    test.use({ javaScriptEnabled: script });

    test('a reader says what could be better, and an editor reads it, marks it and deletes it', async ({ page, browser, contextOptions, baseURL }) => {
      const said = `Say more about sleep (${randomUUID()}).`;
      const reader = await another(browser, { ...contextOptions, baseURL, javaScriptEnabled: script });
      await reader.goto(ARTICLE);
      const question = reader.getByRole('region', { name: 'Was this page useful?' });
      await question.getByRole('button', { name: 'No' }).press('Enter');
      await expect(heading(reader)).toHaveText('Thank you');
      await button(reader, 'Send').click();
      await expect(errorSummary(reader)).toContainText('Write what could be better');
      await reader.getByLabel('What could be better?').fill('x'.repeat(1_001));
      await button(reader, 'Send').click();
      await expect(errorSummary(reader)).toContainText('1000 letters or fewer');
      await expect(reader.getByLabel('What could be better?')).toHaveValue('x'.repeat(1_001));
      await reader.getByLabel('What could be better?').fill(said);
      await button(reader, 'Send').click();
      await expect(reader.getByRole('main')).toContainText('Our editors will read what you wrote');
      expect(await reader.context().cookies()).toEqual([]);
      await reader.context().close();

      await becomeStaff(page, 'editor');
      await page.goto('/admin');
      await page.getByRole('link', { name: 'Read what they wrote' }).click();
      await page.getByRole('link', { name: 'What Is Sciatica', exact: false }).first().click();
      const remark = page.getByRole('listitem').filter({ hasText: said });
      await remark.getByRole('button', { name: /^Mark as seen/ }).click();
      await expect(remark.getByRole('listitem').first()).toHaveText('seen');
      await remark.getByRole('link', { name: /^Delete/ }).click();
      await button(page, 'Delete it').click();
      await expect(page.getByText(said)).toHaveCount(0);
      await page.goto('/admin/numbers');
      await page.getByLabel('Time').selectOption('91 days');
      await button(page, 'Show').click();
      await expect(page.getByRole('img', { name: /^Reads of all articles/ })).toBeVisible();
      await page.locator('summary').first().click();
      await expect(page.getByRole('columnheader', { name: 'Day' }).first()).toBeVisible();
    });
  });
}

test.describe('the pages about readers', () => {
  // axe is a script of the test's.
  test.use({ bypassCSP: true });

  test('they have no accessibility problems, valid HTML and fit the screen', async ({ page }) => {
    const look = async (address: string) => {
      expect(await mistakes(page, async () => void (await page.goto(address))), address).toEqual([]);
      await expect(heading(page)).toBeVisible();
      expect(await violations(page), address).toEqual([]);
      expect(await sideways(page), address).toBe(0);
    };
    await page.goto(ARTICLE);
    await button(page, 'Yes').click();
    await page.getByLabel('What helped, and what could be better?').fill('<b>The cards.</b>');
    await button(page, 'Send').click();
    for (const address of [ARTICLE, `${ARTICLE}/thanks`, `${ARTICLE}/thanks?useful=no`]) await look(address);
    // So few that "fewer than 5" is said, which is wide.
    for (const helped of ['yes', 'no']) await page.request.post('/seek-help/helped', { form: { urgency: 'urgent', helped } });
    await becomeStaff(page, 'editor');
    await page.goto('/admin/feedback');
    await page.getByRole('table').getByRole('link', { name: /sciatica/i }).first().click();
    const desk = page.url();
    const remove = (await page.getByRole('link', { name: /^Delete/ }).first().getAttribute('href'))!;
    for (const address of ['/admin', '/admin/feedback', desk, remove, '/admin/numbers', '/admin/numbers?days=365']) await look(address);
    await expect(page.getByRole('cell', { name: 'fewer than 5' }).first()).toBeVisible();
  });
});
