// What the tests hold every page to: axe, valid HTML, and no scrolling sideways.
import { AxeBuilder } from '@axe-core/playwright';
import { expect, type Page, type Response } from '@playwright/test';
import { HtmlValidate, StaticConfigLoader } from 'html-validate';

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** What axe finds wrong, light and dark, as lines to read. Needs `bypassCSP`: axe is a script. */
export async function violations(page: Page): Promise<string[]> {
  const found: string[] = [];
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    // The legacy mode saves a second page: there are no frames.
    const { violations, passes } = await new AxeBuilder({ page }).setLegacyMode().withTags(TAGS).analyze();
    expect(passes.length, 'axe has looked').toBeGreaterThan(10);
    for (const { id, help, nodes } of violations) {
      found.push(...nodes.map((node) => `${colorScheme}: ${id} (${help}): ${node.html.slice(0, 200)} ${node.failureSummary}`));
    }
  }
  return found;
}

/** How far the page can be scrolled sideways. */
export async function sideways(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}

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
      // The boxes of one question share its name.
      'form-dup-name': ['error', { shared: ['radio', 'checkbox', 'submit', 'button', 'reset'] }],
      // ARIA lets a list have a name; the rule would rather it had none.
      'aria-label-misuse': ['error', { allowAnyNamable: true }],
    },
  }),
);

/** What is wrong with the last document that the page got, as lines to read. */
export async function mistakes(page: Page, reach: () => Promise<void>): Promise<string[]> {
  let last: Response | undefined;
  const note = (response: Response) => {
    const leadsOn = response.status() >= 300 && response.status() < 400;
    if (response.request().isNavigationRequest() && !leadsOn) last = response;
  };
  page.on('response', note);
  await reach();
  page.off('response', note);
  return mistakesIn((await last?.text()) ?? '');
}

/** What is wrong with a document, as lines to read. */
export async function mistakesIn(html: string): Promise<string[]> {
  expect(html).toMatch(/^<!DOCTYPE html>.*<\/html>\s*$/s);
  const report = await validator.validateString(html, 'page.html');
  return report.results.flatMap(({ messages }) =>
    messages.map(({ ruleId, message, selector }) => `${ruleId}: ${message} (${selector})`),
  );
}
