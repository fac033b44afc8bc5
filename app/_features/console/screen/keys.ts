/** Keys that browsers keep for themselves, or that a viewer's keyboard lacks. Keysyms are X11's. */
import { type LayoutName, strokeOf } from './layouts.ts';

export interface Key {
  keysym: number;
  code: string;
}

export type Modifier = 'Ctrl' | 'Alt' | 'Shift' | 'Win';
export const modifiers: Record<Modifier, Key> = {
  Ctrl: { keysym: 0xffe3, code: 'ControlLeft' },
  Alt: { keysym: 0xffe9, code: 'AltLeft' },
  Shift: { keysym: 0xffe1, code: 'ShiftLeft' },
  Win: { keysym: 0xffeb, code: 'MetaLeft' },
};

/** By what KeyboardEvent.code names them. */
export const shiftKeys: Record<string, Key | undefined> = {
  ShiftLeft: modifiers.Shift,
  ShiftRight: { keysym: 0xffe2, code: 'ShiftRight' },
};

const functionKey = (n: number): Key => ({ keysym: 0xffbd + n, code: `F${n}` });
const zenkaku: Key = { keysym: 0xff2a, code: 'Backquote' };

export interface Press {
  /** What stands on the keys; `zenkaku` and `win` have words of their own. */
  name: string;
  held: Modifier[];
  key: Key;
}

/** The rows of the menu, for a guest's layout. */
export function presses(layout: LayoutName): Press[] {
  const character = (name: string): Press[] => {
    const stroke = strokeOf(layout, name);
    return stroke === undefined ? [] : [{ name, held: stroke.shift ? ['Shift'] : [], key: stroke }];
  };
  return [
    // The same place prints something on an American one.
    ...(layout === 'jis' ? [{ name: 'zenkaku', held: [], key: zenkaku }] : []),
    ...['¥', '|', '_'].flatMap(character),
    { name: 'Esc', held: [], key: { keysym: 0xff1b, code: 'Escape' } },
    { name: 'Tab', held: [], key: { keysym: 0xff09, code: 'Tab' } },
    { name: 'win', held: [], key: modifiers.Win },
    { name: 'Alt+F4', held: ['Alt'], key: functionKey(4) },
    ...[1, 2, 3, 4, 5, 6, 7].map(
      (n): Press => ({ name: `Ctrl+Alt+F${n}`, held: ['Ctrl', 'Alt'], key: functionKey(n) }),
    ),
  ];
}

/** Keys of a soft keyboard that print nothing. */
export const editing: Record<string, Key> = {
  Backspace: { keysym: 0xff08, code: 'Backspace' },
  Enter: { keysym: 0xff0d, code: 'Enter' },
  Tab: { keysym: 0xff09, code: 'Tab' },
  Escape: { keysym: 0xff1b, code: 'Escape' },
  ArrowLeft: { keysym: 0xff51, code: 'ArrowLeft' },
  ArrowUp: { keysym: 0xff52, code: 'ArrowUp' },
  ArrowRight: { keysym: 0xff53, code: 'ArrowRight' },
  ArrowDown: { keysym: 0xff54, code: 'ArrowDown' },
};
