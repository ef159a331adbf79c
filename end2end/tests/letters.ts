// The e-mails that the site sent, as far as the tests read them.
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { expect } from '@playwright/test';

export interface Letter {
  subject: string;
  plain: string;
}

/** The newest letter to this address, once it is there; of those whose subject has these words, where words are given. */
export async function letterTo(email: string, words = ''): Promise<Letter> {
  let found: Letter | undefined;
  await expect(async () => {
    found = (await lettersTo(email)).filter(({ subject }) => subject.includes(words)).at(-1);
    expect(found, `no letter to ${email}`).toBeDefined();
  }).toPass({ timeout: 10_000 });
  return found!;
}

/** Where a letter leads: the first line that is an address. */
export function linkOf({ plain }: Letter): string {
  const link = plain.split('\n').find((line) => /^https?:\/\/\S+\/\S+$/.test(line));
  if (link === undefined) throw new Error(`no link in the letter: ${plain}`);
  return link;
}

/** Without a mail server the site writes them into its data folder. */
async function lettersTo(email: string): Promise<Letter[]> {
  const data = process.env.SCIATICALM_DATA_DIR;
  if (data === undefined) throw new Error("SCIATICALM_DATA_DIR must say where the site's data folder is");
  const folder = join(data, 'mail');
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.eml')).sort();
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')));
  return texts.filter((text) => header(text, 'To') === email).map((text) => ({ subject: header(text, 'Subject'), plain: plain(text) }));
}

function header(text: string, name: string): string {
  return new RegExp(`^${name}: (.*)$`, 'm').exec(text)?.[1]?.trim() ?? '';
}

/** The first part, with its quoted-printable undone: all of it is ASCII but what the tests do not read. */
function plain(text: string): string {
  const part = text.replaceAll('\r\n', '\n').split('\n\n').slice(2).join('\n\n').split('\n--')[0] ?? '';
  return part.replaceAll('=\n', '').replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
}
