/**
 * One supervised process: started, watched, restarted with a growing pause, ended with its whole group.
 *
 *   idle ──start──▶ running ──exit──▶ (group killed) waiting ──pause──▶ running …
 *   One that is to run once is over when it ends with status 0.
 *   A process that somebody else started (libvirtd of systemd), or that was kept from last time (virtlogd), is
 *   only watched; when it has gone, ours is started.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync } from 'node:fs';
import { basename, join } from 'node:path';
import { endGroup, isAlive, type Leader, leaderOf } from './groups.ts';
import { openLog, rotateLog } from './log-file.ts';
import { anyAlive, foreignLeader, readPidFile, removePidFile, writePidFile } from './pid-file.ts';
import type { ProcessSpec } from './table.ts';

const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 10_000;
/** A process that lived this long has started well: the next pause is the first one again. */
const SETTLED_MS = 10_000;
const WATCH_MS = 500;

export type Folders = { run: string; log: string };
export type Say = (message: string, fields?: Record<string, unknown>) => void;

export class SupervisedProcess {
  readonly spec: ProcessSpec;
  readonly #folders: Folders;
  readonly #say: Say;
  #stopped = true;
  #pauseMs = FIRST_PAUSE_MS;
  #timer: NodeJS.Timeout | undefined;
  /** Set as long as the process is ours to end. */
  #leader: Leader | undefined;
  /** The clearing up after an exit, which stop() must not overtake. */
  #clearing: Promise<unknown> = Promise.resolve();

  constructor(spec: ProcessSpec, folders: Folders, say: Say) {
    this.spec = spec;
    this.#folders = folders;
    this.#say = (message, fields) => say(message, { name: spec.name, ...fields });
  }

  /** Ends what an earlier supervisor left, then starts. */
  async start(): Promise<void> {
    this.#stopped = false;
    const left = readPidFile(this.#pidFile);
    if (left && this.spec.keepWhileAlive && isAlive(left)) {
      this.#leader = left;
      this.#say('taken over', { pid: left.pid });
      this.#watch(left);
      return;
    }
    await this.#replace(left);
  }

  /** Ends the process and its group. A kept one (virtlogd with guests) stays, and so does its pid file. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#clearing;
    // The pid file names what an earlier supervisor left, when this one never started it.
    const leader = this.#leader ?? readPidFile(this.#pidFile);
    const keep = this.spec.keepWhileAlive;
    if (leader && isAlive(leader) && keep && anyAlive(keep.folder, keep.command)) {
      this.#say('left running for the guests', { pid: leader.pid });
      return;
    }
    await this.#end(leader);
    this.#leader = undefined;
  }

  rotateLog(): void {
    rotateLog(this.#logFile);
  }

  get #pidFile(): string {
    return join(this.#folders.run, `${this.spec.name}.pid`);
  }

  get #logFile(): string {
    return join(this.#folders.log, `${this.spec.name}.log`);
  }

  /** Ends what is left of it, and only then starts it: two of them would fight for a port or a folder. */
  async #replace(left: Leader | undefined): Promise<void> {
    if (await this.#clear(left)) this.#launch();
    else this.#again(() => void this.#replace(left));
  }

  /** @returns whether nothing is left */
  async #clear(leader: Leader | undefined): Promise<boolean> {
    const cleared = this.#end(leader).then(
      () => true,
      (error: unknown) => {
        this.#say('cannot be cleared up', { error: String(error) });
        return false;
      },
    );
    this.#clearing = cleared;
    return cleared;
  }

  /** What fails here (no room for its log, no more processes) is tried again. */
  #launch(): void {
    if (this.#stopped) return;
    const { spec } = this;
    const foreign = spec.sharedPidFile ? foreignLeader(spec.sharedPidFile, basename(spec.command)) : undefined;
    if (foreign) {
      this.#say('runs already, started by somebody else', { pid: foreign.pid });
      this.#watch(foreign);
      return;
    }
    const startedAt = performance.now();
    let child: ChildProcess;
    try {
      child = this.#spawn();
    } catch (error) {
      this.#say('cannot be started', { error: String(error) });
      this.#again(() => this.#launch());
      return;
    }
    child.on('error', (error) => this.#say('cannot be started', { error: error.message }));
    const leader = child.pid === undefined ? undefined : leaderOf(child.pid);
    this.#leader = leader;
    // Before anything else that may fail: an exit that nobody sees is a process that never comes back.
    void this.#afterExit(child, leader, startedAt);
    if (!leader) return;
    this.#say('started', { pid: leader.pid });
    this.#writePidFile(leader);
  }

  #spawn(): ChildProcess {
    const { spec } = this;
    const log = openLog(this.#logFile, spec.uid, spec.gid);
    try {
      // detached: a session and a process group of its own.
      return spawn(spec.command, spec.args, {
        cwd: spec.cwd,
        // Not ours: Next's types ask NODE_ENV of every environment.
        env: spec.env as NodeJS.ProcessEnv,
        uid: spec.uid,
        gid: spec.gid,
        detached: true,
        stdio: ['ignore', log, log],
      });
    } finally {
      closeSync(log);
    }
  }

  /** It runs also without; but only with its file a later supervisor can end it, so this is tried until it works. */
  #writePidFile(leader: Leader): void {
    if (this.#leader !== leader) return;
    try {
      writePidFile(this.#pidFile, leader);
    } catch (error) {
      this.#say('pid file cannot be written', { error: String(error) });
      this.#later(() => this.#writePidFile(leader), LONGEST_PAUSE_MS);
    }
  }

  async #afterExit(child: ChildProcess, leader: Leader | undefined, startedAt: number): Promise<void> {
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    if (this.#stopped) return;
    this.#say('ended', { status: child.exitCode, signal: child.signalCode });
    this.#leader = undefined;
    const cleared = await this.#clear(leader);
    if (this.spec.once && child.exitCode === 0) return;
    if (performance.now() - startedAt > SETTLED_MS) this.#pauseMs = FIRST_PAUSE_MS;
    this.#again(() => (cleared ? this.#launch() : void this.#replace(leader)));
  }

  /** After a pause, which is twice as long the next time. */
  #again(action: () => void): void {
    this.#later(action, this.#pauseMs);
    this.#pauseMs = Math.min(this.#pauseMs * 2, LONGEST_PAUSE_MS);
  }

  /** Looks after a process that is not our child. */
  #watch(leader: Leader): void {
    this.#later(() => {
      if (isAlive(leader)) return this.#watch(leader);
      this.#say('has gone', { pid: leader.pid });
      this.#leader = undefined;
      this.#launch();
    }, WATCH_MS);
  }

  #later(action: () => void, ms: number): void {
    if (this.#stopped) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(action, ms);
  }

  async #end(leader: Leader | undefined): Promise<void> {
    const { folder, uid, stopSignal: signal, stopWithinMs: graceMs } = this.spec;
    await endGroup({ leader, place: folder === undefined ? undefined : { folder, uid }, signal, graceMs });
    removePidFile(this.#pidFile);
  }
}
