/** The menu on a terminal, until one of its servers is chosen or somebody leaves. */
import { type Choice, choose, LineEditor, menuLines, plain } from './menu.ts';
import type { Terminal } from './terminal.ts';
import type { Words } from './words.ts';

const TRIES = 20;

export class MenuScreen {
  readonly #choices: Choice[];
  readonly #terminal: Terminal;
  readonly #words: Words;
  readonly #editor = new LineEditor();
  readonly #decide: (choice: Choice | null) => void;
  #tries = 0;
  /** Null: nothing was chosen. */
  readonly chosen: Promise<Choice | null>;

  constructor(choices: Choice[], terminal: Terminal, words: Words) {
    this.#choices = choices;
    this.#terminal = terminal;
    this.#words = words;
    const { promise, resolve } = Promise.withResolvers<Choice | null>();
    this.chosen = promise;
    this.#decide = resolve;
    if (choices.length === 0) {
      terminal.print(`${words.menuEmpty}\n`);
      resolve(null);
    } else terminal.print(`\n${[words.menuTitle, ...menuLines(choices, words)].join('\n')}\n\n${words.menuPrompt}`);
  }

  leave(): void {
    this.#decide(null);
  }

  type(bytes: Buffer): void {
    const { echo, entered, leaves } = this.#editor.type(bytes);
    if (this.#terminal.window) this.#terminal.write(Buffer.from(echo));
    if (leaves) this.leave();
    else if (entered !== null && entered.trim() === '') this.#terminal.print(this.#words.menuPrompt);
    else if (entered !== null) this.#enter(entered);
  }

  #enter(typed: string): void {
    const chosen = choose(this.#choices, typed);
    if (typeof chosen !== 'string') {
      this.#decide(chosen);
      return;
    }
    this.#tries += 1;
    const words = chosen === 'several' ? this.#words.menuSeveral : this.#words.menuUnknown;
    this.#terminal.print(`${words(plain(typed))}\n`);
    if (this.#tries >= TRIES) this.leave();
    else this.#terminal.print(this.#words.menuPrompt);
  }
}
