// The editor of the desk: shows the text as readers would see it while it is typed, keeps a draft of it on the server, asks
// before something is left that the server does not have, and writes marks at the cursor. Without it the form does the rest.
const [form, text, beside, others, said, more, marks] = [
  'the_editor', 'the_text', 'beside_text', 'who_else', 'draft_state', 'draft_more', 'text_marks',
].map((id) => document.getElementById(id));
const { live, unsaved } = form.dataset;

// Milliseconds from a change to the draft with it, from a draft that failed to the next, until one has failed, and from the
// last key to the preview.
const [DRAFT_AFTER, AGAIN_AFTER, PATIENCE, PREVIEW_AFTER] = [3000, 5000, 10_000, 400];
const AWAY = 'Not saved: no connection; still trying';
const REFUSED = {
  401: 'Not saved: you are signed out. Sign in again in another window; this one goes on trying',
  400: 'Not saved: you are signed in as somebody else. Sign in as before in another window; this one goes on trying',
  403: 'Not saved: your account may not edit any more',
  413: 'Not saved: the text is too long',
};

// How often something was changed, and up to which change the server has it.
let [changes, kept] = [unsaved ? 1 : 0, 0];
// Whether another page of the same person has the draft: then a save is the way on.
let elsewhere = false;
let leaving = false;
let saving = false;
let sending, nextDraft, nextPreview;
const mark = form.elements.draft_mark;
const page = mark.value.split('.')[0];
let number = 0;

function say(words) {
  // Said again it would be read out again.
  if (said.textContent !== words) said.textContent = words;
  more.hidden = changes <= kept || words.startsWith('Not');
}

function tell(html) {
  if (others.innerHTML !== html) others.innerHTML = html;
}

const post = (what, body) =>
  fetch(`${live}/${what}`, { method: 'POST', body, signal: AbortSignal.timeout(PATIENCE) });

function keep() {
  clearTimeout(nextDraft);
  nextDraft = undefined;
  sending ??= send().finally(() => {
    sending = undefined;
  });
  return sending;
}

async function send() {
  const upTo = changes;
  // Later than any that an earlier life of this page sent.
  number = Math.max(number + 1, Date.now());
  mark.value = `${page}.${number}`;
  let words = AWAY;
  try {
    const answer = await post('draft', new URLSearchParams(new FormData(form)));
    elsewhere = answer.status === 409;
    if (answer.redirected) words = REFUSED[401];
    else if (answer.ok || elsewhere) {
      const told = await answer.json();
      if (answer.ok) kept = upTo;
      words = told.said;
      tell(told.others);
    } else words = REFUSED[answer.status] ?? AWAY;
  } catch {
    elsewhere = false;
  }
  say(words);
  if (changes > kept) keepIn(kept === upTo ? DRAFT_AFTER : AGAIN_AFTER);
}

function keepIn(wait) {
  nextDraft ??= setTimeout(keep, wait);
}

let [showing, again] = [false, false];
async function show() {
  if (showing) {
    again = true;
    return;
  }
  showing = true;
  try {
    const answer = await post('preview', new URLSearchParams(new FormData(form)));
    if (answer.ok && !answer.redirected) {
      const shown = await answer.json();
      const open = [...beside.querySelectorAll('details[open]')].map(({ dataset }) => dataset.part);
      beside.innerHTML = shown.beside;
      for (const part of beside.querySelectorAll('details')) part.open = open.includes(part.dataset.part);
      tell(shown.others);
    }
  } catch {
    // The draft says that there is no connection; the next change asks again.
  }
  showing = false;
  if (again) {
    again = false;
    show();
  }
}

form.addEventListener('input', ({ target }) => {
  if (!target.name) return;
  changes += 1;
  leaving = false;
  say(said.textContent);
  keepIn(DRAFT_AFTER);
  clearTimeout(nextPreview);
  nextPreview = setTimeout(show, PREVIEW_AFTER);
});

// A save that fails leaves a page without the text: so the draft comes first.
form.addEventListener('submit', async (event) => {
  if (changes <= kept || elsewhere) {
    leaving = true;
    return;
  }
  event.preventDefault();
  if (saving) return;
  saving = true;
  await sending;
  if (changes > kept) await keep();
  saving = false;
  if (changes <= kept || elsewhere) form.requestSubmit(event.submitter);
});

addEventListener('beforeunload', (event) => {
  if (changes > kept && !leaving) event.preventDefault();
});
addEventListener('online', () => {
  if (changes > kept) keep();
});
document.addEventListener('visibilitychange', () => {
  if (document.hidden && changes > kept) keep();
});
if (unsaved) keepIn(0);

