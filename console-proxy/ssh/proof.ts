/**
 * Whether somebody has the private half of a key. ssh2 knows the usual kinds; keys on security keys (FIDO) are ours:
 * they sign SHA-256(application) · flags · counter · SHA-256(message), and say flags and counter after the signature
 * (OpenSSH's PROTOCOL.u2f). Their user must have touched the device.
 */
import { createHash, createPublicKey, type JsonWebKey, verify } from 'node:crypto';
import ssh2 from 'ssh2';

/** `blob` is what was signed, `signature` as ssh2 hands it out: without the name of its algorithm. */
export type Proof = { algo: string; key: Buffer; blob: Buffer; signature: Buffer; hashAlgo: string | undefined };

/** SHA-256 as `ssh-keygen -l` writes it. */
export const fingerprintOf = (key: Buffer): string =>
  `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;

/** False for whatever cannot be read, too: it comes from anybody. */
export function isProven(proof: Proof): boolean {
  try {
    if (proof.algo.startsWith('sk-')) return isTouched(proof);
    const key = ssh2.utils.parseKey(`${proof.algo} ${proof.key.toString('base64')}`);
    // SHA-1 signatures of RSA keys (`ssh-rsa`) prove nothing any more.
    if (key instanceof Error || (proof.algo === 'ssh-rsa' && proof.hashAlgo === undefined)) return false;
    return key.verify(proof.blob, proof.signature, proof.hashAlgo) === true;
  } catch {
    return false;
  }
}

const USER_PRESENT = 1;

function isTouched({ algo, key, blob, signature }: Proof): boolean {
  const fields = split(key);
  const tail = signature.subarray(-5);
  const raw = signature.subarray(0, -5);
  if (tail.length < 5 || ((tail[0] as number) & USER_PRESENT) === 0) return false;
  const application = fields.at(-1) as Buffer;
  const signed = Buffer.concat([digest(application), tail, digest(blob)]);
  if (algo === 'sk-ssh-ed25519@openssh.com') {
    const jwk = { kty: 'OKP', crv: 'Ed25519', x: (fields[1] as Buffer).toString('base64url') };
    return verify(null, signed, publicKeyOf(jwk), raw);
  }
  if (algo !== 'sk-ecdsa-sha2-nistp256@openssh.com') return false;
  const point = fields[2] as Buffer;
  const [x, y] = [point.subarray(1, 33), point.subarray(33, 65)].map((half) => half.toString('base64url'));
  const jwk = { kty: 'EC', crv: 'P-256', x: x as string, y: y as string };
  const pair = Buffer.concat(split(raw).map(to32));
  return pair.length === 64 && verify('sha256', signed, { key: publicKeyOf(jwk), dsaEncoding: 'ieee-p1363' }, pair);
}

const digest = (bytes: Buffer): Buffer => createHash('sha256').update(bytes).digest();
const publicKeyOf = (jwk: JsonWebKey) => createPublicKey({ key: jwk, format: 'jwk' });

/** An mpint as 32 bytes. */
function to32(mpint: Buffer): Buffer {
  const number = mpint.subarray(mpint.findIndex((byte) => byte !== 0));
  return Buffer.concat([Buffer.alloc(Math.max(0, 32 - number.length)), number]);
}

/** Length-prefixed strings. @throws RangeError when they do not end with the last byte */
function split(bytes: Buffer): Buffer[] {
  const fields: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = at + 4 + bytes.readUInt32BE(at);
    if (end > bytes.length) throw new RangeError('a field that does not end');
    fields.push(bytes.subarray(at + 4, end));
    at = end;
  }
  return fields;
}
