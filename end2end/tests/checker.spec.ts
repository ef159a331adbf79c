// The checker, with script and without: the same questions, the same answers, and nothing kept.
import { expect, test, type Locator, type Page } from '@playwright/test';

import {
  CHECKER,
  CLEAR,
  EMERGENCY,
  FOLLOW_UP,
  GO_ON,
  HELP_LINE,
  LONG_EMERGENCY,
  MISTAKE,
  NONE,
  RESULTS,
  REVIEW,
  SELF_CARE,
  SHEET,
  SHEET_OF_WARNING,
  SOON,
  UNSURE,
  URGENT,
  WARNING,
  YOU,
  answer,
  change,
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
  press,
  walk,
  walkToOneByOne,
  walkToReview,
  walkToSheet,
  walkToWrongNumber,
} from './support';

/** What the service worker keeps: the same for everybody, whatever is answered. */
const KEPT =
  /^GET (https?:\/\/[^/]+)?\/(sw\.js|seek-help|offline|favicon\.svg|assets\/(base|checker|checker-boot)\.[0-9a-f]+\.(css|js|wasm))$/;
const FIRST_SIGN = 'Numb, tingling or odd feeling between your legs';
const LEGS_HEADING = 'Is anything wrong with your legs or feet?';
const HURT_HEADING = 'Have you been hurt, or are you ill?';
const OTHER_HEADING = 'Do you have any of these as well?';
const CALL = { name: 'Call 999' };

/** How many pages a PDF has, by its page objects. */
function pagesOf(pdf: Buffer): number {
  return pdf.toString('latin1').match(/\/Type\s*\/Page(?!\w)/g)?.length ?? 0;
}

