// Reading: without script, in few bytes, on paper, in a narrow window, in large text, with a keyboard.
import http from 'node:http';
import { constants, brotliDecompressSync } from 'node:zlib';

import { expect, test, type Page } from '@playwright/test';

import { FOOT_DROP, HELP_LINE, PAGES, READING, SCRIPTED, heading, helpStrip, isReady, open } from './support';

const ARTICLE = 'Back Pain and Foot Drop: When to Seek Help';

test('the article on foot drop is found from the home page', async ({ page }) => {
  await page.goto('/');
  await page.getByRole('link', { name: 'All articles' }).click();
  await expect(heading(page)).toHaveText('Articles');
  await page.getByRole('link', { name: ARTICLE }).click();
  await expect(page).toHaveURL(FOOT_DROP);
  await expect(heading(page)).toHaveText(ARTICLE);
});

test('an article says when it was published and reviewed, by whom, and how long it takes', async ({ page }) => {
  await page.goto(FOOT_DROP);
  const main = page.getByRole('main');
  await expect(main.getByText('Published 18 October 2025')).toBeVisible();
  await expect(main.getByText(/^Last reviewed \d{1,2} [A-Z][a-z]+ \d{4}$/)).toBeVisible();
  await expect(main.getByText(/^Next review \d{1,2} [A-Z][a-z]+ \d{4}$/)).toBeVisible();
  await expect(main.getByText('By Sciaticalm Medical Team')).toBeVisible();
  await expect(main.getByText(/^\d+ minutes to read$/).first()).toBeVisible();
  await expect(main.locator('time').first()).toHaveAttribute('datetime', '2025-10-18');
});

test('the contents of an article lead to its sections', async ({ page }) => {
  await page.goto(FOOT_DROP);
  // Folded above the text, or beside it where there is room.
  const folded = page.locator('summary', { hasText: 'On this page' });
  const links = page.getByRole('link').and(page.locator('.contents a, .aside nav a')).filter({ visible: true });
  if (await folded.isVisible()) await folded.click();
  const titles = await links.allTextContents();
  expect(titles.length).toBeGreaterThan(3);
  for (const title of titles) {
    await links.filter({ hasText: title }).click();
    await expect(page.getByRole('heading', { level: 2, name: title, exact: true }).filter({ visible: true }).first()).toBeInViewport();
  }
  expect(new URL(page.url()).hash).not.toBe('');
});

test('an article ends with its disclaimer, its sources and what else to read', async ({ page }) => {
  await page.goto(FOOT_DROP);
  await expect(page.getByRole('heading', { name: 'Information, not medical advice' })).toBeVisible();
  await page.locator('summary', { hasText: 'Where this comes from' }).click();
  await expect(page.getByRole('listitem').filter({ hasText: /^Foot drop, NHS$/ })).toBeVisible();
  const related = page.getByRole('region', { name: 'Related articles' }).getByRole('link').first();
  const title = (await related.textContent()) ?? '';
  await related.click();
  await expect(heading(page)).toHaveText(title);
});

for (const sitePage of PAGES) {
  test(`${sitePage.name} has the help line and the emergency number at its top`, async ({ page }) => {
    await open(page, sitePage);
    const help = helpStrip(page).getByRole('link', { name: HELP_LINE });
    const emergency = helpStrip(page).getByRole('link', { name: '999' });
    await expect(help).toBeInViewport({ ratio: 1 });
    await expect(help).toHaveAttribute('href', 'tel:02380248725');
    await expect(emergency).toBeInViewport({ ratio: 1 });
    await expect(emergency).toHaveAttribute('href', 'tel:999');
    expect((await helpStrip(page).boundingBox())?.y).toBe(0);
  });
}

