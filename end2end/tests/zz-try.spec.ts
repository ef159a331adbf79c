import { test } from '@playwright/test';
import { CHECKER, LONG_EMERGENCY, RESULTS, WARNING, FOLLOW_UP, open, openWithScript, walk, walkToReview, walkToSheet, walkToOneByOne, walkToWrongNumber, sendOlderQuestions, EMERGENCY } from './support';
for (const j of [FOLLOW_UP, WARNING, ...RESULTS, LONG_EMERGENCY]) test(`s ${j.name}`, async ({ page }) => { await openWithScript(page); await walk(page, j); });
test.describe('no', () => { test.use({ javaScriptEnabled: false });
for (const j of [...RESULTS, LONG_EMERGENCY]) test(`n ${j.name}`, async ({ page }) => { await open(page, CHECKER); await walk(page, j); });
for (const f of [walkToReview, walkToOneByOne, walkToWrongNumber]) test(`n ${f.name}`, async ({ page }) => { await open(page, CHECKER); await f(page); });
test(`n sheet`, async ({ page }) => { await open(page, CHECKER); await walkToSheet(page, EMERGENCY); });
test(`n older`, async ({ page }) => { await sendOlderQuestions(page); });
});
