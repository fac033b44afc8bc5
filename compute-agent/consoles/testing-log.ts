/** What a reader of a port's log says, for tests. */
import { expect } from 'vitest';
import { type SerialMark, serialPosition } from '../contract/streams.ts';
import type { LogReader } from './log-reader.ts';

/** Everything until there is nothing yet, in order: text, and marks by their `why`. */
export async function drain(reader: LogReader): Promise<{ said: string[]; marks: SerialMark[]; text: string }> {
  const said: string[] = [];
  const marks: SerialMark[] = [];
  const buffer = Buffer.alloc(65_536);
  let text = '';
  for (;;) {
    const piece = await reader.next(buffer);
    if (piece === null) return { said, marks, text };
    if ('mark' in piece) {
      marks.push(piece.mark);
      said.push(`<${piece.mark.why}>`);
      expect(serialPosition.safeParse(piece.mark.at).success).toBe(true);
    } else {
      const words = buffer.toString('utf8', 0, piece.bytes);
      text += words;
      said.push(words.length > 40 ? `${words.length} characters` : words);
    }
  }
}
