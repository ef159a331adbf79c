// The progress page as a patient reads it: what weeks say on charts, in sentences and in tables, and what they cannot say.
import { readFile } from 'node:fs/promises';

import AxeBuilder from '@axe-core/playwright';
import { expect, test as base, type Locator, type Page } from '@playwright/test';

import { diary, TODAY } from './diary';
import { before, day, keep, type Entry } from './records';
import { heading, isReady, open, PROGRESS } from './support';

class Progress {
  constructor(readonly page: Page) {}

  /** Opens the page on a device that has these entries. */
  async openWith(entries: Entry[]) {
    await open(this.page, PROGRESS);
    await isReady(this.page);
    await keep(this.page, entries);
    await this.page.reload();
    await isReady(this.page);
    await expect(this.page.getByText('Reading your days')).toHaveCount(0);
  }

  /** A chart, with what is under it. */
  chart(title: string): Locator {
    return this.page.getByRole('figure').filter({ has: this.page.locator('figcaption b', { hasText: title }) });
  }

  drawing(title: string): Locator {
    return this.chart(title).getByRole('img');
  }

  /** A line of a chart, by the class of its colour. */
  line(title: string, colour: string): Locator {
    return this.drawing(title).locator(`.trend__${colour} .trend__line`);
  }

  async openNumbers(title: string) {
    await this.chart(title).locator('summary').click();
  }

  row(title: string, of: string | RegExp): Locator {
    return this.chart(title).getByRole('row', { name: of });
  }

  span(name: string): Locator {
    return this.page.getByRole('group', { name: 'How far back' }).getByRole('radio', { name, exact: true });
  }

  /** As a finger does it: on the words. The input over them is invisible. */
  async choose(name: string) {
    await this.span(name).click();
    await expect(this.span(name)).toBeChecked();
  }

  period(words: string) {
    return expect(this.page.getByRole('status').filter({ hasText: words })).toBeVisible();
  }
}

const test = base.extend<{ progress: Progress }>({
  progress: async ({ page }, use) => {
    await page.clock.install({ time: new Date(`${TODAY}T15:00:00`) });
    const broken: string[] = [];
    page.on('pageerror', (error) => broken.push(error.message));
    await use(new Progress(page));
    expect(broken, 'errors in the page').toEqual([]);
  },
});

const PAIN = 'Back and leg pain';

test('a month is seen on the chart, in a sentence and in a table', async ({ progress }) => {
  await progress.openWith(diary(30));
  await progress.period('24 August 2026 to 22 November 2026');
  await expect(progress.drawing(PAIN)).toBeVisible();
  await expect(progress.drawing(PAIN)).toHaveAccessibleName(/^Back and leg pain, 0 is no pain, 10 the worst/);
  await expect(progress.chart(PAIN).getByText(/^Your left leg pain is usually \d(\.5)? now; it was \d(\.5)? on/)).toBeVisible();
  await progress.openNumbers(PAIN);
  await expect(progress.chart(PAIN).getByRole('columnheader')).toHaveText(['Day', 'Back', 'Left leg', 'Right leg']);
  await expect(progress.row(PAIN, '21 November').getByRole('cell')).toHaveText([/^\d+$/, /^\d+$/, /^\d+$/]);
  await expect(progress.chart('Foot test').getByText(/^Your left foot was 4 of 5 on 20 November/)).toBeVisible();
  await expect(progress.chart('Heel walk').getByText(/^Your left heel walk was 8 steps on 20 November/)).toBeVisible();
  await expect(progress.chart('What matters to you').getByText(/^Taken together your activities are at/)).toBeVisible();
  await expect(progress.chart('What matters to you').getByText('Tying my shoes')).toBeVisible();
  await expect(progress.chart('Exercises').getByText(/^You exercised on \d+ days in these 3 months/)).toBeVisible();
});

test('a span is chosen, and stays while the page lives', async ({ progress, page }) => {
  await progress.openWith(diary(500));
  await progress.choose('2 weeks');
  await progress.period('9 November 2026 to 22 November 2026');
  await progress.openNumbers(PAIN);
  await expect(progress.chart(PAIN).getByRole('row')).toHaveCount(15);
  await progress.choose('All');
  await progress.period('July 2025 to 22 November 2026');
  await expect(progress.chart(PAIN).getByText('Show the numbers')).toBeVisible();
  await progress.choose('A year');
  await progress.period('24 November 2025 to 22 November 2026');
  await expect(page.getByText('are marked for the last 90 days')).toBeVisible();

  // An emergency of another tab comes first; after it the span is as it was.
  await keep(page, [day(TODAY, { 'sign:saddle': true })]);
  await page.evaluate(() => window.dispatchEvent(new Event('focus')));
  await expect(heading(page)).toHaveText('Call 999 or go to A&E now');
  await page.getByRole('button', { name: 'I have got help' }).click();
  await expect(heading(page)).toHaveText('Your progress');
  await expect(progress.span('A year')).toBeChecked();
  await progress.period('24 November 2025 to 22 November 2026');
});

