// Consents, the diary, the export of everything, and deleting the account.
import { readFile } from 'node:fs/promises';
import { inflateRawSync } from 'node:zlib';

import { expect } from '@playwright/test';

import {
  agreeToEntries,
  bringBack,
  button,
  fillSignIn,
  isSignedIn,
  isSignedOut,
  letterTo,
  signIn,
  signInIsWrong,
  signUp,
  test,
  writeDiary,
} from './account';
import { errorSummary, heading, helpStrip } from './support';

// Each password that is chosen or given costs a run of Argon2, and this is a debug build.
test.describe.configure({ timeout: 60_000 });

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? 'with script' : 'without script', () => {
    test.use({ javaScriptEnabled });

    test('nothing is kept in the diary before somebody agrees to it', async ({ page }) => {
      await signUp(page);
      await writeDiary(page, 'Walked to the shop');
      await expect(page.getByRole('main')).toContainText('You have not agreed that health entries are kept');
      await expect(page.getByLabel('Note'), 'what was typed stays').toHaveValue('Walked to the shop');
      await agreeToEntries(page);
      await page.goto('/account/diary');
      await expect(page.getByRole('region', { name: 'Past entries' })).toContainText('There are none yet');
    });

    test('an entry is kept, corrected and deleted', async ({ page }) => {
      await signUp(page);
      await agreeToEntries(page);
      await writeDiary(page, 'Walked to the shop');
      await expect(page.getByRole('status')).toHaveText('Your entry is saved.');
      const past = page.getByRole('region', { name: 'Past entries' });
      await expect(past).toContainText('Back pain 6.');
      await expect(past).toContainText('Walked to the shop');
      await past.getByRole('link', { name: 'Change' }).click();
      await page.getByLabel('Back pain, from 0').selectOption('3');
      await button(page, 'Save').click();
      await expect(past).toContainText('Back pain 3.');
      await expect(past).not.toContainText('Back pain 6.');
      await past.getByRole('link', { name: 'Delete' }).click();
      await button(page, 'Delete it').click();
      await expect(past).toContainText('There are none yet');
    });

    test('an emergency sign in the diary comes first, with the call in view, and is saved', async ({ page }) => {
      await signUp(page);
      await agreeToEntries(page);
      await writeDiary(page, 'Since this morning', ['Both feet are dropping']);
      await expect(heading(page)).toContainText('Call 999 or go to A&E now');
      const call = page.getByRole('main').getByRole('link', { name: 'Call 999' });
      await expect(call).toHaveAttribute('href', 'tel:999');
      await expect(call).toBeInViewport({ ratio: 1 });
      await expect(helpStrip(page).getByText('Help line')).toBeHidden();
      await expect(page.getByRole('main')).toContainText('Your entry is saved.');
      await page.goto('/account/diary');
      await expect(call).toBeVisible();
      await page.getByRole('button', { name: 'I have got help' }).click();
      await page.goto('/account/diary');
      await expect(call).toHaveCount(0);
    });

    test('an emergency sign is answered before anybody agreed to anything', async ({ page }) => {
      await signUp(page);
      await writeDiary(page, 'Since this morning', ['Both feet are dropping']);
      await expect(heading(page)).toContainText('Call 999 or go to A&E now');
      await expect(page.getByRole('main')).toContainText('Your entry is not saved');
      await button(page, 'Back to what I wrote').click();
      await expect(page.getByLabel('Note')).toHaveValue('Since this morning');
      await expect(page.getByRole('checkbox', { name: 'Both feet are dropping' })).toBeChecked();
    });

    test('an emergency sign is answered after the session has ended, and what was typed can still be saved', async ({ page }) => {
      const address = await signUp(page);
      await agreeToEntries(page);
      await page.goto('/account/diary');
      await page.getByLabel('Note').fill('Since this morning');
      await page.getByRole('checkbox', { name: 'Both feet are dropping' }).check();
      await page.context().clearCookies();
      await button(page, 'Save').click();
      await expect(heading(page)).toContainText('Call 999 or go to A&E now');
      await expect(page.getByRole('main').getByRole('link', { name: 'Call 999' })).toBeInViewport({ ratio: 1 });
      await expect(page.getByRole('main')).toContainText('Your entry is not saved: you are signed out.');
      await button(page, 'Back to what I wrote').click();
      await expect(page.getByLabel('Note')).toHaveValue('Since this morning');
      const opened = page.waitForEvent('popup');
      await page.getByRole('link', { name: 'sign in (opens in a new tab)' }).click();
      const tab = await opened;
      await fillSignIn(tab, address);
      await isSignedIn(tab, address);
      await button(page, 'Save').click();
      await expect(page.getByRole('main')).toContainText('Your entry is saved.');
    });

    test('a consent that is withdrawn takes the entries with it', async ({ page }) => {
      await signUp(page);
      await agreeToEntries(page);
      await writeDiary(page, 'Walked to the shop');
      await page.goto('/account/consents');
      await page.getByRole('link', { name: 'Withdraw: Keep my health entries on this server' }).click();
      await expect(page.getByRole('main')).toContainText('erased at once');
      await button(page, 'Withdraw, and erase my entries here').click();
      await expect(page.getByRole('main')).toContainText('You withdrew your consent on');
      await page.goto('/account/diary');
      await expect(page.getByRole('main')).not.toContainText('Walked to the shop');
    });

    test('everything about somebody can be downloaded', async ({ page }) => {
      const address = await signUp(page);
      await agreeToEntries(page);
      await writeDiary(page, 'Walked to the shop');
      await page.goto('/account/export');
      const downloading = page.waitForEvent('download');
      await button(page, 'Download the file').click();
      const download = await downloading;
      expect(download.suggestedFilename()).toMatch(/^my-data-\d{4}-\d\d-\d\d\.zip$/);
      const files = unzip(await readFile(await download.path()));
      expect([...files.keys()].sort()).toEqual([
        'README.txt',
        'account.json',
        'articles.json',
        'audit.json',
        'consents.csv',
        'consents.json',
        'diary.csv',
        'diary.json',
        'exercises.json',
        'pictures.json',
        'reminders.json',
        'rule-sets.json',
        'sessions.json',
        'sharing.json',
      ]);
      expect(JSON.stringify(JSON.parse(files.get('account.json')!))).toContain(address);
      expect(JSON.stringify(JSON.parse(files.get('diary.json')!))).toContain('Walked to the shop');
      expect(files.get('diary.csv')).toContain('Walked to the shop');
      for (const name of [...files.keys()].slice(1)) expect(files.get('README.txt')).toContain(name);
    });

    test('a diary is downloaded as three files, and brought back', async ({ page }) => {
      await signUp(page);
      await agreeToEntries(page);
      await writeDiary(page, 'Walked to the shop');
      await page.goto('/account/diary');
      await page.getByRole('link', { name: 'Take your diary with you, or bring it back' }).click();
      const files: string[] = [];
      for (const [name, ending] of [
        ['Download the table (CSV)', /\.csv$/],
        ['Download for a clinic (FHIR)', /\.fhir\.json$/],
        ['Download your entries (JSON)', /^diary-\d{4}-\d\d-\d\d\.json$/],
      ] as const) {
        const downloading = page.waitForEvent('download');
        await button(page, name).click();
        const download = await downloading;
        expect(download.suggestedFilename()).toMatch(ending);
        files.push(await readFile(await download.path(), 'utf8'));
      }
      for (const file of files) expect(file).toContain('Walked to the shop');
      await page.goto('/account/consents');
      await page.getByRole('link', { name: 'Withdraw: Keep my health entries on this server' }).click();
      await button(page, 'Withdraw, and erase my entries here').click();
      await agreeToEntries(page);
      await page.goto('/account/diary/export');
      await bringBack(page, files[1]!);
      await expect(errorSummary(page)).toContainText('which cannot be brought back in');
      await bringBack(page, files[2]!);
      await expect(page.getByRole('status')).toHaveText('What the file holds is in your diary now.');
      await expect(page.getByRole('region', { name: 'Past entries' })).toContainText('Walked to the shop');
    });

    test('an account is deleted, and is gone', async ({ page }) => {
      const address = await signUp(page);
      await page.getByRole('main').getByRole('link', { name: 'Delete' }).click();
      await button(page, 'Delete my account').click();
      await expect(errorSummary(page).getByRole('link')).toHaveText(/Tick .Delete everything./);
      await page.getByLabel('Delete everything').check();
      await button(page, 'Delete my account').click();
      await expect(heading(page)).toHaveText('Your account is deleted');
      await letterTo(address, 'was deleted');
      await isSignedOut(page);
      await signIn(page, address);
      await signInIsWrong(page);
      // The address is free again.
      await signUp(page, address);
      await isSignedIn(page, address);
    });
  });
}

test('what is stored is told to everybody', async ({ page }) => {
  await page.goto('/privacy/what-we-store');
  await expect(heading(page)).toHaveText(/store/);
  await expect(page.getByRole('main')).toContainText('encrypted');
});

/** The files of a ZIP archive, by the directory at its end. */
function unzip(archive: Buffer): Map<string, string> {
  const files = new Map<string, string>();
  const end = archive.lastIndexOf('PK\u0005\u0006');
  expect(end, 'it is a ZIP').toBeGreaterThan(0);
  let at = archive.readUInt32LE(end + 16);
  for (let left = archive.readUInt16LE(end + 10); left > 0; left -= 1) {
    const [method, size] = [archive.readUInt16LE(at + 10), archive.readUInt32LE(at + 20)];
    const [nameLength, extra, comment] = [28, 30, 32].map((field) => archive.readUInt16LE(at + field));
    const name = archive.toString('utf8', at + 46, at + 46 + nameLength);
    const local = archive.readUInt32LE(at + 42);
    const start = local + 30 + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28);
    const packed = archive.subarray(start, start + size);
    files.set(name, (method === 0 ? packed : inflateRawSync(packed)).toString('utf8'));
    at += 46 + nameLength + extra + comment;
  }
  return files;
}
