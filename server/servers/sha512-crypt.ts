/**
 * crypt(3)'s `$6$`: SHA-512 with 5000 rounds, after Ulrich Drepper's "Unix crypt using SHA-256 and SHA-512".
 * Node has no crypt(3), starting a program for it is out of the question (and would show the password in the
 * process list), and what guests' /etc/shadow takes everywhere is this. Checked against the published vectors.
 */
import { createHash, randomBytes } from 'node:crypto';

const ALPHABET = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const BYTES = 64;
const DEFAULT_ROUNDS = 5000;

const sha512 = (...parts: Uint8Array[]): Buffer => {
  const hash = createHash('sha512');
  for (const part of parts) hash.update(part);
  return hash.digest();
};

/** `bytes` of `source`, over and over. */
const repeat = (source: Buffer, bytes: number): Buffer => Buffer.alloc(bytes, source);

/** The hash of a password under a new salt of 96 random bits. */
export function hashPassword(password: string): string {
  const salt = Array.from(randomBytes(16), (byte) => ALPHABET[byte & 63]).join('');
  return sha512Crypt(password, `$6$${salt}`);
}

/** @param setting `$6$<salt>` or `$6$rounds=<n>$<salt>`; what follows a further `$` is ignored. */
export function sha512Crypt(password: string, setting: string): string {
  const match = /^\$6\$(?:rounds=(\d+)\$)?([^$]{0,16})/.exec(setting);
  if (!match) throw new Error('not a $6$ setting');
  const asked = match[1] === undefined ? undefined : Number(match[1]);
  const rounds = Math.min(Math.max(asked ?? DEFAULT_ROUNDS, 1000), 999_999_999);
  const salt = Buffer.from(match[2] as string);
  const digest = encode(stretch(Buffer.from(password), salt, rounds));
  return `$6$${asked === undefined ? '' : `rounds=${rounds}$`}${salt}$${digest}`;
}

function stretch(key: Buffer, salt: Buffer, rounds: number): Buffer {
  const b = sha512(key, salt, key);
  const mixed = [key, salt, repeat(b, key.length)];
  for (let bits = key.length; bits > 0; bits >>= 1) mixed.push(bits & 1 ? b : key);
  const a = sha512(...mixed);

  const p = repeat(sha512(...Array<Buffer>(key.length).fill(key)), key.length);
  const s = repeat(sha512(...Array<Buffer>(16 + (a[0] as number)).fill(salt)), salt.length);
  let c = a;
  for (let round = 0; round < rounds; round++) {
    const odd = round % 2 === 1;
    const parts = [odd ? p : c];
    if (round % 3) parts.push(s);
    if (round % 7) parts.push(p);
    parts.push(odd ? c : p);
    c = sha512(...parts);
  }
  return c;
}

/** Three bytes to four letters, in the order that the standard's authors chose. */
function encode(c: Buffer): string {
  let text = '';
  const put = (value: number, letters: number) => {
    for (let i = 0; i < letters; i++) text += ALPHABET[(value >> (6 * i)) & 63];
  };
  let [x, y, z] = [0, 21, 42];
  for (let i = 0; i < 21; i++) {
    put(((c[x] as number) << 16) | ((c[y] as number) << 8) | (c[z] as number), 4);
    [x, y, z] = [y + 1, z + 1, x + 1];
  }
  put(c[BYTES - 1] as number, 2);
  return text;
}
