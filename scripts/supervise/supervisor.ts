/**
 * Keeps the processes of `run/processes.json` running. SIGHUP: read the table again, start what is new, end
 * what has gone, restart what has another version; then `run/applied` holds the table's digest. SIGTERM, SIGINT: end all in reverse order, and go.
 *
 * A supervisor that was killed is no loss: the next one finds each process by its pid file and ends its group
 * before it starts another.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isAlive, leaderOf } from './groups.ts';
import { rotateLog } from './log-file.ts';
import { readPidFile, removePidFile, writePidFile } from './pid-file.ts';
import { type Say, SupervisedProcess } from './process.ts';
import { type ProcessSpec, readTable } from './table.ts';

const ROTATE_EVERY_MS = 60_000;

export class Supervisor {
  readonly #data: string;
  readonly #say: Say;
  #processes: SupervisedProcess[] = [];
  /** Changes are made one after the other: a stop that comes during a start waits for it. */
  #work: Promise<void> = Promise.resolve();

  constructor(data: string, say: Say) {
    this.#data = data;
    this.#say = say;
  }

  get #table(): string {
    return join(this.#data, 'run', 'processes.json');
  }

  get pidFile(): string {
    return join(this.#data, 'run', 'supervisor.pid');
  }

  /** @throws Error when another supervisor of the same folder lives. */
  claim(): void {
    mkdirSync(join(this.#data, 'run'), { recursive: true });
    const other = readPidFile(this.pidFile);
    if (other && other.pid !== process.pid && isAlive(other)) {
      throw new Error(`a supervisor of ${this.#data} runs already (pid ${other.pid})`);
    }
    const self = leaderOf(process.pid);
    if (self) writePidFile(this.pidFile, self);
    setInterval(() => this.#rotateLogs(), ROTATE_EVERY_MS);
  }

  /** Makes what runs what the table says. A table that cannot be read changes nothing. */
  reconcile(): Promise<void> {
    return this.#next(async () => {
      const table = readTable(this.#table);
      const wanted = table.processes;
      const stays = (running: SupervisedProcess) =>
        wanted.some((spec) => spec.name === running.spec.name && spec.version === running.spec.version);
      await this.#stop(this.#processes.filter((running) => !stays(running)));
      const kept = new Map(this.#processes.map((running) => [running.spec.name, running]));
      this.#processes = wanted.map((spec) => kept.get(spec.name) ?? this.#make(spec));
      for (const process of this.#processes) {
        if (!kept.has(process.spec.name)) await this.#each(process, 'cannot be started', () => process.start());
      }
      writeFileSync(join(this.#data, 'run', 'applied'), table.digest);
    });
  }

  /** Ends all, the last in the table first. */
  stop(): Promise<void> {
    return this.#next(async () => {
      await this.#stop(this.#processes);
      removePidFile(this.pidFile);
    });
  }

  /**
   * Ends what a killed supervisor left, without starting anything.
   * @throws AggregateError of what could not be ended, when all has been tried
   */
  async reap(): Promise<void> {
    const failures: Error[] = [];
    for (const process of readTable(this.#table)
      .processes.map((spec) => this.#make(spec))
      .reverse()) {
      await process.stop().catch((cause: unknown) => {
        failures.push(new Error(`${process.spec.name}: ${(cause as Error).message}`, { cause }));
      });
    }
    if (failures.length > 0) throw new AggregateError(failures, failures.map(({ message }) => message).join('; '));
    removePidFile(this.pidFile);
  }

  async #stop(which: SupervisedProcess[]): Promise<void> {
    for (const process of [...which].reverse()) {
      await this.#each(process, 'cannot be ended', () => process.stop());
    }
    this.#processes = this.#processes.filter((process) => !which.includes(process));
  }

  /** One that fails keeps nothing from the others. */
  async #each(process: SupervisedProcess, failed: string, work: () => Promise<void> | void): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#say(failed, { name: process.spec.name, error: String(error) });
    }
  }

  #make(spec: ProcessSpec): SupervisedProcess {
    return new SupervisedProcess(spec, { run: join(this.#data, 'run'), log: join(this.#data, 'log') }, this.#say);
  }

  #rotateLogs(): void {
    for (const process of this.#processes) void this.#each(process, 'log cannot be rotated', () => process.rotateLog());
    try {
      rotateLog(join(this.#data, 'log', 'supervisor.log'));
    } catch (error) {
      this.#say('own log cannot be rotated', { error: String(error) });
    }
  }

  #next(change: () => Promise<void>): Promise<void> {
    this.#work = this.#work.then(change).catch((error: unknown) => this.#say('failed', { error: String(error) }));
    return this.#work;
  }
}
