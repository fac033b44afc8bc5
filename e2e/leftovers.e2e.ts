/** After all journeys: what they had rented is whole, what they gave back is gone, on the machine itself. */
import { expect, test } from '@playwright/test';
import { settledViolations } from '../scripts/checker/check.ts';
import { patience } from './patience.ts';
import { readStack } from './stack.ts';

test('nothing is lost, doubled or left over', async () => {
  expect(await settledViolations(readStack(), patience(60_000))).toEqual([]);
});
