import { defineConfig } from '@playwright/test';
import { patience } from '../../e2e/patience.ts';
import journeys from '../../playwright.config.ts';

/** The journeys' browser and stack; pictures instead of tests. */
export default defineConfig({
  ...journeys,
  testDir: '.',
  projects: [{ name: 'shots', testMatch: 'shots.ts' }],
  outputDir: '../../test-results/shots',
  reporter: [['list']],
  // The one test has no limit; what is not there must not hold it up.
  use: { ...journeys.use, actionTimeout: patience(10_000), navigationTimeout: patience(30_000) },
});
