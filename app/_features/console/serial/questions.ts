/**
 * What a guest asks its terminal: where the cursor is, what it is, which colours it has. xterm.js answers as if
 * somebody had typed. A question out of the past is not answered: whoever asked it is gone, and its answer would be
 * typed into the shell that is there now. A question of now has an answer that its asker can tell from typed keys
 * (`answering`), because only who holds the keyboard may give it.
 */
import type { Terminal } from '@xterm/xterm';

export class Questions {
  readonly #term: Terminal;
  #past = true;
  #answering = false;

  constructor(term: Terminal) {
    this.#term = term;
    const { parser } = term;
    const asked = () => this.#asked();
    // Cursor and state (DSR), what kind of terminal (DA, XTVERSION), which modes (DECRQM).
    for (const prefix of ['', '?', '>', '=']) {
      const before = prefix === '' ? {} : { prefix };
      for (const final of ['n', 'c', 'q']) if (final !== 'q' || prefix === '>') on({ ...before, final });
      on({ ...before, intermediates: '$', final: 'p' });
    }
    // Window's size (14t … 21t); other numbers change the window, which no guest may.
    on({ final: 't' });
    // Settings (DECRQSS), capabilities (XTGETTCAP).
    for (const intermediates of ['$', '+']) parser.registerDcsHandler({ intermediates, final: 'q' }, asked);
    // Colours and the clipboard: with a ? they are asked for, else set.
    for (const ident of [4, 10, 11, 12, 52]) parser.registerOscHandler(ident, (text) => text.includes('?') && asked());

    function on(id: { prefix?: string; intermediates?: string; final: string }) {
      parser.registerCsiHandler(id, asked);
    }
  }

  /** What is written after this was said before now. */
  past(): void {
    this.#term.write('', () => {
      this.#past = true;
    });
  }

  /** What is written after this is said now. */
  now(): void {
    this.#term.write('', () => {
      this.#past = false;
    });
  }

  /** While xterm's `onData` hands over an answer, and not a key. */
  get answering(): boolean {
    return this.#answering;
  }

  /** xterm answers within the call that reads the question; no key can come between. */
  #asked(): boolean {
    if (this.#past) return true;
    this.#answering = true;
    queueMicrotask(() => {
      this.#answering = false;
    });
    return false;
  }
}
