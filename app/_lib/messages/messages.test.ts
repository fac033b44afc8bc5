/**
 * The words: the same keys in both languages, no word that the glossary forbids, the same arguments on both
 * sides, a sentence for every code that the server may send, and no words outside these files.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type MessageFormatElement, parse, TYPE } from '@formatjs/icu-messageformat-parser';
import { describe, expect, it } from 'vitest';
import { errorCodes, fieldErrorCodes } from '../../../server/errors.ts';
import { messages } from '../i18n/messages.ts';
import { wordsIn } from './scan.ts';

type Tree = { [key: string]: string | Tree };
function flat(tree: Tree, prefix = ''): [string, string][] {
  return Object.entries(tree).flatMap(([key, value]) =>
    typeof value === 'string' ? [[prefix + key, value] as [string, string]] : flat(value, `${prefix}${key}.`),
  );
}
const ja = new Map(flat(messages.ja as unknown as Tree));
const en = new Map(flat(messages.en as unknown as Tree));

it('both languages have the same keys', () => {
  expect([...ja.keys()].filter((key) => !en.has(key))).toEqual([]);
  expect([...en.keys()].filter((key) => !ja.has(key))).toEqual([]);
});

it('nothing is empty', () => {
  for (const [key, text] of [...ja, ...en]) expect(text.trim(), key).not.toBe('');
});

function argumentsOf(elements: MessageFormatElement[]): string[] {
  return elements.flatMap((element) => {
    switch (element.type) {
      case TYPE.literal:
      case TYPE.pound:
        return [];
      case TYPE.tag:
        return [`<${element.value}>`, ...argumentsOf(element.children)];
      case TYPE.plural:
      case TYPE.select:
        return [element.value, ...Object.values(element.options).flatMap(({ value }) => argumentsOf(value))];
      default:
        return [element.value];
    }
  });
}
function argumentNames(key: string, text: string): string[] {
  try {
    return [...new Set(argumentsOf(parse(text, { ignoreTag: false })))].sort();
  } catch (error) {
    throw new Error(`${key} is not ICU: ${text}`, { cause: error });
  }
}

it('both languages take the same arguments, in ICU that can be read', () => {
  for (const [key, text] of ja) expect(argumentNames(key, en.get(key) ?? ''), key).toEqual(argumentNames(key, text));
});

/** Glossary ✗ and the banned phrases of the voice. `サーバ` alone: not followed by ー. */
const bannedJa: [RegExp, string][] = [
  [/サーバ(?!ー)/, 'サーバー'],
  [/インスタンス/, 'サーバー'],
  [/起動中/, '稼働中 / 起動処理中'],
  [/停止中/, '停止 / シャットダウン処理中'],
  [/不明なエラー/, '確認できません'],
  [/強制終了|電源断/, '強制停止'],
  [/リブート/, '再起動'],
  [/再構築/, '再インストール'],
  [/退会/, '解約'],
  [/キャンセル/, '閉じる / 変更せずに戻る'],
  [/VNC/, '画面'],
  [/スペック/, 'プラン'],
  [/スケールアップ/, 'プラン変更'],
  [/お客様側/, 'leave it out'],
  [/ストレージ/, 'ディスク'],
  [/マウント|排出/, '挿入 / 取り出し'],
  [/ファイアウォール/, '接続許可ポート'],
  [/ジョブ|タスク/, '処理'],
  [/マイグレーション/, '移動'],
  [/不正な|無効な/, 'what is wrong, in words'],
  [/エラーが発生しました/, 'what did not happen'],
  [/あなた/, 'leave it out'],
  [/￥|税別/, '1,100円（税込）'],
  [/[0-9A-Za-z]　|　/, 'no full-width space'],
];
const bannedEn: [RegExp, string][] = [
  [/\bplease\b/i, 'leave it out'],
  [/\boops\b/i, 'what did not happen'],
  [/\b(in)?valid\b/i, 'what is wrong, in words'],
  [/\bsorry\b/i, 'leave it out'],
  [/\breboot/i, 'restart'],
  [/\bkill\b/i, 'force off'],
  [/something went wrong/i, 'what did not happen'],
];

describe('glossary', () => {
  it.each(bannedJa)('ja: no %s (%s)', (word) => {
    expect([...ja].filter(([, text]) => word.test(text))).toEqual([]);
  });
  it.each(bannedEn)('en: no %s (%s)', (word) => {
    expect([...en].filter(([, text]) => word.test(text))).toEqual([]);
  });
});

it('every code that the server may send has its sentence', () => {
  for (const code of Object.keys(errorCodes)) expect(ja.has(`errors.${code}`), code).toBe(true);
  for (const code of fieldErrorCodes) expect(ja.has(`fields.${code}`), code).toBe(true);
});

const app = fileURLToPath(new URL('../../', import.meta.url));
const sources = readdirSync(app, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.tsx'));

describe('no words in components', () => {
  it.each(sources)('%s', (path) => {
    expect(wordsIn(readFileSync(app + path, 'utf8'))).toEqual([]);
  });

  it('the scanner sees words where they hide', () => {
    expect(wordsIn('<p>Hello world</p>')).toEqual(['Hello world']);
    expect(wordsIn('<p>\n  Hello {name}\n</p>')).toEqual(['Hello']);
    expect(wordsIn('<b title="Close it">{x}</b>')).toEqual(['Close it']);
    expect(wordsIn("const a = cond ? '起動' : '';")).toEqual(['起動']);
    expect(wordsIn('// 起動 in a comment\n<p>{t("x")}</p> /* and <b>here</b> */')).toEqual([]);
    expect(wordsIn('const f = (a: Map<string, number>) => a.size > 0 && b < 3;')).toEqual([]);
  });
});
