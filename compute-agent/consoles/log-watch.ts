/**
 * Tells when something happens in the folder of a port's log: one watcher for all who read it. inotify tells in no
 * time; the slow look beside it finds what it lost (its queue ran over, the folder was made anew), and waits for the
 * folder where there is none yet.
 */
import { type FSWatcher, statSync, watch } from 'node:fs';

const LOOK_MS = 2_000;
/** While nothing is watched: a guest's first boot makes the folder. */
const SEARCH_MS = 250;

export class LogWatch {
  readonly #folder: string;
  readonly #wake: () => void;
  #watcher: FSWatcher | null = null;
  /** Of the folder that is watched. */
  #inode: number | null = null;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(folder: string, wake: () => void) {
    this.#folder = folder;
    this.#wake = wake;
    this.#look();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#watcher?.close();
  }

  readonly #look = (): void => {
    if (this.#closed) return;
    const inode = statSync(this.#folder, { throwIfNoEntry: false })?.ino ?? null;
    if (inode === null || inode !== this.#inode) this.#watch(inode);
    this.#wake();
    this.#timer = setTimeout(this.#look, this.#watcher ? LOOK_MS : SEARCH_MS);
  };

  #watch(inode: number | null): void {
    this.#watcher?.close();
    this.#watcher = null;
    this.#inode = null;
    if (inode === null) return;
    try {
      const watcher = watch(this.#folder, { persistent: false }, () => this.#wake());
      watcher.on('error', () => {
        watcher.close();
        if (this.#watcher === watcher) this.#watcher = null;
        this.#inode = null;
      });
      this.#watcher = watcher;
      this.#inode = inode;
    } catch {
      // Gone again, or the host has no room for another watch: then the look has to do.
    }
  }
}
