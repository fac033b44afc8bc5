import { describe, expect, it } from 'vitest';
import { isKnownWeak } from './passwords.ts';

describe('passwords that are guessed first', () => {
  const person = { email: 'hanako.suzuki@example.com', name: '鈴木花子' };
  it.each([
    'password123!',
    '1234567890',
    'aaaaaaaaaaaa',
    'abcabcabcabc',
    '23456789012',
    'Passw0rd2026',
    'hanako.suzuki',
    'hanako.suzuki1990',
    '鈴木花子鈴木花子',
    'ＰＡＳＳＷＯＲＤ１２',
  ])('are known: %s', (guess) => expect(isKnownWeak(guess, person)).toBe(true));
  it.each(['correct horse battery', 'M7!kd02-xxqQ', 'なつやすみのひまわり', 'password managers help'])(
    'are not: %s',
    (good) => expect(isKnownWeak(good, person)).toBe(false),
  );
});
