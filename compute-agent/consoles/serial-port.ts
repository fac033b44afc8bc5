/**
 * A server's serial port, while somebody watches it: whether it takes input, whether its log is written, and who holds
 * the keyboard. All streams of a server share one of these, with one watcher of the log and one connection for input.
 *
 * The keyboard is held by an id, not by a stream: who comes again before the agent has noticed that the old connection
 * is dead still has it. It is free when the last stream of that id has ended.
 */
import { dirname } from 'node:path';
import type { SerialPort as PortState, SerialClaim } from '../contract/streams.ts';
import type { Seen } from '../domains/observed.ts';
import type { Hypervisor } from '../driver.ts';
import type { Logger } from '../log.ts';
import type { LogHolders } from './log-holders.ts';
import { LogWatch } from './log-watch.ts';
import { PortInput } from './port-input.ts';

/** While somebody watches. Changes are told by events; this finds the ones that were lost. */
const LOOK_MS = 5_000;
/** A log that nobody holds now may be about to be rotated: it is silent when it is so again a moment later. */
const SILENT_MS = 1_000;

export interface Writer {
  id: string;
  label: string;
}

/** A stream, as its port sees it. */
export interface PortReader {
  readonly writer: Writer | null;
  /** There may be more to read. */
  wake(): void;
  /** `state` has changed, or it is to be told again. */
  portChanged(): void;
}

export interface PortOptions {
  serverId: string;
  paths: { serialLog: string; serialSocket: string };
  socketOwner: number;
  hypervisor: Pick<Hypervisor, 'look'>;
  holders: LogHolders;
  log: Logger;
}

export class SerialPort {
  readonly #options: PortOptions;
  readonly #readers = new Set<PortReader>();
  readonly #watch: LogWatch;
  #running = false;
  /** Counts what the hypervisor told, so that an answer from before does not undo it. */
  #told = 0;
  #log: PortState['log'] = 'ok';
  #suspected = false;
  #holder: Writer | null = null;
  #input: PortInput | null = null;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: PortOptions) {
    this.#options = options;
    this.#watch = new LogWatch(dirname(options.paths.serialLog), () => {
      for (const reader of this.#readers) reader.wake();
    });
    this.#later(SILENT_MS);
  }

  get state(): PortState {
    const open = this.#running && (this.#input?.works ?? true);
    return { open, log: this.#log, writer: this.#holder };
  }

  get unwatched(): boolean {
    return this.#readers.size === 0;
  }

  join(reader: PortReader): void {
    this.#readers.add(reader);
  }

  leave(reader: PortReader): void {
    this.#readers.delete(reader);
    const { writer } = reader;
    if (writer === null || writer.id !== this.#holder?.id) return;
    if ([...this.#readers].some((other) => other.writer?.id === writer.id)) return;
    this.#hold(null);
  }

  claim({ writer }: PortReader, what: SerialClaim['what']): boolean {
    if (writer === null) return false;
    const mine = this.#holder?.id === writer.id;
    if (what === 'release') {
      if (mine) this.#hold(null);
      return mine;
    }
    if (mine || (this.#holder !== null && what === 'take')) return mine;
    this.#hold(writer);
    return true;
  }

  /** False where it was dropped. */
  type({ writer }: PortReader, bytes: Buffer): boolean {
    return writer !== null && writer.id === this.#holder?.id && (this.#input?.write(bytes) ?? false);
  }

  /** What the hypervisor said, by event; null: ask. */
  changed(seen: Seen | null): void {
    if (seen === null) void this.#look();
    else {
      this.#told += 1;
      this.#see(seen);
    }
  }

  /** Asks the hypervisor. Whether there is such a domain. */
  async ask(): Promise<boolean> {
    const told = this.#told;
    const body = await this.#options.hypervisor.look(this.#options.serverId);
    if (told === this.#told && body !== null) this.#see(body.seen);
    return body !== null;
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#watch.close();
    this.#input?.close();
    this.#input = null;
  }

  async #look(): Promise<void> {
    const { serverId, log, holders, paths } = this.#options;
    await this.ask().catch((error: unknown) => {
      // It is asked again soon; until then what was known holds.
      log.debug({ err: error, serverId }, 'a guest with an open console could not be looked at');
    });
    const held = !this.#running || (await holders.isHeld(paths.serialLog));
    if (this.#closed) return;
    const silent = !held && this.#suspected;
    this.#suspected = !held;
    this.#later(this.#suspected && !silent ? SILENT_MS : LOOK_MS);
    const said = silent ? 'silent' : 'ok';
    if (said === this.#log) return;
    this.#log = said;
    if (silent) log.warn({ serverId }, 'virtlogd does not write the log of a running guest: it was killed');
    this.#tell();
  }

  #later(ms: number): void {
    clearTimeout(this.#timer);
    if (!this.#closed) this.#timer = setTimeout(() => void this.#look(), ms);
  }

  #see({ state }: Seen): void {
    const running = state === 'running';
    if (running === this.#running) return;
    this.#running = running;
    // A guest that starts has a log anew.
    this.#suspected = false;
    if (!running) this.#log = 'ok';
    this.#connect();
    this.#tell();
  }

  #hold(writer: Writer | null): void {
    this.#holder = writer;
    this.#connect();
    this.#tell();
  }

  /** The connection stands while the guest runs and somebody may type. */
  #connect(): void {
    if (this.#closed) return;
    const wanted = this.#running && this.#holder !== null;
    if (!wanted) {
      this.#input?.close();
      this.#input = null;
    } else if (this.#input === null) {
      const { paths, socketOwner: owner, log } = this.#options;
      this.#input = new PortInput({ path: paths.serialSocket, owner, log, onChange: () => this.#tell() });
    }
  }

  #tell(): void {
    for (const reader of this.#readers) reader.portChanged();
  }
}
