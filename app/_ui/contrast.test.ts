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
  ['text', 'selected', 4.5],
  ['accent', 'selected', 3],
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

it('knows black on white', () => {
  expect(contrast('#000000', '#ffffff')).toBeCloseTo(21, 5);
});
