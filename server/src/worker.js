// Keeps the checker on the device, so that it answers without a network: its page and the files of the page's build,
// together or not at all. Of what people answer it sees nothing: no form is read, and nothing but VERSION's list is kept.
'use strict';

const VERSION = '{version}';
const PAGE = '{page}';
const OFFLINE = '{offline}';
// The files that the page names; a change of any of them changes its name.
const BUILD = {build};
const FILES = [PAGE, OFFLINE, ...BUILD, '/favicon.svg'];

const CACHES = 'checker ';
const CACHE = CACHES + VERSION;
const DAY = 24 * 60 * 60 * 1000;
// How long the kept page counts as recent after the network last confirmed it.
const RECENT = 30 * DAY;
// How long the network may take before the kept page is shown instead, in milliseconds.
const PATIENCE = 4000;

addEventListener('install', (event) => event.waitUntil(install()));
addEventListener('activate', (event) => event.waitUntil(forgetOlder()));
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
  if (request.mode === 'navigate') {
    if (['/api/', '/healthz', '/readyz'].some((plain) => pathname.startsWith(plain))) return undefined;
    if (reads && pathname === PAGE) return checker(event);
    // An answer that cannot be posted: the warning signs instead of the browser's error.
    if (reads || (request.method === 'POST' && pathname === PAGE)) return orOffline(request);
    return undefined;
  }
  if (reads && (pathname.startsWith('/assets/') || FILES.includes(pathname))) return file(request, pathname);
  return undefined;
}

/** The page from the network, if it comes in time; else as it was kept. */
async function checker(event) {
  const fresh = fetch(event.request).then((response) => {
    if (response.status >= 500) throw new Error(`status ${response.status}`);
    event.waitUntil(confirm(response.clone()));
    return response;
  });
  const given = await Promise.race([fresh.catch(() => undefined), after(PATIENCE)]);
  // It is confirmed even when it comes too late to be shown.
  event.waitUntil(fresh.catch(() => undefined));
  return given ?? (await keptPage()) ?? fresh.catch(() => kept(OFFLINE));
}

async function orOffline(request) {
  try {
    return await fetch(request);
  } catch (error) {
    const page = await kept(OFFLINE);
    if (page) return page;
    throw error;
  }
}

/** A page that is still loading when a newer version takes over gets its files from the version before. */
async function file(request, path) {
  return (await kept(path)) ?? (await caches.match(path)) ?? fetch(request);
}

function kept(path) {
  return caches.match(path, { cacheName: CACHE });
}

/** The kept page, marked with how old it is; of a clock that went back, nothing is believed. */
async function keptPage() {
  const page = await kept(PAGE);
  if (!page) return undefined;
  const age = Date.now() - Date.parse(page.headers.get('date'));
  const mark = age > -DAY && age <= RECENT ? 'recent' : 'old';
  const html = (await page.text()).replace('<html ', `<html data-offline="${mark}" `);
  return new Response(html, { headers: page.headers });
}

/** Keeps the page that the network gave, with its date, if it is of this worker's build: new rules come in this way. */
async function confirm(response) {
  const exact = response.url === new URL(PAGE, location.origin).href;
  if (!exact || !(await isOfThisBuild(response.clone())) || !(await caches.has(CACHE))) return;
  await (await caches.open(CACHE)).put(PAGE, asRead(response));
}

async function isOfThisBuild(response) {
  if (!isWhole(response)) return false;
  const html = await response.text();
  return BUILD.every((name) => html.includes(name));
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

/** Fetches all, then keeps all: a version is whole or not there. */
async function install() {
  const responses = await Promise.all(FILES.map((path) => fetch(path, { cache: 'no-cache', credentials: 'omit' })));
  if (!responses.every(isWhole)) throw new Error('a file is not there');
  // The server may have got a newer build since it gave this list.
  if (!(await isOfThisBuild(responses[0].clone()))) throw new Error('the page is of another build');
  try {
    const cache = await caches.open(CACHE);
    await Promise.all(FILES.map((path, at) => cache.put(path, asRead(responses[at]))));
  } catch (error) {
    await caches.delete(CACHE);
    throw error;
  }
  // Open pages ask the worker for nothing but files, and those of the version before are still there.
  await skipWaiting();
}

/** All but the version before, whose pages may be open. */
async function forgetOlder() {
  const older = (await caches.keys()).filter((name) => name.startsWith(CACHES) && name !== CACHE);
  await Promise.all(older.slice(0, -1).map((name) => caches.delete(name)));
}

function after(milliseconds) {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}
