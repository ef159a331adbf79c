// The checker, with script and without: the same questions, the same answers, and nothing kept.
import { expect, test, type Page } from '@playwright/test';

import {
  CHECKER,
  EMERGENCY,
  FOLLOW_UP,
  HELP_LINE,
  RESULTS,
  SELF_CARE,
  errorSummary,
  fillIn,
  goOn,
  heading,
  helpStrip,
  isReady,
  keptFiles,
  leaveEmpty,
  open,
  openWithScript,
  walk,
} from './support';

/** What the service worker keeps: the same for everybody, whatever is answered. */
const KEPT =
  /^GET (https?:\/\/[^/]+)?\/(sw\.js|seek-help|offline|favicon\.svg|assets\/(base|checker|checker-boot)\.[0-9a-f]+\.(css|js|wasm))$/;
const FIRST_SIGN = 'Numb, tingling or odd feeling between your legs';

/** What a journey must show whether the device decides or the server. */
function theSameEitherWay(begin: (page: Page) => Promise<void>): void {
  for (const journey of RESULTS) {
    test(`the answers for ${journey.name} lead to “${journey.heading}”`, async ({ page }) => {
      await begin(page);
      await walk(page, journey);

      await expect(page).toHaveTitle(/ – Sciaticalm$/);
      expect(await page.title()).toContain(journey.heading);
      await expect(page.getByText('Why we say this')).toBeVisible();
      await expect(page.getByText(/^Rule [A-Z]\d\d$/).first()).toBeVisible();
      await expect(page.getByRole('heading', { name: 'Call 999 or go to A&E now if any of these starts' })).toBeVisible();
      expect(new URL(page.url()).pathname).toBe('/seek-help');
      expect(new URL(page.url()).search).toBe('');
    });
  }

  test('pain without warning signs takes at most eight screens', async ({ page }) => {
    await begin(page);
    await walk(page, SELF_CARE);
    // And the result.
    expect(SELF_CARE.answers.length + 1).toBeLessThanOrEqual(8);
    await expect(page.getByText('Keep moving: gentle activity helps more than resting in bed.')).toBeVisible();
  });

  test('both feet dropping leads to the call button, in view without scrolling', async ({ page }) => {
    await begin(page);
    await walk(page, EMERGENCY);

    await expect(heading(page)).toHaveText('Call 999 or go to A&E now');
    const call = page.getByRole('main').getByRole('link', { name: 'Call 999' });
    await expect(call).toHaveAttribute('href', 'tel:999');
    await expect(call).toBeInViewport({ ratio: 1 });
    await expect(heading(page)).toBeInViewport({ ratio: 1 });
    expect(await page.evaluate(() => scrollY)).toBe(0);
    // Nobody is sent to the help line now, and 999 is at the top too.
    await expect(helpStrip(page).getByRole('link', { name: '999' })).toBeVisible();
    await expect(helpStrip(page).getByText('Help line')).toBeHidden();
    await expect(page.getByText('both feet dropping').first()).toBeVisible();
    await expect(page.getByText('Rule E08', { exact: true })).toBeVisible();
  });

  test('“change my answer” goes back to the sign, with what was ticked', async ({ page }) => {
    await begin(page);
    await walk(page, EMERGENCY);
    await page.getByRole('button', { name: 'change my answer' }).click();

    await expect(heading(page)).toHaveText('Is anything wrong with your legs or feet?');
    const ticked = page.getByRole('checkbox', { name: 'Both feet are dropping' });
    await expect(ticked).toBeChecked();
    await expect(page.getByRole('checkbox', { checked: true })).toHaveCount(1);

    await ticked.uncheck();
    await page.getByRole('checkbox', { name: 'None of these' }).check();
    await goOn(page);
    await expect(heading(page)).toHaveText('Have any of these happened?');
  });

  test('“Back” shows the screen before, as it was answered', async ({ page }) => {
    await begin(page);
    await walk(page, FOLLOW_UP);
    await page.getByRole('button', { name: 'Back' }).click();
    await expect(heading(page)).toHaveText('Is anything wrong with your legs or feet?');
    await expect(page.getByRole('checkbox', { name: 'Both feet are dropping' })).toBeChecked();
    await page.getByRole('button', { name: 'Back' }).click();
    await expect(heading(page)).toHaveText('Have you noticed any of these?');
    await expect(page.getByRole('checkbox', { name: 'None of these' })).toBeChecked();
    await expect(page.getByRole('button', { name: 'Back' })).toHaveCount(0);
  });

  test('an empty list is refused, with a link to its first box', async ({ page }) => {
    await begin(page);
    await leaveEmpty(page);

    await expect(page).toHaveTitle(/^Error: Have you noticed any of these\?/);
    await expect(page.getByRole('group', { name: 'Have you noticed any of these?' })).toHaveAccessibleDescription(
      /Tick what you have, or “None of these”/,
    );
    await errorSummary(page).getByRole('link', { name: 'Tick what you have, or “None of these”' }).click();
    await expect(page.getByRole('checkbox', { name: FIRST_SIGN })).toBeFocused();
  });

  test('a sign and “None of these” together are refused, and both stay ticked', async ({ page }) => {
    await begin(page);
    await fillIn(page, { screen: String(CHECKER.heading), ticks: [FIRST_SIGN, 'None of these'] });
    await goOn(page);
    await expect(errorSummary(page)).toContainText('not both');
    await expect(page.getByRole('checkbox', { name: FIRST_SIGN })).toBeChecked();
  });

  test('each question left open is named, and the others keep their answers', async ({ page }) => {
    await begin(page);
    await walk(page, { ...SELF_CARE, answers: SELF_CARE.answers.slice(0, -1), heading: 'How has the pain been?' });
    await page.getByRole('group', { name: 'How is it changing?' }).getByRole('radio', { name: 'It is getting better' }).check();
    await goOn(page);

    await expect(errorSummary(page).getByRole('listitem')).toHaveText([
      'Choose an answer: How long have you had this pain?',
      'Choose an answer: Does it stop you working, dressing or walking about?',
      'Choose an answer: Are you worried about it, or would you like advice?',
    ]);
    await expect(page.getByRole('radio', { checked: true })).toHaveCount(1);
    await errorSummary(page).getByRole('link', { name: 'Does it stop you working' }).click();
    await expect(page.getByRole('group', { name: 'Does it stop you working' }).getByRole('radio', { name: 'Yes' })).toBeFocused();
  });
}

