import { expect, it } from 'vitest';
import { labelWords } from './label.ts';

it.each([
  ['Email address', 'en', 'email address'],
  ['SSH public key', 'en', 'SSH public key'],
  ['IPv4 address', 'en', 'IPv4 address'],
  ['メールアドレス', 'ja', 'メールアドレス'],
  ['Virtioデバイス', 'ja', 'Virtioデバイス'],
] as const)('%s (%s) inside of a sentence: %s', (label, locale, inline) => {
  expect(labelWords(label, locale)).toEqual({ label, inline });
});
