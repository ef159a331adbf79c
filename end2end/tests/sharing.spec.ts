// The clinician's summary, on paper too, and the link that shows it: made, opened by somebody else, and ended.
import { expect, type Page } from '@playwright/test';

import { agreeTo, agreeToEntries, button, makeLink, signUp, test, writeDiary } from './account';
import { errorSummary, heading, helpStrip } from './support';

// Each password that is chosen or given costs a run of Argon2, and this is a debug build.
test.describe.configure({ timeout: 60_000 });

/** How many pages a PDF has, by its page objects. */
function pagesOf(pdf: Buffer): number {
  return pdf.toString('latin1').match(/\/Type\s*\/Page(?!\w)/g)?.length ?? 0;
}

async function patient(page: Page): Promise<void> {
  await signUp(page);
  await agreeToEntries(page);
  await agreeTo(page, 'Share my entries with a clinician');
}

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? 'with script' : 'without script', () => {
    test.use({ javaScriptEnabled });

    test('a link is made, opened by somebody without an account or script, listed and ended', async ({ page, browser }) => {
      await patient(page);
      await writeDiary(page, 'Walked to the shop');
      await page.goto('/account/diary');
      await page.getByRole('link', { name: 'the summary for a clinician' }).click();
      await expect(page.getByRole('main')).toContainText('Walked to the shop');
      await page.getByRole('link', { name: 'Share it by a link' }).click();
      await page.getByLabel('Name to show').fill('Alex Example');
      const address = await makeLink(page);

      const context = await browser.newContext({ javaScriptEnabled: false });
      const clinician = await context.newPage();
      const answer = await clinician.goto(address);
      expect(answer?.status()).toBe(200);
      expect(answer?.headers()['referrer-policy']).toBe('no-referrer');
      expect(answer?.headers()['cache-control']).toContain('no-store');
      await expect(heading(clinician)).toHaveText('Summary for a clinician');
      await expect(clinician.getByRole('main')).toContainText('Walked to the shop');
      await expect(clinician.getByRole('main')).toContainText('Alex Example');
      expect(await context.cookies()).toEqual([]);

      await page.getByRole('link', { name: 'I have copied it' }).click();
      await expect(page.getByRole('region', { name: 'Your links' })).toContainText('Opened 1 time:');
      await button(page, /^End this link/).click();
      await expect(page.getByRole('region', { name: 'Your links' })).toContainText('Ended on');
      expect((await clinician.reload())?.status()).toBe(404);
      await expect(heading(clinician)).toHaveText('This link does not work');
      await context.close();
    });

    test('the summary can be printed, with a name that is typed and goes nowhere', async ({ page }) => {
      await patient(page);
      await writeDiary(page, 'Walked to the shop');
      await page.goto('/account/diary/summary');
      const print = page.getByRole('button', { name: 'Print or save this page' });
      await expect(print).toBeVisible({ visible: javaScriptEnabled });
      const name = page.getByRole('textbox', { name: 'Name' });
      await name.fill('Alex Example');
      await page.emulateMedia({ media: 'print' });
      await expect(name).toHaveValue('Alex Example');
      await expect(name).toBeVisible();
      for (const hidden of [helpStrip(page), button(page, 'Show these days'), print, button(page, 'Sign out')]) {
        await expect(hidden).toBeHidden();
      }
    });
  });
}

test('a day that is none is said, with the form as it was', async ({ page }) => {
  await patient(page);
  await page.goto('/account/diary/summary?from=2026-02-30&to=2026-03-01');
  await expect(errorSummary(page)).toContainText('Enter the first day');
  await expect(page.getByLabel('Last day')).toHaveValue('2026-03-01');
});

test('the button prints', async ({ page }) => {
  await page.addInitScript(() => {
    window.print = () => document.documentElement.setAttribute('data-printed', 'yes');
  });
  await patient(page);
  await writeDiary(page, 'Walked to the shop');
  await page.goto('/account/diary/summary');
  await page.getByRole('button', { name: 'Print or save this page' }).click();
  await expect(page.locator('html')).toHaveAttribute('data-printed', 'yes');
});

test('a year of days is two A4 pages at most', async ({ page, baseURL }) => {
  test.setTimeout(240_000);
  await patient(page);
  const today = Date.now();
  const day = (ago: number) => new Date(today - ago * 86_400_000).toISOString().slice(0, 10);
  for (let ago = 0; ago < 365; ago += 1) {
    const form = {
      day: day(ago),
      back: String(ago % 9),
      left_leg: String((ago * 7) % 11),
      right_leg: String(ago % 3),
      note: `Day ${ago}. ${'Walked, sat, rested and slept. '.repeat(20)}`,
      ...(ago % 10 === 0 ? { sign: 'fever' } : ago % 17 === 0 ? { sign: 'both_drop' } : { no_signs: 'yes' }),
    };
    const answer = await page.request.post('/account/diary', { form, headers: { origin: baseURL! }, maxRedirects: 0 });
    expect([200, 303]).toContain(answer.status());
  }
  await page.goto(`/account/diary/summary?from=${day(364)}&to=${day(0)}`);
  await expect(page.getByRole('main')).toContainText('365 of 365 days');
  const pdf = await page.pdf({ format: 'A4' });
  expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
  expect(pagesOf(pdf)).toBeLessThanOrEqual(2);
});
