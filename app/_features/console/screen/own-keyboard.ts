/**
 * The keyboard in front of a person, against the one that the guest believes to have. noVNC sends the place of a key
 * (KeyboardEvent.code, by QEMU's extended key events), and the guest reads it by its own layout: where the two differ,
 * `@` of a Japanese keyboard arrives as `[` on an American guest. There the character that was meant is sent instead,
 * by the key that prints it in the guest.
 */
import { characterAt, type LayoutName, type Stroke, strokeOf } from './layouts.ts';

/** `auto`: what the browser says that the key means, which knows the keyboard set in the viewer's own system. */
export type OwnLayout = 'auto' | LayoutName;

export interface Press {
  code: string;
  key: string;
  shiftKey: boolean;
}

export type Sending =
  /** The key's place is right: sent as it is. */
  | { how: 'place' }
  /** By another key, or with another Shift. */
  | { how: 'stroke'; stroke: Stroke }
  /** No key of the guest makes it. */
  | { how: 'never' };

const PLACE: Sending = { how: 'place' };

/** On a Japanese keyboard left of 1: it switches the input method, and prints nothing. */
const isZenkaku = (own: OwnLayout, { code, key }: Press): boolean =>
  code === 'Backquote' && (own === 'jis' || (own === 'auto' && (key === 'ZenkakuHankaku' || key === 'Hankaku')));

/** What a key prints by one's own keyboard; undefined: nothing, or what no table knows. */
export function meant(own: OwnLayout, press: Press): string | undefined {
  if (own !== 'auto') return characterAt(own, press.code, press.shiftKey);
  return press.key.length === 1 && press.key > ' ' && press.key <= '~'
    ? press.key
    : press.key === '¥'
      ? '¥'
      : undefined;
}

/** How a key of one's own keyboard is sent to a guest that has the layout `guest`. */
export function sendingOf(own: OwnLayout, guest: LayoutName, press: Press): Sending {
  const { code, shiftKey } = press;
  if (own === guest || !isWriting(code)) return PLACE;
  if (isZenkaku(own, press)) return guest === 'jis' ? PLACE : { how: 'never' };
  const character = meant(own, press);
  // A key that prints nothing on a keyboard that we know (Shift+0 of a Japanese one); else the browser does not tell.
  if (character === undefined) return own === 'auto' ? PLACE : { how: 'never' };
  // The yen sign of a Japanese keyboard is the backslash of an American one: one byte, two shapes.
  const wanted = character === '¥' && guest === 'us' ? '\\' : character;
  const letter = /^[a-z]$/i.test(wanted);
  const stroke = strokeOf(guest, letter ? wanted.toLowerCase() : wanted);
  if (stroke === undefined) return { how: 'never' };
  // A letter's case is Shift's and Caps Lock's, and both are in the guest as they are here.
  const shift = letter ? shiftKey : stroke.shift;
  return stroke.code === code && shift === shiftKey ? PLACE : { how: 'stroke', stroke: { ...stroke, shift } };
}

/** What a guest makes of it; undefined: nothing. */
export function arrives(own: OwnLayout, guest: LayoutName, press: Press): string | undefined {
  const sending = sendingOf(own, guest, press);
  if (sending.how === 'never') return undefined;
  const { code, shift } = sending.how === 'stroke' ? sending.stroke : { code: press.code, shift: press.shiftKey };
  return characterAt(guest, code, shift);
}

/** Of the part of a keyboard that layouts differ in; not the keypad, whose keys are the same on all. */
const isWriting = (code: string): boolean =>
  /^(?:Key[A-Z]|Digit\d|Minus|Equal|Bracket(?:Left|Right)|Backslash|Semicolon|Quote|Backquote|Comma|Period|Slash|Intl(?:Ro|Yen|Backslash))$/.test(
    code,
  );
