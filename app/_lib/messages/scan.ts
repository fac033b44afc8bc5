/**
 * Finds words that stand in a component instead of in the message files. Not a parser: it takes comments out,
 * then looks for Japanese anywhere, for text between tags, and for words in the attributes that people read.
 */
const readAttributes = /\b(?:title|label|alt|placeholder|aria-label|help|dismiss)="([^"]*[A-Za-z]{2,}[^"]*)"/g;
/** From the end of a tag to the next tag or brace. `=>`, `->` and comparisons do not end tags. */
const textBetweenTags = /(?<![=\-\s])>([^<>{}]*)(?=[<{])/g;
const textAfterBrace = /\}([^<>{};()=]*)(?=<\/)/g;
const japanese = /[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}]+/gu;

/** @returns the words found, in order; empty for a clean component. */
export function wordsIn(source: string): string[] {
  const code = source.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '$1');
  const found: string[] = [...(code.match(japanese) ?? [])];
  for (const pattern of [readAttributes, textBetweenTags, textAfterBrace]) {
    for (const [, text = ''] of code.matchAll(pattern)) {
      const words = text.trim();
      if (/[A-Za-z]{2,}/.test(words) && !looksLikeCode(words)) found.push(words);
    }
  }
  return found;
}

/** What follows a type's `>`: `(a: b)`, `= x`, `| null`, `;` … */
function looksLikeCode(text: string): boolean {
  return /[;=()[\]|&]|=>|^[,.:?]|^\w+:/.test(text);
}
