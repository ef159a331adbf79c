// The same answers, the same advice: whether the device decides or the server.
import { expect, test } from '@playwright/test';

import { Island, PlainForm, type Checker, type Input, type Screen } from './forms';
import { RESULTS } from './support';

/** `SCIATICALM_SOAK_ANSWERS` asks for more of them, and `SCIATICALM_SOAK_SEED` for others. */
const SETS = Number(process.env.SCIATICALM_SOAK_ANSWERS) || 120;
const SEED = Number(BigInt(process.env.SCIATICALM_SOAK_SEED ?? 20_261_122) % 1_000_000_007n);
/** How likely a warning sign is, by turns: from somebody with none to somebody with many. */
const SIGNS = [0, 0, 0.03, 0.25];

// A picture of each of thousands of screens would take longer than the screens.
test.use({ trace: 'off' });

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Ages around the limits of the rules, and what is no age. */
const AGES = ['0', '4', '5', '15', '16', '19', '20', '34', '38', '45', '51', '59', '60', '69', '70', '045', ' 82 ', '120'];
const NO_AGES = ['', '121', '-1', '3.5', 'forty'];

/** What this person answers on a screen: now and then what has to be mended, but not twice. */
function choose({ inputs, errors }: Screen, next: () => number, signs: number): Input[] {
  const one = <T>(of: T[]): T[] => of.slice(Math.floor(next() * of.length)).slice(0, 1);
  const careful = errors.length > 0;
  const special = ['none', 'unsure'];
  const ticked = inputs.filter(({ type, name }) => type === 'checkbox' && !special.includes(name) && next() < signs);
  const none = inputs.filter(({ name }) => name === 'none');
  const unsure = next() < 0.1 ? inputs.filter(({ name }) => name === 'unsure') : [];
  const left = !careful && next() < 0.02;
  const listed = left ? [] : [...(ticked.length > 0 || unsure.length > 0 ? ticked : none), ...unsure];
  const questions = new Set(inputs.filter(({ type }) => type === 'radio').map(({ name }) => name));
  const chosen = [...questions].flatMap((question) => {
    const offered = inputs.filter(({ name }) => name === question);
    // One by one, signs are as rare as in a list.
    const no = offered.filter(({ value }) => value === 'no');
    return no.length > 0 && next() >= signs + 0.1 ? no : one(offered);
  });
  const numbers = inputs.filter(({ type }) => type === 'text').flatMap((input) => {
    return one(!careful && next() < 0.1 ? NO_AGES : AGES).map((value) => ({ ...input, value }));
  });
  return [...listed, ...chosen, ...numbers];
}

interface Talk {
  /** Each page: its heading, what it finds wrong and what it asks. */
  pages: string[];
  /** Where it said something, once or twice: by which rules, and after which answers. */
  advice: Pick<Screen, 'heading' | 'rules' | 'carried'>[];
}

/** A whole conversation. */
async function converse(checker: Checker, set: number): Promise<Talk> {
  const next = random(SEED + set);
  const talk: Talk = { pages: [], advice: [] };
  let screen = await checker.start();
  for (;;) {
    const { heading, errors, inputs, rules, carried } = screen;
    talk.pages.push([heading, ...errors, ...inputs.map(({ type, name, value }) => `${type} ${name}=${value}`)].join('\n'));
    if (rules.length > 0) talk.advice.push({ heading, rules, carried });
    if (!screen.go) return talk;
    expect(talk.pages.length, talk.pages.join(' → ')).toBeLessThan(60);
    screen = await checker.answer(choose(screen, next, SIGNS[set % SIGNS.length] ?? 0));
  }
}

const TIERS = ['emergency', 'urgent', 'soon', 'routine', 'self-care'];

/** The tier whose heading this is. */
function tier(heading: string): string {
  return TIERS[RESULTS.findIndex((journey) => heading.endsWith(journey.heading))] ?? 'none';
}

/** What the interface for other programs says to these answers. */
async function assess(site: string, answers: Record<string, string>): Promise<{ urgency: string; rules: string[] }> {
  const response = await fetch(`${site}/api/v1/assess`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ answers }),
  });
  const said = await response.text();
  expect(response.status, said).toBe(200);
  const { urgency, findings } = JSON.parse(said) as { urgency: string; findings: { rule: string }[] };
  return { urgency, rules: findings.map(({ rule }) => `Rule ${rule}`) };
}

test(`${SETS} random sets of answers lead to the same result with script, without, and for other programs`, async ({
  page,
  baseURL,
}) => {
  test.setTimeout(300_000 + SETS * 1_000);
  console.log(`seed ${SEED}`);
  const site = baseURL ?? '';
  const island = await Island.on(page);
  const form = new PlainForm(site);
  const posted: string[] = [];
  page.on('request', (request) => {
    if (request.method() !== 'GET') posted.push(request.url());
  });
  const reached: Record<string, number> = {};
  const count = (what: string) => (reached[what] = (reached[what] ?? 0) + 1);
  for (let set = 0; set < SETS; set++) {
    const [onDevice, onServer] = await Promise.all([converse(island, set), converse(form, set)]);
    const which = `set ${set} of seed ${SEED}`;
    expect(onDevice, which).toEqual(onServer);
    expect(onServer.advice.length, `${which}: every conversation ends with its rules`).toBeGreaterThan(0);
    for (const [at, { heading, rules, carried }] of onServer.advice.entries()) {
      expect(await assess(site, carried), which).toEqual({ urgency: tier(heading), rules });
      count(at + 1 < onServer.advice.length ? `warning: ${tier(heading)}` : tier(heading));
    }
    for (const page of onServer.pages) {
      if (page.includes('Enter ')) count('a number to mend');
      if (page.includes('=prefer_not')) count('one by one');
    }
  }
  expect(posted, 'the device decided by itself').toEqual([]);
  console.log(reached);
  expect(Object.keys(reached)).toEqual(
    expect.arrayContaining(['emergency', 'urgent', 'soon', 'warning: urgent', 'a number to mend', 'one by one']),
  );
  expect(reached, 'a warning is always urgent').not.toHaveProperty('warning: none');
});
