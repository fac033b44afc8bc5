import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fingerprintOf, isProven, type Proof } from './proof.ts';

const field = (value: Buffer | string): Buffer => {
  const bytes = Buffer.from(value as string);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
};
const sha256 = (bytes: Buffer | string) => createHash('sha256').update(bytes).digest();
const blob = Buffer.from('what is signed');

/** As a security key signs (PROTOCOL.u2f). */
function touched(algo: string, flags = 1): Proof {
  const tail = Buffer.from([flags, 0, 0, 0, 7]);
  const signed = Buffer.concat([sha256('ssh:'), tail, sha256(blob)]);
  if (algo === 'sk-ssh-ed25519@openssh.com') {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    const x = Buffer.from(publicKey.export({ format: 'jwk' }).x as string, 'base64url');
    const key = Buffer.concat([field(algo), field(x), field('ssh:')]);
    return { algo, key, blob, signature: Buffer.concat([sign(null, signed, privateKey), tail]), hashAlgo: undefined };
  }
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { x, y } = publicKey.export({ format: 'jwk' }) as { x: string; y: string };
  const point = Buffer.concat([Buffer.from([4]), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')]);
  const key = Buffer.concat([field(algo), field('nistp256'), field(point), field('ssh:')]);
  const pair = sign('sha256', signed, { key: privateKey as KeyObject, dsaEncoding: 'ieee-p1363' });
  const mpint = (half: Buffer) => field((half[0] as number) & 0x80 ? Buffer.concat([Buffer.alloc(1), half]) : half);
  const signature = Buffer.concat([mpint(pair.subarray(0, 32)), mpint(pair.subarray(32)), tail]);
  return { algo, key, blob, signature, hashAlgo: undefined };
}

describe.each(['sk-ssh-ed25519@openssh.com', 'sk-ecdsa-sha2-nistp256@openssh.com'])('%s', (algo) => {
  it('proves itself by a touch, for what was signed', () => {
    for (let round = 0; round < 20; round++) expect(isProven(touched(algo))).toBe(true);
    expect(isProven(touched(algo, 0))).toBe(false);
    expect(isProven({ ...touched(algo), blob: Buffer.from('something else') })).toBe(false);
    expect(isProven({ ...touched(algo), key: touched(algo).key })).toBe(false);
  });

  it('nothing that is no signature is one, and nothing throws', () => {
    const { key } = touched(algo);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), fc.uint8Array({ maxLength: 100 }), (signature, other) => {
        expect(isProven({ algo, key, blob, signature: Buffer.from(signature), hashAlgo: undefined })).toBe(false);
        isProven({ algo, key: Buffer.from(other), blob, signature: Buffer.from(signature), hashAlgo: undefined });
      }),
    );
  });
});

it('RSA with SHA-1 proves nothing', () => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const { n, e } = publicKey.export({ format: 'jwk' }) as { n: string; e: string };
  const modulus = Buffer.concat([Buffer.alloc(1), Buffer.from(n, 'base64url')]);
  const key = Buffer.concat([field('ssh-rsa'), field(Buffer.from(e, 'base64url')), field(modulus)]);
  const proof = (hashAlgo: string | undefined, digest: string): Proof => ({
    ...{ algo: 'ssh-rsa', key, blob, signature: sign(digest, blob, privateKey), hashAlgo },
  });
  expect(isProven(proof('sha512', 'sha512'))).toBe(true);
  expect(isProven(proof('sha512', 'sha256'))).toBe(false);
  expect(isProven(proof(undefined, 'sha1'))).toBe(false);
  expect(fingerprintOf(key)).toMatch(/^SHA256:[A-Za-z0-9+/]{43}$/);
});
