// What people do with accounts, with letters that come by a real mail server: with script and without it.
import { expect, type Browser, type Locator, type Page } from '@playwright/test';

import {
  FINISH,
  NEW_PASSWORD,
  PASSWORD,
  STATES,
  askForAccount,
  askForAddress,
  askForPassword,
  becomeAdmin,
  button,
  changePassword,
  choosePassword,
  fillSignIn,
  finishSignUp,
  isSignedIn,
  isSignedOut,
  letterTo,
  lettersTo,
  link,
  newAddress,
  sciaticalm,
  signIn,
  signInIsWrong,
  signOut,
  signUp,
  signUpAndOut,
  test,
} from './account';
import { mistakes, sideways, violations } from './checks';
import { errorSummary, heading } from './support';

// Each password that is chosen or given costs a run of Argon2, and this is a debug build.
test.describe.configure({ timeout: 60_000 });

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? 'with script' : 'without script', () => {
    test.use({ javaScriptEnabled });

    test('somebody signs up by a letter, signs out and signs in', async ({ page }) => {
      const address = newAddress();
      await page.goto('/account');
      await page.getByRole('main').getByRole('link', { name: 'Create an account' }).click();
      await askForAccount(page, address);
      const letter = await letterTo(address, FINISH);
      expect(letter.from).toContain('no-reply@');
      await page.goto(link(letter));
      await expect(page.getByRole('main')).toContainText(address);
      await finishSignUp(page, address);
      await signOut(page);
      await isSignedOut(page);
      await signIn(page, address.toUpperCase());
      await isSignedIn(page, address);
    });

    test('a letter that has been used leads to a page that says so', async ({ page }) => {
      const address = await signUp(page);
      await page.goto(link(await letterTo(address, FINISH)));
      await expect(heading(page)).toHaveText('This link has been used or is too old');
    });

    test('who has an account and signs up again is told by letter alone', async ({ page }) => {
      const address = await signUpAndOut(page);
      await askForAccount(page, address);
      expect(link(await letterTo(address, 'You already have an account'))).toMatch(/\/sign-in$/);
    });

    test('a sign-up that is wrong says where, and keeps the address', async ({ page }) => {
      await page.goto('/sign-up');
      await page.getByLabel('Email address').fill('ann@example.org');
      await page.getByLabel('Choose a password').fill('password12');
      await button(page, 'Create an account').click();
      await expect(page.getByLabel('Email address')).toHaveValue('ann@example.org');
      await expect(page.getByLabel('Choose a password')).toHaveValue('');
      await leadsTo(errorSummary(page).getByRole('link').nth(0), page.getByLabel('Choose a password'));
      await leadsTo(errorSummary(page).getByRole('link').nth(1), page.getByLabel('I am 16 or over'));
    });

    test('a wrong sign-in says so, leads to the field, and keeps the address', async ({ page }) => {
      const address = await signUpAndOut(page);
      const answers: string[] = [];
      for (const tried of [address, newAddress()]) {
        await signIn(page, tried, NEW_PASSWORD);
        await signInIsWrong(page);
        const field = page.getByLabel('Email address');
        await expect(field).toHaveValue(tried);
        await expect(field).toHaveAccessibleDescription(/Error: .*do not match/);
        await expect(page.getByLabel('Password')).toHaveValue('');
        await leadsTo(errorSummary(page).getByRole('link'), field);
        answers.push((await page.getByRole('main').innerText()).replaceAll(tried, ''));
      }
      expect(answers[0], 'nobody learns whether there is an account').toBe(answers[1]);
    });

    test('signing in leads on to the page that was asked for', async ({ page }) => {
      const address = await signUpAndOut(page);
      await page.goto('/account/devices');
      await expect(heading(page)).toHaveText('Sign in');
      await fillSignIn(page, address);
      await expect(heading(page)).toHaveText('Your devices');
    });

    test('a forgotten password is chosen anew by letter', async ({ page }) => {
      const address = await signUpAndOut(page);
      await page.goto('/sign-in');
      await page.getByRole('link', { name: 'I have forgotten my password' }).click();
      await askForPassword(page, address);
      await page.goto(link(await letterTo(address, 'Choose a new password')));
      await choosePassword(page, NEW_PASSWORD);
      await isSignedIn(page, address);
      expect((await letterTo(address, 'was changed')).text).toContain('every device was signed out');
      await signOut(page);
      await signIn(page, address);
      await signInIsWrong(page);
      await signIn(page, address, NEW_PASSWORD);
      await isSignedIn(page, address);
    });

    test('who has no account gets no letter, and is told the same', async ({ page }) => {
      const [stranger, ann] = [newAddress('stranger'), newAddress()];
      await askForPassword(page, stranger);
      const answer = await page.getByRole('main').innerText();
      await signUp(page, ann);
      await askForPassword(page, ann);
      expect(await page.getByRole('main').innerText()).toBe(answer);
      await letterTo(ann, 'Choose a new password');
      // Asked for earlier, it would have come by now.
      expect(await lettersTo(stranger)).toEqual([]);
    });

    test('a password is changed, and every other device is signed out', async ({ page, browser }) => {
      const address = await signUp(page);
      const phone = await another(browser, address);
      await page.getByRole('link', { name: 'Password' }).click();
      await changePassword(page, NEW_PASSWORD, NEW_PASSWORD);
      await leadsTo(errorSummary(page).getByRole('link'), page.getByLabel('Current password'));
      await changePassword(page, PASSWORD, 'short');
      await leadsTo(errorSummary(page).getByRole('link'), page.getByLabel('Choose a password'));
      await changePassword(page, PASSWORD, NEW_PASSWORD);
      await isSignedIn(page, address);
      await letterTo(address, 'was changed');
      await isSignedOut(phone);
      await signIn(phone, address, NEW_PASSWORD);
      await isSignedIn(phone, address);
    });

    test('an email address changes once the new one has confirmed it, and the old one is told', async ({ page }) => {
      const [old, address] = [await signUp(page), newAddress('new')];
      const confirm = await askForAddress(page, address);
      await letterTo(old, 'A new email address was asked for');
      await page.goto('/account');
      await isSignedIn(page, old);
      await page.goto(confirm);
      await button(page, 'Confirm the new address').click();
      await isSignedIn(page, address);
      expect((await letterTo(old, 'was changed')).text).toContain('can give you your account back');
      await signOut(page);
      await signIn(page, old);
      await signInIsWrong(page);
      await signIn(page, address);
      await isSignedIn(page, address);
    });

    test('another device is signed out, and then every one', async ({ page, browser }) => {
      const address = await signUp(page);
      const [phone, laptop] = [await another(browser, address), await another(browser, address)];
      await page.getByRole('link', { name: 'Devices' }).click();
      const devices = page.getByRole('main').getByRole('listitem');
      await expect(devices).toHaveCount(3);
      await expect(devices.filter({ hasText: '(this device)' })).toHaveCount(1);
      await expect(devices.first()).toContainText('Chrom');
      await devices.getByRole('button', { name: 'Sign out' }).first().click();
      await expect(devices).toHaveCount(2);
      const heads = [];
      for (const each of [phone, laptop]) {
        await each.goto('/account');
        heads.push(await heading(each).innerText());
      }
      expect(heads.sort()).toEqual(['Sign in', 'Your account']);
      await button(page, 'Sign out everywhere').click();
      await expect(heading(page)).toHaveText('Sign in');
      for (const each of [page, phone, laptop]) await isSignedOut(each);
    });

    test('what matters can be asked to be confirmed by the password', async ({ page }) => {
      await signUp(page);
      await page.goto('/account/confirm?next=/account/email');
      await page.getByLabel('Password').fill(NEW_PASSWORD);
      await button(page, 'Go on').click();
      await leadsTo(errorSummary(page).getByRole('link'), page.getByLabel('Password'));
      await page.getByLabel('Password').fill(PASSWORD);
      await button(page, 'Go on').click();
      await expect(page).toHaveURL('/account/email');
    });
  });
}

