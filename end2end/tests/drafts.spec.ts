// The editor of the desk with script: the preview as one types, drafts, what asks before text is left, and the tools.
import { randomUUID } from 'node:crypto';

import { expect, type Page } from '@playwright/test';

import { button, test } from './account';
import { mistakes, sideways, violations } from './checks';
import { another, becomeStaff, isDone } from './staff';

// People with a password, an authenticator app and a role.
test.describe.configure({ timeout: 120_000 });

const text = (page: Page) => page.getByLabel('Text', { exact: true });
const preview = (page: Page) => page.getByRole('region', { name: 'Preview' });
const state = (page: Page) => page.locator('#draft_state');

/** Begins an article of this text, and returns the address of its page. */
async function begin(page: Page, markdown: string): Promise<string> {
  const slug = `drafts-${randomUUID().slice(0, 8)}`;
  await page.goto('/admin/articles/new');
  await page.getByLabel('Title').fill(`Drafts ${slug}`);
  await page.getByLabel('Address').fill(slug);
  await page.getByLabel('Summary').fill('On drafts.');
  await text(page).fill(markdown);
  await button(page, 'Save').click();
  await isDone(page, 'Saved as a new revision.');
  return page.url().split('?')[0];
}

/** Types at the end of the text. */
async function type(page: Page, words: string): Promise<void> {
  await text(page).press('Control+End');
  await text(page).pressSequentially(words);
}

async function isKept(page: Page): Promise<void> {
  await expect(state(page)).toHaveText(/^Draft saved \d\d:\d\d$/, { timeout: 10_000 });
  await expect(page.locator('#draft_more')).toBeHidden({ timeout: 10_000 });
}

test('a text is seen as readers see it, kept as a draft, and offered again', async ({ page, viewport }) => {
  await becomeStaff(page, 'editor');
  const article = await begin(page, '## Rest\n\nRest a little.\n');
  await page.goto(`${article}/edit`);
  await expect(button(page, 'Preview'), 'it is there already').toBeHidden();
  await type(page, '\n::: do\n- walk <b>\n:::\n\n[gone](/articles/gone)\n<img src=x onerror="document.title=\'run\'">');
  await expect(preview(page).getByRole('heading', { name: 'Do', exact: true })).toBeVisible();
  await expect(preview(page)).toContainText('walk <b>');
  await expect(page.getByRole('region', { name: 'About the text' })).toContainText('the link to /articles/gone leads nowhere');
  await expect(page).toHaveTitle(/^Edit: /);
  const [writing, seen] = [await text(page).boundingBox(), await preview(page).boundingBox()];
  if (viewport!.width < 600) expect(seen!.y).toBeGreaterThan(writing!.y + writing!.height);
  else expect(seen!.x).toBeGreaterThan(writing!.x + writing!.width);

  await isKept(page);
  await page.goto(`${article}/edit`);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('You have a draft');
  await page.getByRole('link', { name: 'Go on with your draft' }).click();
  await expect(text(page)).toHaveValue(/walk <b>/);
  await type(page, '\nAnd on.');
  await button(page, 'Save').click();
  await isDone(page, 'Saved as a new revision.');
  await page.goto(`${article}/edit`);
  await expect(text(page)).toHaveValue(/And on\./);

  // Thrown away, after it was asked.
  await type(page, '\nNot this.');
  await isKept(page);
  await page.goto(`${article}/edit`);
  await page.getByRole('link', { name: /^Discard it/ }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Discard this draft?');
  await expect(page.getByRole('main')).toContainText('Not this.');
  await button(page, 'Discard the draft').click();
  await expect(page.getByRole('main').getByText('Your draft is discarded.')).toBeVisible();
  await expect(text(page)).not.toHaveValue(/Not this\./);
});

test('what the server does not have is not left without being asked', async ({ page }) => {
  await becomeStaff(page, 'editor');
  const article = await begin(page, 'Rest.\n');
  await page.goto(`${article}/edit`);
  const asked: string[] = [];
  page.on('dialog', async (dialog) => {
    asked.push(dialog.type());
    await dialog.dismiss();
  });
  await page.context().setOffline(true);
  await type(page, 'Without a network.');
  await expect(state(page)).toHaveText('Not saved: no connection; still trying', { timeout: 10_000 });
  await page.getByRole('link', { name: 'About this article' }).click();
  await expect.poll(() => asked).toEqual(['beforeunload']);
  await button(page, 'Save').click();
  await expect(text(page), 'a save that cannot arrive takes nothing away').toHaveValue(/Without a network\./);
  await page.context().setOffline(false);
  await isKept(page);
  await page.getByRole('link', { name: 'About this article' }).click();
  await expect(page, 'what the server has can be left').toHaveURL(article);
  expect(asked).toHaveLength(1);
  await page.goto(`${article}/edit?draft=open`);
  await expect(text(page)).toHaveValue(/Without a network\./);
});

test('two editors see one another, and save both', async ({ page, browser, contextOptions, viewport, baseURL }) => {
  const other = await another(browser, { ...contextOptions, viewport, baseURL });
  await Promise.all([becomeStaff(page, 'editor'), becomeStaff(other, 'editor')]);
  const article = await begin(page, '## Rest\n\nRest a little.\n\n## Sleep\n\nSleep.\n');
  await Promise.all([page, other].map((one) => one.goto(`${article}/edit`)));
  await text(page).fill('## Rest\n\nRest a lot.\n\n## Sleep\n\nSleep.\n');
  await isKept(page);
  await type(other, '\nOn your side.');
  await expect(other.locator('#who_else')).toHaveText(/@.+ is editing this \(last typed \d\d:\d\d\)\./);
  await isKept(other);
  await button(page, 'Save').click();
  await isDone(page, 'Saved as a new revision.');
  await button(other, 'Save').click();
  await isDone(other, 'what both changed was brought together');
  await page.goto(`${article}/edit`);
  await expect(text(page)).toHaveValue(/Rest a lot\.[^]*On your side\./);
  await other.context().close();
});

test('the tools write at the cursor, by keys alone', async ({ page }) => {
  await becomeStaff(page, 'editor');
  await page.goto('/admin/articles/new');
  const bar = page.getByRole('toolbar', { name: 'Write marks into the text' });
  await expect(bar).toBeVisible();
  await text(page).fill('Rest\n\nWalk on');
  await text(page).evaluate((box: HTMLTextAreaElement) => box.setSelectionRange(0, 0));
  await bar.getByRole('button', { name: 'Heading', exact: true }).focus();
  await page.keyboard.press('Enter');
  await expect(text(page)).toHaveValue('## Rest\n\nWalk on');
  await text(page).press('Control+End');
  await text(page).press('Control+Shift+ArrowLeft');
  await text(page).press('Control+b');
  await expect(text(page)).toHaveValue('## Rest\n\nWalk **on**');
  // One stop for the tab key, and arrows within.
  await text(page).press('Control+End');
  await bar.getByRole('button', { name: 'Heading', exact: true }).focus();
  await page.keyboard.press('ArrowLeft');
  await expect(bar.getByRole('button', { name: 'Checker' })).toBeFocused();
  await page.keyboard.press('Tab');
  await expect(page.getByLabel('Exercise', { exact: true })).toBeFocused();
  await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('Enter');
  await expect(text(page)).toBeFocused();
  await expect(text(page)).toHaveValue('## Rest\n\nWalk **on**\n\n::: do\n- what helps\n:::');
  await page.keyboard.type('walking');
  await expect(text(page)).toHaveValue('## Rest\n\nWalk **on**\n\n::: do\n- walking\n:::');
  await expect(preview(page).getByRole('listitem')).toHaveText('walking');
  // What was chosen goes into the card, and a press can be undone.
  await text(page).evaluate((box: HTMLTextAreaElement) => box.setSelectionRange(9, 20));
  await bar.getByRole('button', { name: 'Emergency card' }).click();
  await expect(text(page)).toHaveValue('## Rest\n\n::: emergency {rules="E01"}\n- Walk **on**\n:::\n\n::: do\n- walking\n:::');
  await page.keyboard.press('Control+z');
  await expect(text(page)).toHaveValue('## Rest\n\nWalk **on**\n\n::: do\n- walking\n:::');
  await text(page).press('Control+End');
  await page.getByLabel('Exercise', { exact: true }).selectOption('bridge');
  await button(page, 'Link to this exercise').click();
  await expect(text(page)).toHaveValue(/:::\[[^\]]+\]\(\/exercises\/bridge\)$/);
  await isKept(page);
  await page.goto('/admin/articles/new/draft/discard');
  await button(page, 'Discard the draft').click();
  await expect(text(page)).toHaveValue('');
});

