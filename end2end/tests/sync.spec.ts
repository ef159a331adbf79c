// The tracker with an account: what is logged on one device is on the others, nobody sees another's days, and nothing
// leaves a device before its owner said so.
import AxeBuilder from '@axe-core/playwright';
import { expect, type BrowserContext, type Locator, type Page } from '@playwright/test';

import { agreeToEntries, newAddress, PASSWORD, signIn, signOut, signUp, test } from './account';
import { isReady } from './support';

const ON_SERVER = 'Saved on this device and on the server';

async function open(page: Page): Promise<void> {
  await page.goto('/tracker');
  await isReady(page);
}

/** As when the patient comes back to the page. */
async function comeBack(page: Page): Promise<void> {
  await page.evaluate(() => window.dispatchEvent(new Event('focus')));
}

function chip(page: Page, words: string | RegExp): Locator {
  return page.locator('.chip').filter({ hasText: words });
}

async function is(page: Page, words: string | RegExp): Promise<void> {
  await expect(chip(page, words)).toBeVisible({ timeout: 10_000 });
}

function pain(page: Page, place: string, score: number): Locator {
  const scale = page.getByRole('group', { name: place, exact: true });
  return scale.getByRole('radio', { name: new RegExp(`^${score}\\b`) });
}

async function rate(page: Page, place: string, score: number): Promise<void> {
  await pain(page, place, score).click();
  await expect(pain(page, place, score)).toBeChecked();
}

async function nothingRated(page: Page): Promise<void> {
  await expect(page.getByRole('group', { name: 'Back pain', exact: true }).locator(':checked')).toHaveCount(0);
}

/** How many records are in the databases on the device: of no account, and of all accounts. */
async function kept(page: Page): Promise<{ without: number; accounts: number }> {
  return page.evaluate(async () => {
    const counts = { without: 0, accounts: 0 };
    for (const { name } of await indexedDB.databases()) {
      const count = await new Promise<number>((resolve, reject) => {
        const request = indexedDB.open(name!);
        request.onerror = reject;
        request.onsuccess = () => {
          const days = IDBKeyRange.bound('day', 'day/\uffff');
          const counted = request.result.transaction('entries').objectStore('entries').count(days);
          counted.onsuccess = () => {
            request.result.close();
            resolve(counted.result);
          };
        };
      });
      counts[name === 'sciaticalm' ? 'without' : 'accounts'] += count;
    }
    return counts;
  });
}

/** Somebody with an account who agreed to keep entries with it, in the tracker. */
async function begin(page: Page, address = newAddress()): Promise<string> {
  await signUp(page, address);
  await agreeToEntries(page);
  await open(page);
  await is(page, 'Nothing waits to be sent');
  return address;
}

async function anotherDevice(context: BrowserContext, address: string): Promise<Page> {
  const page = await context.browser()!.newContext().then((other) => other.newPage());
  await signIn(page, address);
  await open(page);
  await is(page, /Nothing waits|on the server/);
  return page;
}

test('two devices that were offline lose nothing, and the later edit wins', async ({ page, context }) => {
  const phone = page;
  const address = await begin(phone);
  const tablet = await anotherDevice(context, address);

  await phone.context().setOffline(true);
  await tablet.context().setOffline(true);
  await rate(phone, 'Back pain', 7);
  await rate(phone, 'Right leg pain', 3);
  await is(phone, 'Waiting to be sent (1)');
  await rate(tablet, 'Back pain', 4);
  await rate(tablet, 'Left leg pain', 2);
  await is(tablet, 'Waiting to be sent (1)');

  await phone.context().setOffline(false);
  await is(phone, ON_SERVER);
  await tablet.context().setOffline(false);
  await is(tablet, ON_SERVER);
  await comeBack(phone);

  for (const device of [phone, tablet]) {
    await expect(pain(device, 'Back pain', 4)).toBeChecked();
    await expect(pain(device, 'Left leg pain', 2)).toBeChecked();
    await expect(pain(device, 'Right leg pain', 3)).toBeChecked();
  }
  await phone.reload();
  await expect(pain(phone, 'Back pain', 4)).toBeChecked();
  await is(phone, ON_SERVER);
  await tablet.context().close();
});

