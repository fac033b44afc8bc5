import { expect, it } from 'vitest';
import { mayCall, peerOf } from './peers.ts';

it.each([
  ['URI:tsubo://control-plane/main, IP Address:127.0.0.1', 'main'],
  ['DNS:x, URI:tsubo://control-plane/w-1', 'w-1'],
  ['URI:tsubo://control-plane/main, URI:tsubo://host/x', null],
  ['URI:tsubo://control-plane/main/x', null],
  ['URI:"tsubo://control-plane/main"', null],
  ['DNS:"a, URI:tsubo://control-plane/main"', null],
  ['DNS:tsubo://control-plane/main', null],
  ['', null],
  [undefined, null],
])('reads %s as control plane %s', (text, name) => {
  expect(peerOf(text)).toEqual(name === null ? null : { role: 'control-plane', name });
  const proxy = text?.replaceAll('control-plane', 'console-proxy');
  expect(peerOf(proxy)).toEqual(name === null ? null : { role: 'console-proxy', name });
});

it('asks what a peer may call before it is known whether there is such a call', () => {
  const plane = { role: 'control-plane', name: 'main' } as const;
  const proxy = { role: 'console-proxy', name: 'main' } as const;
  for (const call of ['screenshot', 'power', 'nothing', '']) expect(mayCall(plane, call)).toBe(true);
  for (const call of ['power', 'inventory', 'screenshot/', 'screenshot,power', 'nothing', ''])
    expect(mayCall(proxy, call), call).toBe(false);
  expect(mayCall(proxy, 'screenshot')).toBe(true);
});
