// The checker's plain form, read and sent as a browser without script does it: from the HTML alone.
import { expect, type Page } from '@playwright/test';

export interface Input {
  type: string;
  name: string;
  value: string;
}

/** A page of the checker, as far as a conversation with it goes. */
export interface Screen {
  heading: string;
  /** What can be ticked or chosen; none on a result. */
  inputs: Input[];
  /** On a result, the rules that it gives. */
  rules: string[];
}

/** Somebody to answer to: the server's form, or the island. */
export interface Checker {
  start(): Promise<Screen>;
  /** Sets the inputs of the screen to these alone, and continues. */
  answer(chosen: Input[]): Promise<Screen>;
}

const ENTITIES: Record<string, string> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&', '#x27': "'", '#39': "'" };

function decoded(text: string): string {
  return text.replace(/&(#?\w+);/g, (entity, name: string) => {
    const character = ENTITIES[name];
    if (character === undefined) throw new Error(`an entity that the tests do not know: ${entity}`);
    return character;
  });
}

function texts(html: string, element: RegExp): string[] {
  return [...html.matchAll(element)].map(([, inner]) => decoded((inner ?? '').replace(/<!--.*?-->|<[^>]*>/g, '')).trim());
}

/** The start tags of one element, with their attributes. */
function tags(html: string, name: string): Record<string, string>[] {
  const found = html.matchAll(new RegExp(`<${name}((?:\\s+[\\w-]+(?:="[^"]*")?)*)\\s*/?>`, 'g'));
  return [...found].map(([, attributes]) =>
    Object.fromEntries(
      [...(attributes ?? '').matchAll(/([\w-]+)(?:="([^"]*)")?/g)].map(([, key, value]) => [key, decoded(value ?? '')]),
    ),
  );
}

/** The checker without script: each answer is a request. */
export class PlainForm implements Checker {
  private hidden: Input[] = [];
  private action = '';

  constructor(private readonly site: string) {}

  async start(): Promise<Screen> {
    return this.read(await fetch(`${this.site}/seek-help`));
  }

  async answer(chosen: Input[]): Promise<Screen> {
    const fields = [...this.hidden, ...chosen, { type: 'submit', name: 'go', value: 'next' }];
    return this.read(
      await fetch(this.site + this.action, {
        method: 'POST',
        headers: { 'sec-fetch-site': 'same-origin' },
        body: new URLSearchParams(fields.map(({ name, value }) => [name, value])),
      }),
    );
  }

  private async read(response: Response): Promise<Screen> {
    expect(response.status).toBe(200);
    const html = await response.text();
    const main = html.slice(html.indexOf('<main'), html.indexOf('</main>'));
    const [form, ...others] = tags(main, 'form');
    expect(others, 'one form a page').toEqual([]);
    expect(form?.method).toBe('post');
    this.action = form?.action ?? '';
    const inputs = tags(main, 'input').map(({ type = 'text', name = '', value = 'on' }) => ({ type, name, value }));
    this.hidden = inputs.filter(({ type }) => type === 'hidden');
    return {
      heading: texts(main, /<h1\b[^>]*>(.*?)<\/h1>/gs)[0] ?? '',
      inputs: inputs.filter(({ type }) => type !== 'hidden'),
      rules: texts(main, /<span class="rule">(.*?)<\/span>/gs),
    };
  }
}

/** The checker with script: each answer is decided in the page. */
export class Island implements Checker {
  private constructor(private readonly page: Page) {}

  static async on(page: Page): Promise<Island> {
    // What the page is asked for each time, kept in it.
    await page.addInitScript(() => {
      const text = (element: Element) => (element.textContent ?? '').trim();
      const inputs = () => [...document.querySelectorAll<HTMLInputElement>('main input:not([type="hidden"])')];
      const read = () => ({
        heading: text(document.querySelector('main h1')!),
        inputs: inputs().map(({ type, name, value }) => ({ type, name, value })),
        rules: [...document.querySelectorAll('main .rule')].map(text),
      });
      const answer = async (chosen: { name: string; value: string }[]) => {
        for (const input of inputs()) {
          const wanted = chosen.some(({ name, value }) => name === input.name && value === input.value);
          // As a person does it: what already is as it should be stays.
          if (input.checked !== wanted && (wanted || input.type === 'checkbox')) input.click();
        }
        const changed = new Promise<void>((resolve) => {
          new MutationObserver((_, observer) => {
            observer.disconnect();
            resolve();
          }).observe(document.querySelector('.checker')!, { childList: true, subtree: true, characterData: true });
        });
        const next = document.querySelector<HTMLButtonElement>('button[value="next"]')!;
        next.form!.requestSubmit(next);
        await changed;
        return read();
      };
      Object.assign(window, { conversation: { read, answer } });
    });
    return new Island(page);
  }

  async start(): Promise<Screen> {
    await this.page.goto('/seek-help', { waitUntil: 'commit' });
    await this.page.waitForSelector('html[data-script="ready"]', { state: 'attached' });
    return this.page.evaluate(() => (window as unknown as InPage).conversation.read());
  }

  async answer(chosen: Input[]): Promise<Screen> {
    return this.page.evaluate((chosen) => (window as unknown as InPage).conversation.answer(chosen), chosen);
  }
}

interface InPage {
  conversation: { read(): Screen; answer(chosen: Input[]): Promise<Screen> };
}
