// What the tracker shows as saved is on the device once, and on the others after it has synced, though tabs and the whole
// browser are killed with writes on their way, and the network goes. `server/tests/crash.rs` does the same to the server.
import { setTimeout as pass } from 'node:timers/promises';

import { expect, type BrowserContext, type Page } from '@playwright/test';

import { agreeToEntries, isSignedIn, signIn, signUp, test } from './account';
import { written } from './records';

/** `SCIATICALM_SOAK_KILLS` asks for more of them, and `SCIATICALM_SOAK_SEED` for others. */
const KILLS = Number(process.env.SCIATICALM_SOAK_KILLS) || 20;
const SEED = Number(BigInt(process.env.SCIATICALM_SOAK_SEED ?? 1) % 1_000_000_007n);
/** How many of them one account is good for: of each field the latest 50 writings are kept, and none may be pushed out. */
const KILLS_AN_ACCOUNT = 20;

// It would hold every page that was killed.
test.use({ trace: 'off' });

/** Numbers below a limit, the same for the same seed. */
function dice(seed: number): (limit: number) => number {
  let state = seed >>> 0;
  return (limit) => {
    // Mulberry32.
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
}

/** Something that is logged: a field of the day, what is typed there, and how long until the next, in milliseconds. */
interface Act {
  field: string;
  typed: string;
  gap: number;
}

/** In the page: logs one after the other, and says which of them were done while the page showed that all is saved. */
function watch() {
  const done: string[] = [];
  const tell = () => {
    const shown = document.querySelector('.chip')?.textContent ?? 'Saving…';
    if (done.length > 0 && !/^(Saving…|Not saved)$/.test(shown)) console.log(`saved ${JSON.stringify(done.splice(0))}`);
  };
  new MutationObserver(tell).observe(document, { subtree: true, childList: true, characterData: true });
  const log = async (acts: Act[]) => {
    for (const { field, typed, gap } of acts) {
      const input = document.getElementById(field) as HTMLInputElement;
      input.value = typed;
      input.dispatchEvent(new Event('change', { bubbles: true }));
      // Not before the page has had its turn: until then it shows what was before.
      await new Promise((resolve) => setTimeout(resolve, gap));
      done.push(`${field} ${typed}`);
      tell();
    }
  };
  Object.assign(window, { log });
}

/** A patient's device: its browser, the tab with the tracker, and all that was shown there as saved. */
class Device {
  readonly saved = new Set<string>();
  page!: Page;
  private acts = 0;

  /** `parity` tells the numbers of one device from those of the other; `start` begins a browser anew that was killed. */
  constructor(
    readonly name: string,
    private context: BrowserContext,
    private readonly parity: 0 | 1,
    private readonly roll: (limit: number) => number,
    private readonly start?: () => Promise<BrowserContext>,
  ) {}

  /** With a network; and what was shown as saved is there, whatever happened since. */
  async open() {
    await this.context.setOffline(false);
    this.page = await this.context.newPage();
    await this.page.addInitScript(watch);
    this.page.on('console', (message) => {
      const [, acts] = /^saved (.*)$/.exec(message.text()) ?? [];
      for (const act of acts === undefined ? [] : (JSON.parse(acts) as string[])) this.saved.add(act);
    });
    await this.page.goto('/tracker');
    // A browser that begins anew beside another one takes its time.
    await expect(this.page.locator('html')).toHaveAttribute('data-script', 'ready', { timeout: 30_000 });
    this.expectOnce(await this.writings(), this.saved);
  }

  /** A few entries on one of the last days, in quick succession; does not wait for them. */
  async log() {
    const days = this.page.getByRole('list', { name: 'The last seven days' }).getByRole('button');
    await days.nth(this.roll(7)).click();
    const acts = Array.from({ length: 1 + this.roll(8) }, () => this.act());
    // It ends where the tab does.
    this.page.evaluate((acts) => (window as unknown as { log: (acts: Act[]) => void }).log(acts), acts).catch(() => {});
  }

  /** No two are alike, so that each can be told from all others. */
  private act(): Act {
    this.acts += 1;
    const field = ['note', 'medicines', 'sitting', 'walking'][this.roll(4)];
    const number = 2 * this.acts + this.parity;
    const isText = field === 'note' || field === 'medicines';
    return { field, typed: isText ? `${this.name} ${number}` : String(number), gap: this.roll(25) };
  }

  async signIn(address: string) {
    const page = await this.context.newPage();
    await signIn(page, address);
    await isSignedIn(page, address);
  }

  async leave() {
    await this.context.close();
  }

  async network(on: boolean) {
    await this.context.setOffline(!on);
  }

  /** Answers with how. */
  async kill(): Promise<string> {
    const way = this.roll(this.start ? 3 : 2);
    if (way === 0) {
      await this.page.close();
      return 'tab closed';
    }
    if (way === 1) {
      // Playwright cannot set the network of a tab that has crashed.
      await this.network(true);
      const session = await this.context.newCDPSession(this.page);
      const crashed = this.page.waitForEvent('crash');
      session.send('Page.crash').catch(() => {});
      await crashed;
      await this.page.close();
      return 'tab crashed';
    }
    const session = await this.context.browser()!.newBrowserCDPSession();
    const { processInfo } = await session.send('SystemInfo.getProcessInfo');
    const gone = this.context.waitForEvent('close');
    process.kill(processInfo.find(({ type }) => type === 'browser')!.id, 'SIGKILL');
    await gone;
    this.context = await this.start!();
    return 'browser killed';
  }

  async writings(): Promise<string[]> {
    const found = await written(this.page);
    const all = found.map(({ about, field, stamp, says }) => `${about}: ${field} ${says}, at ${stamp}`);
    expect(new Set(all).size, `${this.name}: nothing is there twice`).toBe(all.length);
    return all.sort();
  }

  expectOnce(writings: string[], saved: Set<string>) {
    const wrong = [...saved].filter((act) => writings.filter((writing) => writing.includes(`: ${act}, at `)).length !== 1);
    expect(wrong, `${this.name}: not there once`).toEqual([]);
  }

  /** Waits until it has told the server all. */
  async sync() {
    await this.network(true);
    await this.page.evaluate(() => window.dispatchEvent(new Event('focus')));
    await expect(this.page.locator('.chip')).toHaveText(/on the server$|^Nothing waits/, { timeout: 20_000 });
  }
}

for (let life = 0; life < Math.ceil(KILLS / KILLS_AN_ACCOUNT); life += 1) {
  const kills = Math.min(KILLS_AN_ACCOUNT, KILLS - life * KILLS_AN_ACCOUNT);
  const seed = SEED + life;

  test(`after ${kills} kills of a tab or a browser all that was saved is there once (seed ${seed})`, async ({
    browser,
    playwright,
  }, testInfo) => {
    test.setTimeout(60_000 + kills * 10_000);
    const roll = dice(seed);
    let cookies: Awaited<ReturnType<BrowserContext['cookies']>> = [];
    const start = async () => {
      const context = await playwright.chromium.launchPersistentContext(testInfo.outputPath('profile'));
      // Chromium writes them to the disk half a minute later; what is tested is what the page keeps.
      await context.addCookies(cookies);
      return context;
    };
    const killed = await start();
    const [page] = killed.pages();
    const address = await signUp(page!);
    await agreeToEntries(page!);
    cookies = await killed.cookies();
    const devices = [
      new Device('phone', killed, 0, roll, start),
      new Device('tablet', await browser.newContext(), 1, roll),
    ];
    await devices[1]!.signIn(address);
    for (const device of devices) {
      await device.open();
      // Before the server has said whose they are, entries are nobody's: kept, and asked about.
      await device.sync();
    }
    const ways: Record<string, number> = {};
    for (let kill = 0; kill < kills; kill += 1) {
      for (const device of devices) {
        await device.log();
        if (roll(3) === 0) await device.network(false);
      }
      await pass(roll(250));
      for (const device of devices) if (roll(2) === 0) await device.network(true);
      const victim = devices[roll(3) === 0 ? 1 : 0];
      const way = await victim.kill();
      ways[way] = (ways[way] ?? 0) + 1;
      await victim.open();
    }

    const third = new Device('third', await browser.newContext(), 0, roll);
    await third.signIn(address);
    await third.open();
    const all = [...devices, third];
    await expect(async () => {
      for (const device of all) await device.sync();
      const [phone, ...others] = await Promise.all(all.map((device) => device.writings()));
      for (const other of others) expect(other).toEqual(phone);
    }, 'all devices have the same').toPass({ timeout: 60_000 });
    const saved = new Set(devices.flatMap((device) => [...device.saved]));
    for (const device of all) device.expectOnce(await device.writings(), saved);
    expect(saved.size).toBeGreaterThan(kills);
    console.log(`seed ${seed}: ${JSON.stringify(ways)}, ${saved.size} entries shown as saved`);
    for (const device of all) await device.leave();
  });
}
