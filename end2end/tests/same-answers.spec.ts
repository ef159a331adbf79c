// The same answers, the same advice: whether the device decides or the server.
import { expect, test } from '@playwright/test';

import { Island, PlainForm, type Checker, type Input, type Screen } from './forms';
import { RESULTS } from './support';

const SETS = 200;
const SEED = 20_261_122;
/** How likely a warning sign is, by turns: from somebody with none to somebody with many. */
const SIGNS = [0, 0, 0.03, 0.25];

// A picture of each of two thousand screens would take longer than the screens.
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

/** What this person answers on a screen. */
function choose({ inputs }: Screen, next: () => number, signs: number): Input[] {
  const ticked = inputs.filter(({ type, name }) => type === 'checkbox' && name !== 'none' && next() < signs);
  const none = inputs.filter(({ name }) => name === 'none');
  const questions = new Set(inputs.filter(({ type }) => type === 'radio').map(({ name }) => name));
  const chosen = [...questions].flatMap((question) => {
    const offered = inputs.filter(({ name }) => name === question);
    return offered[Math.floor(next() * offered.length)] ?? [];
  });
  return [...(ticked.length > 0 ? ticked : none), ...chosen];
}

/** The headings of a whole conversation, and the rules of its result. */
async function converse(checker: Checker, set: number): Promise<{ headings: string[]; rules: string[] }> {
  const next = random(SEED + set);
  let screen = await checker.start();
  const headings = [screen.heading];
  while (screen.inputs.length > 0) {
    screen = await checker.answer(choose(screen, next, SIGNS[set % SIGNS.length] ?? 0));
    headings.push(screen.heading);
    expect(headings.length, headings.join(' → ')).toBeLessThan(30);
  }
  return { headings, rules: screen.rules };
}

test(`${SETS} random sets of answers lead to the same result with and without script`, async ({ page, baseURL }) => {
  test.setTimeout(300_000);
  console.log(`seed ${SEED}`);
  const island = await Island.on(page);
  const form = new PlainForm(baseURL ?? '');
  const posted: string[] = [];
  page.on('request', (request) => {
    if (request.method() !== 'GET') posted.push(request.url());
  });
  const reached = new Map<string, number>();
  for (let set = 0; set < SETS; set++) {
    const [onDevice, onServer] = await Promise.all([converse(island, set), converse(form, set)]);
    expect(onDevice, `set ${set} of seed ${SEED}`).toEqual(onServer);
    expect(onServer.rules.length, `set ${set}: every result names its rules`).toBeGreaterThan(0);
    const tier = RESULTS.find(({ heading }) => onServer.headings.at(-1)?.endsWith(heading));
    reached.set(tier?.heading ?? 'no tier', (reached.get(tier?.heading ?? 'no tier') ?? 0) + 1);
  }
  expect(posted, 'the device decided by itself').toEqual([]);
  console.log(Object.fromEntries(reached));
  expect(reached.has('no tier')).toBe(false);
  expect(reached.size, 'tiers reached').toBeGreaterThanOrEqual(4);
});