/** Nothing is ticked, chosen or typed, and the page carries no answers along. */
async function nothingAnswered(page: Page): Promise<void> {
  await expect(heading(page)).toHaveText(CHECKER.heading);
  await expect(page.locator('main input:checked')).toHaveCount(0);
  const hidden = page.locator('main input[type="hidden"]');
  const names = await hidden.evaluateAll((inputs) => inputs.map((input) => (input as HTMLInputElement).name));
  expect([...new Set(names)].sort()).toEqual(['rules', 'screen']);
}

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
    // Nothing frightens who needs no fright, but for what to watch for.
    const rest = await page.getByRole('main').evaluate((main) => {
      const copy = main.cloneNode(true) as Element;
      copy.querySelector('.safety')!.remove();
      return copy.textContent ?? '';
    });
    expect(rest).toContain(SELF_CARE.heading);
    expect(rest).not.toMatch(/999|A&E|emergenc/i);
  });

  test('both feet dropping leads to the call button, in view without scrolling', async ({ page }) => {
    await begin(page);
    await walk(page, EMERGENCY);

    await expect(heading(page)).toHaveText('Call 999 or go to A&E now');
    const call = page.getByRole('main').getByRole('link', CALL);
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

  test('“I ticked that by mistake” goes back to the sign, with what was ticked', async ({ page }) => {
    await begin(page);
    await walk(page, EMERGENCY);
    await press(page, MISTAKE);

    await expect(heading(page)).toHaveText(LEGS_HEADING);
    const ticked = page.getByRole('checkbox', { name: 'Both feet are dropping' });
    await expect(ticked).toBeChecked();
    await expect(page.getByRole('checkbox', { checked: true })).toHaveCount(1);

    await ticked.uncheck();
    await page.getByRole('checkbox', { name: 'None of these' }).check();
    await goOn(page);
    await expect(heading(page)).toHaveText(YOU.heading);
  });

  test('“Back” shows the screen before, as it was answered', async ({ page }) => {
    await begin(page);
    await walk(page, FOLLOW_UP);
    await page.getByRole('button', { name: 'Back' }).click();
    await expect(heading(page)).toHaveText(LEGS_HEADING);
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
      'Choose an answer: Is it there all day and all night, and nothing eases it, no position and no rest?',
      'Choose an answer: Is it worse at night, or does it wake you every night?',
      'Choose an answer: Does it stop you working, dressing or walking about?',
      'Choose an answer: Are you worried about it, or would you like advice?',
    ]);
    await expect(page.getByRole('radio', { checked: true })).toHaveCount(1);
    await errorSummary(page).getByRole('link', { name: 'Does it stop you working' }).click();
    await expect(page.getByRole('group', { name: 'Does it stop you working' }).getByRole('radio', { name: 'Yes' })).toBeFocused();
  });

  test('a list is asked one by one for whoever is not sure', async ({ page }) => {
    await begin(page);
    await page.getByRole('checkbox', { name: FIRST_SIGN }).check();
    await walkToOneByOne(page);

    await expect(heading(page)).toHaveText(CHECKER.heading);
    await expect(page.getByText('choose “Not sure” wherever you are not')).toBeVisible();
    const questions = page.getByRole('main').getByRole('group');
    await expect(questions).toHaveCount(5);
    await expect(page.getByRole('checkbox')).toHaveCount(0);
    await expect(page.getByRole('radio', { name: 'Not sure', exact: true })).toHaveCount(5);
    // What was ticked stays so; only what is private can be kept back.
    await expect(questions.first().getByRole('radio', { name: 'Yes' })).toBeChecked();
    await expect(page.getByRole('radio', { name: 'Prefer not to say' })).toHaveCount(1);
    await expect(questions.nth(4).getByRole('radio', { name: 'Prefer not to say' })).toBeVisible();

    await questions.first().getByRole('radio', { name: 'No', exact: true }).check();
    await goOn(page);
    await expect(errorSummary(page).getByRole('listitem')).toHaveCount(4);
    await expect(questions.first().getByRole('radio', { name: 'No', exact: true })).toBeChecked();
    for (const at of [1, 2, 3]) await questions.nth(at).getByRole('radio', { name: 'No', exact: true }).check();
    await questions.nth(4).getByRole('radio', { name: 'Prefer not to say' }).check();
    await goOn(page);
    await expect(heading(page)).toHaveText(LEGS_HEADING);

    await page.getByRole('button', { name: 'Back' }).click();
    await expect(heading(page)).toHaveText(CHECKER.heading);
    await expect(page.getByRole('radio', { name: 'Prefer not to say' })).toBeChecked();
    await questions.nth(1).getByRole('radio', { name: 'Not sure' }).check();
    await goOn(page);
    await fillIn(page, { screen: 'When did it begin?', choices: { 'The trouble starting to pee': 'Not sure' } });
    await goOn(page);
    await expect(heading(page)).toHaveText(EMERGENCY.heading);
    await expect(page.getByText('not sure about: trouble starting to pee')).toBeVisible();
  });

  test('an urgent sign interrupts once, and the questions go on by choice', async ({ page }) => {
    await begin(page);
    await walk(page, WARNING);
    await expect(page.getByRole('main').getByRole('link', { name: 'Call 111' })).toHaveAttribute('href', 'tel:111');
    await expect(page.getByRole('heading', { name: 'There are more questions' })).toBeVisible();
    await expect(page.getByText('Rule W01', { exact: true })).toBeVisible();
    await press(page, GO_ON);
    await fillIn(page, { screen: OTHER_HEADING, ticks: ['Pain in your side'] });
    await goOn(page);
    // The next of its kind is told with the result.
    await expect(heading(page)).toContainText(URGENT.heading);
    await expect(page.getByRole('heading', { name: 'There are more questions' })).toHaveCount(0);
    for (const rule of ['Rule W01', 'Rule W11']) await expect(page.getByText(rule, { exact: true })).toBeVisible();
  });

  test('after the warning nothing urgent interrupts any more', async ({ page }) => {
    await begin(page);
    const answers = WARNING.answers.map((answered) =>
      answered.choices ? { ...answered, choices: { 'Where is the pain?': 'In the back' } } : answered,
    );
    await walk(page, { ...WARNING, answers });
    await press(page, GO_ON);
    await fillIn(page, { screen: OTHER_HEADING, ticks: ['Pain in your side'] });
    await goOn(page);
    await expect(heading(page)).toHaveText('How has the pain been?');
  });

  test('an urgent sign ticked by mistake is taken back, and the warning with it', async ({ page }) => {
    await begin(page);
    await walk(page, WARNING);
    await press(page, MISTAKE);
    await expect(heading(page)).toHaveText(HURT_HEADING);
    await expect(page.getByRole('checkbox', { checked: true })).toHaveCount(1);
    await page.getByRole('checkbox', { name: 'A high temperature' }).uncheck();
    await page.getByRole('checkbox', { name: NONE }).check();
    await goOn(page);
    await expect(heading(page)).toHaveText(OTHER_HEADING);
  });

  test('an age that is none is refused, and stays as it was typed', async ({ page }) => {
    await begin(page);
    await walkToWrongNumber(page);
    const age = page.getByRole('textbox', { name: 'How old are you?' });
    await expect(page).toHaveTitle(`Error: ${YOU.heading} – Sciaticalm`);
    await expect(errorSummary(page).getByRole('listitem')).toHaveText(['Enter age in whole years, from 0 to 120']);
    await expect(age).toHaveValue('thirty');
    await expect(age).toHaveAttribute('aria-invalid', 'true');
    await expect(age).toHaveAccessibleDescription(/Enter age in whole years, from 0 to 120/);
    await expect(page.getByRole('radio', { name: 'In the back', exact: true })).toBeChecked();
    await expect(page.getByRole('checkbox', { name: NONE })).toBeChecked();
    await errorSummary(page).getByRole('link').click();
    await expect(age).toBeFocused();

    for (const [typed, message, kept] of [
      ['121', 'Enter age in whole years, from 0 to 120', '121'],
      ['', 'Enter a number: How old are you?', ''],
      ['38.5', 'Enter age in whole years, from 0 to 120', '38.5'],
    ] as const) {
      await age.fill(typed);
      await goOn(page);
      await expect(errorSummary(page).getByRole('listitem')).toHaveText([message]);
      await expect(age).toHaveValue(kept);
    }
    await age.fill(' 045 ');
    await goOn(page);
    await expect(heading(page)).toHaveText('Have any of these happened?');
    await page.getByRole('button', { name: 'Back' }).click();
    await expect(age).toHaveValue('45');
  });

  test('every answer can be checked and changed', async ({ page }) => {
    await begin(page);
    await walkToReview(page);
    await expect(page).toHaveTitle('Check your answers – Sciaticalm');
    for (const { screen } of SELF_CARE.answers) {
      await expect(page.getByRole('button', { name: change(screen) })).toBeVisible();
    }
    await expect(page.getByText('Age: 38 years')).toBeVisible();
    await expect(page.getByText('Where the pain is: In the back')).toBeVisible();
    await press(page, 'These are right');
    await expect(heading(page)).toContainText(SELF_CARE.heading);

    await press(page, REVIEW);
    await press(page, change('How has the pain been?'));
    const trend = page.getByRole('group', { name: 'How is it changing?' });
    await expect(trend.getByRole('radio', { checked: true })).toHaveAccessibleName('It stays the same, or comes and goes');
    await trend.getByRole('radio', { name: 'It has got worse over the last week' }).check();
    await goOn(page);
    await expect(heading(page)).toContainText(SOON.heading);
    // What a changed answer asks for is asked then.
    await press(page, REVIEW);
    await press(page, change(YOU.heading));
    await page.getByRole('textbox', { name: 'How old are you?' }).fill('72');
    await goOn(page);
    await expect(heading(page)).toHaveText('Because of what you told us: any of these?');
  });

  test('the page to show names the signs and what was found, and leads back', async ({ page }) => {
    await begin(page);
    await walkToSheet(page, EMERGENCY);
    await expect(heading(page)).toHaveText('Please read this: for A&E or the ambulance');
    await expect(page.getByRole('main')).toContainText(/advice: Call 999 or go to A&E now\. Filled in on .*2\d{3}/);
    await expect(page.getByText('Both feet dropping', { exact: true })).toBeVisible();
    await expect(page.getByText('Both feet began to drop: New, worse or changed in the last 3 months')).toBeVisible();
    await expect(page.getByRole('main').getByText('E08', { exact: true })).toBeVisible();
    await expect(page.getByText('Answered no to:')).toContainText('numb, tingling or odd feeling between the legs');
    await press(page, 'Back to the advice');
    await expect(heading(page)).toHaveText(EMERGENCY.heading);
  });

  test('the page to show can be had from the warning, and leads back to it', async ({ page }) => {
    await begin(page);
    await walk(page, WARNING);
    await press(page, SHEET_OF_WARNING);
    await expect(heading(page)).toHaveText('Please read this: for the GP or NHS 111');
    await expect(page.getByText('High temperature, shivering or very unwell', { exact: true })).toBeVisible();
    await press(page, 'Back to the advice');
    await expect(page.getByRole('button', { name: GO_ON })).toBeVisible();
  });

  for (const journey of [EMERGENCY, URGENT, LONG_EMERGENCY]) {
    test(`the page to show after ${journey.name} is one A4 page`, async ({ page }) => {
      test.setTimeout(60_000);
      await begin(page);
      await walkToSheet(page, journey);
      const side = page.getByRole('textbox', { name: /^Side: / }).first();
      await side.fill('left');
      await page.getByRole('textbox', { name: 'Name' }).fill('Alex Example');
      const pdf = await page.pdf({ format: 'A4' });
      expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
      expect(pagesOf(pdf)).toBe(1);
      await page.emulateMedia({ media: 'print' });
      await expect(side).toHaveValue('left');
      await expect(side).toBeVisible();
      await expect(page.getByRole('button', { name: 'Back to the advice' })).toBeHidden();
      await expect(helpStrip(page)).toBeHidden();
    });
  }

  test('“Clear my answers and start again” begins with nothing ticked', async ({ page }) => {
    await begin(page);
    await walk(page, EMERGENCY);
    await press(page, CLEAR);
    await expect(page.getByText('Your answers are cleared.')).toBeVisible();
    await nothingAnswered(page);
    await expect(helpStrip(page)).toContainText(HELP_LINE);
  });

  test('“Clear my answers” is there on the way too', async ({ page }) => {
    await begin(page);
    await walk(page, YOU);
    await page.getByRole('button', { name: 'Clear my answers' }).click();
    await expect(page.getByText('Your answers are cleared.')).toBeVisible();
    await nothingAnswered(page);
  });

  test('whether it helped is asked after a result, but not in an emergency', async ({ page }) => {
    await begin(page);
    await walk(page, EMERGENCY);
    await expect(page.getByText('Did this help you decide?')).toHaveCount(0);
    await press(page, CLEAR);
    await walk(page, SELF_CARE);
    await expect(page.getByRole('heading', { name: 'Did this help you decide?' })).toBeVisible();
    await press(page, 'Yes');
    await expect(heading(page)).toHaveText('Thank you');
    expect(new URL(page.url()).pathname).toBe('/seek-help/thanks');
  });

  test('the keyboard alone leads to an emergency and its call button', async ({ page }) => {
    await begin(page);
    const tabTo = async (target: Locator) => {
      for (let presses = 0; presses < 40; presses++) {
        await page.keyboard.press('Tab');
        if (await target.evaluate((element) => element === document.activeElement)) return;
      }
      throw new Error(`the Tab key does not lead to ${target}`);
    };
    const next = async () => {
      await tabTo(page.getByRole('button', { name: 'Continue' }));
      await page.keyboard.press('Enter');
    };
    await tabTo(page.getByRole('checkbox', { name: NONE }));
    await page.keyboard.press('Space');
    await next();
    await expect(heading(page)).toHaveText(LEGS_HEADING);
    await tabTo(page.getByRole('checkbox', { name: 'Both feet are dropping' }));
    await page.keyboard.press('Space');
    await next();
    await expect(heading(page)).toHaveText(FOLLOW_UP.heading);
    await tabTo(page.getByRole('radio').first());
    await page.keyboard.press('Space');
    await next();
    await expect(heading(page)).toHaveText(EMERGENCY.heading);
    await tabTo(page.getByRole('main').getByRole('link', CALL));
  });

  test.describe('without its style', () => {
    test.use({ viewport: { width: 360, height: 640 }, serviceWorkers: 'block' });

    test('an emergency and its call button are in view without scrolling', async ({ page }) => {
      await page.route('**/*.css', (route) => route.abort());
      await begin(page);
      await walk(page, EMERGENCY);
      await expect(heading(page)).toBeInViewport({ ratio: 1 });
      await expect(page.getByRole('main').getByRole('link', CALL)).toBeInViewport({ ratio: 1 });
    });
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
    const before = await page.evaluate(() => ({ address: location.href, state: history.state as unknown }));
    expect(before.state === null || before.state === 0).toBe(true);
    const sent: string[] = [];
    page.on('request', (request) => sent.push(`${request.method()} ${request.url()}`));
    await walk(page, EMERGENCY);
    await press(page, MISTAKE);
    await expect(heading(page)).toHaveText(LEGS_HEADING);
    await leaveByUnticking(page);

    // The service worker may still be fetching what it keeps: never anything but that.
    expect(sent.filter((request) => !KEPT.test(request))).toEqual([]);
    const after = await page.evaluate(async () => ({
      address: location.href,
      state: history.state as unknown,
      local: { ...localStorage },
      session: { ...sessionStorage },
      databases: await indexedDB.databases(),
    }));
    // The history holds the number of a page.
    expect(after).toEqual({ ...before, state: expect.any(Number), local: {}, session: {}, databases: [] });
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

  test('what is typed into the page to show is there when it prints', async ({ page }) => {
    await page.addInitScript(() => {
      window.print = () => {
        const typed = [...document.querySelectorAll<HTMLInputElement>('.sheet input[type="text"]')].map(({ value }) => value);
        document.documentElement.setAttribute('data-printed', typed.join('|'));
      };
    });
    await openWithScript(page);
    await walkToSheet(page, EMERGENCY);
    await page.getByRole('textbox', { name: 'Name' }).fill('Alex Example');
    await page.getByRole('textbox', { name: 'Side: both feet dropping' }).fill('both');
    await page.getByRole('textbox', { name: 'Began: both feet dropping' }).fill('Monday, 9 am');
    await page.getByRole('button', { name: 'Print or save this page' }).click();
    await expect(page.locator('html')).toHaveAttribute('data-printed', 'Alex Example||both|Monday, 9 am');
    await expect(page.getByRole('textbox', { name: 'Side: both feet dropping' })).toHaveValue('both');
  });

  test('the browser’s back and forward follow the pages', async ({ page }) => {
    await openWithScript(page);
    await answer(page, SELF_CARE.answers.slice(0, 3));
    const pages = [...SELF_CARE.answers.slice(0, 3).map(({ screen }) => screen), 'Have any of these happened?'];
    await expect(heading(page)).toHaveText(pages[3]!);
    for (const at of [2, 1, 0]) {
      await page.goBack();
      await expect(heading(page)).toHaveText(pages[at]!);
      await expect(heading(page)).toBeFocused();
      await expect(page.getByRole('checkbox', { name: NONE })).toBeChecked();
    }
    for (const at of [1, 2]) {
      await page.goForward();
      await expect(heading(page)).toHaveText(pages[at]!);
      await expect(page.getByRole('checkbox', { name: NONE })).toBeChecked();
    }
    await expect(page.getByRole('textbox', { name: 'How old are you?' })).toHaveValue('38');
    await page.goForward();
    await expect(heading(page)).toHaveText(pages[3]!);
    expect(await page.evaluate(() => history.state as unknown)).toBe(3);
    // Back by the page's own button is the same step.
    await page.getByRole('button', { name: 'Back' }).click();
    await expect(heading(page)).toHaveText(pages[2]!);
    expect(await page.evaluate(() => history.state as unknown)).toBe(2);
    await goOn(page);
    await answer(page, SELF_CARE.answers.slice(3));
    await expect(heading(page)).toContainText(SELF_CARE.heading);
    expect(new URL(page.url()).href).toMatch(/\/seek-help$/);
  });

  test('back from an emergency and forward again shows it again', async ({ page }) => {
    await openWithScript(page);
    await walk(page, EMERGENCY);
    await page.goBack();
    await expect(heading(page)).toHaveText(FOLLOW_UP.heading);
    await expect(page.getByRole('radio', { checked: true })).toHaveCount(1);
    await page.goForward();
    await expect(heading(page)).toHaveText(EMERGENCY.heading);
  });

  test('a page that is loaded again starts again, and says so', async ({ page }) => {
    await openWithScript(page);
    await answer(page, SELF_CARE.answers.slice(0, 2));
    await fillIn(page, SELF_CARE.answers[2]!);
    await page.reload();
    await isReady(page);
    await expect(page.getByText('Your answers are gone: we do not keep them when the page is loaded again.')).toBeVisible();
    await nothingAnswered(page);
    expect(await page.evaluate(() => history.state as unknown)).toBe(0);
    // And it works from there.
    await walk(page, EMERGENCY);
  });

  test('a double click does not dismiss the warning that it brought', async ({ page }) => {
    await openWithScript(page);
    await answer(page, WARNING.answers.slice(0, -1));
    await fillIn(page, WARNING.answers.at(-1)!);
    await page.evaluate(async () => {
      document.querySelector<HTMLButtonElement>('main button[value="next"]')!.click();
      while (!document.querySelector('main button[value="on"]')) await new Promise((go) => setTimeout(go, 5));
      document.querySelector<HTMLButtonElement>('main button[value="on"]')!.click();
    });
    await page.waitForTimeout(300);
    await expect(heading(page)).toContainText(WARNING.heading);
    await press(page, GO_ON);
    await expect(heading(page)).toHaveText(OTHER_HEADING);
  });

  test('a double click on “Continue” is one', async ({ page }) => {
    await openWithScript(page);
    await answer(page, WARNING.answers.slice(0, -1));
    await fillIn(page, WARNING.answers.at(-1)!);
    await page.getByRole('button', { name: 'Continue' }).dblclick();
    await page.waitForTimeout(300);
    await expect(heading(page)).toContainText(WARNING.heading);
    await expect(page.getByRole('heading', { name: 'There are more questions' })).toBeVisible();
  });

  test('after the answers are cleared, the browser’s back shows none of them', async ({ page }) => {
    await openWithScript(page);
    await walk(page, EMERGENCY);
    await press(page, CLEAR);
    await nothingAnswered(page);
    for (let back = 0; back < EMERGENCY.answers.length - 1; back++) {
      await page.goBack();
      await nothingAnswered(page);
    }
    await page.goForward();
    await nothingAnswered(page);
  });

  test('two tabs know nothing of one another', async ({ page, context }) => {
    await openWithScript(page);
    await walk(page, EMERGENCY);
    const other = await context.newPage();
    await openWithScript(other);
    await nothingAnswered(other);
    await walk(other, SELF_CARE);
    await expect(heading(page)).toHaveText(EMERGENCY.heading);
    await page.bringToFront();
    await press(page, MISTAKE);
    await expect(heading(page)).toHaveText(LEGS_HEADING);
    await expect(heading(other)).toContainText(SELF_CARE.heading);
  });

  for (const [what, happens] of [
    ['no longer hears the form', () => document.querySelector('.checker')!.replaceWith(document.querySelector('.checker')!.cloneNode(true))],
    [
      'cannot read the form',
      () => {
        window.FormData = class extends FormData {
          constructor() {
            super();
            throw new Error('broken');
          }
        };
      },
    ],
  ] as [string, () => void][]) {
    test(`when the script ${what} any more, the server decides`, async ({ page }) => {
      await openWithScript(page);
      await walk(page, FOLLOW_UP);
      await page.evaluate(happens);
      const sent: string[] = [];
      page.on('request', (request) => {
        if (request.isNavigationRequest()) sent.push(`${request.method()} ${new URL(request.url()).pathname}`);
      });
      await answer(page, EMERGENCY.answers.slice(-1));
      await expect(heading(page)).toHaveText(EMERGENCY.heading);
      await expect(page.getByText('Rule E08', { exact: true })).toBeVisible();
      expect(sent).toEqual(['POST /seek-help']);
    });
  }
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
    const stored: (string | undefined)[] = [];
    page.on('response', (response) => {
      if (response.request().method() === 'POST') stored.push(response.headers()['cache-control']);
    });
    await walk(page, EMERGENCY);
    expect(sent).toEqual(EMERGENCY.answers.map(() => 'POST /seek-help'));
    expect(await context.cookies()).toEqual([]);
    // Nor by the browser: neither going back nor a tool that looks into its cache shows the answers.
    expect(stored).toEqual(EMERGENCY.answers.map(() => 'no-store'));
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
