// The tracker as a patient uses it: what is logged stays on the device, and a warning sign is heard
// whatever else goes wrong.
import AxeBuilder from '@axe-core/playwright';
import { test as base, expect, type Locator, type Page } from '@playwright/test';
import { isReady, loadAgain } from './support';

/** The tracker's page, with the verbs of whoever uses it. */
class Tracker {
  constructor(readonly page: Page) {}

  async open() {
    await this.page.goto('/tracker');
    await this.ready();
  }

  reload() {
    return loadAgain(this.page);
  }

  ready() {
    return isReady(this.page);
  }

  async openPlan() {
    await this.page.goto('/tracker/plan');
    await this.ready();
  }

  /** Chooses exercises on the plan's page, and comes back to the day. */
  async choose(...exercises: string[]) {
    await this.openPlan();
    await this.summary('Choose your own exercises').click();
    for (const name of exercises) await this.page.getByRole('checkbox', { name }).check();
    await this.page.getByRole('button', { name: 'Save my exercises' }).click();
    await expect(this.page.getByRole('heading', { name: 'Your exercises' })).toBeFocused();
    await this.toToday();
  }

  /** From the plan's page, once it is saved. */
  async toToday() {
    await this.kept();
    await this.page.getByRole('link', { name: 'Go to today’s exercises' }).click();
    await expect(this.heading()).toHaveText(/^Today, /);
    await this.ready();
  }

  summary(words: string) {
    return this.page.locator('summary', { hasText: words });
  }

  /** The planned exercise, where there is one. */
  exercise() {
    return this.page.locator('.exercise:visible');
  }

  /** Answers the questions of the short start; those that are left out stay open. */
  async tell(answers: Record<string, string>) {
    for (const [question, answer] of Object.entries(answers)) await this.answer(question, answer);
    await this.page.getByRole('button', { name: 'Show my plans' }).click();
    await expect(this.page.getByRole('heading', { name: 'Plans for you' })).toBeFocused();
  }

  answer(question: string, answer: string) {
    return this.page.getByRole('group', { name: question }).getByRole('radio', { name: answer, exact: true }).check();
  }

  set(name: string) {
    return this.page.getByRole('button', { name, exact: true });
  }

  /** A button whose hidden words say which exercise it is for; between them and the seen ones browsers put a space or none. */
  button(words: string, exercise: string) {
    return this.page.getByRole('button', { name: new RegExp(`^${words} ?, ${exercise}$`) });
  }

  /** Chooses a score of the foot test, as a finger does, where the test is open. */
  async testFoot(side: 'left' | 'right', score: number) {
    await this.footScore(side, score).click();
  }

  footScore(side: 'left' | 'right', score: number) {
    const test = this.page.getByRole('group', { name: `Lift your ${side} foot, heel down` });
    return test.getByRole('radio', { name: new RegExp(`^${score}\\b`) });
  }

  pain(place: string, score: number) {
    const scale = this.page.getByRole('group', { name: place, exact: true });
    return scale.getByRole('radio', { name: new RegExp(`^${score}\\b`) });
  }

  /** As a finger does it: on the number. The input under it is invisible. */
  async rate(place: string, score: number) {
    await this.pain(place, score).click();
    await expect(this.pain(place, score)).toBeChecked();
  }

  sign(words: string | RegExp) {
    return this.page.getByRole('checkbox', { name: words });
  }

  /** The list is closed once it has been answered. */
  async openSigns() {
    await this.page.locator('summary', { hasText: 'Any warning signs today?' }).click();
  }

  saved() {
    return expect(this.page.getByRole('status').filter({ hasText: 'Saved on this device' })).toBeVisible();
  }

  /** What stands from day to day is saved, whether or not the day has anything. */
  kept() {
    return expect(this.page.getByRole('status').filter({ hasText: /^(Stays|Saved) on this device$/ })).toBeVisible();
  }

  heading() {
    return this.page.getByRole('heading', { level: 1 });
  }

  day(name: RegExp) {
    return this.page.getByRole('list', { name: 'The last seven days' }).getByRole('button', { name });
  }
}

const test = base.extend<{ tracker: Tracker }>({
  tracker: async ({ page }, use) => {
    // A Sunday afternoon; the device's own clock and zone say what today is.
    await page.clock.install({ time: new Date('2026-11-22T15:00:00') });
    const broken: string[] = [];
    page.on('pageerror', (error) => broken.push(error.message));
    await use(new Tracker(page));
    expect(broken, 'errors in the page').toEqual([]);
  },
});

const EMERGENCY = 'Call 999 or go to A&E now';
const SADDLE = /between your legs/;
const FEVER = /high temperature/;
const BOTH_FEET = /Both feet are dropping/;

