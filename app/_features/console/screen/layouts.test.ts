import { expect, it } from 'vitest';
import { strokeOf, strokesOf } from './layouts.ts';

const printable = Array.from({ length: 95 }, (_, n) => String.fromCharCode(32 + n));

it('US: every printable ASCII character has one stroke of its own', () => {
  const strokes = printable.map((character) => strokeOf('us', character));
  expect(new Set(strokes.map((stroke) => `${stroke?.code} ${stroke?.shift}`)).size).toBe(95);
});

it('JIS: the same, and the yen sign', () => {
  const all = [...printable, '¥'];
  expect(strokesOf('jis', all.join('')).cannot).toEqual([]);
  expect(new Set(all.map((c) => `${strokeOf('jis', c)?.code} ${strokeOf('jis', c)?.shift}`)).size).toBe(96);
});

it.each([
  ['us', '_', 'Minus', true],
  ['us', '|', 'Backslash', true],
  ['us', '@', 'Digit2', true],
  ['jis', '_', 'IntlRo', true],
  ['jis', '|', 'IntlYen', true],
  ['jis', '@', 'BracketLeft', false],
  ['jis', ':', 'Quote', false],
  ['jis', '^', 'Equal', false],
] as const)('%s %s is %s (shift: %s)', (layout, character, code, shift) => {
  expect(strokeOf(layout, character)).toMatchObject({ code, shift });
});

it('line ends are Enter, once each; what no key prints is named once', () => {
  expect(strokesOf('us', 'a\r\nb\rc\n').strokes.map(({ code }) => code)).toEqual([
    ...['KeyA', 'Enter', 'KeyB', 'Enter', 'KeyC', 'Enter'],
  ]);
  expect(strokesOf('us', '日本¥日').cannot).toEqual(['日', '本', '¥']);
});
