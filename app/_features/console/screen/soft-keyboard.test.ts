import { expect, test } from 'vitest';
import { readWritten } from './SoftKeyboard.tsx';

const filler = '\u200b'.repeat(20);

test('what was written is read wherever the cursor was', () => {
  for (const value of [`${filler}ls`, `ls${filler}`, `${filler.slice(0, 7)}ls${filler.slice(7)}`])
    expect(readWritten(value)).toEqual({ written: 'ls', deleted: 0 });
});

test('what is gone of the filler was deleted', () => {
  expect(readWritten(filler.slice(0, 18))).toEqual({ written: '', deleted: 2 });
  // A word that was put in the place of the letters before it.
  expect(readWritten(`${filler.slice(0, 17)}the`)).toEqual({ written: 'the', deleted: 3 });
  expect(readWritten('')).toEqual({ written: '', deleted: 20 });
});
