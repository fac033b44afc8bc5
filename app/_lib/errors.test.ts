import { TRPCClientError } from '@trpc/client';
import { expect, it } from 'vitest';
import { failureOf } from './errors.ts';

const told = (tsubo: object) =>
  new TRPCClientError('INPUT', { result: { error: { code: -32600, message: 'INPUT', data: { tsubo } } } as never });

it('reads code, params and fields that the server wrote', () => {
  const fields = { name: { code: 'too-long', params: { max: 63, length: 70 } } };
  expect(failureOf(told({ code: 'INPUT', params: {}, fields }))).toEqual({
    code: 'INPUT',
    params: {},
    fields,
    id: undefined,
  });
});

it('has the id of what was unexpected', () => {
  expect(failureOf(told({ code: 'INTERNAL', params: { id: 'E-7Q2K' }, fields: {} })).id).toBe('E-7Q2K');
});

it('calls it the network when no answer of ours came', () => {
  expect(failureOf(new TypeError('Failed to fetch')).code).toBe('network');
  expect(failureOf(new TRPCClientError('Bad gateway')).code).toBe('network');
});
