import { expect, it } from 'vitest';
import { createClientKeys, momentOf } from './client-keys.ts';

function keys() {
  let n = 0;
  return createClientKeys(() => `key-${++n}`);
}
const server = { state: 'running', since: '2026-11-24T00:00:00.000Z', operation: null } as const;
const running = momentOf(server);

it('a repeated click has the key of the first, whatever was clicked in between', () => {
  const key = keys();
  const first = key(running, 'stop');
  key(running, 'force-off');
  expect(key(running, 'stop')).toBe(first);
});

it('another act, and another content of the same act, has another key', () => {
  const key = keys();
  const all = [
    key(running, 'stop'),
    key(running, 'force-off'),
    key(running, 'restart', 'give-up'),
    key(running, 'restart', 'force-off'),
  ];
  expect(new Set(all).size).toBe(all.length);
});

it('after anything has happened to the server, the same button is a new act, also when it looks as before', () => {
  const key = keys();
  const first = key(running, 'stop');
  expect(key(momentOf({ ...server, state: 'stopped' }), 'start')).not.toBe(first);
  expect(key(running, 'stop')).not.toBe(first);
  expect(momentOf({ ...server, since: '2026-11-24T00:01:00.000Z' })).not.toBe(running);
});
