// The library of pictures: added, described, put into an article, replaced, archived and deleted.
import { randomUUID } from 'node:crypto';

import { expect, type Page } from '@playwright/test';

import { button, test } from './account';
import { mistakes, sideways, violations } from './checks';
import { picture } from './pictures';
import { becomeStaff, isDone } from './staff';
import { errorSummary, heading } from './support';

// People with a password, an authenticator app and a role.
test.describe.configure({ timeout: 180_000 });

const file = (page: Page) => page.getByLabel('Picture', { exact: true });
const alt = (page: Page) => page.getByLabel('What does it show?');
const preview = (page: Page) => page.getByRole('region', { name: 'Preview' });

/** Adds a picture, and returns the address of its page. */
async function add(page: Page, name: string, words: string, width = 700, height = 500): Promise<string> {
  await page.goto('/admin/media/new');
  await alt(page).fill(words);
  await page.getByLabel('Name', { exact: true }).fill(name);
  await file(page).setInputFiles(picture('leg.png', width, height));
  await button(page, 'Add the picture').click();
  await isDone(page, 'Added.');
  return page.url().split('?')[0]!;
}

/** The picture is there, and as wide as that. */
async function isShown(page: Page, words: string, width: number): Promise<void> {
  const shown = page.getByRole('img', { name: words });
  await shown.scrollIntoViewIfNeeded();
  await expect(shown).toHaveAttribute('width', String(width));
  await expect(shown).toBeVisible();
  // Without script a page cannot be asked what it has loaded: then the file is asked for.
  const address = await shown.getAttribute('src');
  expect((await page.request.get(address!)).headers()['content-type']).toMatch(/^image\//);
}

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? 'the library with script' : 'the library without script', () => {
    test.use({ javaScriptEnabled });

    test('a picture is added, described, put into an article, and replaced there', async ({ page }) => {
      await becomeStaff(page, 'editor');
      const name = `Leg ${randomUUID().slice(0, 8)}`;
      await page.goto('/admin');
      await page.getByRole('main').getByRole('link', { name: 'Pictures' }).click();
      await page.getByRole('link', { name: 'Add a picture' }).click();

      // What is wrong is said, and what was typed stays.
      await page.getByLabel('Credit').fill('Ann Example');
      await button(page, 'Add the picture').click();
      await expect(errorSummary(page).getByRole('link', { name: 'Choose a picture' })).toBeVisible();
      await expect(errorSummary(page).getByRole('link', { name: /^Describe the picture/ })).toBeVisible();
      await alt(page).fill('A leg');
      await file(page).setInputFiles({ name: 'leg.png', mimeType: 'image/png', buffer: Buffer.from('<html><script>alert(1)</script></html>') });
      await button(page, 'Add the picture').click();
      await expect(errorSummary(page)).toContainText('no SVG');
      await expect(alt(page)).toHaveValue('A leg');
      await expect(page.getByLabel('Credit')).toHaveValue('Ann Example');

      // A picture without words is kept until it has them.
      await alt(page).fill('');
      await page.getByLabel('Name', { exact: true }).fill(name);
      await file(page).setInputFiles(picture('leg.png', 700, 500));
      await button(page, 'Add the picture').click();
      await expect(errorSummary(page).getByRole('link', { name: /^Describe the picture/ })).toBeVisible();
      await expect(page.getByRole('main').getByRole('status').filter({ hasText: 'The picture is kept' })).toBeVisible();
      await alt(page).fill(`A bent ${name}`);
      await button(page, 'Save').click();
      await isDone(page, 'Saved.');
      await isShown(page, `A bent ${name}`, 700);
      const library = page.url().split('?')[0]!;
      const line = await page.getByText(/^!\[\]\(\/media\//).textContent();

      // Into an article: chosen with script, copied without.
      await page.goto('/admin/articles/new');
      await page.getByLabel('Title').fill(`On the ${name}`);
      await page.getByLabel('Address').fill(`on-the-${name.toLowerCase().replace(' ', '-')}`);
      await page.getByLabel('Summary').fill('On legs.');
      const text = page.getByLabel('Text', { exact: true });
      if (javaScriptEnabled) {
        await text.fill('## Legs\n\nLook:');
        await button(page, /^Put in a picture/).click();
        const chooser = page.getByRole('dialog', { name: 'Put in a picture' });
        await chooser.getByLabel('Search').fill(name);
        await expect(chooser.getByRole('list').getByRole('button')).toHaveCount(1);
        await chooser.getByRole('button', { name }).click();
        await expect(chooser).toBeHidden();
        await expect(text).toHaveValue(`## Legs\n\nLook:\n\n${line}`);
        await expect(text).toBeFocused();
      } else {
        await text.fill(`## Legs\n\nLook:\n\n${line}\n`);
        await button(page, 'Preview').click();
      }
      await expect(preview(page).getByRole('img', { name: `A bent ${name}` })).toBeVisible();
      await expect(preview(page)).toContainText('Picture: Ann Example');
      await button(page, 'Save').click();
      await isDone(page, 'Saved as a new revision.');
      const desk = page.url().split('?')[0]!;

      // Where it is used, and replaced there without another revision.
      await page.goto(library);
      await expect(page.getByRole('region', { name: 'Where it is used' }).getByRole('link', { name: `On the ${name}` })).toBeVisible();
      await expect(page.getByRole('region', { name: /^Archive or delete/ })).toContainText('It is used');
      await page.getByRole('link', { name: /^Replace the picture/ }).click();
      await expect(page.getByRole('main')).toContainText('at once and without a review');
      await alt(page).fill(`A straight ${name}`);
      await file(page).setInputFiles(picture('straight.png', 400, 300, [120, 60, 60]));
      await button(page, 'Replace it everywhere').click();
      await isDone(page, 'Replaced.');
      await page.goto(`${desk}/revisions/1`);
      await isShown(page, `A straight ${name}`, 400);
      await page.goto(library);
      await button(page, 'Show this version again').click();
      await isDone(page, 'Replaced.');
      await isShown(page, `A straight ${name}`, 700);

      // An address that is none of the library's.
      await page.goto(`${desk}/edit`);
      await text.fill('## Legs\n\n![A leg](https://example.org/leg.png)\n');
      if (!javaScriptEnabled) await button(page, 'Preview').click();
      await expect(preview(page)).toContainText('Line 3: “https://example.org/leg.png” is no picture of the library');
    });

    test('what nothing shows is archived, brought back, and deleted by an administrator', async ({ page }) => {
      await becomeStaff(page, 'editor', 'admin');
      const name = `Foot ${randomUUID().slice(0, 8)}`;
      const library = await add(page, name, `A ${name}`);
      await button(page, 'Archive it').click();
      await isDone(page, 'Archived');
      await page.goto(`/admin/media?q=${encodeURIComponent(name)}`);
      await expect(page.getByRole('main')).toContainText('0 pictures');
      await page.getByRole('link', { name: 'Archived pictures' }).click();
      await page.getByRole('link', { name }).click();
      await button(page, 'Bring it back').click();
      await isDone(page, 'It is back');
      await page.getByRole('link', { name: /^Delete it/ }).click();
      await expect(page.getByRole('main')).toContainText('cannot be had back');
      await button(page, 'Delete it for good').click();
      await isDone(page, 'Deleted');
      expect((await page.goto(library))?.status()).toBe(404);
    });
  });
}

test('a picture is dropped, and one that is too large is not sent', async ({ page }) => {
  await becomeStaff(page, 'editor');
  await page.goto('/admin/media/new');
  await alt(page).fill('A dropped leg');
  const state = page.locator('.drop__state');
  await expect(state).toHaveText('Or drop a picture here.');
  const drop = async (bytes: number[], size: number) => {
    const data = await page.evaluateHandle(
      ({ bytes, size }) => {
        const transfer = new DataTransfer();
        transfer.items.add(new File([new Uint8Array(bytes), new Uint8Array(size)], 'dropped.png', { type: 'image/png' }));
        return transfer;
      },
      { bytes, size },
    );
    await page.dispatchEvent('.drop', 'drop', { dataTransfer: data });
  };
  await drop([], 21 * 1024 * 1024);
  await expect(state).toContainText('choose one of 20.0 MB or less');
  await button(page, 'Add the picture').click();
  await expect(heading(page)).toHaveText('Add a picture');
  await expect(file(page)).toBeFocused();
  await drop([...picture('x.png', 64, 48).buffer], 0);
  await expect(state).toContainText('“dropped.png”');
  await button(page, 'Add the picture').click();
  await isDone(page, 'Added.');
  await isShown(page, 'A dropped leg', 64);
  await expect(heading(page)).toHaveText('dropped');
});

test.describe('the pages of the library', () => {
  // axe is a script.
  test.use({ bypassCSP: true });

  test('are accessible, valid, and as wide as the screen', async ({ page }) => {
    await becomeStaff(page, 'editor', 'admin');
    const name = `Page ${randomUUID().slice(0, 8)}`;
    const library = await add(page, name, `A ${name}`, 1700, 900);
    const pages: [string, () => Promise<void>][] = [
      ...['/admin/media', '/admin/media?show=archived&q=nothing', '/admin/media/new', library, `${library}/replace`, `${library}/delete`].map(
        (path): [string, () => Promise<void>] => [path, async () => void (await page.goto(path))],
      ),
      [
        'a picture that was not chosen',
        async () => {
          await page.goto('/admin/media/new');
          await button(page, 'Add the picture').click();
          await expect(errorSummary(page).getByRole('link')).toHaveCount(2);
        },
      ],
    ];
    for (const [what, reach] of pages) {
      expect.soft(await mistakes(page, reach), what).toEqual([]);
      expect.soft(await violations(page), what).toEqual([]);
      expect.soft(await sideways(page), what).toBe(0);
    }
    await page.goto('/admin/articles/new');
    await button(page, /^Put in a picture/).click();
    await expect(page.getByRole('dialog').getByRole('button', { name })).toBeVisible();
    expect(await violations(page), 'the chooser').toEqual([]);
    expect(await sideways(page), 'the chooser').toBe(0);
  });
});
