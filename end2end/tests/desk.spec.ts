// The content desk: an editor and a reviewer bring an article to readers, and correct, restore, rename and archive it.
import { randomUUID } from 'node:crypto';

import { expect, type Page } from '@playwright/test';

import { button, test } from './account';
import { mistakes, sideways, violations } from './checks';
import { picture } from './pictures';
import { another, becomeStaff, isDone } from './staff';
import { errorSummary, heading } from './support';

// Two people, each with a password, an authenticator app and a role.
test.describe.configure({ timeout: 240_000 });

const SADDLE = '## When to wait\n\nSaddle numbness can wait for a GP appointment.\n';
const CARD = '\n::: emergency {rules="E01"}\n- it is numb between your legs\n:::\n';

/** Fills in the editor for a new article. */
async function write(page: Page, title: string, slug: string, text: string): Promise<void> {
  await page.goto('/admin/articles/new');
  await page.getByLabel('Title').fill(title);
  await page.getByLabel('Address').fill(slug);
  await page.getByLabel('Summary').fill('On numbness, and when it cannot wait.');
  await page.getByLabel('Text', { exact: true }).fill(text);
  await page.getByLabel('Tags').fill('sciatica');
  await page.getByLabel('Sources').fill('Sciatica | NHS 111 Wales | https://111.wales.nhs.uk/sciatica/');
}

/** On the article's page: opens the editor, changes the text and saves. */
async function change(page: Page, from: string | RegExp, to: string, note: string): Promise<void> {
  await page.getByRole('main').getByRole('link', { name: 'Edit', exact: true }).click();
  const text = page.getByLabel('Text', { exact: true });
  await text.fill((await text.inputValue()).replace(from, to));
  await page.getByLabel('What did you change?').fill(note);
  await button(page, 'Save').click();
  await isDone(page, 'Saved as a new revision.');
}

async function approve(page: Page): Promise<void> {
  await page.getByLabel('Your name').fill('Dr Alex Example');
  await page.getByLabel('Your registration number').fill('GMC 1234567');
  await page.getByRole('checkbox', { name: /^I have read revision/ }).check();
  await button(page, /^Approve revision/).click();
}

