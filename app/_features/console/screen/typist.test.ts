import { beforeEach, expect, it } from 'vitest';
import { Typist } from './typist.ts';

let sent: string[];
let typist: Typist;
beforeEach(() => {
  sent = [];
  typist = new Typist((_, code, down) => sent.push(`${code}${down ? '↓' : '↑'}`));
  [typist.own, typist.guest] = ['jis', 'us'];
});
const down = (code: string, shiftKey = false) => typist.keyDown({ code, shiftKey, key: '' });

it('leaves to noVNC what arrives as it is, Shift itself too', () => {
  expect([down('KeyA'), down('Enter'), down('ShiftLeft', true), down('KeyB', true)]).toEqual([
    false,
    false,
    false,
    false,
  ]);
  expect(sent).toEqual([]);
});

it('puts Shift around a stroke that needs it: JIS @ on a US guest', () => {
  expect(down('BracketLeft')).toBe(true);
  expect(sent).toEqual(['ShiftLeft↓', 'Digit2↓', 'Digit2↑', 'ShiftLeft↑']);
});

it('uses the Shift that is down: JIS " on a US guest', () => {
  down('ShiftRight', true);
  expect(down('Digit2', true)).toBe(true);
  expect(sent).toEqual(['Quote↓', 'Quote↑']);
});

it('lifts it for a stroke without, and puts it back: JIS = on a US guest', () => {
  down('ShiftLeft', true);
  down('ShiftRight', true);
  expect(down('Minus', true)).toBe(true);
  expect(sent).toEqual(['ShiftLeft↑', 'ShiftRight↑', 'Equal↓', 'Equal↑', 'ShiftLeft↓', 'ShiftRight↓']);
  typist.keyUp({ code: 'ShiftRight' });
  sent = [];
  down('Minus', true);
  expect(sent).toEqual(['ShiftLeft↑', 'Equal↓', 'Equal↑', 'ShiftLeft↓']);
});

it('Shift that the menu holds counts as one that a finger holds', () => {
  typist.hold('ShiftLeft', true);
  expect(down('Minus')).toBe(true);
  expect(sent).toEqual(['ShiftLeft↑', 'Equal↓', 'Equal↑', 'ShiftLeft↓']);
  typist.hold('ShiftLeft', false);
  expect(down('Minus')).toBe(false);
});

it('what the guest has no key for is not sent, nor heard by anybody', () => {
  expect(down('Backquote')).toBe(true);
  expect(sent).toEqual([]);
});

it('forgets a finger’s Shift when the keyboard goes elsewhere, the menu’s when the connection ends', () => {
  down('ShiftLeft', true);
  typist.blur();
  expect(down('Minus')).toBe(false);
  typist.hold('ShiftLeft', true);
  typist.blur();
  expect(down('Minus')).toBe(true);
  typist.forget();
  expect(down('Minus')).toBe(false);
});
