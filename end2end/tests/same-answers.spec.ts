// The same answers, the same advice: whether the device decides or the server.
import { isDeepStrictEqual } from 'node:util';

import { expect, test } from '@playwright/test';

import { conversation } from './conversation';
import { Island, PlainForm } from './forms';
import { RESULTS } from './support';

/** `SCIATICALM_SOAK_ANSWERS` asks for more of them, and `SCIATICALM_SOAK_SEED` for others. */
const SETS = Number(process.env.SCIATICALM_SOAK_ANSWERS) || 120;
const SEED = Number(BigInt(process.env.SCIATICALM_SOAK_SEED ?? 20_261_122) % 1_000_000_007n);
/** How many of them one loading of the page is good for: loading costs little then, and is done often. */
const SETS_A_PAGE = 40;

// A picture of each of thousands of screens would take longer than the screens.
test.use({ trace: 'off' });

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
  if (response.status !== 200) throw new Error(said);
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
  const converse = conversation();
  const posted: string[] = [];
  page.on('request', (request) => {
    if (request.method() !== 'GET') posted.push(request.url());
  });
  const reached: Record<string, number> = {};
  const count = (what: string) => (reached[what] = (reached[what] ?? 0) + 1);
  for (let from = 0; from < SETS; from += SETS_A_PAGE) {
    const sets = Array.from({ length: Math.min(SETS_A_PAGE, SETS - from) }, (_, index) => from + index);
    const inPage = island.converse(sets.map((set) => SEED + set));
    // All at once: each by itself is mostly waiting.
    const byForm = await Promise.all(sets.map((set) => converse(new PlainForm(site), SEED + set)));
    for (const [index, onDevice] of (await inPage).entries()) {
      const onServer = byForm[index] ?? { pages: [], advice: [] };
      const which = `set ${sets[index]} of seed ${SEED}`;
      // Playwright keeps a note of each time it is asked to expect something: only of what fails.
      if (!isDeepStrictEqual(onDevice, onServer)) expect(onDevice, which).toEqual(onServer);
      if (onServer.advice.length === 0) throw new Error(`${which}: a conversation that ends without its rules`);
      for (const [at, { heading, rules, carried }] of onServer.advice.entries()) {
        const shown = { urgency: tier(heading), rules };
        const assessed = await assess(site, carried);
        if (!isDeepStrictEqual(assessed, shown)) expect(assessed, which).toEqual(shown);
        count(at + 1 < onServer.advice.length ? `warning: ${tier(heading)}` : tier(heading));
      }
      for (const page of onServer.pages) {
        if (page.includes('Enter ')) count('a number to mend');
        if (page.includes('=prefer_not')) count('one by one');
      }
    }
    if ((from / SETS_A_PAGE) % 100 === 99) console.log(`${from + sets.length} sets agree`);
  }
  expect(posted, 'the device decided by itself').toEqual([]);
  console.log(reached);
  expect(Object.keys(reached)).toEqual(
    expect.arrayContaining(['emergency', 'urgent', 'soon', 'warning: urgent', 'a number to mend', 'one by one']),
  );
  expect(reached, 'a warning is always urgent').not.toHaveProperty('warning: none');
});
