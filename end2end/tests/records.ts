// Entries as the tracker keeps them on a device, for tests that need more days than anybody could click: written as the
// page writes them (`entry.rs`, `copy.rs`: postcard), with no help of its own.
import type { Page } from '@playwright/test';

/** What a field says: nothing, no or yes, a whole number, or words. */
export type Said = null | boolean | number | string;

/** One writing of a field, and when: milliseconds since 1970. */
export interface Written {
  field: string;
  says: Said;
  at: number;
}

/** All that is kept about a day (`2026-11-22`), or about what stands from day to day. */
export interface Entry {
  about: string;
  written: Written[];
}

export const STANDING = 'standing';

/** A day's entry, written at its noon. */
export function day(about: string, fields: Record<string, Said>): Entry {
  const at = Date.parse(`${about}T12:00:00Z`);
  return { about, written: Object.entries(fields).map(([field, says]) => ({ field, says, at })) };
}

/** `back` days before a day. */
export function before(about: string, back: number): string {
  return new Date(Date.parse(`${about}T12:00:00Z`) - back * 86_400_000).toISOString().slice(0, 10);
}

/** Puts entries on the device, beside what it has. The page must have been opened before. */
export async function keep(page: Page, entries: Entry[]): Promise<void> {
  const records = entries.map((entry, at) => {
    const id = `0193f0a0-0000-7000-8000-${(at + 1).toString(16).padStart(12, '0')}`;
    const about = entry.about === STANDING ? STANDING : `day/${entry.about}`;
    return [`${about}/${id}`, record(entry, id)] as const;
  });
  await page.evaluate(
    (records) =>
      new Promise<void>((resolve, reject) => {
        const request = indexedDB.open('sciaticalm');
        request.onerror = reject;
        request.onsuccess = () => {
          const transaction = request.result.transaction('entries', 'readwrite');
          const entries = transaction.objectStore('entries');
          for (const [key, bytes] of records) entries.put(new Uint8Array(bytes), key);
          transaction.onabort = reject;
          transaction.oncomplete = () => {
            request.result.close();
            resolve();
          };
        };
      }),
    records,
  );
}

/** The format's number, then a `Copy`: an entry, and nothing that a server has yet to be told. */
function record(entry: Entry, id: string): number[] {
  const about = entry.about === STANDING ? [1] : [0, ...text(entry.about)];
  const names = [...new Set(entry.written.map(({ field }) => field))].sort();
  const fields = names.map((name) => {
    const writes = entry.written.filter(({ field }) => field === name).sort((one, other) => one.at - other.at);
    const written = writes.map(({ at, says }) => [...signed(at), ...whole(0), ...whole(1), ...value(says)]);
    return [...text(name), ...list(written)];
  });
  const uuid = id.replaceAll('-', '').match(/../g)!.map((byte) => Number.parseInt(byte, 16));
  return [1, ...whole(uuid.length), ...uuid, ...about, ...list(fields), ...whole(0)];
}

function value(says: Said): number[] {
  if (says === null) return [0];
  if (typeof says === 'boolean') return [says ? 2 : 1];
  return typeof says === 'number' ? [3, ...signed(says)] : [4, ...text(says)];
}

function list(items: number[][]): number[] {
  return [...whole(items.length), ...items.flat()];
}

function text(words: string): number[] {
  const bytes = [...new TextEncoder().encode(words)];
  return [...whole(bytes.length), ...bytes];
}

/** Seven bits a byte, the lowest first. */
function whole(number: number | bigint): number[] {
  const bytes: number[] = [];
  let rest = BigInt(number);
  for (; rest >= 128n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return [...bytes, Number(rest)];
}

/** Positive numbers even, negative ones odd. */
function signed(number: number): number[] {
  const big = BigInt(number);
  return whole(big < 0n ? -big * 2n - 1n : big * 2n);
}

/** One writing of an account's entries on the device. */
export interface Writing {
  about: string;
  field: string;
  says: Said;
  /** When, and by whom. */
  stamp: string;
}

/** All that was ever written into an account's entries, as the device keeps it. */
export async function written(page: Page): Promise<Writing[]> {
  const records = await page.evaluate(async () => {
    const found: number[][] = [];
    for (const { name } of await indexedDB.databases()) {
      if (!name?.startsWith('sciaticalm-')) continue;
      await new Promise<void>((resolve, reject) => {
        const request = indexedDB.open(name);
        request.onerror = reject;
        request.onsuccess = () => {
          const days = IDBKeyRange.bound('day', 'day/\uffff');
          const all = request.result.transaction('entries').objectStore('entries').getAll(days);
          all.onsuccess = () => {
            found.push(...(all.result as Uint8Array[]).map((bytes) => [...bytes]));
            request.result.close();
            resolve();
          };
        };
      });
    }
    return found;
  });
  return records.flatMap(read);
}

/** What [`record`] writes, of a day. */
function read(bytes: number[]): Writing[] {
  let at = 1;
  const take = (count: number) => bytes.slice(at, (at += count));
  const whole = () => {
    let number = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = BigInt(bytes[at++]!);
      number |= (byte & 127n) << shift;
      if (byte < 128n) return number;
    }
  };
  const count = () => Number(whole());
  const signed = () => {
    const number = whole();
    return Number(number % 2n === 0n ? number / 2n : -(number + 1n) / 2n);
  };
  const text = () => new TextDecoder().decode(new Uint8Array(take(count())));
  const value = (): Said => [() => null, () => false, () => true, signed, text][count()]!();
  const list = <T>(item: () => T) => Array.from({ length: count() }, item);
  take(count());
  count();
  const about = text();
  const fields = list(() => {
    const field = text();
    return list(() => {
      const stamp = `${signed()} ${whole()} ${whole()}`;
      return { about, field, says: value(), stamp };
    });
  });
  return fields.flat();
}
