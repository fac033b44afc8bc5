import { describe, expect, it } from 'vitest';
import { folded, matches, rank } from './match.ts';

describe('the same, however it is written', () => {
  it.each([
    ['さーばー', 'サーバー'],
    ['ｻｰﾊﾞｰ', 'サーバー'],
    ['ＷＥＢ－１', 'web-1'],
    ['WEB-1', 'web-1'],
    ['ﾌﾟﾛﾌｨｰﾙ', 'プロフィール'],
    ['ぷろふぃーる', 'プロフィール'],
    ['１９２．０．２．７', '192.0.2.7'],
    ['web−1', 'web-1'],
    ['ゔぁ', 'ヴァ'],
  ])('%s = %s', (typed, text) => {
    expect(folded(typed)).toBe(folded(text));
    expect(matches(typed, [text])).toBe(true);
  });
});

it('wants every word, in any order and any of the texts', () => {
  expect(matches('東京 web', ['web-1', '東京1'])).toBe(true);
  expect(matches('web　東京', ['web-1', '東京1'])).toBe(true);
  expect(matches('web 大阪', ['web-1', '東京1'])).toBe(false);
  expect(matches('', ['anything'])).toBe(true);
  expect(matches('   ', ['anything'])).toBe(true);
});

it('does not take different kana for the same', () => {
  expect(matches('サーハー', ['サーバー'])).toBe(false);
  expect(matches('カ', ['ガ'])).toBe(false);
});

it('puts what begins with the query first', () => {
  const names = ['my-web', 'web-2', 'web'];
  expect([...names].sort((a, b) => rank('WEB', a) - rank('WEB', b))).toEqual(['web', 'web-2', 'my-web']);
});
