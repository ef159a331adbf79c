// Passkeys, from the page's few lines of script to the server, by the authenticator that Chromium plays itself.
import { expect, type Page } from '@playwright/test';

import { isSignedIn, isSignedOut, letterTo, signIn, signOut, signUp, test as base } from './account';
import { Authenticator, addPasskey, usePasskey } from './authenticator';

// Each has an account of its own, with three passwords to hash.
base.describe.configure({ timeout: 60_000 });

interface Somebody {
  email: string;
  authenticator: Authenticator;
}

/** Somebody with an account, signed in. */
const test = base.extend<{ somebody: Somebody }>({
  somebody: async ({ page }, use) => {
    const email = await signUp(page);
    await use({ email, authenticator: await Authenticator.on(page) });
  },
});

const told = (page: Page) => page.getByRole('main').getByRole('status');

test('a passkey is added, and signs in without an address or a password', async ({ page, somebody, context }) => {
  const before = (await context.cookies()).find(({ name }) => name === 'session')?.value;
  await addPasskey(page);
  expect((await context.cookies()).find(({ name }) => name === 'session')?.value, 'a new session').not.toBe(before);
  const [credential] = await somebody.authenticator.credentials();
  expect(credential).toMatchObject({ isResidentCredential: true, rpId: 'localhost' });
  expect((await letterTo(somebody.email, 'A passkey was added')).text).toContain('If this was not you');
  await expect(page.getByText('not used yet')).toBeVisible();
  await signOut(page);
  await page.goto('/sign-in?next=/account/devices');
  await usePasskey(page);
  await expect(page).toHaveURL('/account/devices');
  await page.goto('/account/passkeys');
  await expect(page.getByText('last used on')).toBeVisible();
});

test('a passkey is added, and every other device is signed out', async ({ page, somebody, browser }) => {
  const phone = await (await browser.newContext()).newPage();
  await signIn(phone, somebody.email);
  await isSignedIn(phone, somebody.email);
  await addPasskey(page);
  const letter = await letterTo(somebody.email, 'A passkey was added');
  expect(letter.text).toContain('Every other device was signed out.');
  await isSignedOut(phone);
  await page.goto('/account');
  await isSignedIn(page, somebody.email);
});

test('a device has one passkey for an account', async ({ page, somebody }) => {
  await addPasskey(page);
  await page.getByRole('button', { name: 'Add a passkey' }).click();
  await expect(told(page)).toHaveText('This device has a passkey for your account already.');
  expect(await somebody.authenticator.credentials()).toHaveLength(1);
});

test('what goes wrong is said, and it can be tried again', async ({ page, somebody }) => {
  await addPasskey(page);
  await signOut(page);
  await page.goto('/sign-in');
  await somebody.authenticator.verifies(false);
  await usePasskey(page);
  await expect(told(page)).toContainText('No passkey was used');
  await somebody.authenticator.verifies(true);
  await usePasskey(page);
  await expect(page).toHaveURL('/account');
});

test('a removed passkey signs nobody in', async ({ page, somebody }) => {
  await addPasskey(page);
  await page.getByRole('button', { name: /^Remove/ }).click();
  await expect(page.getByText('You have none yet.')).toBeVisible();
  await letterTo(somebody.email, 'A passkey was removed');
  await signOut(page);
  await page.goto('/sign-in');
  await usePasskey(page);
  await expect(told(page)).toContainText('This passkey was not accepted');
  await isSignedOut(page);
});

test('a copy whose counter has fallen behind is refused', async ({ page, somebody: { authenticator } }) => {
  await addPasskey(page);
  const [copy] = await authenticator.credentials();
  const useCopy = async (signCount: number) => {
    await signOut(page);
    await authenticator.forget(copy!.credentialId);
    await authenticator.add({ ...copy!, signCount });
    await page.goto('/sign-in');
    await usePasskey(page);
  };
  await useCopy(100);
  await expect(page).toHaveURL('/account');
  await useCopy(99);
  await expect(told(page)).toContainText('This passkey was not accepted');
});

test('an answer is taken once', async ({ page, somebody }) => {
  expect(somebody.email).toBeTruthy();
  await addPasskey(page);
  await signOut(page);
  await page.goto('/sign-in');
  const finished = page.waitForRequest('**/sign-in/passkey/finish');
  await usePasskey(page);
  const sent = (await finished).postData() ?? '';
  await expect(page).toHaveURL('/account');
  const replayed = await page.request.post('/sign-in/passkey/finish', {
    data: sent,
    headers: { 'sec-fetch-site': 'same-origin', 'content-type': 'application/json' },
  });
  expect(replayed.status()).toBe(400);
});

test('a passkey shows that it is still them', async ({ page, somebody }) => {
  expect(somebody.email).toBeTruthy();
  await addPasskey(page);
  await page.goto('/account/confirm?next=/account/password');
  await usePasskey(page);
  await expect(page).toHaveURL('/account/password');
});

test("somebody else's passkey does not change who is signed in", async ({ page, somebody, context }) => {
  await addPasskey(page);
  const [theirs] = await somebody.authenticator.credentials();
  await context.clearCookies();
  const email = await signUp(page);
  expect(theirs).toBeDefined();
  await page.goto('/sign-in');
  await usePasskey(page);
  await expect(told(page)).toContainText('This passkey is for another account');
  await page.goto('/account');
  await isSignedIn(page, email);
});

base.describe('without script', () => {
  base.use({ javaScriptEnabled: false });

  base('the page says that a passkey needs it, and shows no button', async ({ page }) => {
    await page.goto('/sign-in');
    await expect(page.getByText('A passkey needs JavaScript')).toBeVisible();
    await expect(page.getByRole('button', { name: 'Sign in with a passkey' })).toBeHidden();
    await expect(page.getByRole('button', { name: 'Sign in', exact: true })).toBeVisible();
  });
});
