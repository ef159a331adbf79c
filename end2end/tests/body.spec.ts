// The body's page as a patient uses it: the drawing and the list are one chart, numb between the legs is heard at once, and
// activities are the patient's own.
import AxeBuilder from '@axe-core/playwright';
import { test as base, expect, type Page } from '@playwright/test';
import { isReady, loadAgain } from './support';

const EMERGENCY = 'Call 999 or go to A&E now';

/** The body's page, with the verbs of whoever uses it. */
class Chart {
  constructor(readonly page: Page) {}

  async open() {
    await this.page.goto('/tracker/body');
    await isReady(this.page);
  }

  reload() {
    return loadAgain(this.page);
  }

  /** Chooses what the taps that follow mark. */
  marks(feeling: 'Pain' | 'Numb or tingling') {
    return this.page.getByRole('radio', { name: feeling }).check();
  }

  /** A zone of the drawing, while that feeling is being marked. */
  zone(feeling: 'Pain' | 'Numb or tingling', zone: string) {
    return this.page.getByRole('button', { name: `${feeling}: ${zone}`, exact: true });
  }

  /** As a finger does it: where the zone itself is what is hit. The middle of its box may be another's. */
  async tap(feeling: 'Pain' | 'Numb or tingling', name: string) {
    const zone = this.zone(feeling, name);
    await zone.scrollIntoViewIfNeeded();
    const at = await zone.evaluate((zone) => {
      const { left, top, width, height } = zone.getBoundingClientRect();
      for (let part = 0; part < 400; part++) {
        const [x, y] = [left + (width * ((part % 20) + 0.5)) / 20, top + (height * (Math.floor(part / 20) + 0.5)) / 20];
        if (zone.contains(document.elementFromPoint(x, y))) return { x, y };
      }
      return undefined;
    });
    if (at === undefined) throw new Error(`${name} cannot be hit`);
    await this.page.mouse.click(at.x, at.y);
  }

  box(feeling: 'Pain' | 'Numb or tingling', zone: string) {
    return this.page.getByRole('checkbox', { name: new RegExp(`^${feeling} ?, ${zone}$`) });
  }

  openList() {
    return this.page.locator('summary', { hasText: 'Choose from a list instead' }).click();
  }

  marked(words: string) {
    return expect(this.page.locator('.marked', { hasText: words })).toBeVisible();
  }

  saved() {
    return expect(this.page.getByRole('status').filter({ hasText: 'Saved on this device' })).toBeVisible();
  }

  heading() {
    return this.page.getByRole('heading', { level: 1 });
  }

  async addActivity(name: string) {
    await this.page.locator('.new-activity input').fill(name);
    await this.page.getByRole('button', { name: 'Add this activity' }).click();
    await expect(this.page.getByRole('group', { name, exact: true })).toBeVisible();
  }

  rating(activity: string, score: number) {
    const scale = this.page.getByRole('group', { name: activity, exact: true });
    return scale.getByRole('radio', { name: new RegExp(`^${score}\\b`) });
  }
}

const test = base.extend<{ chart: Chart }>({
  chart: async ({ page }, use) => {
    await page.clock.install({ time: new Date('2026-11-22T15:00:00') });
    const broken: string[] = [];
    page.on('pageerror', (error) => broken.push(error.message));
    await use(new Chart(page));
    expect(broken, 'errors in the page').toEqual([]);
  },
});