test('days that were not logged are a gap in the line, and in the table', async ({ progress }) => {
  await progress.openWith(diary(60, Array.from({ length: 15 }, (_, at) => at + 20)));
  const line = await progress.line(PAIN, 'left').getAttribute('d');
  expect(line?.match(/M/g)).toHaveLength(2);
  await progress.openNumbers(PAIN);
  await expect(progress.row(PAIN, /^3 November/)).toHaveCount(1);
  await expect(progress.row(PAIN, '28 October')).toHaveCount(0);
});

test('changes of the plan, flare-ups and alerts are marked and told', async ({ progress }) => {
  await progress.openWith(diary(90));
  const told = progress.chart(PAIN).getByRole('listitem');
  await expect(told.filter({ hasText: 'Plan: added Bridge, Walking' })).toBeVisible();
  await expect(told.filter({ hasText: '2 November. Plan: another dose of Bridge' })).toBeVisible();
  await expect(told.filter({ hasText: '26 October. Flare-up: too much pain for an exercise, on 4 days to 29 October' })).toBeVisible();
  await expect(told.filter({ hasText: /16 October\. Alert: Your foot has become weaker \(.*you got help\)/ })).toBeVisible();
  await expect(progress.drawing(PAIN).locator('.trend__mark--alert')).toHaveCount(1);
});

test('an alert that waits for an answer stands before the charts', async ({ progress, page }) => {
  await progress.openWith([day(before(TODAY, 12), { foot_left: 5 }), day(before(TODAY, 5), { foot_left: 4 })]);
  const alert = page.getByRole('region', { name: /^Urgent/ });
  await expect(alert).toContainText('Your foot has become weaker');
  await alert.getByRole('button', { name: 'I have got help' }).click();
  await expect(alert).toHaveCount(0);
  await expect(progress.chart('Foot test').getByText(/you got help/)).toBeVisible();
});

test('with nothing logged the page says what to do next', async ({ progress, page }) => {
  await progress.openWith([]);
  await expect(page.getByText('Nothing is logged on this device yet.')).toBeVisible();
  await expect(page.getByRole('group', { name: 'How far back' })).toBeHidden();
  await expect(page.getByRole('button', { name: 'Download my days (CSV)' })).toBeHidden();
  await page.getByRole('link', { name: 'Log today' }).click();
  await expect(heading(page)).toHaveText(/^Today, /);
});

test('too little is never shown as calm', async ({ progress, page }) => {
  await progress.openWith([day(before(TODAY, 1), { left_leg: 2 })]);
  const little = page.getByRole('region', { name: 'Too little logged to see every change' });
  await expect(little).toContainText('No alert here does not mean that all is well.');
  await expect(little).toContainText('Leg pain: rated on 1 of the last 7 days; what is usual shows from 4.');
  await expect(progress.chart(PAIN).getByText(/was logged on 1 of the last 7 days, too few to say what is usual/)).toBeVisible();
  await expect(progress.chart('Foot test').getByText('Nothing was logged here in these 3 months.')).toBeVisible();
});

test('what the device does not give is said, and not shown as nothing', async ({ progress, page }) => {
  await page.addInitScript(() => {
    IDBFactory.prototype.open = () => {
      throw new DOMException('blocked', 'SecurityError');
    };
  });
  await open(page, PROGRESS);
  await isReady(page);
  await expect(page.getByRole('alert').filter({ hasText: 'does not let this site keep anything' })).toBeVisible();
  await expect(page.getByText('Nothing is logged')).toHaveCount(0);
  await expect(progress.page.getByText('Reading your days')).toHaveCount(0);
});

