/** The list of one's servers and the line in which one is chosen: plain text, digits or a name, and Enter. */
import { StringDecoder } from 'node:string_decoder';
import type { Place } from './keys.ts';
import type { Words } from './words.ts';

export type Choice = Place & { server: NonNullable<Place['server']> };

export const choicesIn = (places: Place[]): Choice[] =>
  places.filter((place): place is Choice => place.server !== null);

/** One line for each; accounts and people are named where there is more than one. */
export function menuLines(choices: Choice[], words: Words): string[] {
  const severalAccounts = new Set(choices.map(({ server }) => server.accountId)).size > 1;
  const severalPeople = new Set(choices.map(({ userId }) => userId)).size > 1;
  const width = String(choices.length).length;
  return choices.map(({ server, accountName, email }, index) => {
    const whose = [...(severalAccounts ? [accountName] : []), ...(severalPeople ? [email] : [])];
    const number = String(index + 1).padStart(width + 2);
    const facts = [server.id, server.name, words.state(server.observed), ...whose];
    return plain(`${number}  ${facts.join('  ')}`);
  });
}

export type Chosen = Choice | 'unknown' | 'several';

/** By number, id or name. */
export function choose(choices: Choice[], typed: string): Chosen {
  const text = typed.normalize('NFKC').trim().toLowerCase();
  const byNumber = /^\d{1,4}$/.test(text) ? choices[Number(text) - 1] : undefined;
  const [first, second] = choices.filter(({ server }) => server.id === text || server.name.toLowerCase() === text);
  // A server may be called 2.
  if (byNumber && first && first !== byNumber) return 'several';
  if (byNumber) return byNumber;
  if (!first) return 'unknown';
  return second ? 'several' : first;
}

const LINE_MAX = 100;

/** What was typed so far. A key's escape sequence (an arrow) types nothing. */
export class LineEditor {
  readonly #decoder = new StringDecoder('utf8');
  #line: string[] = [];
  #escape = '';
  /** CR LF is one Enter. */
  #wasReturn = false;

  /** @returns what to echo, and what came to pass: lines that were ended, or that somebody leaves */
  type(bytes: Buffer): { echo: string; entered: string | null; leaves: boolean } {
    let echo = '';
    for (const char of this.#decoder.write(bytes)) {
      const afterReturn = this.#wasReturn;
      this.#wasReturn = char === '\r';
      if (char === '\n' && afterReturn) continue;
      if (this.#escape !== '' || char === '\x1b') this.#skip(char);
      else if (char === '\r' || char === '\n') {
        const entered = this.#line.join('');
        this.#line = [];
        return { echo: `${echo}\r\n`, entered, leaves: false };
      } else if (char === '\x03' || (char === '\x04' && this.#line.length === 0))
        return { echo: `${echo}\r\n`, entered: null, leaves: true };
      else if (char === '\x7f' || char === '\b') echo += erase(this.#line.pop());
      else if (char === '\x15') while (this.#line.length > 0) echo += erase(this.#line.pop());
      else if (char >= ' ' && this.#line.length < LINE_MAX) {
        this.#line.push(char);
        echo += char;
      }
    }
    return { echo, entered: null, leaves: false };
  }

  #skip(char: string): void {
    this.#escape += char;
    // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with one.
    const isWhole = /^\x1b(?:\[[0-?]*[ -/]*[@-~]|O.|[^[O])$/u.test(this.#escape);
    if (isWhole || this.#escape.length > 16) this.#escape = '';
  }
}

/** A wide character takes two cells. */
function erase(char: string | undefined): string {
  if (char === undefined) return '';
  const cells = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/.test(
    char,
  )
    ? 2
    : 1;
  return '\b'.repeat(cells) + ' '.repeat(cells) + '\b'.repeat(cells);
}

/** Names are people's own words: nothing in them steers a terminal. */
export const plain = (text: string): string => text.replaceAll(/\p{C}/gu, '');
