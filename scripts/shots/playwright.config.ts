import { defineConfig } from '@playwright/test';
import journeys from '../../playwright.config.ts';

/** The journeys' browser and stack; pictures instead of tests. */
export default defineConfig({
  ...journeys,
  testDir: '.',
  projects: [{ name: 'shots', testMatch: 'shots.ts' }],
  outputDir: '../../test-results/shots',
  reporter: [['list']],
});
