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
  { name: 'privacy', path: '/privacy', heading: 'Privacy' },
  { name: 'accessibility', path: '/accessibility', heading: 'Accessibility' },
  { name: 'a page that is not there', path: '/no-such-page', heading: 'Page not found' },
];

export const CHECKER: SitePage = { name: 'the checker', path: '/seek-help', heading: 'Have you noticed any of these?' };
export const TRACKER: SitePage = { name: 'the tracker', path: '/tracker', heading: /^Today/ };

/** Every page that has an address. */
export const PAGES: SitePage[] = [...READING, CHECKER, TRACKER];

/** One screen of the checker by its heading, and what is answered there. */
export interface Answered {
  screen: string;
  /** Boxes by their words. */
  ticks?: string[];
  /** Choices, by the words of their question. */
  choices?: Record<string, string>;
}

const none = (screen: string): Answered => ({ screen, ticks: ['None of these'] });

const BLADDER = none('Have you noticed any of these?');
const LEGS = none('Is anything wrong with your legs or feet?');
const SUDDEN = none('Have any of these happened?');
const INJURY = none('Have you been hurt, or taken too many painkillers?');
const ILLNESS = none('Do any of these apply to you?');
const NO_SIGNS = [BLADDER, LEGS, SUDDEN, INJURY, ILLNESS];

const BOTH_FEET: Answered = { ...LEGS, ticks: ['Both feet are dropping'] };

function pain(where: string): Answered {
  return { screen: 'Tell us about the pain', choices: { 'Where is the pain?': where } };
}

function course(since: string, change: string): Answered {
  return {
    screen: 'How has the pain been?',
    choices: {
      'How long have you had this pain?': since,
      'How is it changing?': change,
      'Does it stop you working, dressing or walking about?': 'No',
      'Are you worried about it, or would you like advice?': 'No',
    },
  };
}

/** A way through the checker, to the heading at its end. */
export interface Journey {
  name: string;
  answers: Answered[];
  heading: string;
}

export const FOLLOW_UP: Journey = {
  name: 'a follow-up question',
  answers: [BLADDER, BOTH_FEET],
  heading: 'Tell us more about your legs',
};

export const EMERGENCY: Journey = {
  name: 'an emergency',
  answers: [
    ...FOLLOW_UP.answers,
    {
      screen: FOLLOW_UP.heading,
      choices: { 'Both feet dropping: when did it begin?': 'New, worse or changed in the last 3 months' },
    },
  ],
  heading: 'Call 999 or go to A&E now',
};

export const URGENT: Journey = {
  name: 'an urgent result',
  answers: [BLADDER, LEGS, SUDDEN, INJURY, { ...ILLNESS, ticks: ['A high temperature'] }, pain('I have no pain')],
  heading: 'Ask for an urgent GP appointment or get help from NHS 111',
};

export const SOON: Journey = {
  name: 'a result for the next few days',
  answers: [...NO_SIGNS, pain('In one leg'), course('2 to 4 weeks', 'It has got worse over the last week')],
  heading: 'Contact a GP or physiotherapist in the next few days',
};

export const ROUTINE: Journey = {
  name: 'a routine result',
  answers: [...NO_SIGNS, pain('In the back and one leg'), course('More than 3 months', 'It is getting better')],
  heading: 'Book a routine appointment with a GP or physiotherapist',
};

export const SELF_CARE: Journey = {
  name: 'a result to look after at home',
  answers: [...NO_SIGNS, pain('In the back'), course('Less than 2 weeks', 'It stays the same, or comes and goes')],
  heading: 'You can usually look after this at home',
};

export const RESULTS: Journey[] = [EMERGENCY, URGENT, SOON, ROUTINE, SELF_CARE];

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

/** Answers one screen, without leaving it. */
export async function fillIn(page: Page, { screen, ticks = [], choices = {} }: Answered): Promise<void> {
  await expect(heading(page)).toHaveText(screen);
  for (const words of ticks) {
    await page.getByRole('checkbox', { name: words }).check();
  }
  for (const [question, words] of Object.entries(choices)) {
    await page.getByRole('group', { name: question }).getByRole('radio', { name: words, exact: true }).check();
  }
}

export async function goOn(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Continue' }).click();
}

/** Walks from the first screen to the journey's end. */
export async function walk(page: Page, journey: Journey): Promise<void> {
  for (const answered of journey.answers) {
    await fillIn(page, answered);
    await goOn(page);
  }
  await expect(heading(page)).toContainText(journey.heading);
}

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
    const body = (await response.text()).replace(/(name="screen" value=)"\w+"/, '$1"since_renamed"');
    await route.fulfill({ response, body });
  });
  await open(page, CHECKER);
  await goOn(page);
  await expect(page.getByText('The questions have changed since you opened this page.')).toBeVisible();
}
