// A site of the test's own, for what would change every other test's site.
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { test as base } from './account';

export interface OwnSite {
  url: string;
  /** Where it keeps its data. */
  folder: string;
}

/** The address, once it listens. */
function ready(process: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    process.stdout?.on('data', (text: Buffer) => {
      said += text.toString();
      const [, url] = /ready at (\S+)/.exec(said) ?? [];
      if (url) resolve(url);
    });
    process.once('exit', (code) => reject(new Error(`the site ended with ${code}: ${said}`)));
  });
}

/** A browser on a site that is nobody else's: on SQLite, with the starting content. */
export const test = base.extend<{ site: OwnSite }>({
  site: async ({}, use) => {
    const folder = mkdtempSync(join(tmpdir(), 'sciaticalm-'));
    const env = { SCIATICALM_DATA_DIR: folder, SCIATICALM_ADDR: '127.0.0.1:0', SCIATICALM_TRUSTED_PROXIES: '1', SCIATICALM_LOG: 'error', SCIATICALM_CHECK_LINKS: 'false' };
    const process = spawn('../target/debug/sciaticalm', ['serve'], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    await use({ url: await ready(process), folder });
    const ended = new Promise((resolve) => process.once('exit', resolve));
    process.kill();
    await ended;
    rmSync(folder, { recursive: true });
  },
  baseURL: ({ site }, use) => use(site.url),
});
