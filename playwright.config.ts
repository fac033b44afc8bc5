import { defineConfig } from '@playwright/test';
import { patience } from './e2e/patience.ts';
import { readStack } from './e2e/stack.ts';

// The whole built stack behind nginx, on a real hypervisor, brought up by scripts/stack/run. Nothing is mocked.
const stack = readStack();

/** What all of them left behind, looked at after the last, whichever were asked for. */
const afterwards = ['leftovers.e2e.ts', 'secrets.e2e.ts'];

export default defineConfig({
  testDir: 'e2e',
  projects: [
    { name: 'journeys', testMatch: '*.e2e.ts', testIgnore: afterwards, teardown: 'afterwards' },
    { name: 'afterwards', testMatch: afterwards },
  ],
  // Guests boot under software emulation on two cores: one journey at a time, deadlines from what was measured.
  workers: 1,
  fullyParallel: false,
  retries: 0,
  forbidOnly: true,
  timeout: patience(240_000),
  expect: { timeout: patience(20_000) },
  outputDir: 'test-results/e2e',
  reporter: [['list'], ['json', { outputFile: process.env.TSUBO_E2E_JSON ?? 'test-results/e2e.json' }]],
  use: {
    baseURL: stack.origin,
    // What cannot be pressed says so long before its test's time is over.
    actionTimeout: patience(60_000),
    locale: 'ja-JP',
    timezoneId: 'Asia/Tokyo',
    screenshot: 'only-on-failure',
    trace: 'retain-on-failure',
    launchOptions: {
      executablePath: '/usr/bin/chromium',
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
});