test('an administrator comes from the command line, and must set up a second step', async ({ page }) => {
  const address = await becomeAdmin(page);
  expect(sciaticalm('admin', 'list')).toContain(`${address}\tadmin\tno second step yet`);
  await page.goto('/account');
  await expect(page.getByRole('main')).toContainText('On the staff: admin.');
});

test('nobody who stays on the page needs more than a keyboard to sign up and sign in', async ({ page }) => {
  const address = newAddress();
  await page.goto('/sign-up');
  await tabTo(page, page.getByLabel('Email address'));
  await page.keyboard.type(address);
  await tabTo(page, button(page, 'Create an account'));
  await page.keyboard.press('Enter');
  // What is wrong comes before the form.
  await tabTo(page, errorSummary(page).getByRole('link').first());
  await page.keyboard.press('Enter');
  await page.keyboard.type(PASSWORD);
  await tabTo(page, page.getByLabel('I am 16 or over'));
  await page.keyboard.press('Space');
  await page.keyboard.press('Enter');
  await expect(heading(page)).toHaveText('Check your email');
  await page.goto(link(await letterTo(address, FINISH)));
  await tabTo(page, page.getByLabel('Password'));
  await page.keyboard.type(PASSWORD);
  await page.keyboard.press('Enter');
  await isSignedIn(page, address);
  await tabTo(page, button(page, 'Sign out'));
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL('/');
  await page.goto('/sign-in');
  await tabTo(page, page.getByLabel('Email address'));
  await page.keyboard.type(address);
  await tabTo(page, page.getByLabel('Password'));
  await page.keyboard.type(PASSWORD);
  await tabTo(page, page.getByLabel('Stay signed in on this device'));
  await page.keyboard.press('Space');
  await tabTo(page, button(page, 'Sign in'));
  await page.keyboard.press('Enter');
  await isSignedIn(page, address);
});

