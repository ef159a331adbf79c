// The guided session: one exercise at a time, by the clock, and nothing lost where it is broken off.
import AxeBuilder from '@axe-core/playwright';
import { test as base, expect, type Page } from '@playwright/test';

import { sideways } from './checks';
import { isReady } from './support';

/** What the page asked of the browser to be heard and felt. */
interface Told {
  sounds: number;
  buzzes: number;
  words: string[];
  locks: number;
}

/** The session's page, with the verbs of whoever does it. */
class Session {
  constructor(readonly page: Page) {}

  ready() {
    return isReady(this.page);
  }

  /** Chooses exercises, and begins from today's page. */
  async begin(...exercises: string[]) {
    await this.page.goto('/tracker/plan');
    await this.ready();
    await this.page.locator('summary', { hasText: 'Choose your own exercises' }).click();
    for (const name of exercises) await this.page.getByRole('checkbox', { name }).check();
    await this.page.getByRole('button', { name: 'Save my exercises' }).click();
    await this.kept();
    await this.page.goto('/tracker');
    await this.ready();
    await this.page.getByRole('link', { name: 'Start guided session' }).click();
    await expect(this.page).toHaveURL(/\/tracker\/session$/);
    await this.ready();
  }

  kept() {
    return expect(this.page.getByRole('status').filter({ hasText: /^(Stays|Saved) on this device$/ })).toBeVisible();
  }

  /** The one large button, by what it says. */
  go(words: string) {
    return this.page.getByRole('button', { name: words, exact: true });
  }

  async press(words: string) {
    await this.go(words).click();
    // A second press at once would be the same one.
    await this.pass(1);
  }

  async pass(seconds: number) {
    await this.page.clock.runFor(seconds * 1000);
  }

  async expectOn(exercise: string, place: string) {
    await expect(this.page.getByRole('heading', { level: 2, name: exercise })).toBeVisible();
    await expect(this.page.locator('.place')).toHaveText(place);
  }

  timer() {
    return this.page.getByRole('timer');
  }

  /** As a screen reader hears it. */
  said() {
    return this.page.locator('[data-said]');
  }

  told(): Promise<Told> {
    return this.page.evaluate(() => (window as unknown as { told: Told }).told);
  }
}

const test = base.extend<{ session: Session }>({
  session: async ({ page }, use) => {
    // A Sunday afternoon, on a clock that stands still until a test lets it run.
    await page.clock.install({ time: new Date('2026-11-22T15:00:00') });
    await page.addInitScript(() => {
      const told = { sounds: 0, buzzes: 0, words: [] as string[], locks: 0 };
      Object.assign(window, { told });
      OscillatorNode.prototype.start = () => void (told.sounds += 1);
      navigator.vibrate = () => (told.buzzes += 1) > 0;
      speechSynthesis.speak = ({ text }) => void told.words.push(text);
      Object.defineProperty(navigator, 'wakeLock', {
        value: { request: async () => ((told.locks += 1), { release: async () => void (told.locks -= 1) }) },
        configurable: true,
      });
    });
    const broken: string[] = [];
    page.on('pageerror', (error) => broken.push(error.message));
    await use(new Session(page));
    expect(broken, 'errors in the page').toEqual([]);
  },
});

/** Through both sets of the bridge, without the rest. */
async function bridge(session: Session) {
  for (const set of [1, 2]) {
    await session.expectOn('Bridge', `Exercise 1 of 2 · Set ${set} of 2`);
    await session.press('Set done');
    if (set === 1) await session.press('Go on without rest');
  }
}

test('from today through two exercises to how it went, and back', async ({ session, page }) => {
  await session.begin('Bridge', 'Walking');
  await expect(page.getByText('Stop if', { exact: false }).first()).toBeInViewport({ ratio: 1 });
  await bridge(session);
  await session.expectOn('Walking', 'Exercise 2 of 2');
  await session.press('Done');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Session finished');
  await expect(page.getByRole('heading', { level: 1 })).toBeFocused();
  await page.getByRole('group', { name: 'How hard was it?' }).getByRole('radio', { name: 'Fine' }).check();
  await page.getByRole('group', { name: 'Did this make anything worse?' }).getByRole('radio', { name: 'No' }).check();
  await session.kept();
  await page.getByRole('link', { name: 'Back to today' }).click();
  await session.ready();
  await expect(page.getByRole('button', { name: 'Set 2 of 2, Bridge' })).toHaveAttribute('aria-pressed', 'true');
  await expect(page.getByRole('button', { name: 'Done, Walking' })).toHaveAttribute('aria-pressed', 'true');
  await expect(page.getByRole('link', { name: 'Start guided session' })).toBeHidden();
});

