/** A process of the bench's own that is told what to do: one answer for each message. It ends with who started it. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';

// biome-ignore lint/suspicious/noExplicitAny: of any handlers
type Handlers = Record<string, (...args: any[]) => unknown>;
type Question = { id: number; what: string; args: unknown[] };
type Answer = { id: number; answer?: unknown; error?: string };

export class Helper<H extends Handlers> {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #asked = 0;

  /** @param file of this folder, one that calls `serve` */
  constructor(file: URL, execArgv: string[] = []) {
    this.#child = fork(file, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], execArgv });
    this.#child.on('message', (answer: Answer) => this.#waiting.get(answer.id)?.(answer));
    this.#child.once('exit', (code, signal) => {
      for (const each of this.#waiting.values()) each({ id: 0, error: `${file.pathname} ended: ${code ?? signal}` });
    });
  }

  get pid(): number {
    return this.#child.pid as number;
  }

  async ask<K extends keyof H & string>(what: K, ...args: Parameters<H[K]>): Promise<Awaited<ReturnType<H[K]>>> {
    const id = ++this.#asked;
    const { answer, error } = await new Promise<Answer>((resolve) => {
      this.#waiting.set(id, resolve);
      this.#child.send({ id, what, args } satisfies Question);
    });
    this.#waiting.delete(id);
    if (error !== undefined) throw new Error(`${what}: ${error}`);
    return answer as Awaited<ReturnType<H[K]>>;
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    await ended;
  }
}

export function serve(handlers: Handlers): void {
  process.on('disconnect', () => process.exit());
  process.on('message', async ({ id, what, args }: Question) => {
    const answer: Answer = await Promise.resolve()
      .then(() => (handlers[what] as Handlers[string])(...args))
      .then(
        (value: unknown) => ({ id, answer: value }),
        (error: unknown) => ({ id, error: error instanceof Error ? error.message : String(error) }),
      );
    process.send?.(answer);
  });
}
