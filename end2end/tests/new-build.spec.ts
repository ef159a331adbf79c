// The kept checker while the site changes or falters: a page only ever with the files of its build, and never none.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { test as base, expect, type Page } from '@playwright/test';

import { EMERGENCY, heading, keptFiles, openWithScript, visitAndKeep, walk } from './support';

const SITE = process.env.SCIATICALM_URL ?? 'http://localhost:3000';

/** Stands in front of the site, and can pass it off as another build of itself. */
class Front {
  /** Part of the name of the wasm and of the loader: differs from build to build. */
  build = '';
  /** Addresses that are answered with 503, or not at all. */
  failing: RegExp | undefined;
  hanging: RegExp | undefined;
  private server: Server | undefined;

  async start(): Promise<void> {
    this.server = createServer((request, response) => void this.answer(request, response));
    await new Promise<void>((resolve) => this.server?.listen(0, '127.0.0.1', resolve));
  }

  stop(): void {
    this.server?.closeAllConnections();
    this.server?.close();
  }

  get url(): string {
    return `http://localhost:${(this.server?.address() as AddressInfo).port}`;
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? '/';
    if (this.hanging?.test(path)) return;
    if (this.failing?.test(path)) {
      response.writeHead(503).end();
      return;
    }
    const asked = await fetch(SITE + path.replace(/-build-\w+/, ''));
    const headers = new Headers(asked.headers);
    for (const name of ['content-encoding', 'content-length', 'transfer-encoding', 'etag', 'connection']) headers.delete(name);
    const bytes = Buffer.from(await asked.arrayBuffer());
    const isText = /^text\/(html|javascript)/.test(headers.get('content-type') ?? '');
    response.writeHead(asked.status, [...headers].flat());
    response.end(isText ? this.renamed(bytes.toString()) : bytes);
  }

  /** With the version and the hashes of the loader and the wasm renamed, as in a build with another wasm. */
  private renamed(text: string): string {
    if (!this.build) return text;
    return text
      .replace(/(VERSION = '[^']+)/, `$1 ${this.build}`)
      .replace(/checker-boot\.([0-9a-f]+)\.js/g, `checker-boot.$1-build-${this.build}.js`)
      .replace(/checker\.([0-9a-f]+)\.wasm/g, `checker.$1-build-${this.build}.wasm`)
      .replace(/("checker\.[0-9a-f]+", "checker\.[0-9a-f]+)"/g, `$1-build-${this.build}"`);
  }
}

const test = base.extend<{ front: Front }>({
  front: async ({}, use) => {
    const front = new Front();
    await front.start();
    await use(front);
    front.stop();
  },
  baseURL: ({ front }, use) => use(front.url),
});

/** The builds that the kept files are of; the first is ''. */
async function keptBuilds(page: Page): Promise<string[]> {
  const wasm = (await keptFiles(page)).filter((file) => file.endsWith('.wasm'));
  return wasm.map((file) => /-build-(\w+)/.exec(file)?.[1] ?? '').sort();
}

/** The page that would be shown without a network, and whether all that it names is kept with it. */
async function keptPagesAreWhole(page: Page): Promise<boolean> {
  return page.evaluate(async () => {
    for (const name of await caches.keys()) {
      const cache = await caches.open(name);
      const html = (await (await cache.match('/seek-help'))?.text()) ?? '';
      const named = html.match(/\/assets\/[^"]+/g) ?? [];
      for (const file of named) {
        if (!(await cache.match(file))) return false;
      }
      if (named.length < 4) return false;
    }
    return true;
  });
}

async function worksOffline(page: Page): Promise<void> {
  await page.context().setOffline(true);
  await openWithScript(page);
  await expect(page.getByText('You seem to be offline.').first()).toBeVisible();
  await walk(page, EMERGENCY);
  await page.context().setOffline(false);
}

test('a new build replaces the kept one, whole', async ({ page, front }) => {
  await visitAndKeep(page);
  expect(await keptBuilds(page)).toEqual(['']);
  for (const [build, kept] of [
    ['two', ['', 'two']],
    // Only the build before stays, for pages that are open.
    ['three', ['three', 'two']],
  ] as const) {
    front.build = build;
    await openWithScript(page);
    await expect.poll(() => keptBuilds(page)).toEqual(kept);
    expect(await keptPagesAreWhole(page)).toBe(true);
    // Until then the worker before would answer, from its own whole build.
    await expect.poll(() => page.evaluate(async () => (await navigator.serviceWorker.ready).installing)).toBeNull();
    await worksOffline(page);
    await expect(page.locator(`script[src*="-build-${build}"]`)).toHaveCount(1);
  }
});

for (const [what, failing] of [
  ['its list', /^\/sw\.js/],
  ['one of its files', /\.wasm$/],
  ['its page without a network', /^\/offline/],
] as const) {
  test(`a new build of which ${what} cannot be had leaves the kept one as it was`, async ({ page, front }) => {
    await visitAndKeep(page);
    front.build = 'two';
    front.failing = failing;
    await page.goto('/seek-help');
    await expect(page.locator('script[src*="-build-two"]')).toHaveCount(1);
    // As long as an installation takes.
    await page.waitForTimeout(1_000);
    expect(await keptBuilds(page)).toEqual(['']);
    expect(await keptPagesAreWhole(page)).toBe(true);
    await worksOffline(page);
  });
}

test('a site that answers with an error has the kept checker shown', async ({ page, front }) => {
  await visitAndKeep(page);
  front.failing = /./;
  await openWithScript(page);
  await walk(page, EMERGENCY);
});

test('a network that keeps the reader waiting has the kept checker shown', async ({ page, front }) => {
  await visitAndKeep(page);
  front.hanging = /./;
  const began = Date.now();
  await openWithScript(page);
  expect(Date.now() - began).toBeGreaterThan(3_500);
  expect(Date.now() - began).toBeLessThan(10_000);
  await expect(heading(page)).toBeVisible();
});
