/**
 * Keyboards as guests read them: which key, with Shift or without, makes which character. QEMU hands the guest the
 * place of a key (its scan code); what is printed by it, the guest's own layout decides. So who types a text into a
 * guest must know that layout, and not the viewer's.
 */
export type LayoutName = 'us' | 'jis';

export interface Stroke {
  /** As KeyboardEvent.code names the key. */
  code: string;
  shift: boolean;
  /** X11's number of the character, for servers that go by it. */
  keysym: number;
}

const letters = [...'abcdefghijklmnopqrstuvwxyz'].map(
  (letter): Row => [`Key${letter.toUpperCase()}`, letter, letter.toUpperCase()],
);
const digits = (shifted: string): Row[] =>
  [...'1234567890'].map((digit, n) => [`Digit${digit}`, digit, shifted[n] ?? '']);

/** Code, plain, with Shift. */
type Row = [code: string, plain: string, shifted: string];

const rows: Record<LayoutName, Row[]> = {
  us: [
    ...letters,
    ...digits('!@#$%^&*()'),
    ['Minus', '-', '_'],
    ['Equal', '=', '+'],
    ['BracketLeft', '[', '{'],
    ['BracketRight', ']', '}'],
    ['Backslash', '\\', '|'],
    ['Semicolon', ';', ':'],
    ['Quote', "'", '"'],
    ['Backquote', '`', '~'],
    ['Comma', ',', '<'],
    ['Period', '.', '>'],
    ['Slash', '/', '?'],
  ],
  // OADG 109A, as Linux's jp106 and xkb's jp have it.
  jis: [
    ...letters,
    ...digits('!"#$%&\'()'),
    ['Minus', '-', '='],
    ['Equal', '^', '~'],
    ['BracketLeft', '@', '`'],
    ['BracketRight', '[', '{'],
    ['Backslash', ']', '}'],
    ['Semicolon', ';', '+'],
    ['Quote', ':', '*'],
    ['Comma', ',', '<'],
    ['Period', '.', '>'],
    ['Slash', '/', '?'],
    ['IntlRo', '\\', '_'],
    ['IntlYen', '¥', '|'],
  ],
};

const enter: Stroke = { code: 'Enter', shift: false, keysym: 0xff0d };
const common: [string, Stroke][] = [
  [' ', { code: 'Space', shift: false, keysym: 0x20 }],
  ['\t', { code: 'Tab', shift: false, keysym: 0xff09 }],
  ['\n', enter],
];

const tables = Object.fromEntries(
  Object.entries(rows).map(([name, layout]) => [
    name,
    new Map<string, Stroke>([
      ...common,
      ...layout.flatMap(([code, ...characters]) =>
        characters
          .map((character, n): [string, Stroke] => [
            character,
            { code, shift: n === 1, keysym: character.codePointAt(0) ?? 0 },
          ])
          .filter(([character]) => character !== ''),
      ),
    ]),
  ]),
) as Record<LayoutName, Map<string, Stroke>>;

/** The stroke that prints `character` under a layout; undefined: none does. */
export const strokeOf = (layout: LayoutName, character: string): Stroke | undefined => tables[layout].get(character);

/** The other way: what the key at a place prints; undefined: nothing. */
export function characterAt(layout: LayoutName, code: string, shift: boolean): string | undefined {
  const row = rows[layout].find(([name]) => name === code);
  return row?.[shift ? 2 : 1] || undefined;
}

/** A text as strokes. Line ends of any kind are Enter. `cannot`: the characters, once each, that no key prints. */
export function strokesOf(layout: LayoutName, text: string): { strokes: Stroke[]; cannot: string[] } {
  const strokes: Stroke[] = [];
  const cannot = new Set<string>();
  for (const character of text.replaceAll('\r\n', '\n').replaceAll('\r', '\n')) {
    const stroke = strokeOf(layout, character);
    if (stroke === undefined) cannot.add(character);
    else strokes.push(stroke);
  }
  return { strokes, cannot: [...cannot] };
}
