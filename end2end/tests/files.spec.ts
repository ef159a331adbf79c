// Content as files: an administrator downloads it, and brings an archive in.
import { readFileSync } from 'node:fs';
import { crc32 } from 'node:zlib';

import { expect } from '@playwright/test';

import { button, test } from './account';
import { mistakes, sideways, violations } from './checks';
import { becomeStaff } from './staff';
import { errorSummary, heading } from './support';

// An account with a password, an authenticator app and a role.
test.describe.configure({ timeout: 120_000 });

/** A ZIP whose files are not compressed. */
function zip(files: Record<string, string>): Buffer {
  const [entries, directory]: [Buffer[], Buffer[]] = [[], []];
  let offset = 0;
  for (const [name, text] of Object.entries(files)) {
    const [path, data] = [Buffer.from(name), Buffer.from(text)];
    const about = Buffer.alloc(26);
    about.writeUInt16LE(20, 0);
    about.writeUInt32LE(crc32(data), 10);
    about.writeUInt32LE(data.length, 14);
    about.writeUInt32LE(data.length, 18);
    about.writeUInt16LE(path.length, 22);
    const entry = Buffer.concat([Buffer.from('PK\x03\x04'), about, path, data]);
    const where = Buffer.alloc(14);
    where.writeUInt32LE(offset, 10);
    directory.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x00'), about, where, path]));
    entries.push(entry);
    offset += entry.length;
  }
  const end = Buffer.alloc(18);
  end.writeUInt16LE(entries.length, 4);
  end.writeUInt16LE(entries.length, 6);
  end.writeUInt32LE(Buffer.concat(directory).length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...entries, ...directory, Buffer.from('PK\x05\x06'), end]);
}

const article = (title: string) => `+++
title = "${title}"
summary = "From an archive."
tags = ["sleep"]
+++

Rest a little.
`;

const archive = (files: Record<string, string>) => ({ name: 'content.zip', mimeType: 'application/zip', buffer: zip(files) });

for (const script of [true, false]) {
  test.describe(`${script ? 'with' : 'without'} script`, () => {
    test.use({ javaScriptEnabled: script });

    test('an administrator downloads all content, sees what an archive would change, and brings it in', async ({ page }, info) => {
      await becomeStaff(page, 'admin');
      await page.goto('/admin');
      await page.getByRole('link', { name: 'Content as files' }).click();
      const [download] = await Promise.all([page.waitForEvent('download'), button(page, 'Download everything').click()]);
      expect(download.suggestedFilename()).toMatch(/^content-\d{4}-\d{2}-\d{2}\.zip$/);
      const all = readFileSync(await download.path());
      expect(all.includes('articles/what-is-sciatica.md')).toBe(true);

      await button(page, 'See what it would change').click();
      await expect(errorSummary(page)).toContainText('Choose an archive');
      await page.getByLabel('The archive').setInputFiles(archive({ '../articles/rest.md': article('Rest') }));
      await button(page, 'See what it would change').click();
      await expect(page.getByRole('alert')).toContainText('../articles/rest.md: there is no content of this name');
      await page.getByRole('link', { name: 'Choose another archive' }).click();

      const slug = `from-files-${info.project.name}-${String(script)}-${Date.now()}`;
      await page.getByLabel('The archive').setInputFiles(archive({ [`drafts/${slug}.md`]: article('Rest') }));
      await button(page, 'See what it would change').click();
      await expect(heading(page)).toHaveText('What the archive would change');
      await expect(page.getByRole('main')).toContainText('Nothing is changed yet.');
      await expect(page.getByRole('listitem').filter({ hasText: `drafts/${slug}.md` })).toBeVisible();
      await button(page, 'Import it').click();
      await expect(page.getByRole('status')).toContainText('All of the archive was brought in.');
      await page.goto('/admin/audit');
      await expect(page.getByRole('cell', { name: 'content-imported' }).first()).toBeVisible();
    });
  });
}

test.describe('the pages of files', () => {
  // axe is a script of the test's.
  test.use({ bypassCSP: true });

  test('they have no accessibility problems, valid HTML and fit the screen', async ({ page }) => {
    await becomeStaff(page, 'admin');
    const look = async (title: string, open: () => Promise<void>) => {
      expect(await mistakes(page, open), title).toEqual([]);
      await expect(heading(page)).toHaveText(title);
      expect(await violations(page), title).toEqual([]);
      expect(await sideways(page), title).toBe(0);
    };
    await look('Content as files', async () => void (await page.goto('/admin/files')));
    await page.getByLabel('The archive').setInputFiles(archive({ 'articles/rest.md': 'no front matter', 'readme.txt': 'x' }));
    await look('Mend it, then try again', () => button(page, 'See what it would change').click());
    await page.goto('/admin/files');
    await page.getByLabel('The archive').setInputFiles(archive({ [`drafts/seen-${Date.now()}.md`]: article('Rest') }));
    await look('What the archive would change', () => button(page, 'See what it would change').click());
    await look('Imported', () => button(page, 'Import it').click());
  });
});
