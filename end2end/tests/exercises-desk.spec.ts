// Exercises at the desk: a step is changed, approved by somebody else and read; a new one with a drawing of its own is kept; and
// one that is taken out of the library is told of to whoever has it in their plan. Each test has an exercise of its own, because
// every other test chooses from the library.
import { randomUUID } from 'node:crypto';

import { expect, type Page } from '@playwright/test';

import { button, test } from './account';
import { mistakes, sideways, violations } from './checks';
import { another, becomeStaff, isDone } from './staff';
import { errorSummary, heading, isReady } from './support';

// Two people, each with a password, an authenticator app and a role.
test.describe.configure({ timeout: 240_000 });

const DRAWING = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 240 160"><path d="M20 140h200M60 140v-60l40-30" fill="none" stroke="currentColor"/></svg>';

/** Fills in the form of a new exercise. */
async function write(page: Page, name: string, slug: string): Promise<void> {
  await page.goto('/admin/exercises/new');
  for (const [label, words] of Object.entries({
    Name: name,
    Address: slug,
    'What it is good for': 'Makes your thighs stronger',
    Summary: 'Against a wall, you bend your knees a little.',
    'Place in the library': '900',
    'How to begin': 'Stand with your back to a wall.',
    Steps: 'Slide down a little.\nSlide up again.',
    'Easier version': 'Slide less far.',
    Sets: '2',
    'Times in each set': '8',
    'Up to this many times': '12',
    'How often': 'Once a day',
    'How much it may hurt': 'Tired thighs are fine.',
    'When to stop': 'Stop if your knees hurt.',
    'The drawing in words': 'A person slides down a wall.',
    'Title of the source': 'Strength at home',
    'Who published it': 'NHS',
    'What did you change?': 'A new one',
  })) {
    await page.getByLabel(label, { exact: true }).fill(words);
  }
  await page.getByRole('checkbox', { name: 'Your knees are bad' }).check();
}

async function upload(page: Page, drawing: string): Promise<void> {
  const file = { name: 'drawing.svg', mimeType: 'image/svg+xml', buffer: Buffer.from(drawing) };
  await page.getByLabel('Choose a drawing').setInputFiles(file);
}

async function approve(page: Page): Promise<void> {
  await page.getByLabel('Your name').fill('Alex Example');
  await page.getByLabel('Your registration number').fill('HCPC PH123456');
  await page.getByRole('checkbox', { name: /^I have read revision/ }).check();
  await button(page, /^Approve revision/).click();
  await isDone(page, 'Approved.');
}

