// Every page is valid HTML, as the server sends it.
import { expect, test, type Page } from '@playwright/test';
import { HtmlValidate, StaticConfigLoader } from 'html-validate';

import { BETWEEN, CHECKER, LONG_EMERGENCY, PAGES, RESULTS, open, sendOlderQuestions, walk, walkToSheet } from './support';

const validator = new HtmlValidate(
  new StaticConfigLoader({
    extends: ['html-validate:recommended'],
    rules: {
      // How it is written, not what it says: Leptos writes it.
      'attribute-boolean-style': 'off',
      'attr-quotes': 'off',
      'doctype-style': 'off',
      'void-style': 'off',
      'no-trailing-whitespace': 'off',
      // A limit for search results; an article may need more words.
      'long-title': 'off',
      // A button in a form submits it: that is what ours are for, and the default needs no bytes.
      'no-implicit-button-type': 'off',
      // A matter of setting, which the style sheet sees to.
      'tel-non-breaking': 'off',
      // ARIA lets a list have a name; the rule would rather it had none.
      'aria-label-misuse': ['error', { allowAnyNamable: true }],
    },
  }),
);

test.use({ javaScriptEnabled: false });

/** What is wrong with the last document that the page got, as lines to read. */
async function mistakes(page: Page, reach: () => Promise<void>): Promise<string[]> {
  let last: Promise<string> | undefined;
  page.on('response', (response) => {
    if (response.request().isNavigationRequest()) last = response.text();
  });
  await reach();
  const html = await last;
  expect(html).toMatch(/^<!DOCTYPE html>.*<\/html>\s*$/s);
  const report = await validator.validateString(html ?? '', 'page.html');
  return report.results.flatMap(({ messages }) =>
    messages.map(({ ruleId, message, selector }) => `${ruleId}: ${message} (${selector})`),
  );
}

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
  const report = await validator.validateString('<p><div id="a"></div></p><i id="a">', 'page.html');
  expect(report.valid).toBe(false);
});
