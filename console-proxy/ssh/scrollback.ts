/**
 * What a shell shows, in its order: first the history as one piece, cleaned (replay.ts), then the line where live
 * begins, what was to be said meanwhile, and from then on everything as it comes.
 */
import { withoutQuestions } from './replay.ts';
import type { Terminal } from './terminal.ts';

/** History is held back until it is whole; one that is longer is shown as it comes. */
const HISTORY_MAX = 262_144;

export class Scrollback {
  readonly #terminal: Terminal;
  readonly #unsaid: string[] = [];
  #history: Buffer[] | null = [];
  #bytes = 0;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  /** The beginning of live has not been shown yet. */
  get held(): boolean {
    return this.#history !== null;
  }

  /** False: the terminal is behind. */
  data(bytes: Buffer): boolean {
    if (this.#history === null) return this.#terminal.write(bytes);
    this.#history.push(bytes);
    this.#bytes += bytes.length;
    if (this.#bytes > HISTORY_MAX) this.#flush();
    return true;
  }

  /** About the state of things: after the history. */
  say(sentence: string): void {
    if (this.#history === null) this.#terminal.say(sentence);
    else this.#unsaid.push(sentence);
  }

  /** About this place in what the port said. */
  mark(sentence: string): void {
    this.#flush();
    this.#terminal.say(sentence);
  }

  live(sentence: string | null): void {
    this.#flush();
    this.#history = null;
    for (const each of [...(sentence === null ? [] : [sentence]), ...this.#unsaid.splice(0)]) this.#terminal.say(each);
  }

  #flush(): void {
    this.#terminal.write(withoutQuestions(Buffer.concat(this.#history ?? [])));
    this.#bytes = 0;
    if (this.#history) this.#history = [];
  }
}