test('whoever wants counts each repetition, on the left and then on the right', async ({ session }) => {
  await session.begin('Seated nerve slider', 'Walking');
  await session.expectOn('Seated nerve slider', 'Exercise 1 of 2 · Each side');
  await expect(session.said()).toHaveText('Seated nerve slider. 10 times, each side');
  await expect(session.timer()).toHaveText('10 times');
  const count = async (times: number) => {
    for (let time = 0; time < times; time += 1) await session.press('Count one');
  };
  await count(3);
  await expect(session.timer()).toHaveText('3 of 10 done');
  await expect(session.said()).toHaveText('3');
  await count(7);
  await expect(session.said()).toHaveText('Now the right side');
  await expect(session.timer()).toHaveText('10 times');
  await count(10);
  await session.expectOn('Walking', 'Exercise 2 of 2');
  await expect(session.go('Count one')).toBeHidden();
  await expect(session.go('Done'), 'the focus did not go with the button').toBeFocused();
});

test('one press on start leads through all holds of a set', async ({ session, page }) => {
  await session.begin('Pelvic tilt');
  await expect(session.go('Count one')).toBeHidden();
  await session.press('Start');
  await session.pass(6);
  await expect(page.locator('.state')).toHaveText('Hold 1 of 10');
  await session.pass(5);
  await expect(session.said()).toHaveText('Let go. 1 of 10 done');
  await session.pass(3);
  await expect(page.locator('.state')).toHaveText('Hold 2 of 10');
  await session.pass(70);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Session finished');
  expect((await session.told()).sounds, 'get ready, ten holds, let go after nine of them, finished').toBe(21);
});

test('a hold counts down on the left and then on the right, and tells so', async ({ session, page }) => {
  await session.begin('Knee to chest');
  await session.expectOn('Knee to chest', 'Exercise 1 of 1 · Set 1 of 3 · Left side');
  await page.getByRole('checkbox', { name: 'Voice' }).check();
  await session.press('Start, left side');
  await expect(session.timer()).toHaveText(/^[45] seconds$/);
  await session.pass(5);
  await expect(session.said()).toHaveText('Hold');
  await expect(session.timer()).toHaveText(/^(19|20) seconds$/);
  await session.pass(21);
  await expect(session.said()).toHaveText('Now the right side');
  await expect(page.locator('.state')).toHaveText('Change sides');
  await session.pass(10);
  await expect(session.said()).toHaveText('Hold');
  await session.press('Let go now');
  await expect(session.said()).toHaveText('Rest. Next: Set 2 of 3, left side');
  await session.pass(31);
  await session.expectOn('Knee to chest', 'Exercise 1 of 1 · Set 2 of 3 · Left side');
  const told = await session.told();
  expect(told.words).toEqual([
    'Get ready', 'Hold', 'Now the right side', 'Hold', 'Rest. Next: Set 2 of 3, left side', 'Set 2 of 3, left side',
  ]);
  expect([told.sounds, told.buzzes, told.locks]).toEqual([6, 6, 1]);
});

test('sound, vibration and voice are switched off and on, and the choice is remembered', async ({ session, page }) => {
  await session.begin('Bridge');
  const cue = (name: string) => page.getByRole('checkbox', { name });
  await expect(cue('Sound')).toBeChecked();
  await expect(cue('Vibration')).toBeChecked();
  await expect(cue('Voice'), 'nothing is said aloud unless it is asked for').not.toBeChecked();
  await cue('Sound').uncheck();
  await cue('Vibration').uncheck();
  await page.reload();
  await session.ready();
  await expect(cue('Sound')).not.toBeChecked();
  await session.press('Count one');
  expect(await session.told()).toMatchObject({ sounds: 0, buzzes: 0, words: [] });
  await cue('Vibration').check();
  await session.press('Count one');
  expect(await session.told()).toMatchObject({ sounds: 0, buzzes: 1 });
});

test('a session without any of these goes on all the same', async ({ session, page }) => {
  await page.addInitScript(() => {
    for (const name of ['AudioContext', 'speechSynthesis', 'SpeechSynthesisUtterance']) Reflect.deleteProperty(window, name);
    Object.defineProperty(navigator, 'vibrate', { value: undefined });
    Object.defineProperty(navigator, 'wakeLock', { value: { request: () => Promise.reject(new Error('not now')) } });
  });
  await session.begin('Walking');
  await page.getByRole('checkbox', { name: 'Voice' }).check();
  await session.press('Done');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Session finished');
});

