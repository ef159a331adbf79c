// What the tests of accounts share: people, their letters, and the ways to each page.
import { execFileSync } from 'node:child_process';
import { createHmac, randomBytes, randomUUID } from 'node:crypto';

import { expect, test as base, type Locator, type Page } from '@playwright/test';

import { Authenticator, addPasskey } from './authenticator';
import { errorSummary, heading } from './support';

export const PASSWORD = 'purple elephant waltz umbrella';
export const NEW_PASSWORD = 'seven wooden boats by the harbour';

/** The subject of the letter that ends a sign-up. */
export const FINISH = 'Finish creating your account';

/** A test from a network address of its own: the site's limits stay on. */
export const test = base.extend({
  extraHTTPHeaders: async ({}, use) => {
    const [a, b, c] = randomBytes(3);
    await use({ 'x-forwarded-for': `10.${a}.${b}.${c}` });
  },
});

/** An address that nobody else has. */
export function newAddress(name = 'ann'): string {
  return `${name}-${randomUUID()}@example.org`;
}

export interface Letter {
  from: string;
  subject: string;
  text: string;
  html: string;
}

/** Every letter to an address, the oldest first. */
export async function lettersTo(address: string): Promise<Letter[]> {
  const mailbox = process.env.SCIATICALM_TEST_MAIL_URL;
  expect(mailbox, 'SCIATICALM_TEST_MAIL_URL: `cargo xtask test` starts a mail server').toBeTruthy();
  const answer = await fetch(`${mailbox}?to=${encodeURIComponent(address)}`);
  return (await answer.json()) as Letter[];
}

/** The newest letter to an address whose subject has these words, once there is one more than there were. */
export async function letterTo(address: string, subject: string, earlier = 0): Promise<Letter> {
  let found: Letter[] = [];
  await expect(async () => {
    const letters = await lettersTo(address);
    found = letters.filter((letter) => letter.subject.includes(subject));
    expect(found.length, `among ${JSON.stringify(letters.map((letter) => letter.subject))}`).toBeGreaterThan(earlier);
  }, `a letter to ${address}: ${subject}`).toPass({ timeout: 10_000, intervals: [50] });
  return found.at(-1)!;
}

/** Where a letter leads: the same in its plain text and in its HTML. */
export function link({ text, html }: Letter): string {
  const [address] = /https?:\/\/\S+/.exec(text) ?? [];
  expect(address, text).toBeTruthy();
  expect(html.replaceAll('&amp;', '&')).toContain(`href="${address}"`);
  return address!;
}

export function button(page: Page, name: string | RegExp): Locator {
  return page.getByRole('main').getByRole('button', { name, exact: true });
}

export async function askForAccount(page: Page, address: string): Promise<void> {
  await page.goto('/sign-up');
  await page.getByLabel('Email address').fill(address);
  await page.getByLabel('Choose a password').fill(PASSWORD);
  await page.getByLabel('I am 16 or over').check();
  await button(page, 'Create an account').click();
  await expect(heading(page)).toHaveText('Check your email');
}

/** Signs up, follows the link in the letter and finishes: signed in, on the page of the account. */
export async function signUp(page: Page, address = newAddress()): Promise<string> {
  const earlier = (await lettersTo(address)).filter(({ subject }) => subject.includes(FINISH)).length;
  await askForAccount(page, address);
  await page.goto(link(await letterTo(address, FINISH, earlier)));
  await finishSignUp(page, address);
  return address;
}

/** On the page that the letter leads to. */
export async function finishSignUp(page: Page, address: string): Promise<void> {
  await page.getByLabel('Password').fill(PASSWORD);
  await button(page, 'Finish').click();
  await isSignedIn(page, address);
}

/** Has an account, and is not signed in. */
export async function signUpAndOut(page: Page): Promise<string> {
  const address = await signUp(page);
  await signOut(page);
  return address;
}

export async function signIn(page: Page, address: string, password = PASSWORD): Promise<void> {
  await page.goto('/sign-in');
  await fillSignIn(page, address, password);
}

