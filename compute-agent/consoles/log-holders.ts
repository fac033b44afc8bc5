/**
 * Whether virtlogd still writes a log. When it is killed, its pipes break: guests run on and their ports work, but
 * what they say is kept by nobody until they restart, even when there is a virtlogd again (host.md 6). Nothing says
 * so; what can be seen is that no virtlogd holds the log's file open.
 */
import type { BigIntStats } from 'node:fs';
import { readdir, readFile, readlink, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Clock } from '../clock.ts';

/** Many servers ask within the same moment. */
const KEPT_MS = 1_000;

export class LogHolders {
  readonly #clock: Clock;
  readonly #name: string;
  #seen: { at: number; files: Promise<Set<string>> } | null = null;

  /** `name`: of logs' files, since a virtlogd holds others as well. */
  constructor(clock: Clock, name = 'serial.log') {
    this.#clock = clock;
    this.#name = name;
  }

  async isHeld(path: string): Promise<boolean> {
    const stats = await stat(path, { bigint: true }).catch(() => null);
    return stats !== null && (await this.#held()).has(keyOf(stats));
  }

  #held(): Promise<Set<string>> {
    const now = this.#clock.monotonic();
    if (this.#seen === null || now - this.#seen.at >= KEPT_MS) this.#seen = { at: now, files: this.#scan() };
    return this.#seen.files;
  }

  async #scan(): Promise<Set<string>> {
    const held = new Set<string>();
    for (const pid of await readdir('/proc')) {
      if (!/^\d+$/.test(pid)) continue;
      const name = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '');
      if (name.trim() !== 'virtlogd') continue;
      const folder = `/proc/${pid}/fd`;
      for (const descriptor of await readdir(folder).catch(() => [])) {
        const path = join(folder, descriptor);
        const target = await readlink(path).catch(() => '');
        if (basename(target) !== this.#name) continue;
        const stats = await stat(path, { bigint: true }).catch(() => null);
        if (stats) held.add(keyOf(stats));
      }
    }
    return held;
  }
}

const keyOf = ({ dev, ino }: BigIntStats): string => `${dev}:${ino}`;
