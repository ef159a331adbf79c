// What the tests share: the pages of the site, the journeys through the checker, and how they are walked.
import { expect, type Locator, type Page } from '@playwright/test';

export const FOOT_DROP = '/articles/back-pain-and-foot-drop';
export const HELP_LINE = '02380 248725';

export interface SitePage {
  name: string;
  path: string;
  /** Its first heading. */
  heading: string | RegExp;
}

/** The pages that are read: no script, and nothing to answer. */
export const READING: SitePage[] = [
  { name: 'home', path: '/', heading: 'Back pain, sciatica and foot drop, made clearer' },
  { name: 'all articles', path: '/articles', heading: 'Articles' },
  { name: 'the articles of one tag', path: '/articles?tag=foot-drop', heading: 'Articles about foot drop' },
  { name: 'an article', path: FOOT_DROP, heading: 'Back Pain and Foot Drop: When to Seek Help' },
  { name: 'all exercises', path: '/exercises', heading: 'Exercises' },
  { name: 'an exercise', path: '/exercises/pelvic-tilt', heading: 'Pelvic tilt' },
  { name: 'about the checker', path: '/seek-help/about', heading: 'About the seek-help checker' },
  { name: 'the page without a network', path: '/offline', heading: 'You are offline' },
  { name: 'the thanks for an answer', path: '/seek-help/thanks', heading: 'Thank you' },
  { name: 'the page after an answer about an article', path: '/articles/what-is-sciatica/thanks?useful=no', heading: 'Thank you' },
  { name: 'the thanks for a remark', path: '/articles/what-is-sciatica/thanks', heading: 'Thank you' },
  { name: 'privacy', path: '/privacy', heading: 'Privacy' },
  { name: 'accessibility', path: '/accessibility', heading: 'Accessibility' },
  { name: 'a page that is not there', path: '/no-such-page', heading: 'Page not found' },
];

export const CHECKER: SitePage = { name: 'the checker', path: '/seek-help', heading: 'Have you noticed any of these?' };
export const TRACKER: SitePage = { name: 'the tracker', path: '/tracker', heading: /^Today/ };
export const PLAN: SitePage = { name: 'the plan', path: '/tracker/plan', heading: 'Your plan' };
export const BODY: SitePage = { name: 'the body chart', path: '/tracker/body', heading: /^Your body/ };
export const SESSION: SitePage = { name: 'the guided session', path: '/tracker/session', heading: /session/ };
export const PROGRESS: SitePage = { name: 'the progress page', path: '/tracker/progress', heading: 'Your progress' };
export const WEEK: SitePage = { name: 'the sheet for the week', path: '/tracker/sheet', heading: 'A sheet for the week' };

/** The pages with an island. */
export const SCRIPTED: SitePage[] = [CHECKER, TRACKER, PLAN, SESSION, BODY, PROGRESS];

/** Every page that has an address. */
export const PAGES: SitePage[] = [...READING, WEEK, ...SCRIPTED];

/** One page of the checker by its heading, and what is answered there. */
export interface Answered {
  screen: string;
  /** Boxes by their words. */
  ticks?: string[];
  /** Choices, by the words of their question. */
  choices?: Record<string, string>;
  /** What is typed, by the words of its question. */
  typed?: Record<string, string>;
  /** The button that leads on, where it is not "Continue". */
  press?: string;
}

export const NONE = 'None of these';
export const UNSURE = 'I am not sure about some of these';
export const GO_ON = 'Go on with the questions';
export const MISTAKE = 'I ticked that by mistake';
export const REVIEW = 'Check or change my answers';
export const CLEAR = 'Clear my answers and start again';
export const SHEET = 'Show this at A&E or the GP: one page';
export const SHEET_OF_WARNING = 'Show this to the GP or NHS 111: one page';

const none = (screen: string): Answered => ({ screen, ticks: [NONE] });

const BLADDER = none(String(CHECKER.heading));
const LEGS = none('Is anything wrong with your legs or feet?');
const SUDDEN = none('Have any of these happened?');
const HURT = none('Have you been hurt, or are you ill?');
const OTHER = none('Do you have any of these as well?');

function you(age: string, where: string): Answered {
  return {
    screen: 'About you and your pain',
    typed: { 'How old are you?': age },
    choices: { 'Where is the pain?': where },
    ticks: [NONE],
  };
}