test('days without an account are added after a plain yes, and nothing leaves the device before', async ({ page }) => {
  await open(page);
  await rate(page, 'Back pain', 6);
  await is(page, /^Saved on this device$/);
  const sent: number[] = [];
  page.on('request', (request) => {
    if (request.url().endsWith('/tracker/sync')) sent.push(request.postDataBuffer()?.length ?? 0);
  });

  await signUp(page);
  await agreeToEntries(page);
  await open(page);
  const question = page.getByRole('region', { name: 'Add the 1 day kept on this device to your account?' });
  await expect(question).toBeVisible();
  await nothingRated(page);
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id }) => id)).toEqual([]);
  expect(Math.max(...sent), 'nothing but who and until when').toBeLessThan(120);

  await question.getByRole('button', { name: 'Yes, add them' }).click();
  await is(page, ON_SERVER);
  await expect(pain(page, 'Back pain', 6)).toBeChecked();
  await expect(question).toBeHidden();
  expect(Math.max(...sent)).toBeGreaterThan(120);
  expect(await kept(page)).toEqual({ without: 0, accounts: 1 });
});

test('days that are kept apart stay apart, and show when nobody is signed in', async ({ page }) => {
  await open(page);
  await rate(page, 'Back pain', 6);
  await is(page, /^Saved on this device$/);
  await begin(page);
  const question = page.getByRole('region', { name: /^Add the 1 day/ });
  await question.getByRole('button', { name: 'Keep them apart' }).click();
  await expect(question).toBeHidden();
  await page.reload();
  await is(page, 'Nothing waits to be sent');
  await expect(question).toBeHidden();
  await nothingRated(page);
  await signOut(page);
  await open(page);
  await expect(pain(page, 'Back pain', 6)).toBeChecked();
});

test('two people on one phone never see one another\u2019s days', async ({ page }) => {
  const ann = await begin(page);
  await rate(page, 'Back pain', 8);
  await is(page, ON_SERVER);
  await signOut(page);

  const ben = await begin(page);
  await nothingRated(page);
  const left = page.getByRole('region', { name: 'Entries of an account are still on this device' });
  await left.getByRole('button', { name: 'Keep them' }).click();
  await expect(left).toBeHidden();
  await rate(page, 'Back pain', 1);
  await is(page, ON_SERVER);
  await signOut(page);

  await signIn(page, ann);
  await open(page);
  await expect(pain(page, 'Back pain', 8)).toBeChecked();
  await signOut(page);
  await signIn(page, ben);
  await open(page);
  await expect(pain(page, 'Back pain', 1)).toBeChecked();
});

test('after signing out it is asked whether to keep or erase, and what is erased comes back from the server', async ({
  page,
}) => {
  const address = await begin(page);
  await rate(page, 'Back pain', 5);
  await is(page, ON_SERVER);
  await signOut(page);
  await open(page);
  await nothingRated(page);
  const left = page.getByRole('region', { name: 'Entries of an account are still on this device' });
  await expect(left).toContainText('You are signed out.');
  expect(await kept(page)).toEqual({ without: 0, accounts: 1 });
  await left.getByRole('button', { name: 'Erase them' }).click();
  await expect(left).toBeHidden();
  expect(await kept(page)).toEqual({ without: 0, accounts: 0 });

  await signIn(page, address);
  await open(page);
  await expect(pain(page, 'Back pain', 5)).toBeChecked();
});

