import { expect, it } from 'vitest';
import { type ErrorCode, errorCodes } from '../../../server/errors.ts';
import { outcomeOf } from './outcome.ts';

it('only an answer that says no says that there is no server', () => {
  expect(outcomeOf('network')).toBe('unknown');
  expect(outcomeOf('INTERNAL')).toBe('unknown');
  expect(outcomeOf('KEY_REUSED')).toBe('taken');
  for (const code of Object.keys(errorCodes) as ErrorCode[])
    if (code !== 'INTERNAL' && code !== 'KEY_REUSED') expect(outcomeOf(code)).toBe('refused');
});

it('after a lost answer, a door that is shut proves nothing; a look at the order does', () => {
  for (const code of ['UNAUTHENTICATED', 'TOO_MANY_REQUESTS', 'network'] as const)
    expect(outcomeOf(code, 'unknown')).toBe('unknown');
  for (const code of ['NO_CAPACITY', 'NAME_TAKEN', 'NOT_POSSIBLE'] as const)
    expect(outcomeOf(code, 'unknown')).toBe('refused');
  expect(outcomeOf('KEY_REUSED', 'unknown')).toBe('taken');
  expect(outcomeOf('TOO_MANY_REQUESTS', 'taken')).toBe('taken');
});
