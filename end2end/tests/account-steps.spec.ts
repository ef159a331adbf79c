// The second step of a sign-in: an authenticator app with its recovery codes, and a passkey of staff.
import { expect, type Page } from '@playwright/test';

import {
  becomeAdmin,
  button,
  code,
  isSignedIn,
  letterTo,
  sciaticalm,
  setUpApp,
  signIn,
  signUp,
  test,
} from './account';
import { errorSummary, heading } from './support';

// Each password that is chosen or given costs a run of Argon2, and this is a debug build.
test.describe.configure({ timeout: 60_000 });

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? 'with script' : 'without script', () => {
    test.use({ javaScriptEnabled });

    test('an authenticator app is set up, asked for, and removed', async ({ page }) => {
      const address = await signUp(page);
      const { key } = await setUpApp(page);
      await letterTo(address, 'Two-step sign-in is on');
      await signOut(page);
      await signIn(page, address);
      await expect(heading(page)).toHaveText('The second step');
      // The password alone opens nothing.
      await page.goto('/account');
      await expect(heading(page)).not.toHaveText('Your account');
      await signIn(page, address);
      await giveCode(page, '000000');
      await expect(errorSummary(page)).toContainText('wrong or was used already');
      // The next one, which a clock that is a little fast shows: the one before set the app up.
      await giveCode(page, code(key, 1));
      await isSignedIn(page, address);
      await page.goto('/account/two-step');
      await button(page, 'Remove the authenticator app').click();
      await expect(page.getByRole('main')).toContainText('Your password alone signs you in');
      await letterTo(address, 'The authenticator app was removed');
      await signOut(page);
      await signIn(page, address);
      await isSignedIn(page, address);
    });

    test('a recovery code signs in once', async ({ page }) => {
      const address = await signUp(page);
      const { recoveryCodes } = await setUpApp(page);
      expect(new Set(recoveryCodes).size).toBe(10);
      await signOut(page);
      await signIn(page, address);
      await giveCode(page, recoveryCodes[0]);
      await isSignedIn(page, address);
      expect((await letterTo(address, 'A recovery code was used')).text).toContain('9 are left');
      await page.goto('/account/two-step');
      await expect(page.getByRole('main')).toContainText('9 are left.');
      await signOut(page);
      await signIn(page, address);
      await giveCode(page, recoveryCodes[0]);
      await expect(errorSummary(page)).toContainText('wrong or was used already');
      await giveCode(page, recoveryCodes[1]);
      await isSignedIn(page, address);
      // New ones take the place of the old ones.
      await page.goto('/account/two-step');
      await button(page, 'Make new recovery codes').click();
      const [made] = await page.getByRole('main').getByRole('listitem').allInnerTexts();
      await signOut(page);
      await signIn(page, address);
      await giveCode(page, recoveryCodes[2]);
      await expect(errorSummary(page)).toContainText('wrong or was used already');
      await giveCode(page, made);
      await isSignedIn(page, address);
    });
  });
}

test('an administrator who has set up an app has a second step', async ({ page }) => {
  const address = await becomeAdmin(page);
  await setUpApp(page);
  expect(sciaticalm('admin', 'list')).toContain(`${address}\tadmin\tauthenticator app`);
});

test('an administrator with a passkey needs the password beside it, or the passkey alone', async ({ page }) => {
  await addAuthenticator(page);
  const address = await becomeAdmin(page);
  await page.goto('/account/passkeys');
  await button(page, 'Add a passkey on this device').click();
  await expect(page.getByRole('main').getByRole('listitem')).toHaveCount(1);
  expect(sciaticalm('admin', 'list')).toContain(`${address}\tadmin\tpasskey`);
  await signOut(page);
  await signIn(page, address);
  await expect(heading(page)).toHaveText('The second step');
  await button(page, 'Sign in with a passkey').click();
  await isSignedIn(page, address);
});

async function signOut(page: Page): Promise<void> {
  await page.goto('/account');
  await button(page, 'Sign out').click();
  await expect(page).toHaveURL('/');
}

async function giveCode(page: Page, words: string): Promise<void> {
  await page.getByLabel('Code').fill(words);
  await button(page, 'Sign in').click();
}

/** A fingerprint reader that Chromium makes up, and that always says yes. */
async function addAuthenticator(page: Page): Promise<void> {
  const browser = await page.context().newCDPSession(page);
  await browser.send('WebAuthn.enable');
  await browser.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
}
