import { QueryClient } from '@tanstack/react-query';
import { expect, it } from 'vitest';
import { filterOf } from './invalidate.ts';
import { holdsRunningOperation } from './running.ts';

function touched(subject: string): string[] {
  const client = new QueryClient();
  for (const key of ['servers.list', 'operations.get', 'account.me', 'catalog.orderOptions', 'staff.hosts']) {
    client.setQueryData([key.split('.'), { type: 'query' }], 1);
  }
  return client
    .getQueryCache()
    .findAll(filterOf(subject))
    .map(({ queryKey }) => (queryKey[0] as string[]).join('.'));
}

it('reads again what the subject may have changed', () => {
  expect(touched('server:k3f9aaaaaa')).toEqual(['servers.list', 'operations.get', 'staff.hosts']);
  expect(touched('image:i1')).toEqual(['catalog.orderOptions', 'staff.hosts']);
});

it('reads all again for a kind it does not know', () => {
  expect(touched('invoice:1')).toHaveLength(5);
});

it('finds a running operation where the answers have them', () => {
  const operation = { state: 'running', steps: [] };
  expect(holdsRunningOperation(operation)).toBe(true);
  expect(
    holdsRunningOperation([
      { state: 'stopped', operation: null },
      { state: 'starting', operation },
    ]),
  ).toBe(true);
  expect(holdsRunningOperation({ items: [operation] })).toBe(true);
  expect(holdsRunningOperation({ state: 'running', operation: null })).toBe(false);
  expect(holdsRunningOperation({ state: 'succeeded', steps: [] })).toBe(false);
  expect(holdsRunningOperation(undefined)).toBe(false);
});