test('erasing the device takes everything off it, signs out, and leaves the server alone', async ({ page }) => {
  const address = await begin(page);
  await rate(page, 'Back pain', 5);
  await is(page, ON_SERVER);
  await page.locator('summary', { hasText: 'Erase this device' }).click();
  await page.getByRole('button', { name: 'Erase everything on this device' }).click();
  await page.getByRole('button', { name: 'Keep it' }).click();
  expect(await kept(page)).toEqual({ without: 0, accounts: 1 });
  await page.getByRole('button', { name: 'Erase everything on this device' }).click();
  await page.getByRole('button', { name: 'Yes, erase it all' }).click();
  await nothingRated(page);
  await is(page, 'Stays on this device');
  await page.reload();
  await nothingRated(page);
  expect(await kept(page)).toEqual({ without: 0, accounts: 0 });
  await signIn(page, address);
  await open(page);
  await expect(pain(page, 'Back pain', 5)).toBeChecked();
});

test('an account that was deleted is erased from its other devices at the next contact', async ({ page, context }) => {
  const address = await begin(page);
  await rate(page, 'Back pain', 5);
  await is(page, ON_SERVER);
  const tablet = await anotherDevice(context, address);
  await expect(pain(tablet, 'Back pain', 5)).toBeChecked();

  await page.goto('/account/delete');
  await page.getByLabel('Delete everything').check();
  await page.getByRole('main').getByRole('button', { name: 'Delete my account' }).click();
  await expect(page).toHaveURL('/account/deleted');

  for (const device of [page, tablet]) {
    await open(device);
    await nothingRated(device);
    await expect(async () => expect(await kept(device)).toEqual({ without: 0, accounts: 0 })).toPass();
  }
  await tablet.context().close();
});

test('a warning in days that were put away is said until its owner is back', async ({ page }) => {
  const address = await begin(page);
  await page.getByRole('checkbox', { name: /between your legs/ }).click();
  const emergency = page.getByRole('button', { name: 'I have got help' });
  await expect(emergency).toBeVisible();
  await expect(async () => expect(await kept(page)).toEqual({ without: 0, accounts: 1 })).toPass();
  await page.context().clearCookies();
  await open(page);
  await expect(emergency).toBeHidden();
  const warning = page.getByText('A warning waits for an answer in an account\u2019s days on this device.');
  await expect(warning).toBeVisible();
  const left = page.getByRole('region', { name: 'Entries of an account are still on this device' });
  await left.getByRole('button', { name: 'Keep them' }).click();
  await expect(left).toBeHidden();
  await page.reload();
  await expect(warning).toBeVisible();
  await signIn(page, address);
  await open(page);
  await expect(emergency).toBeVisible();
  await expect(warning).toBeHidden();
});

test('nothing is erased where it cannot be signed out first, and that is said', async ({ page }) => {
  await begin(page);
  await rate(page, 'Back pain', 5);
  await is(page, ON_SERVER);
  await page.context().setOffline(true);
  await page.locator('summary', { hasText: 'Erase this device' }).click();
  await page.getByRole('button', { name: 'Erase everything on this device' }).click();
  await page.getByRole('button', { name: 'Yes, erase it all' }).click();
  await expect(page.getByText(/^Nothing was erased/)).toBeVisible();
  await expect(pain(page, 'Back pain', 5)).toBeChecked();
  expect(await kept(page)).toEqual({ without: 0, accounts: 1 });
  await page.context().setOffline(false);
});

test('a session that ended, or a consent that was withdrawn, is said with a way on', async ({ page }) => {
  const address = await begin(page);
  await page.context().clearCookies();
  await rate(page, 'Back pain', 5);
  await is(page, 'Not sent: you are signed out');
  await page.getByRole('link', { name: 'sign in', exact: true }).click();
  await page.getByLabel('Email address').fill(address);
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('main').getByRole('button', { name: 'Sign in', exact: true }).click();
  await expect(page).toHaveURL('/tracker');
  await is(page, ON_SERVER);

  await page.goto('/account/consents/entries/withdraw');
  await page.getByRole('button', { name: 'Withdraw, and erase' }).click();
  await open(page);
  await expect(pain(page, 'Back pain', 5)).toBeChecked();
  await is(page, 'Not sent: you have not agreed to it');
  await agreeToEntries(page);
  await open(page);
  await is(page, ON_SERVER);
});
