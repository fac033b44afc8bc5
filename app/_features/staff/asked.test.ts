import { expect, test } from 'vitest';
import { readAsked } from './asked.ts';

test('an address asks for all, for what waits, or for what is of one thing', () => {
  expect(readAsked({})).toEqual({ stuck: false, only: null, of: {} });
  expect(readAsked({ state: 'stuck', server: 'x' })).toEqual({ stuck: true, only: null, of: { state: 'stuck' } });
  expect(readAsked({ server: 'x' })).toEqual({
    stuck: false,
    only: { what: 'server', id: 'x' },
    of: { serverId: 'x' },
  });
  expect(readAsked({ account: 'x' }).of).toEqual({ accountId: 'x' });
  expect(readAsked({ id: 'op_1' }).of).toEqual({ id: 'op_1' });
});

test('what is none of it asks for all', () => {
  for (const asked of [{ state: 'x' }, { server: '' }, { server: ['a', 'b'] }, { id: 'x'.repeat(101) }])
    expect(readAsked(asked).of).toEqual({});
});