test('the days are given as a table that no spreadsheet runs', async ({ progress, page }) => {
  await progress.openWith(diary(30));
  const given = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download my days (CSV)' }).click();
  const file = await given;
  expect(file.suggestedFilename()).toBe(`sciaticalm-${TODAY}.csv`);
  const table = await readFile(await file.path());
  expect([...table.subarray(0, 3)], 'the mark of UTF-8').toEqual([0xef, 0xbb, 0xbf]);
  const rows = table.toString('utf8').slice(1).trimEnd().split('\r\n');
  expect(rows).toHaveLength(31);
  expect(rows[0]).toMatch(/^"day","back","left_leg","right_leg",/);
  expect(rows[0]).toContain('"activity_1: Tying my shoes"');
  expect(rows.at(-1)).toMatch(/^"2026-11-22","\d+","\d+","\d+",/);
  expect(table.toString()).toContain(`"'=A long drive the day before"`);
});

test('everything can be done with the keyboard', async ({ progress, page }) => {
  await progress.openWith(diary(60));
  await progress.span('3 months').focus();
  await page.keyboard.press('ArrowLeft');
  await expect(progress.span('2 weeks')).toBeChecked();
  await expect(progress.span('2 weeks'), 'new charts do not take the focus away').toBeFocused();
  await progress.period('9 November 2026 to 22 November 2026');
  await page.keyboard.press('Tab');
  await expect(progress.chart(PAIN).locator('summary')).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(progress.row(PAIN, '21 November')).toBeVisible();
  const given = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download my days (CSV)' }).focus();
  await page.keyboard.press('Enter');
  await given;
});

test('targets are big enough to hit', async ({ progress, page }) => {
  await progress.openWith(diary(60));
  const small = await page.evaluate(() =>
    [...document.querySelectorAll('main :is(button, summary, label:has(input), a.btn)')]
      .filter((target) => target.checkVisibility())
      .map((target) => ({ name: target.textContent?.trim(), box: target.getBoundingClientRect() }))
      .filter(({ box }) => box.height < 46)
      .map(({ name, box }) => `${name}: ${box.height}`),
  );
  expect(small).toEqual([]);
});

test('nothing scrolls sideways at 320 pixels', async ({ progress, page }) => {
  await page.setViewportSize({ width: 320, height: 640 });
  await progress.openWith(diary(500));
  for (const span of ['2 weeks', '3 months', 'A year', 'All']) {
    await progress.choose(span);
    await page.evaluate(() => document.querySelectorAll<HTMLDetailsElement>('main details').forEach((more) => (more.open = true)));
    const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(over, span).toBeLessThanOrEqual(0);
    const cut = await page.evaluate(() =>
      [...document.querySelectorAll('main .box :is(svg text, table, p, li)')]
        .map((part) => ({ part, over: part.getBoundingClientRect().right - part.closest('.box')!.getBoundingClientRect().right }))
        .filter(({ over }) => over > 0)
        .map(({ part, over }) => `${part.textContent?.trim().slice(0, 40)}: ${over}`),
    );
    expect(cut, span).toEqual([]);
  }
});

test('on paper there are the charts and what they say, and the numbers that are open', async ({ progress, page }) => {
  await progress.openWith(diary(30));
  await progress.openNumbers('Foot test');
  await page.emulateMedia({ media: 'print' });
  await expect(progress.drawing(PAIN)).toBeVisible();
  await expect(progress.chart(PAIN).getByText(/^Your left leg pain is usually/)).toBeVisible();
  await progress.period('24 August 2026 to 22 November 2026');
  await expect(progress.chart('Foot test').getByRole('table')).toBeVisible();
  await expect(progress.chart(PAIN).getByRole('table')).toBeHidden();
  await expect(page.getByRole('group', { name: 'How far back' })).toBeHidden();
  await expect(page.getByRole('button', { name: 'Print this page' })).toBeHidden();
});

test('the print button prints', async ({ progress, page }) => {
  await page.addInitScript(() => {
    window.print = () => Object.assign(window, { printed: true });
  });
  await progress.openWith(diary(3));
  await page.getByRole('button', { name: 'Print this page' }).click();
  expect(await page.evaluate(() => 'printed' in window)).toBe(true);
});

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(`in a ${colorScheme} scheme`, () => {
    test.use({ colorScheme });

    test('axe finds nothing to mend, whatever the page shows', async ({ progress, page }) => {
      test.slow();
      const sound = async (state: string) => {
        const { violations } = await new AxeBuilder({ page }).analyze();
        expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html)}`), state).toEqual([]);
      };
      await progress.openWith([]);
      await sound('nothing logged');
      await progress.openWith([day(before(TODAY, 1), { left_leg: 2 })]);
      await sound('too little');
      await progress.openWith(diary(400));
      await page.evaluate(() => document.querySelectorAll<HTMLDetailsElement>('main details').forEach((more) => (more.open = true)));
      await sound('three months');
      await progress.choose('A year');
      await sound('a year');
    });
  });
}