/** On the page to sign in. */
export async function fillSignIn(page: Page, address: string, password = PASSWORD): Promise<void> {
  await page.getByLabel('Email address').fill(address);
  await page.getByLabel('Password').fill(password);
  await button(page, 'Sign in').click();
}

export async function signOut(page: Page): Promise<void> {
  await page.goto('/account');
  await button(page, 'Sign out').click();
  await expect(page).toHaveURL('/');
}

/** At the second step of signing in. */
export async function giveCode(page: Page, words: string): Promise<void> {
  await page.getByLabel('Code').fill(words);
  await button(page, 'Sign in').click();
}

/** Whether the second step refused the code. */
export async function codeIsWrong(page: Page): Promise<void> {
  await expect(errorSummary(page)).toContainText('wrong or was used already');
}

/** Whether signing in was refused. */
export async function signInIsWrong(page: Page): Promise<void> {
  await expect(errorSummary(page)).toContainText('do not match');
}

/** Chooses a password, wherever one is to be chosen. */
export async function choosePassword(page: Page, password: string): Promise<void> {
  await page.getByLabel('Choose a password').fill(password);
  await button(page, 'Save the new password').click();
}

/** Changes a password that is known. */
export async function changePassword(page: Page, current: string, password: string): Promise<void> {
  await page.getByLabel('Current password').fill(current);
  await choosePassword(page, password);
}

/** Whether this page is the account's. */
export async function isSignedIn(page: Page, address: string): Promise<void> {
  await expect(heading(page)).toHaveText('Your account');
  await expect(page.getByRole('main')).toContainText(`You are signed in as ${address}.`);
}

/** Whose account this browser is signed in to. */
async function signedInAs(page: Page): Promise<string> {
  await page.goto('/account');
  return page.getByRole('main').locator('.lead strong').innerText();
}

/** Whether the account's page sends this browser to sign in. */
export async function isSignedOut(page: Page): Promise<void> {
  await page.goto('/account');
  await expect(heading(page)).toHaveText('Sign in');
}

/** What the program prints, on the data of the site under test. */
export function sciaticalm(...words: string[]): string {
  const folder = process.env.SCIATICALM_TEST_DATA_DIR;
  expect(folder, 'SCIATICALM_TEST_DATA_DIR: `cargo xtask test` says where the site keeps its data').toBeTruthy();
  return sciaticalmOf({ folder: folder!, url: process.env.SCIATICALM_URL ?? 'http://localhost:3000' }, ...words);
}

/** What the program prints, on the data of some site. */
function sciaticalmOf(site: { folder: string; url: string }, ...words: string[]): string {
  const env = { SCIATICALM_DATA_DIR: site.folder, SCIATICALM_PUBLIC_URL: site.url };
  return execFileSync('../target/debug/sciaticalm', words, { env, encoding: 'utf8' });
}

/** Makes an administrator, of the site under test or of another, who follows the link and chooses a password. */
export async function becomeAdmin(page: Page, site?: { folder: string; url: string }): Promise<string> {
  const address = newAddress('admin');
  const words = ['admin', 'create', '--email', address];
  const [printed] = /https?:\/\/\S+/.exec(site ? sciaticalmOf(site, ...words) : sciaticalm(...words)) ?? [];
  expect(printed).toBeTruthy();
  await page.goto(printed!);
  await choosePassword(page, PASSWORD);
  return address;
}

/** Comes as far as the page with the key of an authenticator app. */
async function beginApp(page: Page): Promise<void> {
  await page.goto('/account/two-step');
  await button(page, 'Set up an authenticator app').click();
  await expect(heading(page)).toHaveText('Set up an authenticator app');
}

/** Turns an authenticator app on, and returns its key: on the page with the recovery codes. */
async function turnAppOn(page: Page): Promise<string> {
  await beginApp(page);
  const key = await page.getByRole('main').locator('p code').innerText();
  await page.getByLabel('Code from the app').fill(code(key));
  await button(page, 'Turn on two-step sign-in').click();
  await expect(heading(page)).toHaveText('Two-step sign-in is on');
  return key;
}

