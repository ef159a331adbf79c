// People of the staff, for the tests of the desk.
import { randomUUID } from 'node:crypto';

import { type Browser, type BrowserContextOptions, type Page } from '@playwright/test';

import { code, giveCode, isSignedIn, sciaticalm, setUpApp, signIn, signUp } from './account';

/** Signs up with an authenticator app, gets these roles, and signs in again with them. */
export async function becomeStaff(page: Page, ...roles: string[]): Promise<void> {
  const address = await signUp(page);
  const { key } = await setUpApp(page);
  for (const role of roles) sciaticalm('admin', 'grant', '--email', address, '--role', role);
  // The role ended the session.
  await page.context().clearCookies();
  await signIn(page, address);
  // The code before it set the app up.
  await giveCode(page, code(key, 1));
  await isSignedIn(page, address);
}

/** A browser of somebody else's, with a network of its own. */
export async function another(browser: Browser, options: BrowserContextOptions): Promise<Page> {
  const [a, b] = randomUUID().replaceAll('-', '').match(/../g)!.map((two) => parseInt(two, 16));
  const extraHTTPHeaders = { 'x-forwarded-for': `10.${a}.${b}.9` };
  return (await browser.newContext({ ...options, extraHTTPHeaders })).newPage();
}
