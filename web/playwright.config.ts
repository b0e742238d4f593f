import { defineConfig } from '@playwright/test';

/** Debian's Chromium; no browser is fetched. */
const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';

export default defineConfig({
  testDir: 'e2e',
  globalSetup: './e2e/setup.ts',
  workers: 1,
  timeout: 120_000,
  expect: { timeout: 15_000 },
  reporter: 'list',
  outputDir: 'test-results',
  use: {
    actionTimeout: 15_000,
    launchOptions: { executablePath, args: ['--no-sandbox'] },
    viewport: { width: 1360, height: 860 },
    locale: 'en-GB',
    timezoneId: 'Europe/Berlin',
  },
  projects: [
    { name: 'e2e', testMatch: '**/*.e2e.ts' },
    { name: 'pictures', testMatch: '**/*.shots.ts' },
    { name: 'times', testMatch: '**/*.times.ts' },
  ],
});
