// Somebody who answers the checker by chance, the same for the same number: to the server's form, or in the page.

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
  /** What the page carries along unseen. */
  hidden: Input[];
}

/** Somebody to answer to: the server's form, or the island. */
export interface Checker {
  /** The first page, with nothing answered. */
  start(): Promise<Screen>;
  /** Sets the inputs of the page to these alone, and goes on. */
  answer(chosen: Input[]): Promise<Screen>;
}

export interface Talk {
  /** Each page: its heading, what it finds wrong and what it asks. */
  pages: string[];
  /** Where it said something, once or twice: by which rules, and after which answers. */
  advice: { heading: string; rules: string[]; carried: Record<string, string> }[];
}

export type Converse = (checker: Checker, seed: number) => Promise<Talk>;

/** Makes a whole conversation. Its source is sent to the page as it stands, so all that it needs is within. */
export function conversation(): Converse {
  /** The fields that are no answers. */
  const NO_ANSWERS = ['rules', 'screen', 'warned', 'each'];
  /** How likely a warning sign is, by turns: from somebody with none to somebody with many. */
  const SIGNS = [0, 0, 0.03, 0.25];
  /** Ages around the limits of the rules, and what is no age. */
  const AGES = ['0', '4', '5', '15', '16', '19', '20', '34', '38', '45', '51', '59', '60', '69', '70', '045', ' 82 ', '120'];
  const NO_AGES = ['', '121', '-1', '3.5', 'forty'];

  /** Numbers from 0 to 1, the same for the same seed (mulberry32). */
  function random(seed: number): () => number {
    let state = seed;
    return () => {
      state = (state + 0x6d2b79f5) | 0;
      let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
      mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
    };
  }

  /** What this person answers on a screen: now and then what has to be mended, but not twice. */
  function choose({ inputs, errors }: Screen, next: () => number, signs: number): Input[] {
    const one = <T>(of: T[]): T[] => of.slice(Math.floor(next() * of.length)).slice(0, 1);
    const careful = errors.length > 0;
    const special = ['none', 'unsure'];
    const ticked = inputs.filter(({ type, name }) => type === 'checkbox' && !special.includes(name) && next() < signs);
    const none = inputs.filter(({ name }) => name === 'none');
    const unsure = next() < 0.1 ? inputs.filter(({ name }) => name === 'unsure') : [];
    const left = !careful && next() < 0.02;
    const listed = left ? [] : [...(ticked.length > 0 || unsure.length > 0 ? ticked : none), ...unsure];
    const questions = new Set(inputs.filter(({ type }) => type === 'radio').map(({ name }) => name));
    const chosen = [...questions].flatMap((question) => {
      const offered = inputs.filter(({ name }) => name === question);
      // One by one, signs are as rare as in a list.
      const no = offered.filter(({ value }) => value === 'no');
      return no.length > 0 && next() >= signs + 0.1 ? no : one(offered);
    });
    const numbers = inputs.filter(({ type }) => type === 'text').flatMap((input) => {
      return one(!careful && next() < 0.1 ? NO_AGES : AGES).map((value) => ({ ...input, value }));
    });
    return [...listed, ...chosen, ...numbers];
  }

  function answersOf(hidden: Input[]): Record<string, string> {
    const answers = hidden.filter(({ name }) => !NO_ANSWERS.includes(name)).map(({ name, value }) => [name, value] as const);
    return Object.fromEntries(answers.sort(([one], [other]) => (one < other ? -1 : 1)));
  }

  return async (checker, seed) => {
    const next = random(seed);
    const signs = SIGNS[seed % SIGNS.length] ?? 0;
    const talk: Talk = { pages: [], advice: [] };
    let screen = await checker.start();
    for (;;) {
      const { heading, errors, inputs, rules, hidden } = screen;
      talk.pages.push([heading, ...errors, ...inputs.map(({ type, name, value }) => `${type} ${name}=${value}`)].join('\n'));
      if (rules.length > 0) talk.advice.push({ heading, rules, carried: answersOf(hidden) });
      if (!screen.go) return talk;
      if (talk.pages.length > 60) throw new Error(`this never ends: ${talk.pages.join(' → ')}`);
      screen = await checker.answer(choose(screen, next, signs));
    }
  };
}
