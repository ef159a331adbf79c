import base from '/work/main/end2end/playwright.config';
export default { ...base, testDir: '/work/main/end2end/tests', testMatch: 'tracker.spec.ts', outputDir: '/tmp/trk/results', reporter: [['list']], workers: 2 };
