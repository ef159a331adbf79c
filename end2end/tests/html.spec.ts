// Every page is valid HTML, as the server sends it.
import { expect, test, type Page } from '@playwright/test';

import { mistakes, mistakesIn } from './checks';
import { BETWEEN, CHECKER, LONG_EMERGENCY, PAGES, RESULTS, open, sendOlderQuestions, walk, walkToSheet } from './support';

test.use({ javaScriptEnabled: false });

for (const sitePage of PAGES) {
  test(`${sitePage.name} is valid`, async ({ page }) => {
    expect(await mistakes(page, () => open(page, sitePage))).toEqual([]);
  });
}

const STATES: typeof BETWEEN = [
  ...BETWEEN,
  ...RESULTS.map((journey) => ({ name: journey.name, reach: (page: Page) => walk(page, journey) })),
  { name: 'the page to show after many answers', reach: (page) => walkToSheet(page, LONG_EMERGENCY) },
];

for (const { name, reach } of STATES) {
  test(`${name} is valid`, async ({ page }) => {
    const fromTheStart = async () => {
      await open(page, CHECKER);
      await reach(page);
    };
    expect(await mistakes(page, fromTheStart)).toEqual([]);
  });
}

test('the checker after its questions have changed is valid', async ({ page }) => {
  expect(await mistakes(page, () => sendOlderQuestions(page))).toEqual([]);
});

test('what is no valid HTML is found', async () => {
  expect(await mistakesIn('<!DOCTYPE html><p><div id="a"></div></p><i id="a"></html>')).toContainEqual(expect.stringMatching(/^no-dup-id/));
});