/** Sets an authenticator app up, and returns its key and the recovery codes. */
export async function setUpApp(page: Page): Promise<{ key: string; recoveryCodes: string[] }> {
  const key = await turnAppOn(page);
  const recoveryCodes = await page.getByRole('main').getByRole('listitem').allInnerTexts();
  await page.getByRole('link', { name: 'I have kept them' }).click();
  await expect(page.getByRole('main')).toContainText('10 are left.');
  return { key, recoveryCodes };
}

/** The code that an authenticator app shows, so many half minutes from now (RFC 6238). */
export function code(key: string, later = 0): string {
  const bits = [...key.replaceAll(' ', '')].map((letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter));
  const binary = bits.map((five) => five.toString(2).padStart(5, '0')).join('');
  const secret = Buffer.from((binary.match(/.{8}/g) ?? []).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + later));
  const digest = createHmac('sha1', secret).update(counter).digest();
  const number = digest.readUInt32BE(digest[19] & 15) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, '0');
}

/** Agrees that entries are kept on the server. */
export async function agreeToEntries(page: Page): Promise<void> {
  await agreeTo(page, 'Keep my health entries on this server');
}

/** Agrees to what has this title. */
export async function agreeTo(page: Page, title: string): Promise<void> {
  await page.goto('/account/consents');
  const consent = page.getByRole('region', { name: title });
  await consent.getByRole('checkbox').check();
  await consent.getByRole('button', { name: 'Agree' }).click();
  await expect(consent).toContainText('You agreed on');
}

/** Agrees to reminders by e-mail. */
export async function agreeToReminders(page: Page): Promise<void> {
  await page.goto('/account/consents');
  const consent = page.getByRole('region', { name: 'Send me reminders by email' });
  await consent.getByRole('checkbox').check();
  await consent.getByRole('button', { name: 'Agree' }).click();
  await expect(consent).toContainText('You agreed on');
}

/** Chooses to be reminded on weekdays at this time in London; by e-mail, where they agreed to it. */
export async function chooseReminders(page: Page, time: string): Promise<void> {
  await page.goto('/account/reminders');
  for (const day of ['Saturday', 'Sunday']) await page.getByRole('checkbox', { name: day }).uncheck();
  await page.getByLabel('Time', { exact: true }).fill(time);
  await page.getByLabel('Time zone').selectOption('Europe/London');
  const email = page.getByRole('checkbox', { name: 'Send me an email' });
  if (await email.isVisible()) await email.check();
  await button(page, 'Save').click();
  await expect(page.getByRole('status')).toHaveText('Your reminders are saved.');
}

/** Chooses a file with this text on the page of the diary's files, and sends it. */
export async function bringBack(page: Page, text: string): Promise<void> {
  const file = { name: 'diary.json', mimeType: 'application/json', buffer: Buffer.from(text) };
  await page.getByLabel('The file').setInputFiles(file);
  await button(page, 'Bring it back').click();
}

/** Writes a day into the diary: signs by their words. */
export async function writeDiary(page: Page, note: string, signs: string[] = []): Promise<void> {
  await page.goto('/account/diary');
  await page.getByLabel('Back pain, from 0').selectOption('6');
  for (const sign of signs) await page.getByRole('checkbox', { name: sign }).check();
  if (signs.length === 0) await page.getByRole('checkbox', { name: 'None of these' }).check();
  await page.getByLabel('Note').fill(note);
  await button(page, 'Save').click();
}

/** Makes a link on the page about sharing, and returns its address. */
export async function makeLink(page: Page): Promise<string> {
  await button(page, 'Make a link').click();
  await expect(heading(page)).toHaveText('Your link is ready');
  return page.getByRole('main').locator('code').innerText();
}

/** Has agreed to all that sharing needs, and has a day to share; on the page about sharing. */
async function canShare(page: Page): Promise<void> {
  await agreeToEntries(page);
  await agreeTo(page, 'Share my entries with a clinician');
  await writeDiary(page, 'Walked to the shop', ['A high temperature']);
  await page.goto('/account/sharing');
}