test('a pause stops the clock, and leaving the page is a pause', async ({ session, page }) => {
  await session.begin('Knee to chest');
  await session.press('Start, left side');
  await session.pass(10);
  await page.getByRole('button', { name: 'Pause' }).click();
  const left = await session.timer().textContent();
  await session.pass(60);
  await expect(session.timer()).toHaveText(String(left));
  await expect(session.said()).toHaveText('Paused');
  await page.locator('.ways').getByRole('button', { name: 'Go on' }).click();
  await session.pass(2);
  await expect(session.timer()).not.toHaveText(String(left));
  await page.evaluate(() => {
    Object.defineProperty(document, 'hidden', { value: true });
    document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
  });
  await expect(session.said()).toHaveText('Paused');
});

test('an exercise is skipped with a reason, and done after all', async ({ session, page }) => {
  await session.begin('Bridge', 'Walking');
  await page.getByRole('button', { name: 'Skip' }).click();
  await expect(page.getByText('Skip this exercise today because')).toBeFocused();
  await page.getByRole('button', { name: 'Do not skip it' }).click();
  await expect(session.go('Set done')).toBeFocused();
  await page.getByRole('button', { name: 'Skip' }).click();
  await page.getByRole('button', { name: 'Too tired' }).click();
  await session.expectOn('Walking', 'Exercise 2 of 2');
  await expect(session.go('Done')).toBeFocused();
  await session.kept();
  await page.goto('/tracker');
  await session.ready();
  await expect(page.getByText('Skipped: Too tired')).toBeVisible();

  await page.getByRole('link', { name: 'Start guided session' }).click();
  await session.ready();
  await session.expectOn('Walking', 'Exercise 2 of 2');
  await page.getByRole('button', { name: 'Back', exact: true }).click();
  await page.getByRole('button', { name: 'Back', exact: true }).click();
  await bridge(session);
  await session.kept();
  await page.goto('/tracker');
  await session.ready();
  await expect(page.getByText('Skipped: Too tired')).toBeHidden();
});

test('a session that is broken off goes on at the first set that is not done', async ({ session, page }) => {
  await session.begin('Bridge', 'Walking');
  await session.press('Set done');
  await session.kept();
  await page.reload();
  await session.ready();
  await session.expectOn('Bridge', 'Exercise 1 of 2 · Set 2 of 2');
});

test('‘this feels wrong’ ends the session, says when to stop, and leads to the checker', async ({ session, page }) => {
  await session.begin('Bridge');
  await session.press('Count one');
  const stop = page.getByRole('button', { name: 'This feels wrong: stop' });
  await expect(stop).toBeInViewport({ ratio: 1 });
  await stop.click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Stop the session');
  await expect(page.getByRole('heading', { level: 1 })).toBeFocused();
  await expect(page.getByRole('heading', { name: 'When to stop' })).toBeVisible();
  await expect(page.getByRole('heading', { name: 'if any of these starts' })).toBeVisible();
  await expect(stop).toBeHidden();
  await expect(page.getByRole('main').getByRole('link', { name: 'Check whether you need help' })).toHaveAttribute('href', '/seek-help');
  await page.getByRole('link', { name: 'Back to today' }).click();
  await session.ready();
  await expect(page.getByRole('button', { name: 'Set 1 of 2, Bridge' })).toHaveAttribute('aria-pressed', 'false');
  await expect(page.getByText('Skipped:').filter({ visible: true })).toHaveCount(0);
});

test('an emergency sign of the day comes before the session', async ({ session, page }) => {
  await session.begin('Bridge');
  await page.goto('/tracker');
  await session.ready();
  await page.getByRole('checkbox', { name: /between your legs/ }).click();
  await expect(page.getByText('Your entry is saved.')).toBeVisible();
  await page.goto('/tracker/session');
  await session.ready();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Call 999 or go to A&E now');
  await expect(session.go('Set done')).toHaveCount(0);
});

test('with a warning sign that day no session is offered', async ({ session, page }) => {
  await session.begin('Bridge');
  await page.goto('/tracker');
  await session.ready();
  await page.getByRole('checkbox', { name: /high temperature/ }).check();
  await expect(page.getByRole('link', { name: 'Start guided session' })).toBeHidden();
  await session.kept();
  await page.goto('/tracker/session');
  await session.ready();
  await expect(page.getByText('You ticked a warning sign today.')).toBeVisible();
});

test('with nothing planned it says so, and leads back', async ({ session, page }) => {
  await page.goto('/tracker/session');
  await session.ready();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('No session today');
  await expect(page.getByRole('link', { name: 'Back to today' })).toBeVisible();
});