function ofItsOwn(): { slug: string; name: string } {
  const slug = `wall-slide-${randomUUID().slice(0, 8)}`;
  return { slug, name: `Wall slide ${slug.slice(11)}` };
}

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? 'exercises with script' : 'exercises without script', () => {
    test.use({ javaScriptEnabled });

    test('an exercise is written, approved by somebody else, read, changed, restored and archived', async ({
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
      const { slug, name } = ofItsOwn();

      // Written, with a drawing that is refused first, and nothing typed lost.
      await write(page, name, slug);
      await page.getByLabel('When to stop').fill('');
      await upload(page, DRAWING.replace('<path', '<script>alert(1)</script><path'));
      await button(page, 'Save').click();
      await expect(errorSummary(page).getByRole('link')).toHaveCount(2);
      await expect(errorSummary(page)).toContainText('The drawing cannot be used: it has <script>');
      await errorSummary(page).getByRole('link', { name: /^Enter when to stop/ }).press('Enter');
      await expect(page.getByLabel('When to stop')).toBeFocused();
      await expect(page.getByLabel('Steps'), 'nothing typed is lost').toHaveValue('Slide down a little.\nSlide up again.');
      await expect(page.getByRole('checkbox', { name: 'Your knees are bad' })).toBeChecked();
      await page.getByLabel('When to stop').fill('Stop if your knees hurt.');
      await upload(page, DRAWING);
      await button(page, 'Preview').click();
      const preview = page.getByRole('region', { name: 'As readers see it' });
      await expect(preview).toContainText('8 times · 2 sets');
      await expect(preview.getByRole('img', { name: 'A person slides down a wall.' })).toBeVisible();
      await button(page, 'Save').click();
      await isDone(page, 'Saved as a new revision.');
      const desk = page.url().split('?')[0];
      expect((await reader.goto(`/exercises/${slug}`))?.status(), 'nobody reads a draft').toBe(404);

      // Approved by somebody else.
      await button(page, 'Send to review').click();
      await isDone(page, 'Sent to review.');
      await expect(page.getByRole('button', { name: /^Approve/ }), 'an editor does not approve').toHaveCount(0);
      await reviewer.goto('/admin');
      await reviewer.getByRole('region', { name: /^Exercises to review/ }).getByRole('link', { name }).click();
      await approve(reviewer);
      await page.goto(desk);
      await button(page, 'Publish it now').click();
      await isDone(page, 'Published.');
      await reader.goto('/exercises');
      await reader.getByRole('link', { name }).click();
      await expect(reader.getByRole('main')).toContainText('Reviewed by Alex Example (HCPC PH123456) on ');

      // A step is changed: readers see it once it is approved.
      await page.getByRole('main').getByRole('link', { name: 'Edit', exact: true }).click();
      await page.getByLabel('Steps').fill('Slide down a hand’s breadth.\nSlide up again.');
      await page.getByLabel('What did you change?').fill('How far');
      await button(page, 'Save').click();
      await isDone(page, 'Saved as a new revision.');
      await page.getByRole('link', { name: 'Compare with what readers see' }).click();
      await expect(page.getByRole('region', { name: 'Steps' }).locator('ins')).toContainText('hand');
      await reader.goto(`/exercises/${slug}`);
      await expect(reader.getByRole('listitem').filter({ hasText: 'Slide down a little.' })).toBeVisible();
      await page.goto(desk);
      await button(page, 'Send to review').click();
      await reviewer.goto(desk);
      await reviewer.getByLabel('Comment on revision 2').fill('Good.');
      await button(reviewer, 'Comment').click();
      await isDone(reviewer, 'Your comment is kept.');
      await approve(reviewer);
      await button(reviewer, 'Publish it now').click();
      await isDone(reviewer, 'Published.');
      await reader.reload();
      await expect(reader.getByRole('listitem').filter({ hasText: 'hand’s breadth' })).toBeVisible();

      // Restored as a new revision, which changes nothing for readers.
      await page.goto(`${desk}/revisions/1`);
      await button(page, 'Restore it as a new revision').click();
      await isDone(page, 'Restored, as a new revision.');
      await expect(page.getByRole('region', { name: 'How it stands' })).toContainText('Readers see revision 2');

      // A patient has it in their plan when it is taken out of the library.
      if (javaScriptEnabled) {
        await reader.goto('/tracker/plan');
        await isReady(reader);
        await reader.locator('summary', { hasText: 'Choose your own exercises' }).click();
        await reader.getByRole('checkbox', { name }).check();
        await reader.getByRole('button', { name: 'Save my exercises' }).click();
        await expect(reader.locator('.exercise:visible')).toContainText(name);
      }
      await page.getByLabel('What whoever has it in their plan is told').fill('Stop doing it: it may harm.');
      await button(page, 'Archive it').click();
      await isDone(page, 'Archived');
      await reader.goto(`/exercises/${slug}`);
      await expect(reader.getByRole('main')).toContainText('not in our library any more. Stop doing it: it may harm.');
      await expect(reader.getByRole('link', { name: 'Add it to my day' })).toHaveCount(0);
      if (javaScriptEnabled) {
        await reader.goto('/tracker');
        await isReady(reader);
        await expect(reader.locator('.exercise:visible')).toContainText('Stop doing it: it may harm.');
        await reader.goto('/tracker/session');
        await isReady(reader);
        await expect(heading(reader), 'nobody is led through it').toHaveText('No session today');
        await reader.goto('/tracker/plan');
        await isReady(reader);
        await reader.locator('summary', { hasText: 'Change my exercises' }).click();
        await reader.getByRole('checkbox', { name }).uncheck();
        await reader.getByRole('button', { name: 'Save my exercises' }).click();
        await expect(reader.locator('.exercise:visible')).toHaveCount(0);
        await expect(reader.getByRole('checkbox', { name }), 'nor is it offered again').toHaveCount(0);
      }
      await Promise.all([reviewer.context().close(), reader.context().close()]);
    });
  });
}

test.describe('the pages of exercises at the desk', () => {
  // axe is a script.
  test.use({ bypassCSP: true });

  test('are accessible, valid, and as wide as the screen', async ({ page }) => {
    await becomeStaff(page, 'editor', 'reviewer');
    const { slug, name } = ofItsOwn();
    await write(page, name, slug);
    await upload(page, DRAWING);
    await button(page, 'Save').click();
    await isDone(page, 'Saved as a new revision.');
    const desk = page.url().split('?')[0];
    await page.getByRole('main').getByRole('link', { name: 'Edit', exact: true }).click();
    await page.getByLabel('Steps').fill('Slide down.');
    await page.getByLabel('Or paste it as SVG').fill(DRAWING.replace('M20 140h200', 'M20 150h200'));
    await button(page, 'Save').click();
    await button(page, 'Send to review').click();
    await page.getByLabel('Comment on revision 2').fill('Look at <this>.');
    await button(page, 'Comment').click();
    const paths = ['/admin', '/admin/exercises?q=wall', '/admin/exercises/new', desk, `${desk}/edit`, `${desk}/revisions/1`, `${desk}/compare?from=1&to=2`, '/admin/exercises/bridge'];
    const pages: [string, () => Promise<void>][] = [
      ...paths.map((path): [string, () => Promise<void>] => [path, async () => void (await page.goto(path))]),
      [
        'a form with errors',
        async () => {
          await page.goto('/admin/exercises/new');
          await page.getByLabel('Sets', { exact: true }).fill('9');
          await button(page, 'Save').click();
          await expect(errorSummary(page).getByRole('link', { name: 'Enter a number from 1 to 5' })).toBeVisible();
        },
      ],
      [
        'a preview',
        async () => {
          await page.goto(`${desk}/edit`);
          await button(page, 'Preview').click();
          await expect(page.getByRole('region', { name: 'As readers see it' })).toBeVisible();
        },
      ],
      [
        'one that is archived',
        async () => {
          await page.goto(desk);
          await button(page, 'Archive it').click();
          await isDone(page, 'Archived');
        },
      ],
    ];
    for (const [shown, reach] of pages) {
      expect.soft(await mistakes(page, reach), shown).toEqual([]);
      expect.soft(await violations(page), shown).toEqual([]);
      expect.soft(await sideways(page), shown).toBe(0);
      await expect(heading(page)).toBeVisible();
    }
  });
});