/** Signs in as far as the question for a code. */
async function secondStep(page: Page): Promise<void> {
  const address = await signUp(page);
  await setUpApp(page);
  await signOut(page);
  await signIn(page, address);
  await expect(heading(page)).toHaveText('The second step');
}

/** Sends a form that is wrong, and waits for what the page says to that. */
async function sendWrong(page: Page, path: string, typed: Record<string, string>, press: string | RegExp): Promise<void> {
  await page.goto(path);
  for (const [label, words] of Object.entries(typed)) await page.getByLabel(label).fill(words);
  await button(page, press).click();
  await expect(errorSummary(page)).toContainText('There is a problem');
}

/** A page or a state of one, by what is done to reach it. */
export interface State {
  name: string;
  reach: (page: Page) => Promise<void>;
}

/** A page as it is at its address. */
function at(path: string): State {
  const reach = async (page: Page) => {
    const answer = await page.goto(path);
    expect(answer?.status()).toBe(200);
    await expect(page, 'it led nowhere else').toHaveURL(path);
  };
  return { name: path, reach };
}

/** Reached by a reader who is not signed in. */
const SIGNED_OUT: State[] = [
  ...[
    '/sign-up',
    '/sign-up/sent',
    '/sign-in',
    '/reset-password',
    '/reset-password/sent',
    '/privacy/what-we-store',
    '/account/deleted',
  ].map(at),
  {
    name: 'a sign-up with errors',
    reach: async (page) => {
      await sendWrong(page, '/sign-up', { 'Email address': 'ann@', 'Choose a password': 'short' }, 'Create an account');
      await expect(errorSummary(page).getByRole('link')).toHaveCount(3);
    },
  },
  {
    name: 'a shared link that does not work',
    reach: async (page) => {
      await page.goto(`/shared/${'0'.repeat(64)}`);
      await expect(heading(page)).toHaveText('This link does not work');
    },
  },
  {
    name: 'the end of a sign-up',
    reach: async (page) => {
      const address = newAddress();
      await askForAccount(page, address);
      await page.goto(link(await letterTo(address, FINISH)));
      await expect(heading(page)).toHaveText('Finish creating your account');
    },
  },
  {
    name: 'the end of a sign-up with an error',
    reach: async (page) => {
      const address = newAddress();
      await askForAccount(page, address);
      const confirm = link(await letterTo(address, FINISH));
      await sendWrong(page, confirm, { Password: 'not what was chosen' }, 'Finish');
    },
  },
  {
    name: 'a link to sign up that is too old',
    reach: async (page) => {
      await page.goto('/sign-up/confirm?token=none');
      await expect(heading(page)).toHaveText('This link has been used or is too old');
    },
  },
  {
    name: 'a wrong sign-in',
    reach: (page) =>
      sendWrong(page, '/sign-in', { 'Email address': newAddress(), Password: 'not the password' }, 'Sign in'),
  },
  {
    name: 'too many sign-ins',
    reach: async (page) => {
      const wrong = { 'Email address': newAddress(), Password: 'not the password' };
      // The delay grows with each: on a slow machine the first ones are over before the next try.
      await expect(async () => {
        await sendWrong(page, '/sign-in', wrong, 'Sign in');
        expect(await errorSummary(page).textContent()).toContain('There were too many tries');
      }).toPass({ intervals: [1] });
    },
  },
  {
    name: 'a forgotten password with an error',
    reach: (page) => sendWrong(page, '/reset-password', { 'Email address': 'ann' }, 'Send me a link'),
  },
  {
    name: 'a link to stop reminders that is too old',
    reach: async (page) => {
      await page.goto('/reminders/stop?token=none');
      await expect(heading(page)).toHaveText('This link is too old');
    },
  },
  {
    name: 'a link to choose a password that is too old',
    reach: async (page) => {
      await page.goto('/reset-password/choose?token=none');
      await expect(heading(page)).toHaveText('This link has been used or is too old');
    },
  },
];

