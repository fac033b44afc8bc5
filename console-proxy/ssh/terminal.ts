/**
 * The other end of a shell: a window, or a pipe. The guest's bytes go there as they are; what we say is told apart, in
 * a window by a dim line of its own, on a pipe by the other channel (standard error).
 */
import type { ServerChannel } from 'ssh2';
import { plain } from './menu.ts';

export type Window = { rows: number; cols: number };

export class Terminal {
  readonly #channel: ServerChannel;
  readonly #window: Window | null;
  #atLineStart = true;
  #over = false;

  constructor(channel: ServerChannel, window: Window | null) {
    this.#channel = channel;
    this.#window = window;
  }

  get window(): Window | null {
    return this.#window;
  }

  /** False: it is behind; `drained` says when it is not any more. */
  write(bytes: Buffer): boolean {
    if (this.#over || bytes.length === 0) return true;
    this.#atLineStart = bytes.at(-1) === 10;
    return this.#channel.write(bytes);
  }

  onDrained(listener: () => void): void {
    this.#channel.on('drain', listener);
  }

  /** Plain text as part of the menu. */
  print(text: string): void {
    if (this.#over) return;
    if (this.#window) this.write(Buffer.from(text.replaceAll(/\r?\n/g, '\r\n')));
    else this.#channel.stderr.write(text);
  }

  /** A sentence of ours. */
  say(sentence: string): void {
    if (this.#over) return;
    const line = plain(sentence);
    if (this.#window) this.write(Buffer.from(`${this.#atLineStart ? '' : '\r\n'}\x1b[0;2m-- ${line} --\x1b[0m\r\n`));
    else this.#channel.stderr.write(`${line}\n`);
  }

  /** Ends the shell, with a last sentence. */
  end(status: number, sentence?: string): void {
    if (this.#over) return;
    if (sentence !== undefined) this.say(sentence);
    this.#over = true;
    this.#channel.exit(status);
    this.#channel.end();
  }
}
