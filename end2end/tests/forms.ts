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
  /** What is wrong with what was sent. */
  errors: string[];
  /** What can be ticked, chosen or typed; none on a warning or a result. */
  inputs: Input[];
  /** The rules that a warning or a result gives. */
  rules: string[];
  /** What the page's own form asks for when it is sent; nothing on a result. */
  go?: 'next' | 'on';
  /** The answers that the page carries along unseen. */
  carried: Record<string, string>;
}

/** Somebody to answer to: the server's form, or the island. */
export interface Checker {
  start(): Promise<Screen>;
  /** Sets the inputs of the page to these alone, and goes on. */
  answer(chosen: Input[]): Promise<Screen>;
}

/** The fields that are no answers. */
const NO_ANSWERS = ['rules', 'screen', 'warned', 'each'];

function answersOf(hidden: Input[]): Record<string, string> {
  const answers = hidden.filter(({ name }) => !NO_ANSWERS.includes(name)).map(({ name, value }) => [name, value] as const);
  return Object.fromEntries(answers.sort(([one], [other]) => (one < other ? -1 : 1)));
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
  private go = '';

  constructor(private readonly site: string) {}

  async start(): Promise<Screen> {
    return this.read(await fetch(`${this.site}/seek-help`));
  }

  async answer(chosen: Input[]): Promise<Screen> {
    const fields = [...this.hidden, ...chosen, { type: 'submit', name: 'go', value: this.go }];
    return this.read(
      await fetch(this.site + this.action, {
        method: 'POST',
        headers: { 'sec-fetch-site': 'same-origin' },
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
    expect(start?.method).toBe('post');
    this.action = start?.action ?? '';
    this.go = leads(own) ?? '';
    const inputs = tags(own, 'input').map(({ type = 'text', name = '', value }) => ({
      type,
      name,
      value: value ?? (type === 'text' ? '' : 'on'),
    }));
    this.hidden = inputs.filter(({ type }) => type === 'hidden');
    const errors = /<div class="nhsuk-error-summary".*?<\/ul>/s.exec(main)?.[0] ?? '';
    expect(response.status, main).toBe(errors ? 422 : 200);
    return {
      heading: texts(main, /<h1\b[^>]*>(.*?)<\/h1>/gs)[0] ?? '',
      errors: texts(errors, /<li>(.*?)<\/li>/gs),
      inputs: inputs.filter(({ type }) => type !== 'hidden'),
      rules: texts(main, /<span class="rule">(.*?)<\/span>/gs),
      ...(this.go === 'next' || this.go === 'on' ? { go: this.go } : {}),
      carried: answersOf(this.hidden),
    };
  }
}

/** What a page says of itself. */
type Seen = Omit<Screen, 'carried'> & { hidden: Input[] };

/** The checker with script: each answer is decided in the page. */
export class Island implements Checker {
  private constructor(private readonly page: Page) {}

  static async on(page: Page): Promise<Island> {
    // What the page is asked for each time, kept in it.
    await page.addInitScript(() => {
      const text = (element: Element) => (element.textContent ?? '').trim();
      const lead = () => document.querySelector<HTMLButtonElement>('main button:is([value="next"], [value="on"])');
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
          ...(go ? { go } : {}),
          hidden: inputs().filter(unseen).map(plain),
        };
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
        const changed = new Promise<void>((resolve) => {
          new MutationObserver((_, observer) => {
            observer.disconnect();
            resolve();
          }).observe(document.querySelector('.checker > div')!, { childList: true });
        });
        const next = lead()!;
        next.form!.requestSubmit(next);
        await changed;
        return read();
      };
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
      Object.assign(window, { conversation: { read, answer } });
    });
    return new Island(page);
  }

  async start(): Promise<Screen> {
    await this.page.goto('/seek-help', { waitUntil: 'commit' });
    await this.page.waitForSelector('html[data-script="ready"]', { state: 'attached' });
    return screen(await this.page.evaluate(() => (window as unknown as InPage).conversation.read()));
  }

  async answer(chosen: Input[]): Promise<Screen> {
    return screen(await this.page.evaluate((chosen) => (window as unknown as InPage).conversation.answer(chosen), chosen));
  }
}

function screen({ hidden, ...seen }: Seen): Screen {
  return { ...seen, carried: answersOf(hidden) };
}

interface InPage {
  conversation: { read(): Seen; answer(chosen: Input[]): Promise<Seen> };
}
