import { expect, test } from 'vitest';
import { Gate } from './gate.ts';

const limits = { all: 10, unknown: 5, perAddress: 6, unknownPerAddress: 2, often: 100 };

test('counts the unknown and the known, of one address and of all', () => {
  const gate = new Gate(limits);
  const [first, second] = [gate.enter('192.0.2.1', 0), gate.enter('192.0.2.1', 0)];
  expect(gate.enter('192.0.2.1', 0)).toBeNull();
  first?.known();
  expect(gate.enter('192.0.2.1', 0)).not.toBeNull();
  // Of all: three of this address' two unknown and three more.
  for (const ip of ['192.0.2.2', '192.0.2.3', '192.0.2.4']) expect(gate.enter(ip, 0)).not.toBeNull();
  expect(gate.enter('192.0.2.5', 0)).toBeNull();
  second?.leave();
  second?.leave();
  second?.known();
  expect(gate.enter('192.0.2.5', 0)).not.toBeNull();
  expect(gate.enter('192.0.2.6', 0)).toBeNull();
});

test('an address has its share of those who are in', () => {
  const gate = new Gate(limits);
  for (let count = 0; count < 6; count++) gate.enter('192.0.2.1', 0)?.known();
  expect(gate.enter('192.0.2.1', 0)).toBeNull();
  expect(gate.enter('192.0.2.2', 0)).not.toBeNull();
});

test('who comes too often in a minute is turned away until it is over', () => {
  const gate = new Gate({ ...limits, often: 3 });
  for (let count = 0; count < 3; count++) gate.enter('192.0.2.1', count)?.leave();
  expect(gate.enter('192.0.2.1', 59_999)).toBeNull();
  expect(gate.enter('192.0.2.1', 60_000)).not.toBeNull();
});

test.each([
  ['one /64', '2001:db8:1:2::1', '2001:db8:1:2:aaaa::9', true],
  ['another /64', '2001:db8:1:2::1', '2001:db8:1:3::1', false],
  ['IPv4 in IPv6', '::ffff:192.0.2.1', '192.0.2.1', true],
  ['written short or long', '2001:db8::1', '2001:0db8:0:0:1::', true],
  ['link-local, with its interface', 'fe80::1%eth0', 'fe80::2%eth0', true],
])('%s', (_, one, other, isSame) => {
  const gate = new Gate({ ...limits, unknownPerAddress: 1 });
  gate.enter(one, 0);
  expect(gate.enter(other, 0) === null).toBe(isSame);
});