for (const sitePage of READING) {
  test(`${sitePage.name} has no script, and asks for none`, async ({ page, baseURL }) => {
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    await page.goto(sitePage.path, { waitUntil: 'networkidle' });
    await expect(heading(page)).toHaveText(sitePage.heading);
    const scripts = await page.locator('script').evaluateAll((all) => all.map((script) => (script as HTMLScriptElement).type));
    expect(scripts.filter((type) => type !== 'application/ld+json')).toEqual([]);
    // The page and its style, from this site alone; perhaps the picture in the tab.
    const paths = asked.map((url) => url.replace(baseURL ?? '', '')).filter((path) => path !== '/favicon.svg');
    expect(paths).toEqual([sitePage.path, expect.stringMatching(/^\/assets\/base\.[0-9a-f]+\.css$/)]);
  });
}

/** What a browser gets over the wire: all of it, headers too, and the body still compressed. */
function transferred(url: string): Promise<{ bytes: number; body: Buffer; encoding?: string }> {
  return new Promise((resolve, reject) => {
    const request = http.get(url, { headers: { 'accept-encoding': 'br' } }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const body = Buffer.concat(chunks);
        const headers = response.rawHeaders.reduce((sum, part) => sum + part.length + 2, 0);
        resolve({ bytes: headers + body.length, body, encoding: response.headers['content-encoding'] });
      });
    });
    request.on('error', reject);
  });
}

/** What can be read of a brotli stream that has only begun to arrive. */
function begun(stream: Buffer): string {
  return brotliDecompressSync(stream, { finishFlush: constants.BROTLI_OPERATION_FLUSH }).toString();
}

test('a first visit to an article takes less than 25 KB, and its emergency advice is in the first 14', async ({ baseURL }) => {
  const page = await transferred(baseURL + FOOT_DROP);
  expect(page.encoding).toBe('br');
  const html = brotliDecompressSync(page.body).toString();
  const sheets = [...html.matchAll(/<link rel="stylesheet" href="([^"]+)"/g)].map(([, href]) => href);
  expect(sheets.length).toBeGreaterThan(0);
  let bytes = page.bytes;
  for (const sheet of sheets) {
    const style = await transferred(baseURL + sheet);
    expect(style.encoding).toBe('br');
    bytes += style.bytes;
  }
  expect(bytes).toBeLessThan(25_000);

  // 14 KB is what arrives before the first answer from the browser; the headers are part of it.
  const first = begun(page.body.subarray(0, 14_000 - (page.bytes - page.body.length)));
  const card = first.slice(first.indexOf('care--emergency'));
  expect(card).toContain('Call 999 or go to A&amp;E now if:');
  expect(card).toContain('both feet are dropping');
  expect(card.slice(0, card.indexOf('</section>'))).toContain('</ul>');
});

test('a printed article keeps the numbers and the warning signs, and leaves out what only a screen can do', async ({ page }) => {
  await page.goto(FOOT_DROP);
  await page.emulateMedia({ media: 'print' });
  await expect(page.getByRole('navigation', { name: 'Main', includeHidden: true })).toBeHidden();
  await expect(page.locator('summary', { hasText: 'On this page' })).toBeHidden();
  await expect(page.getByText('Share this article')).toBeHidden();
  await expect(helpStrip(page).getByText(HELP_LINE)).toBeVisible();
  await expect(helpStrip(page).getByText('999')).toBeVisible();
  await expect(page.getByText(`Emergency: 999. Urgent help: NHS 111. Help line, not for emergencies: ${HELP_LINE}.`)).toBeVisible();
  for (const kind of ['emergency', 'urgent', 'soon']) {
    await expect(page.locator(`.care--${kind} h2, .care--${kind} h3`).first()).toBeVisible();
    await expect(page.locator(`.care--${kind} li`).last()).toBeVisible();
  }
  // Backgrounds are not printed: nothing may be white on white.
  const ink = await page.locator('.care--emergency h2').first().evaluate((title) => getComputedStyle(title).color);
  expect(ink).toBe('rgb(0, 0, 0)');
});