/** Reached by somebody who has just signed up. */
const SIGNED_IN: State[] = [
  ...[
    '/account',
    '/account/password',
    '/account/email',
    '/account/email/sent',
    '/account/devices',
    '/account/confirm?next=/account/password',
    '/account/diary',
    '/account/diary/export',
    '/account/diary/summary',
    '/account/sharing',
    '/account/consents',
    '/account/export',
    '/account/delete',
    '/account/two-step',
    '/account/passkeys',
    '/account/reminders',
  ].map(at),
  {
    name: 'a weak new password',
    reach: (page) =>
      sendWrong(
        page,
        '/account/password',
        { 'Current password': PASSWORD, 'Choose a password': 'short' },
        'Save the new password',
      ),
  },
  {
    name: 'a password that is not the current one',
    reach: (page) =>
      sendWrong(
        page,
        '/account/password',
        { 'Current password': 'not the password', 'Choose a password': NEW_PASSWORD },
        'Save the new password',
      ),
  },
  {
    name: 'a new address that is none',
    reach: (page) =>
      sendWrong(page, '/account/email', { 'Email address': 'ann@', Password: '' }, 'Send a link to the new address'),
  },
  {
    name: 'a wrong password to confirm',
    reach: (page) => sendWrong(page, '/account/confirm', { Password: 'not the password' }, 'Go on'),
  },
  {
    name: 'a consent that was not ticked',
    reach: (page) => sendWrong(page, '/account/consents', {}, /^Agree ?: Keep my health entries/),
  },
  { name: 'a consent that was given', reach: agreeToEntries },
  {
    name: 'a consent to withdraw',
    reach: async (page) => {
      await agreeToEntries(page);
      await page.getByRole('link', { name: 'Withdraw' }).click();
      await expect(heading(page)).toHaveText('Withdraw your consent');
    },
  },
  {
    name: 'reminders with errors',
    reach: async (page) => {
      await page.goto('/account/reminders');
      for (const box of await page.getByRole('group', { name: 'Days' }).getByRole('checkbox').all()) await box.uncheck();
      await page.getByLabel('Time', { exact: true }).fill('');
      await button(page, 'Save').click();
      await expect(errorSummary(page).getByRole('link')).toHaveCount(2);
    },
  },
  {
    name: 'reminders by email',
    reach: async (page) => {
      await agreeToReminders(page);
      await chooseReminders(page, '07:30');
    },
  },
  {
    name: 'the address of a calendar',
    reach: async (page) => {
      await chooseReminders(page, '07:30');
      await button(page, 'Make an address').click();
      await expect(page.getByRole('heading', { name: 'The address of your calendar' })).toBeVisible();
    },
  },
  { name: 'an empty diary entry', reach: (page) => sendWrong(page, '/account/diary', {}, 'Save') },
  {
    name: 'a diary entry without consent',
    reach: async (page) => {
      await writeDiary(page, 'Walked to the shop');
      await expect(page.getByRole('main')).toContainText('You have not agreed that health entries are kept');
    },
  },
  {
    name: 'a diary with an entry',
    reach: async (page) => {
      await agreeToEntries(page);
      await writeDiary(page, 'Walked to the shop, and back by the river.\nThen rested.');
      await expect(page.getByRole('status')).toHaveText('Your entry is saved.');
    },
  },
  {
    name: 'a summary',
    reach: async (page) => {
      await canShare(page);
      await page.goto('/account/diary/summary');
      await expect(page.getByRole('main')).toContainText('Alerts and warning signs');
    },
  },
  {
    name: 'a summary of days that are none',
    reach: async (page) => {
      await page.goto('/account/diary/summary?from=x&to=y');
      await expect(errorSummary(page)).toContainText('There is a problem');
    },
  },
  {
    name: 'a link to make',
    reach: async (page) => {
      await canShare(page);
      await expect(button(page, 'Make a link')).toBeVisible();
    },
  },
  {
    name: 'a link to make with errors',
    reach: async (page) => {
      await canShare(page);
      await page.getByLabel('Last day').fill('');
      await page.getByLabel('Name to show').fill('x'.repeat(81));
      await button(page, 'Make a link').click();
      await expect(errorSummary(page).getByRole('link')).toHaveCount(2);
    },
  },
  {
    name: 'a link that was made',
    reach: async (page) => {
      await canShare(page);
      await makeLink(page);
    },
  },
  {
    name: 'a shared summary',
    reach: async (page) => {
      await canShare(page);
      await page.goto(await makeLink(page));
      await expect(heading(page)).toHaveText('Summary for a clinician');
    },
  },
  {
    name: 'a list of links that were opened and ended',
    reach: async (page) => {
      await canShare(page);
      await page.goto(await makeLink(page));
      await page.goto('/account/sharing');
      await makeLink(page);
      await page.goto('/account/sharing');
      await button(page, /^End this link/).first().click();
      await expect(page.getByRole('region', { name: 'Your links' })).toContainText('Opened 1 time:');
    },
  },
  {
    name: 'a diary entry with an urgent sign',
    reach: async (page) => {
      await agreeToEntries(page);
      await writeDiary(page, 'Shivering', ['A high temperature']);
      await expect(page.getByRole('heading', { name: 'Urgent: ' })).toBeVisible();
    },
  },
  {
    name: 'a diary entry to delete',
    reach: async (page) => {
      await agreeToEntries(page);
      await writeDiary(page, 'Walked to the shop');
      await page.getByRole('region', { name: 'Past entries' }).getByRole('link', { name: 'Delete' }).click();
      await expect(heading(page)).toHaveText('Delete this entry?');
    },
  },
  {
    name: 'an emergency in the diary',
    reach: async (page) => {
      await agreeToEntries(page);
      await writeDiary(page, 'Since this morning', ['Both feet are dropping']);
      await expect(heading(page)).toContainText('Call 999 or go to A&E now');
    },
  },
  {
    name: 'a diary with an open emergency',
    reach: async (page) => {
      await agreeToEntries(page);
      await writeDiary(page, 'Since this morning', ['Both feet are dropping']);
      await page.goto('/account/diary');
      await expect(page.getByRole('main').getByRole('link', { name: 'Call 999' })).toBeVisible();
    },
  },
  {
    name: 'a file that cannot be brought back',
    reach: async (page) => {
      await agreeToEntries(page);
      await page.goto('/account/diary/export');
      await bringBack(page, '{"format": "another"}');
      await expect(errorSummary(page)).toContainText('This file cannot be brought back, and nothing was changed.');
    },
  },
  { name: 'an app that is set up', reach: beginApp },
  {
    name: 'an app that is set up with a wrong code',
    reach: async (page) => {
      await beginApp(page);
      await page.getByLabel('Code from the app').fill('no code');
      await button(page, 'Turn on two-step sign-in').click();
      await expect(errorSummary(page)).toContainText('There is a problem');
    },
  },
  {
    name: 'the first recovery codes',
    reach: async (page) => {
      await turnAppOn(page);
    },
  },
  {
    name: 'two-step sign-in that is on',
    reach: async (page) => {
      await setUpApp(page);
    },
  },
  {
    name: 'new recovery codes',
    reach: async (page) => {
      await setUpApp(page);
      await button(page, 'Make new recovery codes').click();
      await expect(heading(page)).toHaveText('Your new recovery codes');
    },
  },
  {
    name: 'a passkey',
    reach: async (page) => {
      await Authenticator.on(page);
      await addPasskey(page);
    },
  },
  {
    name: 'a diary entry after the session has ended',
    reach: async (page) => {
      await page.goto('/account/diary');
      await page.context().clearCookies();
      await page.getByLabel('Note').fill('Walked to the shop');
      await button(page, 'Save').click();
      await expect(page.getByRole('main')).toContainText('Your entry is not saved: you are signed out.');
    },
  },
  {
    name: 'an emergency in the diary after the session has ended',
    reach: async (page) => {
      await page.goto('/account/diary');
      await page.context().clearCookies();
      await page.getByRole('checkbox', { name: 'Both feet are dropping' }).check();
      await button(page, 'Save').click();
      await expect(heading(page)).toContainText('Call 999 or go to A&E now');
    },
  },
  { name: 'a deletion that was not ticked', reach: (page) => sendWrong(page, '/account/delete', {}, 'Delete my account') },
];

