// The checker's plain form, read and sent as a browser without script does it: from the HTML alone.
import { type Page } from '@playwright/test';

import { conversation, type Checker, type Converse, type Input, type Screen, type Talk } from './conversation';

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

/** Packing a page for loopback takes longer than making it. */
const PLAIN = { 'accept-encoding': 'identity' };

/** The checker without script: each answer is a request. */
export class PlainForm implements Checker {
  private hidden: Input[] = [];
  private action = '';
  private go = '';

  constructor(private readonly site: string) {}

  async start(): Promise<Screen> {
    return this.read(await fetch(`${this.site}/seek-help`, { headers: PLAIN }));
  }

  async answer(chosen: Input[]): Promise<Screen> {
    const fields = [...this.hidden, ...chosen, { type: 'submit', name: 'go', value: this.go }];
    return this.read(
      await fetch(this.site + this.action, {
        method: 'POST',
        headers: { ...PLAIN, 'sec-fetch-site': 'same-origin' },
        body: new URLSearchParams(fields.map(({ name, value }) => [name, value])),
      }),
    );
  }

  private async read(response: Response): Promise<Screen> {
    const html = await response.text();
    const main = html.slice(html.indexOf('<main'), html.indexOf('</main>'));
    const forms = [...main.matchAll(/<form\b.*?<\/form>/gs)].map(([form]) => form);
    const leads = (form: string) => tags(form, 'button').find(({ value }) => value === 'next' || value === 'on')?.value;
    const own = forms.find(leads) ?? forms[0] ?? '';
    const [start] = tags(own, 'form');
    if (start?.method !== 'post') throw new Error(`no form to post: ${main}`);
    this.action = start.action ?? '';
    this.go = leads(own) ?? '';
    const inputs = tags(own, 'input').map(({ type = 'text', name = '', value }) => ({
      type,
      name,
      value: value ?? (type === 'text' ? '' : 'on'),
    }));
    this.hidden = inputs.filter(({ type }) => type === 'hidden');
    const errors = /<div class="nhsuk-error-summary".*?<\/ul>/s.exec(main)?.[0] ?? '';
    if (response.status !== (errors ? 422 : 200)) throw new Error(`${response.status}: ${main}`);
    return {
      heading: texts(main, /<h1\b[^>]*>(.*?)<\/h1>/gs)[0] ?? '',
      errors: texts(errors, /<li>(.*?)<\/li>/gs),
      inputs: inputs.filter(({ type }) => type !== 'hidden'),
      rules: texts(main, /<span class="rule">(.*?)<\/span>/gs),
      ...(this.go === 'next' || this.go === 'on' ? { go: this.go } : {}),
      hidden: this.hidden,
    };
  }
}

/** The checker with script: each answer is decided in the page, and so is what to answer, or getting it there would take longest. */
export class Island {
  private constructor(private readonly page: Page) {}

  static async on(page: Page): Promise<Island> {
    await page.addInitScript({ content: `window.converse = (${conversation.toString()})()` });
    await page.addInitScript(() => {
      const text = (element: Element) => (element.textContent ?? '').trim();
      const button = (...values: string[]) =>
        document.querySelector<HTMLButtonElement>(values.map((value) => `main button[value="${value}"]`).join(', '));
      const lead = () => button('next', 'on');
      const form = () => lead()?.form ?? document.querySelector('main form')!;
      const inputs = () => [...form().querySelectorAll('input')];
      const unseen = ({ type }: HTMLInputElement) => type === 'hidden';
      const plain = ({ type, name, value }: HTMLInputElement) => ({ type, name, value });
      const read = () => {
        const go = lead()?.value;
        return {
          heading: text(document.querySelector('main h1')!),
          errors: [...document.querySelectorAll('main .nhsuk-error-summary li')].map(text),
          inputs: inputs().filter((input) => !unseen(input)).map(plain),
          rules: [...document.querySelectorAll('main .rule')].map(text),
          ...(go ? { go: go as 'next' | 'on' } : {}),
          hidden: inputs().filter(unseen).map(plain),
        };
      };
      const press = async (button: HTMLButtonElement) => {
        const changed = new Promise<void>((resolve) => {
          new MutationObserver((_, observer) => {
            observer.disconnect();
            resolve();
          }).observe(document.querySelector('.checker > div')!, { childList: true });
        });
        button.form!.requestSubmit(button);
        await changed;
        return read();
      };
      const start = async () => {
        const clear = button('clear');
        return clear ? press(clear) : read();
      };
      const answer = async (chosen: { name: string; value: string }[]) => {
        for (const input of inputs().filter((input) => !unseen(input))) {
          if (input.type === 'text') {
            input.value = chosen.find(({ name }) => name === input.name)?.value ?? '';
            continue;
          }
          const wanted = chosen.some(({ name, value }) => name === input.name && value === input.value);
          // As a person does it: what already is as it should be stays.
          if (input.checked !== wanted && (wanted || input.type === 'checkbox')) input.click();
        }
        return press(lead()!);
      };
      // An entry in the browser's history takes it longer than the page that it is for, and decides nothing.
      let state: unknown = null;
      Object.defineProperty(history, 'state', { get: () => state });
      history.pushState = history.replaceState = (next) => (state = next);
      // Each page is looked at for a second before it is left: no double click.
      let later = 0;
      document.addEventListener(
        'submit',
        (event) => {
          later += 1_000;
          Object.defineProperty(event, 'timeStamp', { value: event.timeStamp + later });
        },
        { capture: true },
      );
      Object.assign(window, { checker: { start, answer } });
    });
    return new Island(page);
  }

  /** These conversations, one after another, in a page that is loaded once for them. */
  async converse(seeds: number[]): Promise<Talk[]> {
    await this.page.goto('/seek-help', { waitUntil: 'commit' });
    await this.page.waitForSelector('html[data-script="ready"]', { state: 'attached' });
    return this.page.evaluate(async (seeds) => {
      const { converse, checker } = window as unknown as { converse: Converse; checker: Checker };
      const talks: Talk[] = [];
      for (const seed of seeds) talks.push(await converse(checker, seed));
      return talks;
    }, seeds);
  }
}
