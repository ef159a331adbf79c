// Keeps the checker and the tracker on the device, so that they answer without a network: their pages and the files of one
// build, each set whole or not at all. Of what people answer or log it sees nothing: no form is read, no page of an account
// is kept, and nothing but the lists below.
'use strict';

const VERSION = '{version}';
const OFFLINE = '/offline';
// A set has pages, each with the files that it names (a change of any of them changes its name), and what belongs to them.
// The checker is kept by whoever opens it or the tracker; the tracker, which is larger, by whoever opens the tracker.
const CHECKER = { name: 'checker', pages: {checker}, others: [OFFLINE, '/favicon.svg'] };
const TRACKER = { name: 'tracker', pages: {tracker}, others: ['/manifest.webmanifest'] };
const SETS = [CHECKER, TRACKER];

const DAY = 24 * 60 * 60 * 1000;
// How long a kept page counts as recent after the network last confirmed it.
const RECENT = 30 * DAY;
// How long the network may take before the kept page is shown instead, in milliseconds.
const PATIENCE = 4000;

addEventListener('install', (event) => event.waitUntil(install()));
addEventListener('activate', (event) => event.waitUntil(forgetOlder(CHECKER)));
addEventListener('message', (event) => {
  // A page of the tracker was opened. Where its set cannot be kept now, the next visit tries again.
  if (event.data === TRACKER.name) event.waitUntil(keep(TRACKER).catch(() => {}));
});
addEventListener('fetch', (event) => {
  const answer = answerFor(event);
  if (answer) event.respondWith(answer);
});

/** The answer to what the worker minds; nothing for all else, which the browser then asks as if no worker were there. */
function answerFor(event) {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (origin !== location.origin) return undefined;
  const reads = request.method === 'GET';
  const set = SETS.find(({ pages }) => pathname in pages);
  if (request.mode === 'navigate') {
    if (['/api/', '/healthz', '/readyz'].some((plain) => pathname.startsWith(plain))) return undefined;
    if (reads && set) return page(event, set, pathname);
    // An answer that cannot be posted: the warning signs instead of the browser's error.
    if (reads || (request.method === 'POST' && set)) return orOffline(request);
    return undefined;
  }
  if (reads && (pathname.startsWith('/assets/') || SETS.some(({ others }) => others.includes(pathname)))) {
    return file(request, pathname);
  }
  return undefined;
}

/** A page from the network, if it comes in time; else as it was kept. */
async function page(event, set, path) {
  const fresh = fetch(event.request).then((response) => {
    if (response.status >= 500) throw new Error(`status ${response.status}`);
    event.waitUntil(confirm(set, path, response.clone()));
    return response;
  });
  const given = await Promise.race([fresh.catch(() => undefined), after(PATIENCE)]);
  // It is confirmed even when it comes too late to be shown.
  event.waitUntil(fresh.catch(() => undefined));
  return given ?? (await keptPage(set, path)) ?? fresh.catch(() => orOffline(event.request));
}

async function orOffline(request) {
  try {
    return await fetch(request);
  } catch (error) {
    const offline = await caches.match(OFFLINE, { cacheName: cacheOf(CHECKER) });
    if (offline) return offline;
    throw error;
  }
}

/** A page that is still loading when a newer version takes over gets its files from the version before. */
async function file(request, path) {
  return (await caches.match(path)) ?? fetch(request);
}

function cacheOf(set) {
  return `${set.name} ${VERSION}`;
}

/** The caches of a set, the newest version first. */
async function cachesOf(set) {
  const older = (await caches.keys()).filter((name) => name.startsWith(`${set.name} `) && name !== cacheOf(set));
  return [cacheOf(set), ...older.reverse()];
}

/** The kept page, marked with how old it is; of a clock that went back, nothing is believed. */
async function keptPage(set, path) {
  for (const cacheName of await cachesOf(set)) {
    const kept = await caches.match(path, { cacheName });
    if (!kept) continue;
    const age = Date.now() - Date.parse(kept.headers.get('date'));
    const mark = age > -DAY && age <= RECENT ? 'recent' : 'old';
    const html = (await kept.text()).replace('<html ', `<html data-offline="${mark}" `);
    return new Response(html, { headers: kept.headers });
  }
  return undefined;
}

/** Keeps the page that the network gave, with its date, if it is of this worker's build: new rules come in this way. */
async function confirm(set, path, response) {
  const exact = response.url === new URL(path, location.origin).href;
  if (!exact || !(await isOfThisBuild(set, path, response.clone())) || !(await isKept(set))) return;
  await (await caches.open(cacheOf(set))).put(path, asRead(response));
}

async function isOfThisBuild(set, path, response) {
  if (!isWhole(response)) return false;
  const html = await response.text();
  return set.pages[path].every((name) => html.includes(name));
}

function isWhole(response) {
  return response.status === 200 && response.type === 'basic' && !response.redirected;
}

/** Without what was said of the bytes on the wire. */
function asRead(response) {
  const headers = new Headers(response.headers);
  headers.delete('content-encoding');
  headers.delete('content-length');
  return new Response(response.body, { headers });
}

/** Whether this version of a set is whole: its pages come into the cache last. */
async function isKept(set) {
  const cacheName = cacheOf(set);
  const pages = await Promise.all(Object.keys(set.pages).map((path) => caches.match(path, { cacheName })));
  return pages.every(Boolean);
}

/** Fetches all, then keeps all: a version is whole or not there. */
async function keep(set) {
  if (await isKept(set)) return;
  const pages = Object.keys(set.pages);
  const files = [...new Set([...Object.values(set.pages).flat(), ...set.others])];
  const responses = await Promise.all([...pages, ...files].map((path) => fetch(path, { cache: 'no-cache', credentials: 'omit' })));
  if (!responses.every(isWhole)) throw new Error('a file is not there');
  // The server may have got a newer build since it gave this list.
  const ofThisBuild = await Promise.all(pages.map((path, at) => isOfThisBuild(set, path, responses[at].clone())));
  if (!ofThisBuild.every(Boolean)) throw new Error('a page is of another build');
  try {
    const cache = await caches.open(cacheOf(set));
    await Promise.all(files.map((path, at) => cache.put(path, asRead(responses[pages.length + at]))));
    // No page is there before all that any page needs.
    await Promise.all(pages.map((path, at) => cache.put(path, asRead(responses[at]))));
  } catch (error) {
    await caches.delete(cacheOf(set));
    throw error;
  }
  if (set !== CHECKER) await forgetOlder(set);
}

/** The checker alone: the tracker must not keep it from being there. */
async function install() {
  await keep(CHECKER);
  // Open pages ask the worker for nothing but files, and those of the version before are still there.
  await skipWaiting();
}

/** All but the version before, whose pages may be open. */
async function forgetOlder(set) {
  const [, , ...older] = await cachesOf(set);
  await Promise.all(older.map((name) => caches.delete(name)));
}

function after(milliseconds) {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}
