/**
 * The story is pasted into tickets and chats. Nothing secret should be in logs or in the columns that are read,
 * but what went wrong is just what is read here; so everything that looks like a secret is taken out once more.
 */
const KEY = /password|passwd|token|secret|authorization|cookie|privatekey|databaseurl|database_url|csrpem|^ticket$/i;
const REMOVED = '[removed]';

const PATTERNS: [RegExp, string][] = [
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(-----END [A-Z ]*PRIVATE KEY-----|$)/g, REMOVED],
  // Hashes of passwords: crypt(3)'s and argon2's.
  [/\$(?:[1256y]|2[aby]|argon2(?:id|i|d)|gy|7)\$[^\s"'\\]+/g, REMOVED],
  [/(\w+:\/\/[^\s:/@]+):[^\s@]+@/g, `$1:${REMOVED}@`],
  [/([?&](?:ticket|token|password|secret)=)[^&\s"]+/gi, `$1${REMOVED}`],
  [/\b(bearer|basic) [\w+/=.~-]{8,}/gi, `$1 ${REMOVED}`],
];

export const withoutSecrets = (text: string): string =>
  PATTERNS.reduce((rest, [pattern, instead]) => rest.replace(pattern, instead), text);

/** A log entry's value with all that has a secret's name emptied. */
export function withoutSecretFields(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSecretFields);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, KEY.test(key) ? REMOVED : withoutSecretFields(inner)]),
  );
}