async function expectSound(page: Page, state: string) {
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html)}`), state).toEqual([]);
}

async function inView(element: Locator) {
  await expect(element).toBeInViewport({ ratio: 1 });
}

test('what is logged is still there after a reload', async ({ tracker }) => {
  await tracker.open();
  await expect(tracker.heading()).toHaveText('Today, Sunday 22 November');
  await expect(tracker.page.locator('.noscript-note')).toHaveCount(0);
  await tracker.choose('Knee to chest', 'Walking');
  await tracker.set('Set 2 of 3, Knee to chest').click();
  await tracker.rate('Back pain', 2);
  await tracker.rate('Left leg pain', 4);
  await tracker.saved();

  await tracker.reload();
  await expect(tracker.set('Set 2 of 3, Knee to chest')).toHaveAttribute('aria-pressed', 'true');
  await expect(tracker.set('Set 1 of 3, Knee to chest')).toHaveAttribute('aria-pressed', 'false');
  await expect(tracker.set('Done, Walking')).toHaveAttribute('aria-pressed', 'false');
  await expect(tracker.set('Done, Bridge')).toBeHidden();
  await expect(tracker.pain('Back pain', 2)).toBeChecked();
  await expect(tracker.pain('Left leg pain', 4)).toBeChecked();
  await expect(tracker.page.getByRole('group', { name: 'Right leg pain' }).locator(':checked')).toHaveCount(0);
  await expect(tracker.day(/Sun 22/)).toHaveAccessibleName(/logged/);
});

test('an entry is made without the network, and is there when it is back', async ({ tracker, context }) => {
  await tracker.choose('Walking');
  await context.setOffline(true);
  await tracker.set('Done, Walking').click();
  await tracker.rate('Right leg pain', 10);
  await tracker.sign('None of these').check();
  await tracker.saved();

  await context.setOffline(false);
  await tracker.reload();
  await expect(tracker.set('Done, Walking')).toHaveAttribute('aria-pressed', 'true');
  await expect(tracker.pain('Right leg pain', 10)).toBeChecked();
});

test('a pain and a set can be taken back', async ({ tracker }) => {
  await tracker.choose('Bridge');
  await tracker.set('Set 1 of 2, Bridge').click();
  await tracker.rate('Back pain', 7);
  await tracker.set('Set 1 of 2, Bridge').click();
  await tracker.page.getByRole('button', { name: 'Clear Back pain' }).click();
  await expect(tracker.pain('Back pain', 0)).toBeFocused();

  await tracker.reload();
  await expect(tracker.page.getByRole('group', { name: 'Back pain' }).locator(':checked')).toHaveCount(0);
  await expect(tracker.set('Set 1 of 2, Bridge')).toHaveAttribute('aria-pressed', 'false');
});

const WELL = {
  'What do you most want help with?': 'Pain down a leg',
  'how does your weaker foot lift?': '5: both lift the same',
  'Is your foot or leg getting weaker?': 'No',
  'Are you more than 3 months pregnant?': 'No',
  'Have you had a hip replaced?': 'No',
  'Do you have thin bones': 'No',
  'Do you have bad knees?': 'No',
  'Do you have bad wrists?': 'No',
};

test('a plan is suggested without what is not for the patient, says why, and is taken', async ({ tracker, page }) => {
  await tracker.open();
  await page.getByRole('link', { name: 'Find your plan' }).click();
  await tracker.tell({ ...WELL, 'Are you more than 3 months pregnant?': 'Yes' });
  await expect(page.getByRole('radio', { name: 'Settling sciatica (suggested)' })).toBeChecked();
  await expect(page.getByText('Knee to chest is left out: not lying flat on your back after the first 3 months of pregnancy.').first()).toBeVisible();
  await expect(page.getByRole('link', { name: 'Check whether you need help' }), 'nothing to check first').toBeHidden();
  for (const plan of ['Building up your back', 'Foot drop with a weak ankle', 'Keeping well']) {
    await expect(page.getByRole('radio', { name: plan })).toBeVisible();
  }
  await page.getByRole('button', { name: 'Use this plan' }).click();
  await expect(page.getByRole('heading', { name: 'Your exercises' })).toBeFocused();
  await expect(page.getByRole('heading', { name: 'Seated nerve slider' })).toBeVisible();
  await tracker.toToday();
  await expect(tracker.set('Done, Seated nerve slider')).toBeVisible();
  await expect(tracker.set('Set 1 of 3, Knee to chest')).toBeHidden();

  await tracker.openPlan();
  await tracker.summary('Find a plan that suits you').click();
  await expect(page.getByRole('group', { name: 'pregnant' }).getByRole('radio', { name: 'Yes' })).toBeChecked();
});

/** Counts what is clicked from the next page on. */
async function countClicks(page: Page): Promise<() => number> {
  let clicks = 0;
  page.on('console', (message) => void (clicks += message.text() === 'clicked' ? 1 : 0));
  await page.addInitScript(() => addEventListener('click', (event) => void (event.isTrusted && console.log('clicked')), true));
  return () => clicks;
}

/** From the first start to today's page with a plan on it. */
async function takeFirstPlan(tracker: Tracker, page: Page) {
  await tracker.open();
  await page.getByRole('link', { name: 'Find your plan' }).click();
  await tracker.tell(WELL);
  await page.getByRole('button', { name: 'Use this plan' }).click();
  await tracker.toToday();
}

async function sayHowItWent(tracker: Tracker, page: Page) {
  await page.getByRole('group', { name: 'How hard was it?' }).getByRole('radio', { name: 'Fine' }).check();
  await page.getByRole('group', { name: 'Did this make anything worse?' }).getByRole('radio', { name: 'No' }).check();
  await tracker.kept();
}

test('from the first start to the first finished session is less than three minutes of clicks', async ({ tracker, page }) => {
  test.setTimeout(180_000);
  const began = performance.now();
  const clicks = await countClicks(page);
  await takeFirstPlan(tracker, page);
  const done = page.getByRole('button', { name: /^(All done|Done), /, pressed: false });
  while ((await done.count()) > 0) await done.first().click();
  await sayHowItWent(tracker, page);
  const took = Math.round((performance.now() - began) / 1000);
  await tracker.reload();
  await expect(page.getByRole('radio', { name: 'Fine' })).toBeChecked();
  console.log(`the first session was finished after ${clicks()} clicks, made in ${took} s`);
  // Four seconds each, for who reads as they go.
  expect(Math.max(took, 4 * clicks())).toBeLessThan(180);
});

test('the guided session, too, is finished with less than three minutes of clicks', async ({ tracker, page }) => {
  test.setTimeout(180_000);
  const clicks = await countClicks(page);
  await takeFirstPlan(tracker, page);
  const before = clicks();
  await page.getByRole('link', { name: 'Start guided session' }).click();
  await expect(tracker.heading()).toHaveText('Guided session');
  await tracker.ready();
  const began = await page.evaluate(() => Date.now());
  const go = page.locator('.go').getByRole('button').first();
  while (await go.isVisible()) {
    await go.click();
    do await page.clock.runFor(5_000);
    while (await go.filter({ hasText: /^(Hold now|Let go now|Go on without rest)$/ }).isVisible());
  }
  await expect(tracker.heading()).toHaveText('Session finished');
  const minutes = Math.round((await page.evaluate(() => Date.now()) - began) / 60_000);
  await sayHowItWent(tracker, page);
  await page.getByRole('link', { name: 'Back to today' }).click();
  await tracker.ready();
  await expect(page.getByRole('button', { name: /^(All done|Done), /, pressed: false })).toHaveCount(0);
  console.log(`a guided session of ${minutes} minutes took ${clicks() - before} clicks, and ${clicks()} from the first start`);
  expect(clicks() - before, 'a press or so for each set, and none for a repetition').toBeLessThan(15);
  expect(4 * clicks()).toBeLessThan(180);
});

test('a weak foot, or no answer about it, leads with the check', async ({ tracker, page }) => {
  await tracker.openPlan();
  const check = page.getByRole('main').getByRole('link', { name: 'Check whether you need help' });
  await tracker.tell({});
  await expect(check).toBeVisible();
  await tracker.tell(WELL);
  await expect(check).toBeHidden();
  await tracker.tell({ ...WELL, 'how does your weaker foot lift?': '2: the toes lift, the foot does not' });
  await expect(check).toBeVisible();
  await expect(page.getByRole('radio', { name: 'Foot drop with a weak ankle (suggested)' })).toBeChecked();
});

test('the dose and the days are the patient’s own, and a day off says so', async ({ tracker, page }) => {
  await tracker.choose('Bridge');
  await tracker.summary('Skip or change: Bridge').click();
  await page.getByRole('link', { name: 'Change the dose or the days : Bridge' }).click();
  await tracker.ready();
  await tracker.summary('Change: Bridge').click();
  await tracker.exercise().getByLabel('Sets', { exact: true }).fill('3');
  await tracker.exercise().getByLabel('Times', { exact: true }).fill('10');
  await tracker.button('Save this dose', 'Bridge').click();
  await expect(page.getByRole('heading', { name: 'Bridge' })).toBeFocused();
  await expect(page.getByText('10 times · 3 sets · Every day')).toBeVisible();
  await tracker.toToday();
  await expect(tracker.set('Set 3 of 3, Bridge')).toBeVisible();

  await tracker.openPlan();
  await tracker.summary('Change: Bridge').click();
  for (const day of ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']) await page.getByRole('checkbox', { name: day, exact: true }).uncheck();
  await tracker.button('Save this dose', 'Bridge').click();
  await expect(page.getByRole('alert').filter({ hasText: 'tick one day at least' })).toBeVisible();
  await page.getByRole('checkbox', { name: 'Mon', exact: true }).check();
  await tracker.button('Save this dose', 'Bridge').click();
  await expect(page.getByText('10 times · 3 sets · Mon', { exact: true })).toBeVisible();
  await tracker.toToday();
  await expect(page.getByText('Rest day: nothing planned. Walking is fine.')).toBeVisible();
  await expect(tracker.set('Set 1 of 3, Bridge')).toBeHidden();

  await page.clock.setFixedTime(new Date('2026-11-23T08:00:00'));
  await tracker.reload();
  await expect(tracker.set('Set 3 of 3, Bridge')).toBeVisible();
  await tracker.day(/Sat 21/).click();
  await expect(page.getByText('Nothing was planned on this day.')).toBeVisible();
});

test('an exercise is skipped with a reason, and taken up again', async ({ tracker, page }) => {
  await tracker.choose('Bridge');
  await tracker.summary('Skip or change: Bridge').click();
  await tracker.exercise().getByLabel('Skip it today because').selectOption('Too tired');
  await tracker.exercise().getByLabel('In your own words, if you like').fill('slept badly');
  await tracker.button('Skip today', 'Bridge').click();
  const words = page.getByText('Skipped: Too tired: slept badly');
  await expect(words).toBeVisible();
  await tracker.saved();
  await tracker.reload();
  await expect(words).toBeVisible();
  await tracker.button('Undo skip', 'Bridge').click();
  await expect(words).toBeHidden();
  await expect(page.getByRole('heading', { name: 'Bridge' })).toBeFocused();
});

test('after the last set it is asked how it went, and too hard offers the next dose down', async ({ tracker, page }) => {
  await tracker.choose('Bridge');
  const went = page.getByRole('heading', { name: 'How did it go?' });
  await tracker.set('Set 1 of 2, Bridge').click();
  await expect(went).toBeHidden();
  await tracker.set('All done, Bridge').click();
  await expect(tracker.set('Set 2 of 2, Bridge')).toHaveAttribute('aria-pressed', 'true');
  await expect(went).toBeVisible();
  await tracker.answer('How hard was it?', 'Easy');
  await expect(page.getByRole('button', { name: 'Bridge: 10 times · 2 sets' })).toBeVisible();
  await tracker.answer('Did this make anything worse?', 'Yes');
  await expect(page.getByText('Leave out what made it worse')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Bridge: 10 times' }), 'never more where it made things worse').toBeHidden();
  await tracker.answer('Did this make anything worse?', 'No');
  await tracker.answer('How hard was it?', 'Too hard');
  await page.getByRole('button', { name: 'Bridge: 8 times', exact: true }).click();
  await expect(went).toBeFocused();
  await expect(page.getByText('Change the dose for next time?')).toBeHidden();
  await tracker.saved();

  await tracker.reload();
  await expect(page.getByText('8 times · Every day')).toBeVisible();
  await expect(page.getByRole('group', { name: 'How hard was it?' }).getByRole('radio', { name: 'Too hard' })).toBeChecked();
  await expect(tracker.set('Set 2 of 2, Bridge'), 'done today, though one is enough from now on').toHaveAttribute('aria-pressed', 'true');
  await tracker.set('All done, Bridge').click();
  await expect(tracker.set('Done, Bridge')).toHaveAttribute('aria-pressed', 'false');
  await expect(tracker.set('All done, Bridge')).toBeHidden();
  await expect(page.getByRole('heading', { name: 'Bridge' }), 'the button went away, the focus did not').toBeFocused();
});

test('an emergency sign interrupts at once, with the call in view, and is saved', async ({ tracker }) => {
  await tracker.open();
  await tracker.sign(SADDLE).click();
  await expect(tracker.heading()).toHaveText(EMERGENCY);
  await expect(tracker.heading()).toBeFocused();
  await inView(tracker.heading());
  await inView(tracker.page.locator('.stop p'));
  await inView(tracker.page.getByRole('main').getByRole('link', { name: 'Call 999' }));
  await expect(tracker.page).toHaveTitle(new RegExp(`^${EMERGENCY}`));
  await expect(tracker.page.getByText('Your entry is saved.')).toBeVisible();
  await expect(tracker.page.locator('.help a[href^="tel:0"]'), 'the help line is not for emergencies').toBeHidden();

  await tracker.reload();
  await expect(tracker.heading()).toHaveText(EMERGENCY);
  await inView(tracker.page.getByRole('main').getByRole('link', { name: 'Call 999' }));
});

test('each emergency sign of the daily list interrupts', async ({ tracker }) => {
  await tracker.open();
  const signs = tracker.page.locator('fieldset.signs input[type=checkbox]:not([name=none]):not([name=fever])');
  await expect(signs).toHaveCount(10);
  for (let at = 0; at < 10; at += 1) {
    await signs.nth(at).click();
    await expect(tracker.heading()).toHaveText(EMERGENCY);
    await tracker.page.getByRole('button', { name: 'I ticked that by mistake' }).click();
    await expect(tracker.heading()).toHaveText('Today, Sunday 22 November');
  }
});

test('a tick by mistake is taken back, and no other with it', async ({ tracker }) => {
  await tracker.open();
  await tracker.sign(FEVER).click();
  await tracker.sign(SADDLE).click();
  await tracker.page.getByRole('button', { name: 'I ticked that by mistake' }).click();
  await expect(tracker.heading()).toHaveText('Today, Sunday 22 November');
  await expect(tracker.heading()).toBeFocused();
  await expect(tracker.page.getByRole('heading', { name: /Ask for an urgent GP appointment/ })).toBeVisible();
  await tracker.saved();

  await tracker.reload();
  await expect(tracker.heading()).toHaveText('Today, Sunday 22 November');
  await tracker.openSigns();
  await expect(tracker.sign(SADDLE)).not.toBeChecked();
  await expect(tracker.sign(FEVER)).toBeChecked();
});

test('help that was got leaves a reminder, until another sign comes', async ({ tracker }) => {
  await tracker.open();
  await tracker.sign(BOTH_FEET).click();
  await tracker.page.getByRole('button', { name: 'I have got help' }).click();
  await expect(tracker.page.getByText('You got help for: both feet dropping.')).toBeVisible();
  await tracker.saved();

  await tracker.reload();
  await expect(tracker.heading()).toHaveText('Today, Sunday 22 November');
  await expect(tracker.page.getByText('You got help for: both feet dropping.')).toBeVisible();
  await tracker.openSigns();
  await tracker.sign(SADDLE).click();
  await expect(tracker.heading()).toHaveText(EMERGENCY);
});

test('an urgent sign puts its card on top, where the patient is taken, until it is unticked', async ({ tracker }) => {
  await tracker.open();
  const card = tracker.page.getByRole('heading', { name: 'Urgent: Ask for an urgent GP appointment or get help from NHS 111' });
  await expect(card).toBeHidden();
  await tracker.sign(FEVER).click();
  await expect(card).toBeFocused();
  await inView(card);

  await tracker.reload();
  await expect(card).toBeVisible();
  await tracker.openSigns();
  await tracker.sign(FEVER).click();
  await expect(card).toBeHidden();
});

test('an emergency that nobody saw to comes first the next day too', async ({ tracker, page }) => {
  await tracker.open();
  await tracker.sign(SADDLE).click();
  await expect(page.getByText('Your entry is saved.')).toBeVisible();
  await page.clock.setFixedTime(new Date('2026-11-23T08:00:00'));
  await tracker.reload();
  await expect(tracker.heading()).toHaveText(EMERGENCY);
  await expect(page.getByText('On Sunday 22 November you ticked')).toBeVisible();
  await page.getByRole('button', { name: 'I have got help' }).click();
  await expect(tracker.heading()).toHaveText('Today, Monday 23 November');
});

test('emergencies of two days are seen to one after the other', async ({ tracker, context }) => {
  const { page } = tracker;
  await tracker.open();
  // From two tabs: in one, the first emergency leaves room for nothing else.
  const other = new Tracker(await context.newPage());
  await other.page.clock.install({ time: new Date('2026-11-22T15:00:00') });
  await other.open();
  await other.day(/Fri 20/).click();
  await other.sign(SADDLE).click();
  await expect(other.page.getByText('Your entry is saved.')).toBeVisible();
  await other.page.close();
  await tracker.sign(SADDLE).click();
  await expect(page.getByText('Your entry is saved.')).toBeVisible();
  await tracker.reload();
  await expect(page.getByText('On Sunday 22 November you ticked')).toBeVisible();
  await page.getByRole('button', { name: 'I ticked that by mistake' }).click();
  await expect(page.getByText('On Friday 20 November you ticked')).toBeVisible();
  await expect(tracker.heading()).toBeFocused();
  await page.getByRole('button', { name: 'I have got help' }).click();
  await expect(tracker.heading()).toHaveText('Today, Sunday 22 November');
  await tracker.day(/Fri 20/).click();
  await expect(page.getByText('You got help for:')).toBeVisible();
});

/** What the foot test says of yesterday, with the strip; then today is open, with the test. */
async function testedYesterday(tracker: Tracker, side: 'left' | 'right', score: number) {
  await tracker.day(/Sat 21/).click();
  await tracker.summary('Foot test').click();
  await tracker.testFoot(side, score);
  await expect(tracker.footScore(side, score)).toBeChecked();
  await tracker.saved();
  await tracker.page.getByRole('button', { name: 'Back to today' }).click();
  await expect(tracker.heading()).toHaveText('Today, Sunday 22 November');
  await expect(tracker.footScore(side, score)).not.toBeChecked();
}

for (const network of ['with', 'without'] as const) {
  test(`a foot that weakens fast is an emergency within a second, ${network} the network`, async ({ tracker, page, context }) => {
    await tracker.open();
    if (network === 'without') await context.setOffline(true);
    await testedYesterday(tracker, 'left', 5);
    await tracker.testFoot('left', 3);
    await expect(tracker.heading()).toHaveText(EMERGENCY, { timeout: 1_000 });
    await inView(tracker.heading());
    await inView(page.getByRole('main').getByRole('link', { name: 'Call 999' }));
    await expect(page.getByText('Score of the left foot: 5 on 21 November, 3 on 22 November.')).toBeVisible();
    await expect(page.getByText('Rules: T2')).toBeVisible();
    await expect(page.getByText('Your entry is saved.')).toBeVisible();
    await expect(page.getByRole('button', { name: 'Remind me tomorrow' }), 'it cannot wait').toBeHidden();
    if (network === 'without') await context.setOffline(false);

    await tracker.reload();
    await expect(tracker.heading()).toHaveText(EMERGENCY);
    await page.getByRole('button', { name: 'I have got help' }).click();
    await expect(tracker.heading()).toHaveText('Today, Sunday 22 November');
    await tracker.saved();
    await tracker.reload();
    await expect(tracker.heading()).toHaveText('Today, Sunday 22 November');
    await tracker.summary('Foot test').click();
    await expect(tracker.footScore('left', 3)).toBeChecked();
  });
}

test('an emergency of what was measured takes the focus and the title, as one of a sign does', async ({ tracker, page }) => {
  await tracker.open();
  await testedYesterday(tracker, 'right', 5);
  await tracker.testFoot('right', 3);
  await expect(tracker.heading()).toHaveText(EMERGENCY);
  await expect(tracker.heading()).toBeFocused();
  await expect(page).toHaveTitle(new RegExp(`^${EMERGENCY}`));
  await expect(page.locator('.help a[href^="tel:0"]'), 'the help line is not for emergencies').toBeHidden();
  await page.getByRole('button', { name: 'What I logged was a mistake' }).click();
  await expect(tracker.heading()).toHaveText('Today, Sunday 22 November');
  await expect(tracker.heading()).toBeFocused();
});

test('a foot that weakens a little is urgent until it is answered, and again when it weakens more', async ({ tracker, page }) => {
  await tracker.open();
  const card = page.getByRole('region', { name: 'Ask for an urgent GP appointment or get help from NHS 111' }).filter({ hasText: 'Rules: T2' });
  await tracker.summary('Foot test').click();
  for (const [day, score] of [[/Thu 19/, 5], [/Fri 20/, 4]] as const) {
    await expect(card).toBeHidden();
    await tracker.day(day).click();
    await tracker.testFoot('left', score);
  }
  await expect(card).toContainText('Score of the left foot: 5 on 19 November, 4 on 20 November.');
  await tracker.saved();
  await tracker.reload();
  await expect(card, 'on whatever day is open').toBeVisible();
  await card.getByRole('button', { name: 'I have got help' }).click();
  await expect(card).toBeHidden();
  await tracker.kept();
  await tracker.reload();
  await expect(tracker.heading()).toHaveText('Today, Sunday 22 November');
  await expect(card).toBeHidden();

  await tracker.summary('Foot test').click();
  await tracker.testFoot('left', 4);
  await expect(tracker.footScore('left', 4)).toBeChecked();
  await expect(card, 'no worse than what help was got for').toBeHidden();
  await tracker.testFoot('left', 3);
  await expect(card).toContainText('Score of the left foot: 5 on 19 November, 3 on 22 November.');
  await card.getByRole('button', { name: 'Remind me tomorrow' }).click();
  await expect(card).toBeHidden();
  await tracker.saved();
  await page.clock.setFixedTime(new Date('2026-11-23T08:00:00'));
  await tracker.reload();
  await expect(card).toBeVisible();
});

test('a foot that weakened between two tests is asked about, and slowly is less than an emergency', async ({ tracker, page }) => {
  await tracker.open();
  await tracker.summary('Foot test').click();
  await tracker.day(/Mon 16/).click();
  await tracker.testFoot('right', 5);
  await page.getByRole('button', { name: 'Back to today' }).click();
  await tracker.testFoot('right', 3);
  await expect(tracker.heading()).toHaveText(EMERGENCY);
  await expect(page.getByText('Your foot was weaker when you tested it on 22 November. When did that begin?')).toBeVisible();
  await page.getByRole('button', { name: 'Longer ago' }).click();
  await expect(tracker.heading()).toHaveText('Today, Sunday 22 November');
  await expect(page.getByText('On 22 November you said that it began more than 2 days before.')).toBeVisible();
});

test('a number out of its range is said, and stays as it was typed', async ({ tracker, page }) => {
  await tracker.open();
  await tracker.summary('More about this day').click();
  const trips = page.getByRole('textbox', { name: 'Times you tripped or stumbled' });
  const problem = page.getByRole('alert').filter({ hasText: /^Enter a whole number from 0 to \d+, or nothing$/ });
  await expect(problem).toBeHidden();
  for (const wrong of ['9999', '-1', 'two']) {
    await trips.fill(wrong);
    await trips.blur();
    await expect(problem).toBeVisible();
    await expect(trips).toHaveValue(wrong);
    await expect(trips).toHaveAttribute('aria-invalid', 'true');
    await expect(trips).toHaveAccessibleDescription(/^Enter a whole number/);
  }
  // What else is logged takes nothing of it away.
  await tracker.rate('Back pain', 3);
  await expect(trips).toHaveValue('two');
  await expect(problem).toBeVisible();
  await trips.fill('2');
  await trips.blur();
  await expect(problem).toBeHidden();
  await expect(trips).toHaveAttribute('aria-invalid', 'false');
  await tracker.saved();

  await tracker.reload();
  await tracker.summary('More about this day').click();
  await expect(trips).toHaveValue('2');
  await trips.fill('');
  await trips.blur();
  await tracker.reload();
  await tracker.summary('More about this day').click();
  await expect(trips).toHaveValue('');
});

test('none of these takes back a sign, and a sign takes back none of these', async ({ tracker }) => {
  await tracker.open();
  await tracker.sign(FEVER).click();
  await tracker.sign('None of these').click();
  await expect(tracker.sign(FEVER)).not.toBeChecked();
  await tracker.sign(FEVER).click();
  await expect(tracker.sign('None of these')).not.toBeChecked();
});

test('a past day is opened, logged, and left again', async ({ tracker }) => {
  await tracker.open();
  await tracker.day(/Thu 19/).click();
  await expect(tracker.heading()).toHaveText('Thursday 19 November');
  await expect(tracker.page.getByText('not today')).toBeVisible();
  await tracker.rate('Back pain', 5);
  await tracker.page.getByRole('button', { name: 'Back to today' }).click();
  await expect(tracker.heading()).toHaveText('Today, Sunday 22 November');
  await expect(tracker.heading()).toBeFocused();
  await expect(tracker.pain('Back pain', 5)).not.toBeChecked();

  await tracker.reload();
  await expect(tracker.day(/Thu 19/)).toHaveAccessibleName(/logged/);
  await tracker.day(/Thu 19/).click();
  await expect(tracker.pain('Back pain', 5)).toBeChecked();
});

test('after midnight today is the new day', async ({ tracker, page }) => {
  await page.clock.setFixedTime(new Date('2026-11-22T23:59:30'));
  await tracker.open();
  await tracker.rate('Back pain', 5);
  await tracker.saved();
  await page.clock.setFixedTime(new Date('2026-11-23T00:00:30'));
  await page.evaluate(() => window.dispatchEvent(new Event('focus')));
  await expect(tracker.heading()).toHaveText('Today, Monday 23 November');
  await expect(tracker.pain('Back pain', 5)).not.toBeChecked();
  await expect(tracker.day(/Sun 22/)).toHaveAccessibleName(/logged/);
});

test('two tabs do not undo one another', async ({ tracker, context }) => {
  await tracker.choose('Knee to chest');
  const other = new Tracker(await context.newPage());
  await other.page.clock.install({ time: new Date('2026-11-22T15:00:00') });
  await other.open();
  await tracker.set('Set 1 of 3, Knee to chest').click();
  await other.set('Set 2 of 3, Knee to chest').click();
  await other.saved();
  // The second tab's write found the first one's set, and shows it.
  await expect(other.set('Set 1 of 3, Knee to chest')).toHaveAttribute('aria-pressed', 'true');
  await tracker.page.evaluate(() => window.dispatchEvent(new Event('focus')));
  await expect(tracker.set('Set 2 of 3, Knee to chest')).toHaveAttribute('aria-pressed', 'true');
});

test('an entry is on the disk before it counts as saved', async ({ tracker, page }) => {
  await page.addInitScript(() => {
    const begun: unknown[] = [];
    Object.assign(window, { begun });
    const transaction = IDBDatabase.prototype.transaction;
    IDBDatabase.prototype.transaction = function (...options: Parameters<typeof transaction>) {
      const made = transaction.apply(this, options);
      begun.push([made.mode, made.durability]);
      return made;
    };
  });
  await tracker.open();
  await tracker.rate('Back pain', 6);
  await tracker.saved();
  const begun = await page.evaluate(() => (window as unknown as { begun: unknown[] }).begun);
  expect(begun).toContainEqual(['readwrite', 'strict']);
  expect(begun).not.toContainEqual(['readwrite', 'default']);
});

test.describe('when the device does not save', () => {
  /** Every write fails as it does on a full disk, until it is put right. */
  async function fillDisk(page: Page) {
    await page.addInitScript(() => {
      const put = IDBObjectStore.prototype.put;
      IDBObjectStore.prototype.put = function (...entry: Parameters<typeof put>) {
        if ('roomAgain' in window) return put.apply(this, entry);
        throw new DOMException('full', 'QuotaExceededError');
      };
    });
  }

  test('the entry stays on the screen, and can be saved again', async ({ tracker, page }) => {
    await fillDisk(page);
    await tracker.open();
    await tracker.rate('Back pain', 6);
    await expect(page.getByRole('alert').filter({ hasText: 'Could not save on this device: there is no room left' })).toBeVisible();
    await expect(page.getByRole('status').filter({ hasText: 'Not saved' })).toBeVisible();
    await expect(tracker.pain('Back pain', 6)).toBeChecked();
    await tracker.rate('Left leg pain', 3);
    await page.evaluate(() => Object.assign(window, { roomAgain: true }));
    await page.getByRole('button', { name: 'Try again' }).click();
    await tracker.saved();
    await expect(page.getByText('Could not save on this device')).toBeHidden();

    await tracker.reload();
    await expect(tracker.pain('Back pain', 6)).toBeChecked();
    await expect(tracker.pain('Left leg pain', 3)).toBeChecked();
  });

  test('an emergency interrupts all the same, and says so', async ({ tracker, page }) => {
    await fillDisk(page);
    await tracker.open();
    await tracker.sign(SADDLE).click();
    await expect(tracker.heading()).toHaveText(EMERGENCY);
    await expect(page.getByText('Your entry could not be saved on this device')).toBeVisible();
    await inView(page.getByRole('main').getByRole('link', { name: 'Call 999' }));
  });

  test('a browser that keeps nothing still lets signs be checked', async ({ tracker, page }) => {
    await page.addInitScript(() => {
      IDBFactory.prototype.open = () => {
        throw new DOMException('blocked', 'SecurityError');
      };
    });
    await tracker.open();
    await expect(page.getByRole('alert').filter({ hasText: 'does not let this site keep anything' })).toBeVisible();
    await tracker.sign(BOTH_FEET).click();
    await expect(tracker.heading()).toHaveText(EMERGENCY);
  });

  test('a browser that never answers is not waited for', async ({ tracker, page }) => {
    await page.addInitScript(() => {
      IDBFactory.prototype.open = () => new EventTarget() as IDBOpenDBRequest;
    });
    await page.goto('/tracker');
    await expect(page.locator('.tracker')).toBeVisible();
    await page.clock.fastForward(11_000);
    await tracker.ready();
    await expect(page.getByRole('alert').filter({ hasText: 'it did not answer' })).toBeVisible();
  });

  test('a record that cannot be read is said, and kept', async ({ tracker, page }) => {
    await tracker.open();
    await tracker.rate('Back pain', 6);
    await tracker.saved();
    await replaceRecord(page, 'day/2026-11-22', [1, 2, 3]);
    await tracker.reload();
    const said = page.getByText('Some of what you logged cannot be read. It is kept as it is;');
    await expect(said).toBeVisible();
    await tracker.rate('Back pain', 1);
    await tracker.saved();
    await tracker.reload();
    await expect(tracker.pain('Back pain', 1)).toBeChecked();
    await expect(said).toBeVisible();
    const kept = await records(page, 'day/2026-11-22');
    expect(kept).toHaveLength(2);
    expect(kept).toContainEqual([1, 2, 3]);
  });

  test('a record of a newer version is left alone', async ({ tracker, page }) => {
    await tracker.open();
    await tracker.rate('Back pain', 6);
    await tracker.saved();
    await replaceRecord(page, 'day/2026-11-22', [99, 1, 2, 3]);
    await tracker.reload();
    const said = page.getByText('was saved by a newer version of this page. Load the page again to see it.');
    await expect(said).toBeVisible();
    await tracker.rate('Back pain', 1);
    await tracker.saved();
    await tracker.reload();
    await expect(tracker.pain('Back pain', 1)).toBeChecked();
    await expect(said).toBeVisible();
    const kept = await records(page, 'day/2026-11-22');
    expect(kept).toHaveLength(2);
    expect(kept).toContainEqual([99, 1, 2, 3]);
  });
});

test('everything can be done with the keyboard', async ({ tracker, page }) => {
  await tracker.open();
  await tracker.pain('Back pain', 0).focus();
  await page.keyboard.press('Space');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  await expect(tracker.pain('Back pain', 2)).toBeChecked();
  await page.getByRole('link', { name: 'Find your plan' }).focus();
  await page.keyboard.press('Enter');
  await expect(tracker.heading()).toHaveText('Your plan');
  await tracker.summary('Choose your own exercises').focus();
  await page.keyboard.press('Enter');
  await tracker.sign('Walking').focus();
  await page.keyboard.press('Space');
  await page.getByRole('button', { name: 'Save my exercises' }).focus();
  await page.keyboard.press('Enter');
  await tracker.kept();
  await page.getByRole('link', { name: 'Go to today’s exercises' }).focus();
  await page.keyboard.press('Enter');
  await expect(tracker.heading()).toHaveText(/^Today, /);
  await tracker.set('Done, Walking').focus();
  await page.keyboard.press('Enter');
  await expect(tracker.set('Done, Walking')).toHaveAttribute('aria-pressed', 'true');
  await expect(tracker.set('Done, Walking'), 'a tick does not take the focus away').toBeFocused();
  await tracker.sign(SADDLE).focus();
  await page.keyboard.press('Space');
  await expect(tracker.heading()).toBeFocused();
});

test('targets are big enough to hit', async ({ tracker, page }) => {
  await tracker.choose('Knee to chest');
  await tracker.rate('Back pain', 5);
  const small = () =>
    page.evaluate(() => {
      // A label counts where it is what is hit: around its field, not over it.
      const fields = 'input:not([type=radio], [type=checkbox]), select, textarea';
      const targets = `button, summary, label:has(input), a.btn, ${fields}`;
      return [...document.querySelectorAll(`main :is(${targets})`)]
        .filter((target) => target.checkVisibility())
        .map((target) => ({ name: target.textContent?.trim() || target.id, box: target.getBoundingClientRect() }))
        .filter(({ box }) => box.height < 46)
        .map(({ name, box }) => `${name}: ${box.height}`);
    });
  const openAll = () => page.evaluate(() => document.querySelectorAll<HTMLDetailsElement>('main details').forEach((more) => (more.open = true)));
  expect(await small()).toEqual([]);
  await openAll();
  expect(await small(), 'behind every line that opens').toEqual([]);
  await tracker.openPlan();
  await openAll();
  expect(await small(), 'of the plan').toEqual([]);
});

test('what opens stays within its box', async ({ tracker, page }) => {
  await tracker.choose('Knee to chest');
  const wide = () => page.evaluate(() => {
    document.querySelectorAll<HTMLDetailsElement>('main details').forEach((more) => (more.open = true));
    return [...document.querySelectorAll('main .box :is(input, select, textarea, button, label, p, ul)')]
      .filter((part) => part.checkVisibility())
      .map((part) => ({ part, over: part.getBoundingClientRect().right - part.closest('.box')!.getBoundingClientRect().right }))
      .filter(({ over }) => over > -4)
      .map(({ part, over }) => `${part.id || part.textContent?.trim()}: ${over}`);
  });
  expect(await wide()).toEqual([]);
  await tracker.openPlan();
  expect(await wide(), 'of the plan').toEqual([]);
});

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(`in a ${colorScheme} scheme`, () => {
    test.use({ colorScheme });

    test('axe finds nothing to mend, whatever the tracker shows', async ({ tracker, page }) => {
      // Eight pages in one.
      test.slow();
      const sound = (state: string) => expectSound(page, state);
      await tracker.open();
      await sound('nothing chosen');
      await tracker.openPlan();
      await tracker.tell({});
      await sound('plans to choose from');
      await tracker.choose('Knee to chest', 'Walking');
      await tracker.openPlan();
      await tracker.summary('Change: Walking').click();
      await sound('a dose to change');
      await tracker.toToday();
      await tracker.set('Set 2 of 3, Knee to chest').click();
      await tracker.rate('Back pain', 2);
      await tracker.day(/Thu 19/).click();
      await sound('a past day');
      await page.getByRole('button', { name: 'Back to today' }).click();
      await tracker.summary('Skip or change: Walking').click();
      await tracker.set('Done, Walking').click();
      await tracker.set('All done, Knee to chest').click();
      await tracker.answer('How hard was it?', 'Easy');
      await sound('how it went');
      await tracker.set('Done, Walking').click();
      await tracker.sign(FEVER).click();
      await sound('an urgent sign');
      await tracker.sign(SADDLE).click();
      await expect(tracker.heading()).toHaveText(EMERGENCY);
      await sound('an emergency');
      await page.getByRole('button', { name: 'I have got help' }).click();
      await tracker.saved();
      await page.evaluate(() => {
        IDBObjectStore.prototype.put = () => {
          throw new DOMException('full', 'QuotaExceededError');
        };
      });
      await tracker.set('Done, Walking').click();
      await expect(page.getByText('Could not save on this device')).toBeVisible();
      await sound('not saved');
    });

    test('axe finds nothing to mend in what is measured, and what follows from it', async ({ tracker, page }) => {
      test.slow();
      await tracker.open();
      await tracker.summary('Foot test').click();
      await tracker.summary('More about this day').click();
      const trips = page.getByRole('textbox', { name: 'Times you tripped or stumbled' });
      await trips.fill('9999');
      await trips.blur();
      await expectSound(page, 'a foot test, and a wrong number');
      await tracker.day(/Mon 16/).click();
      await tracker.testFoot('left', 5);
      await page.getByRole('button', { name: 'Back to today' }).click();
      await tracker.testFoot('left', 4);
      await expect(page.getByRole('button', { name: 'Remind me tomorrow' })).toBeVisible();
      await expectSound(page, 'an alert that asks');
      await tracker.testFoot('left', 3);
      await expect(tracker.heading()).toHaveText(EMERGENCY);
      await expectSound(page, 'an emergency of what was measured');
    });
  });
}

test.describe('without script', () => {
  test.use({ javaScriptEnabled: false });

  for (const [path, heading] of [['/tracker', 'Today'], ['/tracker/plan', 'Your plan'], ['/tracker/progress', 'Your progress']] as const)
  base(`${path} says what works`, async ({ page }) => {
    await page.goto(path);
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(heading);
    await expect(page.locator('.noscript-note')).toContainText('needs script');
    await expect(page.locator('.noscript-note').getByRole('link', { name: 'exercises' })).toHaveAttribute('href', '/exercises');
    await expect(page.locator('.noscript-note').getByRole('link', { name: /help/ })).toHaveAttribute('href', '/seek-help');
  });
});

/** Puts these bytes in the place of the one record whose key begins so. */
function replaceRecord(page: Page, about: string, bytes: number[]) {
  return page.evaluate(
    ([about, bytes]) =>
      new Promise<void>((resolve, reject) => {
        const request = indexedDB.open('sciaticalm');
        request.onerror = reject;
        request.onsuccess = () => {
          const transaction = request.result.transaction('entries', 'readwrite');
          const entries = transaction.objectStore('entries');
          const keys = entries.getAllKeys(IDBKeyRange.bound(about, `${about}/\uffff`));
          keys.onsuccess = () => {
            if (keys.result.length !== 1) reject(new Error(`${keys.result.length} records`));
            else entries.put(new Uint8Array(bytes), keys.result[0]);
          };
          transaction.oncomplete = () => {
            request.result.close();
            resolve();
          };
        };
      }),
    [about, bytes] as const,
  );
}

/** The bytes of the records whose keys begin so. */
function records(page: Page, about: string): Promise<number[][]> {
  return page.evaluate(
    (about) =>
      new Promise<number[][]>((resolve, reject) => {
        const request = indexedDB.open('sciaticalm');
        request.onerror = reject;
        request.onsuccess = () => {
          const range = IDBKeyRange.bound(about, `${about}/\uffff`);
          const all = request.result.transaction('entries').objectStore('entries').getAll(range);
          all.onsuccess = () => {
            request.result.close();
            resolve(all.result.map((record: Uint8Array) => [...record]));
          };
        };
      }),
    about,
  );
}
