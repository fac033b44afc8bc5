import { Terminal } from '@xterm/xterm';
import { expect, it } from 'vitest';
import { Questions } from './questions.ts';

const ASKED = [
  ...['\x1b[5n', '\x1b[6n', '\x1b[?6n', '\x1b[c', '\x1b[0c', '\x1b[>c', '\x1b[=c', '\x1bZ', '\x1b[>q', '\x05'],
  ...['\x1b[4$p', '\x1b[?2026$p', '\x1b[14t', '\x1b[18t', '\x1bP$qr\x1b\\', '\x1bP+q544e\x1b\\'],
  ...['\x1b]4;1;?\x07', '\x1b]10;?\x07', '\x1b]11;?\x1b\\', '\x1b]12;?\x07', '\x1b]52;c;?\x07'],
];

function terminal() {
  const term = new Terminal({ allowProposedApi: true, windowOptions: { getWinSizeChars: true } });
  const questions = new Questions(term);
  const sent: [string, boolean][] = [];
  term.onData((text) => sent.push([text, questions.answering]));
  const write = (text: string) => new Promise<void>((resolve) => term.write(text, resolve));
  return { term, questions, sent, write };
}

it('nothing that was asked in the past is answered, and what stands around it is drawn', async () => {
  const { term, questions, sent, write } = terminal();
  for (const question of ASKED) await write(`a${question}`);
  expect(sent).toEqual([]);
  expect(term.buffer.active.getLine(0)?.translateToString(true)).toBe('a'.repeat(ASKED.length));
  // Cut anywhere, and after a connection that was new for a while.
  questions.now();
  questions.past();
  for (const byte of ASKED.join('')) await write(byte);
  expect(sent).toEqual([]);
});

it('what is asked now is answered, and known as an answer; a key is none', async () => {
  const { term, questions, sent, write } = terminal();
  // In one go with the past, as it comes from the port.
  term.write('\x1b[6n old');
  questions.now();
  await write('\x1b[6n\x1b[c');
  expect(sent).toEqual([
    ['\x1b[1;5R', true],
    ['\x1b[?1;2c', true],
  ]);
  term.input('x');
  expect(sent.at(-1)).toEqual(['x', false]);
});

it('every question that xterm answers is one of them', async () => {
  const { questions, sent, write } = terminal();
  questions.now();
  for (const question of ASKED) await write(question);
  expect(sent.length).toBeGreaterThan(6);
  expect(sent.every(([, answering]) => answering)).toBe(true);
});

it('a colour that is set, and not asked for, is set: also in the past', async () => {
  const { term, write } = terminal();
  let reported = 0;
  term.parser.registerOscHandler(4, () => {
    reported++;
    return false;
  });
  await write('\x1b]4;1;rgb:00/ff/00\x07');
  expect(reported).toBe(1);
});
