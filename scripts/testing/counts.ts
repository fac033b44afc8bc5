/** How many tests passed and failed, out of the runners' own reports. */
import { z } from 'zod';

export type Counts = { passed: number; failed: number; skipped: number };

export const NONE: Counts = { passed: 0, failed: 0, skipped: 0 };

export const oneIf = (passed: boolean): Counts => ({ ...NONE, passed: passed ? 1 : 0, failed: passed ? 0 : 1 });

export const sum = (all: Counts[]): Counts => ({
  passed: all.reduce((total, each) => total + each.passed, 0),
  failed: all.reduce((total, each) => total + each.failed, 0),
  skipped: all.reduce((total, each) => total + each.skipped, 0),
});

const vitestReport = z.object({
  numPassedTests: z.int(),
  numFailedTests: z.int(),
  numPendingTests: z.int(),
  testResults: z.array(z.object({ status: z.string(), assertionResults: z.array(z.unknown()) })),
});

export function fromVitest(json: unknown): Counts {
  const report = vitestReport.parse(json);
  // A file that cannot even be loaded has no tests of its own, and is one failure.
  const broken = report.testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0);
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + broken.length,
    skipped: report.numPendingTests,
  };
}

const playwrightReport = z.object({
  stats: z.object({ expected: z.int(), unexpected: z.int(), flaky: z.int(), skipped: z.int() }),
});

export function fromPlaywright(json: unknown): Counts {
  const { expected, unexpected, flaky, skipped } = playwrightReport.parse(json).stats;
  // One that passed only at the second try is a failure: nothing here may depend on luck.
  return { passed: expected, failed: unexpected + flaky, skipped };
}