test('browsers and password managers are told what each field is', async ({ page }) => {
  await page.goto('/sign-up');
  await expect(page.getByLabel('Email address')).toHaveAttribute('autocomplete', 'username');
  await expect(page.getByLabel('Choose a password')).toHaveAttribute('autocomplete', 'new-password');
  await page.goto('/sign-in');
  await expect(page.getByLabel('Email address')).toHaveAttribute('autocomplete', 'username');
  await expect(page.getByLabel('Password')).toHaveAttribute('autocomplete', 'current-password');
  await signUp(page);
  await page.goto('/account/password');
  await expect(page.getByLabel('Current password')).toHaveAttribute('autocomplete', 'current-password');
  await expect(page.getByLabel('Choose a password')).toHaveAttribute('autocomplete', 'new-password');
});

test('a page of an account asks nobody else for anything, and is kept nowhere', async ({ page }) => {
  await signUp(page);
  const asked: string[] = [];
  page.on('request', (request) => asked.push(new URL(request.url()).host));
  const answer = await page.goto('/account');
  expect(new Set(asked)).toEqual(new Set([new URL(page.url()).host]));
  expect(answer?.headers()['cache-control']).toContain('no-store');
});

test.describe('every page of accounts', () => {
  // axe is a script of its own, which the pages' policy would refuse.
  test.use({ bypassCSP: true });

  for (const { name, reach } of STATES) {
    test(`${name} is valid, has nothing that axe finds wrong, and fits a narrow screen`, async ({ page }) => {
      expect(await mistakes(page, () => reach(page))).toEqual([]);
      expect(await violations(page)).toEqual([]);
      await page.setViewportSize({ width: 320, height: 640 });
      expect(await sideways(page), 'at 320 pixels').toBe(0);
      await page.evaluate(() => (document.documentElement.style.fontSize = '200%'));
      expect(await sideways(page), 'with text at 200%').toBe(0);
    });
  }
});

/** Another device, on which somebody signs in. */
async function another(browser: Browser, address: string): Promise<Page> {
  const page = await (await browser.newContext()).newPage();
  await signIn(page, address);
  await isSignedIn(page, address);
  return page;
}

/** Follows a link of the error summary, and waits until the field that it names has the focus. */
async function leadsTo(summaryLink: Locator, field: Locator): Promise<void> {
  await summaryLink.focus();
  await summaryLink.press('Enter');
  await expect(field).toBeFocused();
}

/** Presses Tab until this has the focus. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  for (let presses = 0; presses < 40; presses += 1) {
    await page.keyboard.press('Tab');
    if (await target.evaluate((element) => element === document.activeElement)) return;
  }
  throw new Error(`${target} is not reached by Tab`);
}