function course(since: string, change: string, more: Record<string, string> = {}): Answered {
  return {
    screen: 'How has the pain been?',
    choices: {
      'How long have you had this pain?': since,
      'How is it changing?': change,
      'Is it there all day and all night': 'No',
      'Is it worse at night': 'No',
      'Does it stop you working, dressing or walking about?': 'No',
      'Are you worried about it, or would you like advice?': 'No',
      ...more,
    },
  };
}

/** A way through the checker, to the heading at its end. */
export interface Journey {
  name: string;
  answers: Answered[];
  heading: string;
}

const BOTH_FEET: Answered = { ...LEGS, ticks: ['Both feet are dropping'] };
const FEVER: Answered = { ...HURT, ticks: ['A high temperature'] };
const URGENT_HEADING = 'Ask for an urgent GP appointment or get help from NHS 111';
/** The urgent warning is passed by choice. */
const PASSED: Answered = { screen: `Urgent: ${URGENT_HEADING}`, press: GO_ON };
const LAST_3_MONTHS = 'New, worse or changed in the last 3 months';
const LONGER = 'The same for more than 3 months';

export const FOLLOW_UP: Journey = {
  name: 'a follow-up question',
  answers: [BLADDER, BOTH_FEET],
  heading: 'Tell us more about your legs',
};

export const EMERGENCY: Journey = {
  name: 'an emergency',
  answers: [
    ...FOLLOW_UP.answers,
    { screen: FOLLOW_UP.heading, choices: { 'Both feet dropping: when did it begin?': LAST_3_MONTHS } },
  ],
  heading: 'Call 999 or go to A&E now',
};

/** Something urgent was found, and there is more to ask. */
export const WARNING: Journey = {
  name: 'an urgent warning',
  answers: [BLADDER, LEGS, you('45', 'I have no pain'), SUDDEN, FEVER],
  heading: URGENT_HEADING,
};

export const URGENT: Journey = {
  name: 'an urgent result',
  answers: [...WARNING.answers, PASSED, OTHER],
  heading: URGENT_HEADING,
};

/** Up to the screen with the age. */
export const YOU: Journey = {
  name: 'the screen with a number',
  answers: [BLADDER, LEGS],
  heading: 'About you and your pain',
};

export const SOON: Journey = {
  name: 'a result for the next few days',
  answers: [
    BLADDER,
    LEGS,
    you('45', 'In one leg or buttock'),
    SUDDEN,
    HURT,
    OTHER,
    course('2 to 4 weeks', 'It has got worse over the last week'),
  ],
  heading: 'Contact a GP or physiotherapist in the next few days',
};

export const ROUTINE: Journey = {
  name: 'a routine result',
  answers: [
    BLADDER,
    LEGS,
    you('45', 'In the back and one leg'),
    SUDDEN,
    HURT,
    OTHER,
    course('More than 3 months', 'It is getting better'),
    none('Back pain for more than 3 months: is any of this so?'),
  ],
  heading: 'Book a routine appointment with a GP or physiotherapist',
};

/** 38 years old, with a low back that has ached on one side for two weeks. */
export const SELF_CARE: Journey = {
  name: 'a result to look after at home',
  answers: [
    BLADDER,
    LEGS,
    you('38', 'In the back'),
    SUDDEN,
    HURT,
    OTHER,
    course('2 weeks or less', 'It stays the same, or comes and goes'),
  ],
  heading: 'You can usually look after this at home',
};

export const RESULTS: Journey[] = [EMERGENCY, URGENT, SOON, ROUTINE, SELF_CARE];