/** Reached by an administrator who has just come from the command line. */
const ADMIN: State[] = [
  {
    name: "an administrator's two-step sign-in that is not set up",
    reach: async (page) => {
      await page.goto('/admin/people');
      await expect(page).toHaveURL('/account/two-step');
      await expect(page.getByRole('main')).toContainText('Your role needs a second step');
    },
  },
  {
    name: 'an administrator with a passkey, asked for it',
    reach: async (page) => {
      const address = await signedInAs(page);
      await Authenticator.on(page);
      await addPasskey(page);
      await signOut(page);
      await signIn(page, address);
      await expect(page.getByRole('main')).toContainText('needs your passkey as well as your password');
    },
  },
  ...['/account', '/admin/people', '/admin/audit', '/admin/settings'].map((path) => ({
    name: `${path} of an administrator`,
    reach: async (page: Page) => {
      await setUpApp(page);
      await at(path).reach(page);
    },
  })),
  {
    name: 'an invitation of nobody',
    reach: async (page) => {
      await setUpApp(page);
      await sendWrong(page, '/admin/people', { 'Their email address': 'ann@' }, 'Send the invitation');
      await expect(errorSummary(page).getByRole('link')).toHaveCount(2);
    },
  },
  {
    name: 'an app that an administrator may not remove',
    reach: async (page) => {
      await setUpApp(page);
      await button(page, 'Remove the authenticator app').click();
      await expect(errorSummary(page)).toContainText('There is a problem');
    },
  },
];