test.describe('with script', () => {
  theSameEitherWay(openWithScript);

  test('the title and the focus follow each screen', async ({ page }) => {
    await openWithScript(page);
    for (const [at, answered] of EMERGENCY.answers.entries()) {
      await fillIn(page, answered);
      await goOn(page);
      const next = EMERGENCY.answers[at + 1]?.screen ?? EMERGENCY.heading;
      await expect(page).toHaveTitle(`${next} – Sciaticalm`);
      await expect(heading(page)).toHaveText(next);
      await expect(heading(page)).toBeFocused();
    }
  });

  test('an error takes the focus', async ({ page }) => {
    await openWithScript(page);
    await leaveEmpty(page);
    await expect(errorSummary(page)).toBeFocused();
  });

  test('nothing that is answered leaves the page or stays in it', async ({ page, context }) => {
    await openWithScript(page);
    const before = await page.evaluate(() => ({ address: location.href, history: history.length }));
    const sent: string[] = [];
    page.on('request', (request) => sent.push(`${request.method()} ${request.url()}`));
    await walk(page, EMERGENCY);
    await page.getByRole('button', { name: 'change my answer' }).click();
    await expect(heading(page)).toHaveText('Is anything wrong with your legs or feet?');
    await leaveByUnticking(page);

    // The service worker may still be fetching what it keeps: never anything but that.
    expect(sent.filter((request) => !KEPT.test(request))).toEqual([]);
    const after = await page.evaluate(async () => ({
      address: location.href,
      history: history.length,
      state: history.state as unknown,
      local: { ...localStorage },
      session: { ...sessionStorage },
      databases: await indexedDB.databases(),
    }));
    expect(after).toEqual({ ...before, state: null, local: {}, session: {}, databases: [] });
    expect((await keptFiles(page)).filter((file) => !KEPT.test(file))).toEqual([]);
    expect(await context.cookies()).toEqual([]);
  });

  test('the print button prints', async ({ page }) => {
    await page.addInitScript(() => {
      window.print = () => document.documentElement.setAttribute('data-printed', 'yes');
    });
    await openWithScript(page);
    await walk(page, SELF_CARE);
    await page.getByRole('button', { name: 'Print this page' }).click();
    await expect(page.locator('html')).toHaveAttribute('data-printed', 'yes');
  });

  test('“Start again” begins with nothing ticked', async ({ page }) => {
    await openWithScript(page);
    await walk(page, EMERGENCY);
    await page.getByRole('link', { name: 'Start again' }).click();
    await expect(heading(page)).toHaveText(CHECKER.heading);
    await expect(page.getByRole('checkbox', { checked: true })).toHaveCount(0);
    await expect(helpStrip(page)).toContainText(HELP_LINE);
  });
});

