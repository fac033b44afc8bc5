import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Choice, choose, LineEditor, menuLines } from './menu.ts';
import { withoutQuestions } from './replay.ts';
import { wordsOf } from './words.ts';

const choice = (id: string, name: string, more: Partial<Choice> = {}, accountId = 'acc_1'): Choice => ({
  ...{ keyId: 'k', userId: 'u', userName: 'n', email: 'a@example.com', locale: 'ja', accountName: '山田商店' },
  ...{ server: { id, name, accountId, observed: 'running' }, viewOnly: false },
  ...more,
});
const [web, db, two] = [choice('aaaaaaaaaa', 'web-1'), choice('bbbbbbbbbb', 'db-1'), choice('cccccccccc', '2')];

describe('a choice', () => {
  it.each([
    ['1', web],
    [' ２ ', db],
    ['DB-1', db],
    ['cccccccccc', two],
    ['0', 'unknown'],
    ['', 'unknown'],
    ['99', 'unknown'],
  ])('%j', (typed, expected) => {
    expect(choose(typed === ' ２ ' ? [web, db] : [web, db, two], typed)).toBe(expected);
  });

  it('is asked again where a number is also a name, or a name is two servers’', () => {
    expect(choose([web, db, two], '2')).toBe('several');
    expect(choose([web, choice('dddddddddd', 'web-1', {}, 'acc_2')], 'web-1')).toBe('several');
  });

  it('is listed with its account and person only where there are several, and steers no terminal', () => {
    expect(menuLines([web, db], wordsOf('ja'))[0]).toBe('  1  aaaaaaaaaa  web-1  稼働中');
    const other = choice('dddddddddd', 'x\x1b[2J', { accountName: 'B', userId: 'v', email: 'b@example.com' }, 'acc_2');
    expect(menuLines([web, other], wordsOf('en'))).toEqual([
      '  1  aaaaaaaaaa  web-1  running  山田商店  a@example.com',
      '  2  dddddddddd  x[2J  running  B  b@example.com',
    ]);
  });
});

describe('the line', () => {
  const typed = (...pieces: string[]) => {
    const editor = new LineEditor();
    return pieces.map((piece) => editor.type(Buffer.from(piece)));
  };

  it('is edited, in bytes as they come', () => {
    const editor = new LineEditor();
    const bytes = Buffer.from('あい\x7fう\r\n');
    let last = { echo: '', entered: null as string | null, leaves: false };
    for (const byte of bytes) {
      const next = editor.type(Buffer.from([byte]));
      if (next.entered !== null) last = next;
    }
    expect(last.entered).toBe('あう');
  });

  it('knows no arrows, and is emptied by Ctrl+U', () => {
    expect(typed('ab\x1b[Ac\x1bOBd\x1b[1;5Ce\r')[0]?.entered).toBe('abcde');
    expect(typed('abc\x15x\r')[0]?.entered).toBe('x');
    expect(typed('abc\x15')[0]?.echo).toBe(`abc${'\b \b'.repeat(3)}`);
  });

  it('is left by Ctrl+C, and by Ctrl+D when it is empty', () => {
    expect(typed('ab\x03')[0]?.leaves).toBe(true);
    expect(typed('\x04')[0]?.leaves).toBe(true);
    expect(typed('a\x04\r')[0]).toMatchObject({ entered: 'a', leaves: false });
  });
});

describe('history', () => {
  it.each([
    ['where the cursor is', '\x1b[6n'],
    ['what it is', '\x1b[c\x1b[>0c\x1b[=c\x1bZ'],
    ['its colours', '\x1b]11;?\x07\x1b]4;1;?\x1b\\'],
    ['its clipboard', '\x1b]52;c;?\x07'],
    ['a setting', '\x1bP$qm\x1b\\\x1b[?25$p'],
    ['its size', '\x1b[18t'],
    ['its name', '\x1b[>q\x05'],
  ])('asks no terminal: %s', (_, question) => {
    expect(withoutQuestions(Buffer.from(`a${question}b`)).toString()).toBe('ab');
  });

  it('keeps colours, titles and every other byte', () => {
    const kept = '\x1b[1;31mred\x1b[0m\x1b[2J\x1b]0;title?x\x07日本語\x1b[10;5H\x1b[22;0t';
    expect(withoutQuestions(Buffer.from(kept)).toString()).toBe(kept);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const plain = Buffer.from(bytes.filter((byte) => byte !== 0x1b && byte !== 5));
        expect(withoutQuestions(plain).equals(plain)).toBe(true);
      }),
    );
  });
});
