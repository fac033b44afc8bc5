import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

/** WCAG 2 contrast over every pair of tokens that stand on each other, in both themes. */
const css = readFileSync(new URL('theme.css', import.meta.url), 'utf8');
const tokens = new Map(
  [...css.matchAll(/--([a-z0-9-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);/g)].map(
    ([, name, light, dark]) => [name as string, { light: light as string, dark: dark as string }] as const,
  ),
);

function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const channel = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [high = 0, low = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (high + 0.05) / (low + 0.05);
}

const grounds = ['surface', 'canvas', 'sunken', 'raised'];
const states = ['ok', 'neutral', 'busy', 'attention', 'bad'];
/** [foreground, background, least ratio] */
const pairs: [string, string, number][] = [
  ...['text', 'text-2', 'text-3', 'accent'].flatMap((fore) =>
    grounds.map((ground): [string, string, number] => [fore, ground, 4.5]),
  ),
  ...grounds.map((ground): [string, string, number] => ['control-border', ground, 3]),
  ...['primary', 'primary-hover', 'danger', 'danger-hover', 'acting'].map((fill): [string, string, number] => [
    'on-fill',
    fill,
    4.5,
  ]),
  // A chosen row holds all that a row holds.
  ...['text', 'text-2', 'text-3', 'accent', 'attention-text', 'bad-text'].map((fore): [string, string, number] => [
    fore,
    'selected',
    4.5,
  ]),
  ['control-border', 'selected', 3],
  ['acting-frame', 'surface', 3],
  ...states.flatMap((state): [string, string, number][] => [
    [`${state}-text`, `${state}-soft`, 4.5],
    [`${state}-icon`, 'surface', 3],
    [`${state}-icon`, `${state}-soft`, 3],
  ]),
  // Sentences in a state's colour stand on plain grounds too: field errors, the notice in the top bar.
  ...['ok-text', 'attention-text', 'bad-text'].flatMap((fore) =>
    grounds.map((ground): [string, string, number] => [fore, ground, 4.5]),
  ),
];

describe.each(['light', 'dark'] as const)('%s', (theme) => {
  it.each(pairs)('%s on %s ≥ %d', (fore, back, least) => {
    const a = tokens.get(fore);
    const b = tokens.get(back);
    if (a === undefined || b === undefined) throw new Error(`no token ${a === undefined ? fore : back} in theme.css`);
    expect(contrast(a[theme], b[theme])).toBeGreaterThanOrEqual(least);
  });
});

/** Drawn to please, not to tell: no words stand on it, and nothing is known by it alone. */
const decoration = new Set(['border']);

it('leaves no colour unmeasured', () => {
  const measured = new Set<unknown>(pairs.flat());
  expect([...tokens.keys()].filter((name) => !measured.has(name) && !decoration.has(name))).toEqual([]);
});

it('knows every colour of the theme', () => {
  // A token that is written in another way than these would go unmeasured.
  const written = [...css.matchAll(/^ {2}--([a-z0-9-]+): light-dark\(/gm)].map(([, name]) => name);
  expect([...tokens.keys()].sort()).toEqual(written.sort());
});

it('knows black on white', () => {
  expect(contrast('#000000', '#ffffff')).toBeCloseTo(21, 5);
});

it('the terminal, dark in both themes, can be read in every colour but its blacks', () => {
  const source = readFileSync(new URL('../_features/console/serial/terminal.ts', import.meta.url), 'utf8');
  const palette = new Map(
    [...source.matchAll(/^ {2}(\w+): '(#[0-9A-F]{6})',$/gm)].map(([, name = '', hex = '']) => [name, hex]),
  );
  const ground = palette.get('background') ?? '';
  for (const name of ['foreground', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white', 'brightBlack'])
    expect([name, contrast(palette.get(name) ?? '', ground) >= 4.5]).toEqual([name, true]);
});
