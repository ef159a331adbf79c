// The second step of a sign-in: an authenticator app with its recovery codes, and a passkey of staff.
import { expect } from '@playwright/test';

import {
  becomeAdmin,
  button,
  code,
  codeIsWrong,
  giveCode,
  isSignedIn,
  letterTo,
  sciaticalm,
  setUpApp,
  signIn,
  signOut,
  signUp,
  test,
} from './account';
import { Authenticator, addPasskey, usePasskey } from './authenticator';
import { heading } from './support';

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
      await codeIsWrong(page);
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
      await codeIsWrong(page);
      await giveCode(page, recoveryCodes[1]);
      await isSignedIn(page, address);
      // New ones take the place of the old ones.
      await page.goto('/account/two-step');
      await button(page, 'Make new recovery codes').click();
      const [made] = await page.getByRole('main').getByRole('listitem').allInnerTexts();
      await signOut(page);
      await signIn(page, address);
      await giveCode(page, recoveryCodes[2]);
      await codeIsWrong(page);
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
  await Authenticator.on(page);
  const address = await becomeAdmin(page);
  await addPasskey(page);
  expect(sciaticalm('admin', 'list')).toContain(`${address}\tadmin\tpasskey`);
  await signOut(page);
  await signIn(page, address);
  await expect(heading(page)).toHaveText('The second step');
  await usePasskey(page);
  await isSignedIn(page, address);
});