/** Somebody with nearly everything, and an emergency at the very end. */
export const LONG_EMERGENCY: Journey = {
  name: 'an emergency after many answers',
  answers: [
    {
      ...BLADDER,
      ticks: [
        'Numb, tingling or odd feeling',
        'Hard to start peeing',
        'Leaking pee',
        'You cannot tell when you need to poo',
        'Feeling in your genitals has changed',
      ],
    },
    {
      screen: 'When did it begin?',
      choices: {
        'The numb or odd feeling between your legs': LONGER,
        'The trouble starting to pee': LONGER,
        'The leaking': LONGER,
        'The change in feeling or controlling poo': LONGER,
        'The change in your genitals': LONGER,
      },
    },
    {
      screen: 'Has a health professional checked this?',
      choices: {
        'The trouble starting to pee': 'Yes',
        'The leaking': 'Yes',
        'The change with poo': 'Yes',
        'The change in your genitals': 'Yes',
      },
    },
    PASSED,
    { ...LEGS, ticks: ['One foot or leg is truly weaker', 'One leg or foot is numb', 'Walking is unsteady'] },
    {
      screen: FOLLOW_UP.heading,
      choices: {
        'The weak foot or leg: when did it begin?': 'More than 6 weeks ago',
        'The weak foot or leg: is it getting weaker?': 'No, it is the same or better',
        'The weak foot or leg: did it begin after pressure': 'No, or I do have back or leg pain',
        'The numb leg or foot': 'Yes, one of these',
        'Did severe leg pain suddenly stop': 'No',
      },
    },
    { screen: 'A little more about your legs', choices: { 'has a health professional checked it?': 'Yes' } },
    {
      screen: 'Besides the weakness, do you have any of these?',
      ticks: ['Trouble swallowing', 'Slowly growing trouble', 'Muscles that twitch'],
    },
    {
      ...you('72', 'In the back and one leg'),
      ticks: ['higher risk of infection', 'blood thinners', 'diabetes', 'thin bones', 'an aneurysm'],
    },
    {
      screen: 'Because of what you told us: any of these?',
      ticks: ['Back pain that began', 'Sudden sharp back pain'],
    },
    {
      screen: 'More about the back pain',
      choices: {
        'The sudden sharp pain': 'Yes',
        'The back pain that began in the last 3 months': 'There all the time, not sudden, and not severe',
      },
    },
    SUDDEN,
    { ...HURT, ticks: ['a smaller fall or blow', 'Thoughts of ending your life'] },
    {
      screen: 'Tell us more about it',
      choices: { 'When was the smaller fall or blow?': 'In the last 2 weeks', 'Might you act on these thoughts': 'No' },
    },
    { screen: 'After the fall or accident', choices: { 'Has your hip, groin or thigh hurt': 'Yes' } },
    {
      ...OTHER,
      ticks: [
        'A pulsing feeling',
        'New tummy pain',
        'One leg newly swollen',
        'Pain in your side',
        'It burns when you pee',
        'Losing weight',
        'A lump or swelling in your back',
        'Pain at the top of your back',
        'Pain so bad',
        'Leg pain that comes when you walk',
      ],
    },
    {
      screen: 'Tell us a little more',
      choices: {
        'The pulsing feeling or lump': 'Yes',
        'do you have sores or black skin': 'Yes',
        'Leg pain on walking: has a health professional checked it': 'No',
      },
    },
  ],
  heading: 'Call 999 or go to A&E now',
};

/** The one first heading of the page. */
export function heading(page: Page): Locator {
  return page.getByRole('heading', { level: 1 });
}

/** The strip at the top of every page. */
export function helpStrip(page: Page): Locator {
  return page.getByRole('region', { name: 'Help by phone' });
}

/** The errors that a form that cannot be sent begins with. */
export function errorSummary(page: Page): Locator {
  return page.getByRole('main').getByRole('alert');
}

/** Opens a page and waits until it is the one meant. */
export async function open(page: Page, { path, heading: expected }: SitePage): Promise<void> {
  await page.goto(path);
  await expect(heading(page)).toHaveText(expected);
}

/** Opens the checker and waits until it decides on the device. */
export async function openWithScript(page: Page): Promise<void> {
  await open(page, CHECKER);
  await isReady(page);
}

/** Waits until the page's island answers. */
export async function isReady(page: Page): Promise<void> {
  await expect(page.locator('html')).toHaveAttribute('data-script', 'ready');
}

/** Loads the page again, once it has saved what was logged. */
export async function loadAgain(page: Page): Promise<void> {
  await expect(page.getByRole('status').filter({ hasText: /^Saving/ })).toHaveCount(0);
  await page.reload();
  await isReady(page);
}

/** Answers one page, without leaving it. */
export async function fillIn(page: Page, { screen, ticks = [], choices = {}, typed = {} }: Answered): Promise<void> {
  await expect(heading(page)).toHaveText(screen);
  for (const [question, words] of Object.entries(typed)) {
    await page.getByRole('textbox', { name: question }).fill(words);
  }
  for (const [question, words] of Object.entries(choices)) {
    await page.getByRole('group', { name: question }).getByRole('radio', { name: words, exact: true }).check();
  }
  for (const words of ticks) {
    await page.getByRole('checkbox', { name: words }).check();
  }
}

export async function goOn(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Continue' }).click();
}

/** A warning and a result do not hear the second click of a double click: a person presses later than that. */
const DOUBLE_CLICK = 550;

