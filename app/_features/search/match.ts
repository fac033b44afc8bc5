/**
 * Finding by what somebody types, however their keyboard writes it: capitals, full-width letters, half-width kana and
 * hiragana for katakana all count as the same.
 */
const HIRAGANA = /[\u3041-\u3096\u309d\u309e]/g;
const KATAKANA_OFFSET = 0x60;

export function folded(text: string): string {
  return (
    text
      // Half-width kana with their marks become one letter, full-width letters become ASCII.
      .normalize('NFKC')
      .toLowerCase()
      .replace(HIRAGANA, (kana) => String.fromCharCode(kana.charCodeAt(0) + KATAKANA_OFFSET))
      // サーバ and サーバー, and the dashes that an input method offers for a hyphen.
      .replace(/[‐‑‒–—―−ー]/g, '-')
      .trim()
  );
}

/** Every word of the query somewhere in one of the texts. An empty query matches all. */
export function matches(query: string, texts: readonly string[]): boolean {
  const words = folded(query)
    .split(/\s+/)
    .filter((word) => word !== '');
  if (words.length === 0) return true;
  const all = texts.map(folded);
  return words.every((word) => all.some((text) => text.includes(word)));
}

/** The better, the smaller: what begins with the query stands before what only holds it. */
export function rank(query: string, text: string): number {
  const [wanted, found] = [folded(query), folded(text)];
  return wanted === '' ? 1 : found === wanted ? 0 : found.startsWith(wanted) ? 1 : 2;
}
