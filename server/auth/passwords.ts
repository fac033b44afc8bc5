import { hash, verify } from '@node-rs/argon2';

/** OWASP's smallest argon2id: 19 MiB, two passes, one lane. */
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** Keyboards and input methods write the same letters in different code points. */
const canonical = (password: string): string => password.normalize('NFKC');

export const hashPassword = (password: string): Promise<string> => hash(canonical(password), cost);
export const verifyPassword = ({ hash: stored, password }: { hash: string; password: string }): Promise<boolean> =>
  verify(stored, canonical(password));

export const PASSWORD_MIN = 10;
export const PASSWORD_MAX = 128;

/** What remains of the best-known passwords at this length; anything with these as its whole body is guessed first. */
const known = new Set([
  '1234567890',
  '0123456789',
  '0987654321',
  '9876543210',
  '1q2w3e4r5t',
  '1qaz2wsx3edc',
  'q1w2e3r4t5',
  'qwertyuiop',
  'qwerty12345',
  'qwerty123456',
  'asdfghjkl',
  'asdfghjkl;',
  'zxcvbnmasdf',
  'abcdefghij',
  'abcd123456',
  'password',
  'passw0rd',
  'p@ssword',
  'p@ssw0rd',
  'passwordpassword',
  'iloveyou',
  'letmein',
  'welcome',
  'administrator',
  'administrador',
  'changeme',
  'football',
  'baseball',
  'superman',
  'princess',
  'sunshine',
  'dragon',
  'sakura',
  'tsubo',
  'himitsu',
  'pasuwado',
  'パスワード',
]);

/** True for what is tried first: known words with digits around them, one thing repeated, the person's own name. */
export function isKnownWeak(password: string, person: { email: string; name: string }): boolean {
  const text = canonical(password).toLowerCase();
  const bare = text.replaceAll(/^[\d\W_]+|[\d\W_]+$/gu, '');
  if (known.has(text) || (bare !== '' && known.has(bare))) return true;
  if (/^(.{1,4}?)\1+.?$/u.test(text)) return true;
  if (isSequence(text)) return true;
  const own = [person.email, person.email.split('@')[0] ?? '', person.name].map((part) =>
    canonical(part).toLowerCase().trim(),
  );
  return own.some((part) => part.length >= 3 && (text === part || bare === part));
}

/** abcdefghijk, 23456789012: every letter is the one before plus (or minus) one; digits go round. */
function isSequence(text: string): boolean {
  const points = Array.from(text, (letter) => letter.codePointAt(0) ?? 0);
  const round = /^\d+$/.test(text) ? 10 : Number.MAX_SAFE_INTEGER;
  return [1, round - 1].some((step) =>
    points.every((point, at) => at === 0 || (point - (points[at - 1] ?? 0) + round) % round === step),
  );
}