test.describe('without script', () => {
  test.use({ javaScriptEnabled: false });

  test('the editor has a preview by a button, and no tools', async ({ page }) => {
    await becomeStaff(page, 'editor');
    await page.goto('/admin/articles/new');
    await expect(page.getByRole('toolbar')).toHaveCount(0);
    await text(page).fill('## Rest\n');
    expect(await mistakes(page, () => button(page, 'Preview').click())).toEqual([]);
    await expect(preview(page).getByRole('heading', { name: 'Rest' })).toBeVisible();
    await expect(text(page)).toHaveValue('## Rest\n');
  });
});

test.describe('the pages of drafts', () => {
  // axe is a script.
  test.use({ bypassCSP: true });

  test('are accessible, valid, and as wide as the screen', async ({ page }) => {
    await becomeStaff(page, 'editor');
    const article = await begin(page, '## Rest\n\nRest.\n');
    const long = 'Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft'.repeat(3);
    const pages: [string, () => Promise<void>][] = [
      ['an editor that is empty', async () => void (await page.goto('/admin/articles/new'))],
      [
        'a text as it is typed',
        async () => {
          await page.goto(`${article}/edit`);
          await type(page, `\n${long}\n\n::: emergency {rules="E01"}\n- it is numb\n:::\n`);
          await isKept(page);
        },
      ],
      ['a draft that is offered', async () => void (await page.goto(`${article}/edit`))],
      ['a draft that is gone on with', async () => void (await page.goto(`${article}/edit?draft=open`))],
      ['a draft that is thrown away', async () => void (await page.goto(`${article}/draft/discard`))],
      ['the desk', async () => void (await page.goto('/admin'))],
    ];
    for (const [name, reach] of pages) {
      expect.soft(await mistakes(page, reach), name).toEqual([]);
      expect.soft(await violations(page), name).toEqual([]);
      expect.soft(await sideways(page), name).toBe(0);
    }
  });
});