/** Presses a button of a warning, of a result or of what follows them. */
export async function press(page: Page, name: string | RegExp): Promise<void> {
  const button = page.getByRole('button', { name, exact: true });
  await expect(button).toBeVisible();
  if (await page.locator('html[data-script="ready"]').count()) await page.waitForTimeout(DOUBLE_CLICK);
  await button.click();
}

/** The button of the page with every answer that leads to this screen. */
export function change(screen: string): RegExp {
  return new RegExp(`^Change ?: ${screen.replace(/[?.]/g, '\\$&')}$`);
}

/** Answers these pages, one after the other. */
export async function answer(page: Page, answers: Answered[]): Promise<void> {
  for (const answered of answers) {
    await fillIn(page, answered);
    await (answered.press === undefined ? goOn(page) : press(page, answered.press));
  }
}

/** Walks from the first screen to the journey's end. */
export async function walk(page: Page, journey: Journey): Promise<void> {
  await answer(page, journey.answers);
  await expect(heading(page)).toContainText(journey.heading);
}

/** From the first screen to the page with every answer. */
export async function walkToReview(page: Page): Promise<void> {
  await walk(page, SELF_CARE);
  await press(page, REVIEW);
  await expect(heading(page)).toHaveText('Check your answers');
}

/** From the first screen to the page for whoever helps next. */
export async function walkToSheet(page: Page, journey: Journey): Promise<void> {
  await walk(page, journey);
  await press(page, SHEET);
  await expect(heading(page)).toContainText('Please read this');
}

/** From the first screen to its questions one by one. */
export async function walkToOneByOne(page: Page): Promise<void> {
  await fillIn(page, { screen: String(CHECKER.heading), ticks: [UNSURE] });
  await goOn(page);
  await expect(page.getByRole('radio').first()).toBeVisible();
}

/** From the first screen to an age that is none. */
export async function walkToWrongNumber(page: Page): Promise<void> {
  await walk(page, YOU);
  await fillIn(page, { ...you('thirty', 'In the back'), screen: YOU.heading });
  await goOn(page);
  await expect(errorSummary(page)).toContainText('There is a problem');
}

/** Pages of the checker that have no address and are no result, each reached from its first screen. */
export const BETWEEN: { name: string; reach: (page: Page) => Promise<void> }[] = [
  { name: 'the checker with an error', reach: leaveEmpty },
  { name: 'a list one by one', reach: walkToOneByOne },
  { name: 'a number that is none', reach: walkToWrongNumber },
  { name: 'the page with every answer', reach: walkToReview },
  { name: 'the page to show', reach: (page) => walkToSheet(page, EMERGENCY) },
  ...[FOLLOW_UP, YOU, WARNING].map((journey) => ({ name: journey.name, reach: (page: Page) => walk(page, journey) })),
];

/** Leaves the first screen empty, and waits for what the page says to that. */
export async function leaveEmpty(page: Page): Promise<void> {
  await goOn(page);
  await expect(errorSummary(page)).toContainText('There is a problem');
}

/** Opens the checker once with a network, and waits until it is kept and the worker minds the site. */
export async function visitAndKeep(page: Page): Promise<void> {
  await openWithScript(page);
  await page.evaluate(() => navigator.serviceWorker.ready.then(({ active }) => {
    if (active?.state === 'activated') return undefined;
    return new Promise<void>((resolve) => active?.addEventListener('statechange', () => resolve()));
  }));
}

/** The addresses that are kept on the device, each with the method that it was asked by. */
export async function keptFiles(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const kept: string[] = [];
    for (const name of await caches.keys()) {
      for (const request of await (await caches.open(name)).keys()) {
        kept.push(`${request.method} ${new URL(request.url).pathname}${new URL(request.url).search}`);
      }
    }
    return kept.sort();
  });
}

/** Sends a form of the checker as it was before a screen was renamed: as from a page that was open all the while. */
export async function sendOlderQuestions(page: Page): Promise<void> {
  await page.route(CHECKER.path, async (route) => {
    if (route.request().method() !== 'GET') return route.continue();
    const response = await route.fetch();
    const body = (await response.text())
      .replace(/(name="rules" value=)"[^"]+"/, '$1"1.0.0"')
      .replace(/(name="screen" value=)"\w+"/, '$1"since_renamed"');
    await route.fulfill({ response, body });
  });
  await open(page, CHECKER);
  await goOn(page);
  await expect(page.getByText('Our questions have changed since you opened this page')).toBeVisible();
}