async function expectSound(page: Page, state: string) {
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html)}`), state).toEqual([]);
}

test('the drawing, the keyboard and the list mark the same chart, which is there after a reload', async ({ chart, page }) => {
  await chart.open();
  await chart.marked('Nothing is marked.');
  await chart.zone('Pain', 'left calf, from behind').click();
  await expect(page.getByText('Left calf: painful.', { exact: true })).toBeVisible();
  await chart.marks('Numb or tingling');
  await chart.zone('Numb or tingling', 'left big toe').focus();
  await page.keyboard.press('Enter');
  await chart.openList();
  await expect(chart.box('Pain', 'left calf')).toBeChecked();
  await expect(chart.box('Pain', 'right calf'), 'the other side').not.toBeChecked();
  await expect(chart.box('Numb or tingling', 'left big toe')).toBeChecked();
  await chart.box('Numb or tingling', 'left calf').check();
  await expect(chart.zone('Numb or tingling', 'left calf, from behind')).toHaveAttribute('aria-pressed', 'true');
  await chart.marked('left calf painful, and numb or tingling; left big toe numb or tingling.');
  await chart.saved();

  await chart.reload();
  await chart.marked('left calf painful, and numb or tingling; left big toe numb or tingling.');
  await expect(chart.zone('Pain', 'left calf, from behind')).toHaveAttribute('aria-pressed', 'true');
  await chart.zone('Pain', 'left calf, from behind').click();
  await chart.marked('left calf numb or tingling; left big toe numb or tingling.');
});

test('a tap lands on the side that the drawing names', async ({ chart, page }) => {
  await chart.open();
  const front = page.getByRole('group', { name: 'Front of the body' });
  const back = page.getByRole('group', { name: 'Back of the body' });
  for (const [view, zone, left] of [[front, 'right shin', true], [front, 'left shin', false], [back, 'left calf, from behind', true], [back, 'right calf, from behind', false]] as const) {
    const [drawing, box] = [await view.boundingBox(), await chart.zone('Pain', zone).boundingBox()];
    if (drawing === null || box === null) throw new Error(`${zone} is not drawn`);
    expect(box.x + box.width / 2 < drawing.x + drawing.width / 2, zone).toBe(left);
  }
  await expect(page.locator('figcaption').first()).toHaveText(/Your right\s*Front\s*Your left/);
  await expect(page.locator('figcaption').last()).toHaveText(/Your left\s*Back\s*Your right/);
});

for (const network of ['with', 'without']) {
  test(`numb between the legs is an emergency within a second, ${network} the network`, async ({ chart, page, context }) => {
    await chart.open();
    await chart.tap('Pain', 'left groin or between the legs');
    await expect(chart.heading(), 'pain there is none').toHaveText(/^Your body/);
    if (network === 'without') await context.setOffline(true);
    await chart.marks('Numb or tingling');
    await chart.tap('Numb or tingling', 'left groin or between the legs');
    await expect(chart.heading()).toHaveText(EMERGENCY, { timeout: 1000 });
    await expect(page.getByRole('main').getByRole('link', { name: 'Call 999' })).toBeInViewport({ ratio: 1 });
    await expect(page.getByText('Your entry is saved.')).toBeVisible();
    await context.setOffline(false);

    await chart.reload();
    await expect(chart.heading()).toHaveText(EMERGENCY);
    await page.getByRole('button', { name: 'I ticked that by mistake' }).click();
    await expect(chart.heading()).toHaveText(/^Your body/);
    await chart.marked('Marked: left groin or between the legs painful.');
  });
}

test('the list raises the emergency as the drawing does, and the day’s page shows it too', async ({ chart, page }) => {
  await chart.open();
  await chart.openList();
  await chart.box('Numb or tingling', 'right groin or between the legs').click();
  await expect(chart.heading()).toHaveText(EMERGENCY, { timeout: 1000 });
  await expect(page.getByText('Your entry is saved.')).toBeVisible();
  await page.goto('/tracker');
  await isReady(page);
  await expect(chart.heading()).toHaveText(EMERGENCY);
  await page.getByRole('button', { name: 'I have got help' }).click();
  await page.locator('summary', { hasText: 'Any warning signs today?' }).click();
  await expect(page.getByRole('checkbox', { name: /between your legs/ })).toBeChecked();
});

test('a numb buttock and marks in both legs are asked about', async ({ chart, page }) => {
  await chart.open();
  await chart.marks('Numb or tingling');
  await chart.zone('Numb or tingling', 'left buttock, from behind').click();
  await expect(page.getByText('You marked a numb buttock.')).toBeVisible();
  await chart.marks('Pain');
  await chart.zone('Pain', 'left shin').click();
  await expect(page.getByText('You marked both legs.')).toBeHidden();
  await chart.zone('Pain', 'right shin').click();
  await page.getByRole('button', { name: 'Yes, down both legs, or I am not sure' }).click();
  await expect(chart.heading()).toHaveText(EMERGENCY);
  await page.getByRole('button', { name: 'I ticked that by mistake' }).click();
  await page.getByRole('button', { name: 'Yes, or I am not sure' }).click();
  await expect(chart.heading()).toHaveText(EMERGENCY);
});

test('an empty chart starts from the last one', async ({ chart, page }) => {
  await page.clock.setFixedTime(new Date('2026-11-15T15:00:00'));
  await chart.open();
  await chart.zone('Pain', 'right sole, from behind').click();
  await chart.saved();
  await page.clock.setFixedTime(new Date('2026-11-22T15:00:00'));
  await chart.reload();
  await chart.marked('Nothing is marked.');
  await page.getByRole('button', { name: 'As on 15 November' }).click();
  await chart.marked('Marked: right sole painful.');
  await expect(page.getByRole('heading', { name: 'Where is it?' })).toBeFocused();
  await expect(page.getByRole('button', { name: 'As on 15 November' })).toBeHidden();
});

test('activities are named, rated, due again, and say what changed', async ({ chart, page }) => {
  await page.clock.setFixedTime(new Date('2026-11-08T15:00:00'));
  await chart.open();
  await page.getByRole('button', { name: 'Add this activity' }).click();
  await expect(page.getByRole('alert').filter({ hasText: 'Write what the activity is' })).toBeVisible();
  for (const [name, score] of [['Putting on socks', 3], ['Driving', 4]] as const) {
    await chart.addActivity(name);
    await chart.rating(name, score).click();
  }
  await chart.marked('Last rated on 8 November. Due again on 22 November.');
  await chart.saved();

  await page.clock.setFixedTime(new Date('2026-11-22T15:00:00'));
  await chart.reload();
  await chart.marked('It is time to rate them again.');
  await chart.rating('Putting on socks', 6).click();
  await chart.rating('Driving', 6).click();
  await chart.marked('On average 3.5 on 8 November and 6 on 22 November: a medium change for the better.');

  await page.locator('summary', { hasText: 'Reword or remove: Driving' }).click();
  await page.getByLabel('In other words, for the same activity').nth(1).fill('Driving for an hour');
  await page.getByRole('button', { name: /^Save the words ?, Driving$/ }).click();
  await expect(chart.rating('Driving for an hour', 6), 'the same activity').toBeChecked();
  await page.getByRole('button', { name: /^Remove ?, Driving for an hour$/ }).click();
  await expect(page.getByRole('group', { name: 'Driving for an hour' })).toBeHidden();
  await chart.marked('On average 3 on 8 November and 6 on 22 November: a large change for the better.');
  await chart.saved();
  await chart.reload();
  await expect(chart.rating('Putting on socks', 6)).toBeChecked();
});

test('everything can be done with the keyboard', async ({ chart, page }) => {
  await chart.open();
  await page.getByRole('radio', { name: 'Pain' }).focus();
  await page.keyboard.press('ArrowDown');
  await expect(page.getByRole('radio', { name: 'Numb or tingling' })).toBeChecked();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Space');
  await chart.marked('Marked: left lower back painful.');
  const knee = chart.zone('Numb or tingling', 'right knee');
  await knee.focus();
  await page.keyboard.press('Space');
  await expect(knee).toBeFocused();
  await expect(knee).toHaveAttribute('aria-pressed', 'true');
});

test('targets are big enough for a thumb, and nothing is wider than the page', async ({ chart, page }) => {
  // On the narrowest the list beside it has the room: each zone is there too.
  for (const [width, least] of [[320, 16], [360, 24], [1280, 24]] as const) {
    await page.setViewportSize({ width, height: 640 });
    await chart.open();
    await chart.openList();
    const small = await page.locator('.zone').evaluateAll((zones, least) =>
      zones.filter((zone) => {
        const { width, height } = zone.getBoundingClientRect();
        return Math.min(width, height) < least;
      }).map((zone) => `${zone.getAttribute('aria-label')}: ${zone.getBoundingClientRect().width} x ${zone.getBoundingClientRect().height}`), least,
    );
    expect(small, `${width} px`).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth), `${width} px`).toBeLessThanOrEqual(width);
  }
});

test('a print has the drawing and its words', async ({ chart, page }) => {
  await chart.open();
  await chart.zone('Pain', 'left calf, from behind').click();
  await page.emulateMedia({ media: 'print' });
  await expect(page.getByRole('group', { name: 'Back of the body' })).toBeVisible();
  await expect(page.locator('.zone--pain .hatch')).toBeVisible();
  await chart.marked('Marked: left calf painful.');
  await expect(page.getByText('Choose from a list instead')).toBeHidden();
});

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(colorScheme, () => {
    test.use({ colorScheme });

    test('axe finds nothing to mend on the body’s page', async ({ chart, page }) => {
      await chart.open();
      await expectSound(page, 'empty');
      await chart.openList();
      await chart.zone('Pain', 'left shin').click();
      await chart.zone('Pain', 'right shin').click();
      await chart.addActivity('Driving');
      await page.locator('summary', { hasText: 'Reword or remove: Driving' }).click();
      await expectSound(page, 'marked, with an activity');
    });
  });
}