async function leaveByUnticking(page: Page): Promise<void> {
  await page.getByRole('checkbox', { name: 'Both feet are dropping' }).uncheck();
  await goOn(page);
  await expect(errorSummary(page)).toBeVisible();
}

test.describe('without script', () => {
  test.use({ javaScriptEnabled: false });

  const begin = (page: Page) => open(page, CHECKER);
  theSameEitherWay(begin);

  test('the answers are posted, and nothing is kept', async ({ page, context }) => {
    await begin(page);
    const sent: string[] = [];
    page.on('request', (request) => {
      if (request.isNavigationRequest()) sent.push(`${request.method()} ${new URL(request.url()).pathname}`);
    });
    await walk(page, EMERGENCY);
    expect(sent).toEqual(EMERGENCY.answers.map(() => 'POST /seek-help'));
    expect(await context.cookies()).toEqual([]);
    // What works only with script is not offered.
    await expect(page.getByRole('button', { name: 'Print this page' })).toBeHidden();
  });
});

test.describe('while its script is on the way', () => {
  // It would bring the files that these tests hold back.
  test.use({ serviceWorkers: 'block' });

  test('a sign ticked before the script is there still counts', async ({ page }) => {
    let letThrough = () => {};
    const held = new Promise<void>((resolve) => (letThrough = resolve));
    await page.route('**/*.wasm', async (route) => {
      await held;
      await route.continue();
    });
    await page.goto('/seek-help', { waitUntil: 'domcontentloaded' });
    const sign = page.getByRole('checkbox', { name: FIRST_SIGN });
    await sign.check();
    await expect(page.locator('html')).not.toHaveAttribute('data-script', 'ready');

    letThrough();
    await isReady(page);
    await expect(sign).toBeChecked();
    const sent: string[] = [];
    page.on('request', (request) => sent.push(request.url()));
    await goOn(page);
    await fillIn(page, { screen: 'When did it begin?', choices: { 'The numb or odd feeling between your legs': 'Not sure' } });
    await goOn(page);
    await expect(heading(page)).toHaveText(EMERGENCY.heading);
    expect(sent, 'the device decided').toEqual([]);
  });

  test('an answer sent before the script is there goes to the server', async ({ page }) => {
    // The page is left before this would end.
    await page.route('**/*.wasm', () => new Promise<void>(() => {}));
    await page.goto('/seek-help', { waitUntil: 'domcontentloaded' });
    await walk(page, EMERGENCY);
    await expect(page.locator('html')).not.toHaveAttribute('data-script');
  });
});

test.describe('when its script cannot be had', () => {
  // It would bring the files that these tests hold back.
  test.use({ serviceWorkers: 'block' });

  const FAILED = 'A part of this page could not be loaded. The form below still works';

  test('the wasm that does not load is told, and the form still works', async ({ page }) => {
    await page.route('**/*.wasm', (route) => route.abort());
    await open(page, CHECKER);
    await expect(page.getByText(FAILED)).toBeVisible();
    await walk(page, EMERGENCY);
  });

  test('the wasm that is broken is told, and the form still works', async ({ page }) => {
    await page.route('**/*.wasm', (route) => route.fulfill({ contentType: 'application/wasm', body: 'not wasm at all' }));
    await open(page, CHECKER);
    await expect(page.getByText(FAILED)).toBeVisible();
    await walk(page, EMERGENCY);
  });

  test('the script beside the wasm that does not load is told, and the form still works', async ({ page }) => {
    await page.route(/\/assets\/checker\.[0-9a-f]+\.js$/, (route) => route.abort());
    await open(page, CHECKER);
    await expect(page.getByText(FAILED)).toBeVisible();
    await walk(page, SELF_CARE);
  });

  test('with all of it, nothing is said to be wrong', async ({ page }) => {
    await openWithScript(page);
    await expect(page.getByText(FAILED)).toBeHidden();
  });
});
