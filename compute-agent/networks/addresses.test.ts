import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonical, linkLocal, netmask, parseCidr } from './addresses.ts';

test('networks of addresses with a prefix', () => {
  expect(parseCidr('10.77.0.1/24')).toEqual({ address: '10.77.0.1', prefix: 24, network: '10.77.0.0' });
  expect(parseCidr('255.255.255.255/0').network).toBe('0.0.0.0');
  expect(parseCidr('192.0.2.7/32').network).toBe('192.0.2.7');
  expect(parseCidr('fd77:7473:7562::1/64').network).toBe('fd77:7473:7562::');
  expect(parseCidr('2001:db8:ffff::1/35').network).toBe('2001:db8:e000::');
});

test.each(['', '10.77.0.1', '10.77.0.1/33', '10.77.0/24', 'fd00::/129', 'fd00::/x', '10.77.0.1/-1', '10.77.0.1/24/1'])(
  '"%s" is refused',
  (text) => {
    expect(() => parseCidr(text)).toThrow(RangeError);
  },
);

test('one text for every way to write an address', () => {
  expect(canonical('FD77:7473:7562:0:0:0:0:B')).toBe('fd77:7473:7562::b');
  expect(canonical('0:0:0:0:0:0:0:0')).toBe('::');
  expect(canonical('1:0:0:2:0:0:0:3')).toBe('1:0:0:2::3');
  // A single zero group is not shortened (RFC 5952, 4.2.2).
  expect(canonical('1:0:2:3:4:5:6:7')).toBe('1:0:2:3:4:5:6:7');
  expect(canonical('::ffff:192.0.2.1')).toBe('::ffff:c000:201');
  expect(canonical('fe80::')).toBe('fe80::');
});

test('canonical text means the same address and is stable', () => {
  fc.assert(
    fc.property(fc.ipV6(), (address) => {
      const text = canonical(address);
      expect(canonical(text)).toBe(text);
      // The platform's own reading of addresses agrees.
      if (!address.includes('.')) expect(new URL(`http://[${address}]`).hostname).toBe(`[${text}]`);
    }),
  );
});

test('the link-local address that a MAC leads to', () => {
  expect(linkLocal('52:54:00:aa:00:01')).toBe('fe80::5054:ff:feaa:1');
  expect(() => linkLocal('52:54:00:aa:00')).toThrow(RangeError);
});

test('netmasks', () => {
  expect([8, 24, 30].map(netmask)).toEqual(['255.0.0.0', '255.255.255.0', '255.255.255.252']);
});