/** Every page of accounts, and every state that looks different. */
export const STATES: State[] = [
  ...SIGNED_OUT,
  ...SIGNED_IN.map(({ name, reach }) => ({
    name,
    reach: async (page: Page) => {
      await signUp(page);
      await reach(page);
    },
  })),
  ...ADMIN.map(({ name, reach }) => ({
    name,
    reach: async (page: Page) => {
      await becomeAdmin(page);
      await reach(page);
    },
  })),
  {
    name: 'the second step',
    reach: async (page) => {
      await secondStep(page);
    },
  },
  {
    name: 'the second step with a wrong code',
    reach: async (page) => {
      await secondStep(page);
      await giveCode(page, 'no code');
      await codeIsWrong(page);
    },
  },
  {
    name: 'a letter to choose a password',
    reach: async (page) => {
      const address = await signUp(page);
      await askForPassword(page, address);
      await page.goto(link(await letterTo(address, 'Choose a new password')));
      await expect(heading(page)).toHaveText('Choose a new password');
    },
  },
  {
    name: 'a letter to confirm an address',
    reach: async (page) => {
      await signUp(page);
      await page.goto(await askForAddress(page, newAddress('new')));
      await expect(heading(page)).toHaveText('Confirm your email address');
    },
  },
];

/** Asks for a letter to choose a new password. */
export async function askForPassword(page: Page, address: string): Promise<void> {
  await page.goto('/reset-password');
  await page.getByLabel('Email address').fill(address);
  await button(page, 'Send me a link').click();
  await expect(heading(page)).toHaveText('Check your email');
}

/** Asks for another address, and returns the link that its letter has. */
export async function askForAddress(page: Page, address: string): Promise<string> {
  await page.goto('/account/email');
  await page.getByLabel('Email address').fill(address);
  await page.getByLabel('Password').fill(PASSWORD);
  await button(page, 'Send a link to the new address').click();
  await expect(heading(page)).toHaveText('Check your email');
  return link(await letterTo(address, 'Confirm your email address'));
}