test('the keyboard alone leads through it', async ({ session, page }) => {
  await session.begin('Bridge', 'Walking');
  await session.go('Set done').focus();
  await page.keyboard.press('Enter');
  await session.pass(1);
  await expect(session.go('Go on without rest'), 'the focus stayed on the button').toBeFocused();
  await page.keyboard.press('Tab');
  await expect(session.go('Count one')).toBeFocused();
  await page.keyboard.press('Enter');
  await session.pass(1);
  await expect(session.timer()).toHaveText('1 of 8 done');
  await page.keyboard.press('Tab');
  await expect(page.getByRole('button', { name: 'Back', exact: true })).toBeFocused();
  for (let tab = 0; tab < 3; tab += 1) await page.keyboard.press('Tab');
  await expect(page.getByRole('button', { name: 'This feels wrong: stop' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Stop the session');
});

test('what is pressed is big, within the thumb’s reach, and hides nothing', async ({ session, page }) => {
  await session.begin('Knee to chest');
  const small = () =>
    page.evaluate(() =>
      [...document.querySelectorAll<HTMLElement>('main :is(button, .option, .btn)')]
        .filter((target) => target.checkVisibility() && target.getBoundingClientRect().height < 46)
        .map((target) => target.textContent),
    );
  expect(await small()).toEqual([]);
  const expectInView = async () => {
    for (const part of [session.go('Skip'), session.timer(), page.locator('.controls .stop-rules'), page.locator('.on .figure')]) {
      await expect(part).toBeInViewport({ ratio: 1 });
    }
    const covered = await page.evaluate(() => {
      const box = (part: string) => document.querySelector(part)!.getBoundingClientRect();
      return innerWidth < 900 && box('.on').bottom > box('.controls').top;
    });
    expect(covered, 'the controls cover what is on').toBe(false);
  };
  await session.press('Start, left side');
  await expectInView();
  await page.getByRole('button', { name: 'Skip' }).click();
  expect(await small(), 'of the reasons').toEqual([]);
  await page.reload();
  await session.ready();
  await expect(session.go('Start, left side')).toBeVisible();
  await session.pass(1);
  await expectInView();
});

test.describe('on a narrow screen', () => {
  test.use({ viewport: { width: 320, height: 640 } });

  test('nothing scrolls sideways', async ({ session, page }) => {
    await session.begin('Knee to chest');
    expect(await sideways(page)).toBe(0);
    await session.press('Start, left side');
    await page.getByRole('button', { name: 'Skip' }).click();
    expect(await sideways(page)).toBe(0);
    await page.getByRole('button', { name: 'This feels wrong: stop' }).click();
    expect(await sideways(page)).toBe(0);
  });
});

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(`in the ${colorScheme} scheme`, () => {
    test.use({ colorScheme });

    test('axe finds nothing wrong with the session', async ({ session, page }) => {
      // Several pages in one.
      test.slow();
      const expectSound = async (state: string) => {
        const { violations } = await new AxeBuilder({ page }).analyze();
        expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html)}`), state).toEqual([]);
      };
      await session.begin('Knee to chest', 'Walking');
      await expectSound('ready');
      await session.press('Start, left side');
      await expectSound('going');
      await page.getByRole('button', { name: 'Skip' }).click();
      await expectSound('reasons');
      await page.getByRole('button', { name: 'No time' }).click();
      await session.press('Done');
      await expectSound('finished');
      await page.goto('/tracker/session');
      await session.ready();
      await page.goto('/tracker/sheet');
      await expectSound('the sheet');
    });

    test('axe finds nothing wrong where it is stopped', async ({ session, page }) => {
      await session.begin('Bridge');
      await page.getByRole('button', { name: 'This feels wrong: stop' }).click();
      const { violations } = await new AxeBuilder({ page }).analyze();
      expect(violations.map(({ id }) => id)).toEqual([]);
    });
  });
}

test.describe('without script', () => {
  test.use({ javaScriptEnabled: false });

  base('the session says what works, and leads to the sheet to print', async ({ page }) => {
    await page.goto('/tracker/session');
    await expect(page.locator('.noscript-note')).toContainText('needs script');
    await page.locator('.noscript-note').getByRole('link', { name: 'sheet for the week' }).click();
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('A sheet for the week');
    await expect(page.getByRole('heading', { name: 'Settling sciatica' })).toBeVisible();
    await expect(page.getByRole('row', { name: /Knee to chest/ })).toContainText('Hold 20 seconds');
    await expect(page.getByText('if any of these starts').first()).toBeVisible();
  });
});

test('each plan of the sheet prints on one page, with the warning signs', async ({ page }) => {
  test.skip((page.viewportSize()?.width ?? 0) < 900, 'paper has one width');
  await page.goto('/tracker/sheet');
  const plans = await page.locator('.week-sheet').count();
  const pdf = (await page.pdf({ preferCSSPageSize: true })).toString('latin1');
  expect(plans).toBeGreaterThan(0);
  expect(pdf.match(/\/Type\s*\/Page\b/g)).toHaveLength(plans);
});