/** What readers see, once what was just read is not kept any more. */
async function readersSee(page: Page, address: string, words: string | RegExp): Promise<void> {
  await expect(async () => {
    await page.goto(address);
    await expect(page.getByRole('main')).toContainText(words, { timeout: 500 });
  }).toPass({ timeout: 10_000 });
}

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? 'the desk with script' : 'the desk without script', () => {
    test.use({ javaScriptEnabled });

    test('an article is written, reviewed, changed, approved, read, corrected, restored, renamed and archived', async ({
      page,
      browser,
      contextOptions,
      viewport,
      baseURL,
    }) => {
      const options = { ...contextOptions, viewport, baseURL, javaScriptEnabled };
      const [reviewer, reader] = [await another(browser, options), await another(browser, options)];
      await becomeStaff(page, 'editor');
      await becomeStaff(reviewer, 'reviewer');
      const slug = `numbness-${randomUUID().slice(0, 8)}`;
      const title = `Numbness ${slug.slice(9)}`;

      // Its picture.
      await page.goto('/admin/media/new');
      await page.getByLabel('What does it show?').fill('A saddle, seen from above');
      await page.getByLabel('Picture', { exact: true }).setInputFiles(picture('saddle.png', 800, 600));
      await button(page, 'Add the picture').click();
      await isDone(page, 'Added.');
      const line = await page.getByText(/^!\[\]\(\/media\//).textContent();
      const text = `${SADDLE}\n${line}\n`;

      // Written, looked at, kept.
      await write(page, title, 'Not an address', text);
      await button(page, 'Save').click();
      await expect(errorSummary(page).getByRole('link', { name: /^Enter an address/ })).toBeVisible();
      await expect(page.getByLabel('Text', { exact: true }), 'nothing typed is lost').toHaveValue(text);
      await page.getByLabel('Address').fill(slug);
      // With script it is there while one types.
      if (!javaScriptEnabled) await button(page, 'Preview').click();
      await expect(page.getByRole('region', { name: 'Preview' }).getByRole('heading', { name: 'When to wait' })).toBeVisible();
      await expect(page.getByRole('region', { name: 'About the text' })).toContainText('mentions a sign of rule E01');
      await button(page, 'Save').click();
      await isDone(page, 'Saved as a new revision.');
      const desk = page.url().split('?')[0];
      expect((await reader.goto(`/articles/${slug}`))?.status(), 'nobody reads a draft').toBe(404);
      await button(page, 'Send to review').click();
      await isDone(page, 'Sent to review.');

      // Not approved: a comment, and the card.
      await reviewer.goto('/admin');
      await reviewer.getByRole('region', { name: /^To review/ }).getByRole('link', { name: title }).click();
      await approve(reviewer);
      await expect(errorSummary(reviewer)).toContainText('The safety check found something');
      await expect(reviewer.getByLabel('Your name')).toHaveValue('Dr Alex Example');
      await reviewer.getByLabel('Comment on revision 1').fill('It cannot wait: say so, in a card.');
      await button(reviewer, 'Comment').click();
      await isDone(reviewer, 'Your comment is kept.');
      await page.goto(desk);
      await expect(page.getByRole('region', { name: 'Comments' })).toContainText('It cannot wait');
      await change(page, /Saddle.*\n/, `Saddle numbness cannot wait.\n${CARD}`, 'The card');
      await button(page, /^Resolve/).click();
      await isDone(page, 'The comment is resolved.');
      await button(page, 'Send to review').click();

      // Approved, published, found.
      await reviewer.goto(desk);
      await approve(reviewer);
      await isDone(reviewer, 'Approved.');
      await page.goto(desk);
      await button(page, 'Publish it now').click();
      await isDone(page, 'Published.');
      await readersSee(reader, '/articles?tag=sciatica', title);
      await reader.getByRole('link', { name: title }).click();
      await expect(reader.getByRole('main')).toContainText('It was reviewed by Dr Alex Example (GMC 1234567).');
      const saddle = reader.getByRole('img', { name: 'A saddle, seen from above' });
      await saddle.scrollIntoViewIfNeeded();
      await expect(saddle).toBeVisible();
      const file = await reader.request.get((await saddle.getAttribute('src'))!);
      expect([file.status(), file.headers()['content-type']]).toEqual([200, 'image/jpeg']);

      // Corrected: readers see it once it is approved again.
      await page.goto(desk);
      await change(page, 'cannot wait.', 'cannot wait an hour.', 'How long');
      await button(page, 'Send to review').click();
      await page.getByRole('link', { name: 'Compare with what readers see' }).click();
      await expect(page.getByRole('region', { name: 'Text' }).locator('ins')).toContainText('hour');
      await readersSee(reader, `/articles/${slug}`, 'cannot wait.');
      await reviewer.goto(desk);
      await approve(reviewer);
      await button(reviewer, 'Publish it now').click();
      await readersSee(reader, `/articles/${slug}`, 'cannot wait an hour.');

      // Restored as a new revision, which changes nothing for readers.
      await page.goto(`${desk}/revisions/2`);
      await button(page, 'Restore it as a new revision').click();
      await isDone(page, 'Restored, as a new revision.');
      await expect(page.getByRole('region', { name: 'Revisions' })).toContainText('Revision 2, restored');
      await expect(page.getByRole('region', { name: 'How it stands' })).toContainText('Readers see revision 3');

      // Another address, and off the site.
      await page.getByLabel('What stands behind /articles/').fill(`${slug}-again`);
      await button(page, 'Change the address').click();
      await isDone(page, 'The address is changed.');
      // Once what was just read at the old address is not kept any more.
      await expect(async () => {
        await reader.goto(`/articles/${slug}`);
        expect(new URL(reader.url()).pathname).toBe(`/articles/${slug}-again`);
      }).toPass({ timeout: 10_000 });
      await expect(reader.getByRole('main')).toContainText('cannot wait an hour.');
      await button(page, 'Archive it').click();
      await isDone(page, 'Archived');
      await expect(async () => {
        expect((await reader.goto(`/articles/${slug}-again`))?.status()).toBe(404);
      }).toPass({ timeout: 10_000 });
      await button(page, 'Bring it back').click();
      await isDone(page, 'It is back on the desk.');
      await Promise.all([reviewer.context().close(), reader.context().close()]);
    });
  });
}

test.describe('the pages of the desk', () => {
  // axe is a script.
  test.use({ bypassCSP: true });

  test('are accessible, valid, and as wide as the screen', async ({ page }) => {
    await becomeStaff(page, 'editor', 'reviewer');
    const slug = `pages-${randomUUID().slice(0, 8)}`;
    await write(page, `Pages ${slug}`, slug, SADDLE);
    await button(page, 'Save').click();
    await isDone(page, 'Saved as a new revision.');
    const desk = page.url().split('?')[0];
    await change(page, 'can wait', 'cannot wait', 'Mended');
    await button(page, 'Send to review').click();
    await page.getByLabel('Comment on revision 2').fill('Look at <this>.');
    await button(page, 'Comment').click();
    const pages: [string, () => Promise<void>][] = [
      ...['/admin', '/admin/articles?q=pages&status=in-review', desk, `${desk}/edit`, `${desk}/revisions/1`, `${desk}/compare?from=1&to=2`].map(
        (path): [string, () => Promise<void>] => [path, async () => void (await page.goto(path))],
      ),
      [
        'an editor with errors',
        async () => {
          await write(page, '', 'Not an address', SADDLE);
          await button(page, 'Save').click();
          await expect(errorSummary(page).getByRole('link')).toHaveCount(2);
        },
      ],
      [
        'a comment that is empty',
        async () => {
          await page.goto(desk);
          await button(page, 'Comment').click();
          await expect(errorSummary(page)).toContainText('Enter a comment');
        },
      ],
    ];
    for (const [name, reach] of pages) {
      expect.soft(await mistakes(page, reach), name).toEqual([]);
      expect.soft(await violations(page), name).toEqual([]);
      expect.soft(await sideways(page), name).toBe(0);
      await expect(heading(page)).toBeVisible();
    }
  });
});
