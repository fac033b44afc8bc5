import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hostKeys } from '../contract/shapes.ts';
import { lastFingerprints } from './fingerprints.ts';
import { readHostKeys } from './host-keys.ts';

const sha = (letter: string) => letter.repeat(43);
const block = (...lines: string[]) =>
  ['-----BEGIN SSH HOST KEY FINGERPRINTS-----', ...lines, '-----END SSH HOST KEY FINGERPRINTS-----']
    .map((line) => `<14>Nov 25 05:22:13 cloud-init: ${line}\r\n`)
    .join('');
const key = (letter: string, type = 'ED25519') => `256 SHA256:${sha(letter)} root@web1 (${type})`;

describe('the block on the serial console', () => {
  it('is read as cloud-init of Debian 12 writes it, without DSA', () => {
    const text = `[   89.9] cloud-init[440]: modules:final\r\n${block(
      '1024 SHA256:IQhcSWPOGkk+Ujv8T0I4ycK2JHZvzFxYe9JDOEBoYks root@web1 (DSA)',
      '256 SHA256:Y8O1oPCtU7pRbsI2nRKBq5BJjlLVeWT6qqqm1YTeI94 root@web1 (ECDSA)',
      '256 SHA256:27U9qVw7Dp/sKA14LF3JtHejbXvKpBbgSVwfbKh5yzY root@web1 (ED25519)',
      '3072 SHA256:g8ey4W//1j+CTdSWw5FbYHF4GVdiCaoKlQBG0QEQQBk root@web1 (RSA)',
    )}-----BEGIN SSH HOST KEY KEYS-----\r\n`;
    expect(lastFingerprints(text)).toEqual([
      { type: 'ECDSA', sha256: 'Y8O1oPCtU7pRbsI2nRKBq5BJjlLVeWT6qqqm1YTeI94' },
      { type: 'ED25519', sha256: '27U9qVw7Dp/sKA14LF3JtHejbXvKpBbgSVwfbKh5yzY' },
      { type: 'RSA', sha256: 'g8ey4W//1j+CTdSWw5FbYHF4GVdiCaoKlQBG0QEQQBk' },
    ]);
  });

  it('counts as the last one that is whole and says something', () => {
    const [old, fresh] = [block(key('a')), block(key('b'))];
    expect(lastFingerprints(old + fresh)?.[0]?.sha256).toBe(sha('b'));
    expect(lastFingerprints(old + fresh.slice(0, -60))?.[0]?.sha256).toBe(sha('a'));
    expect(lastFingerprints(old + block('no keys here'))?.[0]?.sha256).toBe(sha('a'));
    expect(lastFingerprints('-----END SSH HOST KEY FINGERPRINTS-----')).toBeNull();
    expect(lastFingerprints('')).toBeNull();
  });

  it.each([
    [`256 SHA256:${sha('a')}= root@web1 (ED25519)`],
    [`256 SHA256:${sha('a').slice(1)} root@web1 (ED25519)`],
    [`256 SHA256:${sha('é')} root@web1 (ED25519)`],
    [`256 MD5:${sha('a')} root@web1 (ED25519)`],
    [`256 SHA256:${sha('a')} root@web1 (ED25519) <b>`],
    [`256 SHA256:${sha('a')} root@web1 (__proto__)`],
    [`256 SHA256:${sha('a')} ${'x'.repeat(600)} (ED25519)`],
  ])('a line of another form is none: %s', (line) => expect(lastFingerprints(block(line))).toBeNull());

  it('one of each type, however many are said, and not out of a block as long as a book', () => {
    expect(lastFingerprints(block(key('a'), key('b')))).toEqual([{ type: 'ED25519', sha256: sha('b') }]);
    expect(lastFingerprints(block(...Array.from({ length: 200 }, () => key('a'))))).toBeNull();
  });

  it('whatever the guest writes, the answer is within the contract, and soon', () => {
    const piece = fc.oneof(
      fc.constantFrom(block(key('a')), block(), key('b'), '-----BEGIN SSH HOST KEY FINGERPRINTS-----', '\r\n', ' '),
      fc.constantFrom('-----END SSH HOST KEY FINGERPRINTS-----', ' SHA256:', '(RSA)', '256', '\0', '\x1b[0m'),
      fc.string({ unit: 'binary', maxLength: 60 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
        hostKeys.parse({ fingerprints: lastFingerprints(pieces.join('')) ?? [] });
      }),
    );
    const began = performance.now();
    lastFingerprints('-----END SSH HOST KEY FINGERPRINTS-----'.repeat(200_000));
    lastFingerprints(
      `-----BEGIN SSH HOST KEY FINGERPRINTS-----${'-----END SSH HOST KEY FINGERPRINTS-----'.repeat(200_000)}`,
    );
    lastFingerprints(block(' SHA256:'.repeat(900)));
    expect(performance.now() - began).toBeLessThan(2_000);
  });
});

describe('the files of a serial port', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tsubo-keys-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const log = () => join(folder, 'serial.log');

  it('the newest that has a block counts, also when the port went on in another since', async () => {
    expect(await readHostKeys(log())).toEqual({ fingerprints: [] });
    writeFileSync(`${log()}.1`, block(key('a')));
    writeFileSync(`${log()}.0`, block(key('b')));
    writeFileSync(log(), 'web1 login: ');
    expect(await readHostKeys(log())).toEqual({ fingerprints: [{ type: 'ED25519', sha256: sha('b') }] });
    writeFileSync(log(), Buffer.concat([Buffer.from([0xff, 0xfe, 0]), Buffer.from(block(key('c')))]));
    expect(await readHostKeys(log())).toEqual({ fingerprints: [{ type: 'ED25519', sha256: sha('c') }] });
  });
});
