// Review by a clinician without an account, by the link of a letter; and several articles tagged and archived at once.
import { randomUUID } from 'node:crypto';

import { expect, type Page } from '@playwright/test';

import { button, letterTo, link, newAddress, test } from './account';
import { mistakes, sideways, violations } from './checks';
import { another, becomeStaff, isDone } from './staff';
import { errorSummary, heading } from './support';

// Two people, each with a password, an authenticator app and a role.
test.describe.configure({ timeout: 240_000 });

/** Writes an article, and returns the address of its page on the desk. */
async function write(page: Page, title: string, tag: string): Promise<string> {
  await page.goto('/admin/articles/new');
  await page.getByLabel('Title').fill(title);
  await page.getByLabel('Address').fill(title.toLowerCase().replaceAll(' ', '-'));
  await page.getByLabel('Summary').fill('On resting a little, and walking again.');
  await page.getByLabel('Text', { exact: true }).fill('## Rest\n\nRest a little, then walk.\n');
  await page.getByLabel('Tags').fill(tag);
  await page.getByLabel('Sources').fill('Sciatica | NHS 111 Wales | https://111.wales.nhs.uk/sciatica/');
  await button(page, 'Save').click();
  await isDone(page, 'Saved as a new revision.');
  return page.url().split('?')[0];
}

async function isSound(page: Page): Promise<void> {
  expect(await violations(page)).toEqual([]);
  expect(await sideways(page)).toBe(0);
}

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? 'with script' : 'without script', () => {
    test.use({ javaScriptEnabled });

    test('a clinician without an account comments on a text and approves it', async ({
      page,
      browser,
      contextOptions,
      viewport,
      baseURL,
    }) => {
      const options = { ...contextOptions, viewport, baseURL, javaScriptEnabled };
      const [admin, clinician] = [await another(browser, options), await another(browser, options)];
      await becomeStaff(page, 'editor');
      await becomeStaff(admin, 'reviewer');
      const title = `Rest ${randomUUID().slice(0, 8)}`;
      const desk = await write(page, title, 'back-pain');
      await button(page, 'Send to review').click();
      await isDone(page, 'Sent to review.');

      const address = newAddress('clinician');
      await admin.goto(desk);
      await admin.getByText('Send a link', { exact: true }).click();
      await admin.getByLabel('Email address of the clinician').fill('nobody');
      await button(admin, 'Send the link').click();
      await expect(errorSummary(admin)).toContainText('Enter the email address of the clinician');
      await expect(admin.getByLabel('Email address of the clinician')).toHaveValue('nobody');
      if (javaScriptEnabled) await isSound(admin);
      await admin.getByLabel('Email address of the clinician').fill(address);
      await button(admin, 'Send the link').click();
      await isDone(admin, 'The letter with the link is on its way.');

      const letter = await letterTo(address, 'Please review a text');
      expect(await mistakes(clinician, async () => void (await clinician.goto(link(letter))))).toEqual([]);
      await expect(heading(clinician)).toHaveText(title);
      if (javaScriptEnabled) await isSound(clinician);
      await clinician.getByLabel('Your name, for the team').fill('Dr Sam Else');
      await clinician.getByLabel('Comment', { exact: true }).fill('Say for how long.');
      await button(clinician, 'Comment').click();
      await isDone(clinician, 'Your comment is kept.');
      await page.goto(desk);
      await expect(page.getByRole('region', { name: 'Comments' })).toContainText('Dr Sam Else (by a link)');

      await button(clinician, 'Approve revision 1').click();
      await expect(errorSummary(clinician)).toContainText('Enter your registration number');
      await clinician.getByLabel('Your name', { exact: true }).fill('Dr Sam Else');
      await clinician.getByLabel('Your registration number').fill('GMC 7654321');
      await clinician.getByRole('checkbox', { name: /^I have read this text/ }).check();
      await button(clinician, 'Approve revision 1').click();
      await expect(heading(clinician)).toHaveText('Thank you');
      expect((await clinician.goto(link(letter)))?.status(), 'a link approves once').toBe(404);
      await page.goto(desk);
      await expect(page.getByRole('region', { name: 'How it stands' })).toContainText('approved by Dr Sam Else (GMC 7654321)');
    });

    test('several articles are tagged and archived at once', async ({ page }) => {
      await becomeStaff(page, 'editor');
      const tag = `tag-${randomUUID().slice(0, 8)}`;
      const titles = ['Walk', 'Sit'].map((title) => `${title} ${randomUUID().slice(0, 8)}`);
      for (const title of titles) await write(page, title, tag);

      const list = `/admin/articles?tag=${tag}`;
      await page.goto(list);
      await button(page, 'Tag or archive the ticked').click();
      await expect(errorSummary(page)).toContainText('Tick the articles in the list first');
      await page.goto(list);
      for (const title of titles) await page.getByRole('checkbox', { name: `Choose ${title}` }).check();
      if (javaScriptEnabled) await isSound(page);
      expect(await mistakes(page, () => button(page, 'Tag or archive the ticked').click())).toEqual([]);
      if (javaScriptEnabled) await isSound(page);
      await page.getByRole('radio', { name: /^Add a tag/ }).check();
      await button(page, 'Do it now').click();
      await expect(errorSummary(page)).toContainText('Enter a tag');
      await page.getByLabel('Tag', { exact: true }).fill('walking');
      await button(page, 'Do it now').click();
      await isDone(page, 'It was done with 2 articles.');
      if (javaScriptEnabled) await isSound(page);

      await page.getByRole('link', { name: 'Back to the list' }).click();
      for (const title of titles) await page.getByRole('checkbox', { name: `Choose ${title}` }).check();
      await button(page, 'Tag or archive the ticked').click();
      await page.getByRole('radio', { name: /^Archive them/ }).check();
      await button(page, 'Do it now').click();
      await isDone(page, 'It was done with 2 articles.');
      await page.goto(list);
      await expect(page.getByRole('main')).toContainText('No article is like that.');
    });
  });
}
