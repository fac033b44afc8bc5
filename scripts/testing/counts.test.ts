import { expect, test } from 'vitest';
import { fromPlaywright, fromVitest, oneIf, sum } from './counts.ts';

test('vitest: a file that could not be loaded is a failure', () => {
  const report = {
    numPassedTests: 3,
    numFailedTests: 1,
    numPendingTests: 2,
    testResults: [
      { status: 'passed', assertionResults: [{}, {}, {}] },
      { status: 'failed', assertionResults: [{}] },
      { status: 'failed', assertionResults: [] },
    ],
  };
  expect(fromVitest(report)).toEqual({ passed: 3, failed: 2, skipped: 2 });
});

test('playwright: one that needed a second try is a failure', () => {
  expect(fromPlaywright({ stats: { expected: 5, unexpected: 1, flaky: 1, skipped: 2 } })).toEqual({
    passed: 5,
    failed: 2,
    skipped: 2,
  });
});

test('a sum of parts', () => {
  expect(sum([oneIf(true), oneIf(false), { passed: 5, failed: 0, skipped: 1 }])).toEqual({
    passed: 6,
    failed: 1,
    skipped: 1,
  });
});