test('an article prints on a few sheets of A4', async ({ page }) => {
  await page.goto(FOOT_DROP);
  const pdf = (await page.pdf({ preferCSSPageSize: true })).toString('latin1');
  const sheets = pdf.match(/\/Type\s*\/Page\b/g)?.length ?? 0;
  expect(sheets).toBeGreaterThan(1);
  expect(sheets).toBeLessThan(9);
  expect(pdf).toMatch(/\/MediaBox \[0 0 59[45][.\d]* 84[12][.\d]*\]/);
});

/** How far the page is wider than its window, and what sticks out of it. */
async function sideways(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    // A table that scrolls by itself loses nothing.
    const scrolls = (element: Element | null): boolean =>
      element !== null && (/auto|scroll/.test(getComputedStyle(element).overflowX) || scrolls(element.parentElement));
    const seen = [...document.querySelectorAll<HTMLElement>('body *')].filter((element) => {
      if (scrolls(element.parentElement)) return false;
      const box = element.getBoundingClientRect();
      return box.width > 1 && box.height > 1 && (box.right > width + 1 || box.left < -1) && element.checkVisibility();
    });
    const out = seen.map((element) => `${element.tagName} ${element.className}: ${(element.textContent ?? '').slice(0, 60)}`);
    return document.documentElement.scrollWidth > width ? [`the page is ${document.documentElement.scrollWidth} wide`, ...out] : out;
  });
}

test('no page scrolls sideways at 320 pixels', async ({ page }) => {
  await page.setViewportSize({ width: 320, height: 640 });
  for (const sitePage of PAGES) {
    await open(page, sitePage);
    if (SCRIPTED.includes(sitePage)) await isReady(page);
    expect.soft(await sideways(page), sitePage.name).toEqual([]);
    expect.soft(await page.evaluate(() => document.documentElement.clientWidth), sitePage.name).toBe(320);
  }
});

test('no page scrolls sideways when its text is twice as large', async ({ page }) => {
  for (const sitePage of PAGES) {
    await open(page, sitePage);
    if (SCRIPTED.includes(sitePage)) await isReady(page);
    const before = await heading(page).evaluate((title) => parseFloat(getComputedStyle(title.parentElement!).fontSize));
    await page.evaluate(() => (document.documentElement.style.fontSize = '200%'));
    const after = await heading(page).evaluate((title) => parseFloat(getComputedStyle(title.parentElement!).fontSize));
    expect.soft(after, `${sitePage.name}: the text has grown`).toBeGreaterThan(1.7 * before);
    expect.soft(await sideways(page), sitePage.name).toEqual([]);
  }
});

test('with a keyboard, the first stop leads past the navigation', async ({ page }) => {
  await page.goto(FOOT_DROP);
  const skip = page.getByRole('link', { name: 'Skip to main content' });
  await page.keyboard.press('Tab');
  await expect(skip).toBeFocused();
  await expect(skip).toBeInViewport({ ratio: 1 });
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(`${FOOT_DROP}#main`);
  await page.keyboard.press('Tab');
  await expect(page.getByRole('main').getByRole('link', { name: 'Articles' })).toBeFocused();
});

test('with a keyboard, what has the focus is seen to have it', async ({ page }) => {
  await page.goto('/');
  const stops: string[] = [];
  for (;;) {
    await page.keyboard.press('Tab');
    const stop = await page.evaluate(() => {
      const element = document.activeElement;
      if (!element || element === document.body) return null;
      const { outlineStyle, boxShadow } = getComputedStyle(element);
      return { name: (element.textContent ?? '').trim(), marked: outlineStyle !== 'none' || boxShadow !== 'none' };
    });
    if (!stop || stops.includes(stop.name)) break;
    expect(stop, stop.name).toMatchObject({ marked: true });
    stops.push(stop.name);
  }
  expect(stops).toEqual(expect.arrayContaining(['Skip to main content', HELP_LINE, '999', 'Get help', 'Do I need help now?', 'All articles']));
});
