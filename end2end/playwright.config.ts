// How the tests in a browser run. `cargo xtask test` starts the site, says where it is, and reads the report.
import { defineConfig } from '@playwright/test';

export default defineConfig({
  testDir: '.',
  outputDir: 'test-results',
  // Two cores: more workers would only wait for one another.
  workers: 2,
  fullyParallel: true,
  // A test that passes at the second try has failed.
  retries: 0,
  timeout: 30_000,
  reporter: [['list'], ['json', { outputFile: '../target/test-logs/playwright.json' }]],
  use: {
    baseURL: process.env.SCIATICALM_URL ?? 'http://localhost:3000',
    locale: 'en-GB',
    timezoneId: 'Europe/London',
    // A click would wait for each page's transition to end.
    contextOptions: { reducedMotion: 'reduce' },
    // Pictures would take longer than the tests.
    trace: { mode: 'retain-on-failure', screenshots: false },
    launchOptions: {
      // Debian's own: the set-up installs it, and nothing else is downloaded.
      executablePath: '/usr/bin/chromium',
      args: [
        // Chromium's sandbox does not start as root in a container; the pages are our own.
        '--no-sandbox',
        '--disable-gpu',
        // The rest keeps Chromium from calling anybody by itself.
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
  projects: [
    {
      name: 'phone',
      use: { viewport: { width: 360, height: 640 }, hasTouch: true, isMobile: true },
      // What no width changes runs once.
      testIgnore: /(crash|html|new-build|postgres|same-answers|speed)\.spec\.ts$/,
    },
    {
      name: 'desktop',
      use: { viewport: { width: 1280, height: 800 } },
      // One column of forms at any width: what fits a phone fits here. Nor does a width change what works offline.
      testIgnore: /(account.*|offline|passkey|sharing|speed)\.spec\.ts$/,
    },
    // Last, and so alone: what is measured shares the processor with nobody.
    { name: 'alone', testMatch: /speed\.spec\.ts$/, dependencies: ['phone', 'desktop'], use: { viewport: { width: 360, height: 640 } } },
  ],
});