// The marks.
const tools = [...marks.querySelectorAll('[role=toolbar] button')];
const exercise = document.getElementById('exercise_chosen');
text.before(marks);
marks.hidden = false;
form.querySelector('[value=preview]').hidden = true;

function write({ kind, mark, words = '' }) {
  let { selectionStart: from, selectionEnd: to, value } = text;
  if (kind !== 'words') {
    // Whole lines; and nothing of a line that was not chosen goes into a block.
    const end = value.indexOf('\n', to);
    const into = kind === 'block' && (from === to || !mark.includes('{}'));
    to = end < 0 ? value.length : end;
    from = into ? to : value.lastIndexOf('\n', from - 1) + 1;
  }
  const chosen = value.slice(from, to) || words;
  const line = kind === 'lines' ? mark : mark.split('\n').find((one) => one.includes('{}'));
  let written = mark;
  if (kind === 'words') written = mark.replace('{}', () => chosen);
  else if (line) {
    const lines = chosen.split('\n').map((one) => (one.trim() || chosen === one ? line.replace('{}', () => one) : one));
    written = mark.replace(line, () => lines.join('\n'));
  }
  if (kind === 'block') {
    const [before, after] = [value.slice(0, from), value.slice(to)];
    // A blank line on either side.
    const gap = (ends) => '\n'.repeat(Math.max(0, 2 - ends[0].length));
    if (before) written = gap(/\n*$/.exec(before)) + written;
    if (after) written += gap(/^\n*/.exec(after));
  }
  text.focus();
  text.setSelectionRange(from, to);
  // As if it was typed, so that it can be undone.
  if (!document.execCommand('insertText', false, written)) {
    text.setRangeText(written, from, to, 'end');
    text.dispatchEvent(new InputEvent('input', { bubbles: true }));
  }
  // What is to be replaced is chosen.
  const place = from + written.indexOf(chosen);
  if (chosen === words && words) text.setSelectionRange(place, place + words.length);
}

marks.addEventListener('click', ({ target }) => {
  const tool = target.closest('[data-kind]');
  if (!tool) return;
  const ofExercise = !tools.includes(tool);
  const link = { mark: `[{}](/exercises/${exercise.value})`, words: exercise.selectedOptions[0]?.textContent };
  write({ ...tool.dataset, ...(ofExercise && link) });
});

// The pictures of the library.
const [chooser, found, wanted] = ['pictures', 'pictures_found', 'picture_words'].map((id) => document.getElementById(id));
let asked = 0;
let nextAsked;

async function look() {
  const turn = ++asked;
  let shown = '<p>The library cannot be reached now.</p>';
  try {
    const answer = await fetch(`/admin/media/pick?${new URLSearchParams({ q: wanted.value })}`, { signal: AbortSignal.timeout(PATIENCE) });
    if (answer.ok && !answer.redirected) shown = (await answer.json()).found;
  } catch {
    // As said.
  }
  // What was asked for last, whichever answer comes last.
  if (turn === asked) found.innerHTML = shown;
}

function choose() {
  chooser.showModal();
  look();
}
document.getElementById('choose_picture').addEventListener('click', choose);
// The browser would open a file that is dropped here in the place of the page.
for (const kind of ['dragover', 'drop']) {
  text.addEventListener(kind, (event) => {
    if (!event.dataTransfer.types.includes('Files')) return;
    event.preventDefault();
    if (kind === 'drop') choose();
  });
}
// A picture was added in another tab.
addEventListener('focus', () => {
  if (chooser.open) look();
});
wanted.addEventListener('input', () => {
  clearTimeout(nextAsked);
  nextAsked = setTimeout(look, PREVIEW_AFTER);
});
wanted.addEventListener('keydown', (event) => {
  if (event.key === 'Enter') event.preventDefault();
});
found.addEventListener('click', ({ target }) => {
  const picture = target.closest('button');
  if (!picture) return;
  chooser.close();
  write({ kind: 'block', mark: picture.dataset.mark });
});

// One stop for the tab key; arrows go from tool to tool.
const reach = (at) => tools.forEach((tool, n) => (tool.tabIndex = n === at ? 0 : -1));
reach(0);
marks.addEventListener('keydown', (event) => {
  const at = tools.indexOf(event.target);
  const last = tools.length - 1;
  const to = { ArrowRight: at < last ? at + 1 : 0, ArrowLeft: at > 0 ? at - 1 : last, Home: 0, End: last }[event.key];
  if (at < 0 || to === undefined) return;
  event.preventDefault();
  reach(to);
  tools[to].focus();
});
text.addEventListener('keydown', (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
  const tool = tools.find((one) => one.ariaKeyShortcuts === `Control+${event.key.toUpperCase()}`);
  if (!tool) return;
  event.preventDefault();
  write({ ...tool.dataset });
});
