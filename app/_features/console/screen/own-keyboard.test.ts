import { expect, it } from 'vitest';
import { characterAt } from './layouts.ts';
import { arrives, type OwnLayout, type Press, sendingOf } from './own-keyboard.ts';

const press = (code: string, shiftKey = false, key = ''): Press => ({ code, shiftKey, key });
const codes = [
  ...[...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'].map((letter) => `Key${letter}`),
  ...[...'1234567890'].map((digit) => `Digit${digit}`),
  ...['Minus', 'Equal', 'BracketLeft', 'BracketRight', 'Backslash', 'Semicolon', 'Quote', 'Comma', 'Period', 'Slash'],
];
const both = (shared: string[]) => shared.flatMap((code) => [press(code), press(code, true)]);

it.each(['us', 'jis'] as const)('%s on %s: every key goes by its place', (layout) => {
  for (const one of both([...codes, 'Backquote', 'IntlRo', 'IntlYen', 'Escape', 'F1', 'ArrowUp']))
    expect(sendingOf(layout, layout, one)).toEqual({ how: 'place' });
});

it('JIS on US: each key arrives as what is printed on it', () => {
  for (const one of both([...codes, 'IntlRo', 'IntlYen'])) {
    const printed = characterAt('jis', one.code, one.shiftKey);
    const wanted = printed === '¥' ? '\\' : printed;
    expect(arrives('jis', 'us', one), `${one.code} ${one.shiftKey}`).toBe(wanted);
  }
});

it('US on JIS: the same', () => {
  for (const one of both([...codes, 'Backquote']))
    expect(arrives('us', 'jis', one), `${one.code} ${one.shiftKey}`).toBe(characterAt('us', one.code, one.shiftKey));
});

// What users of other panels could not type.
it.each([
  ['jis', 'us', 'IntlYen', false, 'Backslash', false],
  ['jis', 'us', 'IntlYen', true, 'Backslash', true],
  ['jis', 'us', 'IntlRo', true, 'Minus', true],
  ['jis', 'us', 'BracketLeft', false, 'Digit2', true],
  ['jis', 'us', 'Quote', false, 'Semicolon', true],
  ['jis', 'us', 'Equal', false, 'Digit6', true],
  ['jis', 'us', 'Minus', true, 'Equal', false],
  ['us', 'jis', 'Minus', true, 'IntlRo', true],
  ['us', 'jis', 'Backslash', true, 'IntlYen', true],
  ['us', 'jis', 'Equal', false, 'Minus', true],
  ['us', 'jis', 'Semicolon', true, 'Quote', false],
  ['us', 'jis', 'Backquote', false, 'BracketLeft', true],
] as const)('%s → %s: %s (Shift: %s) is sent as %s (Shift: %s)', (own, guest, code, shiftKey, sent, shift) => {
  expect(sendingOf(own, guest, press(code, shiftKey))).toMatchObject({ how: 'stroke', stroke: { code: sent, shift } });
});

it('letters, and digits alone, are on the same keys: they go by their place, held or not', () => {
  for (const code of codes.slice(0, 26)) expect(sendingOf('jis', 'us', press(code, true))).toEqual({ how: 'place' });
  for (const code of codes.slice(26, 36)) expect(sendingOf('us', 'jis', press(code))).toEqual({ how: 'place' });
});

it('keys that print nothing go by their place; what the guest has no key for goes nowhere', () => {
  for (const code of ['Enter', 'Space', 'NumpadAdd', 'Convert', 'KanaMode', 'ControlLeft'])
    expect(sendingOf('jis', 'us', press(code))).toEqual({ how: 'place' });
  expect(sendingOf('jis', 'us', press('Backquote'))).toEqual({ how: 'never' });
  expect(sendingOf('jis', 'us', press('Digit0', true))).toEqual({ how: 'never' });
  expect(arrives('jis', 'us', press('Backquote'))).toBeUndefined();
});

it.each<[OwnLayout, 'us' | 'jis', Press, string | undefined]>([
  // By the browser's word: a Japanese, a British, a German keyboard.
  ['auto', 'us', press('BracketLeft', false, '@'), '@'],
  ['auto', 'us', press('Quote', true, '@'), '@'],
  ['auto', 'us', press('KeyZ', false, 'y'), 'y'],
  ['auto', 'jis', press('Digit2', true, '@'), '@'],
  ['auto', 'us', press('IntlYen', false, '¥'), '\\'],
  // Caps Lock: the guest has it too, and makes the letter large.
  ['auto', 'us', press('KeyA', false, 'A'), 'a'],
  // An input method, a dead key, a letter of no layout: as if nothing were known.
  ['auto', 'us', press('BracketLeft', false, 'Process'), '['],
  ['auto', 'us', press('BracketLeft', false, 'Dead'), '['],
  ['auto', 'us', press('Backquote', false, 'ZenkakuHankaku'), undefined],
])('%s → %s: %o arrives as %s', (own, guest, one, character) => {
  expect(arrives(own, guest, one)).toBe(character);
});
