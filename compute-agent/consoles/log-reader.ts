/**
 * Reads a port's log from a position on, through its rotations, at the speed of who asks. It holds the file that it
 * is in open, so that one which is rotated away meanwhile is still read to its end: virtlogd writes nothing more into
 * a file after it has renamed it.
 */
import { type FileHandle, open } from 'node:fs/promises';
import { SERIAL_BEHIND_BYTES, type SerialMark, type SerialPosition } from '../contract/streams.ts';
import { isMissing } from '../durable.ts';
import { bytesAfter, identityOf, type LogFile, logFile, logFiles, replayStart } from './log-files.ts';

/** Of a port that never said anything. */
const NOWHERE: SerialPosition = { inode: '0', offset: 0 };

type Piece = { mark: SerialMark } | { bytes: number };

export class LogReader {
  readonly #path: string;
  #at: SerialPosition = NOWHERE;
  #handle: FileHandle | null = null;
  /** Where the history ends and what is new begins; null once that was said. */
  #live: SerialPosition | null = null;

  constructor(path: string) {
    this.#path = path;
  }

  /** Once, first: where the reading begins. */
  async begin(from: SerialPosition | null): Promise<SerialMark> {
    const files = await logFiles(this.#path);
    const newest = files.at(-1);
    this.#live = newest ? { inode: newest.inode, offset: newest.bytes } : NOWHERE;
    if (from === null) {
      this.#at = await replayStart(files);
      return this.#mark('start', 0);
    }
    // Whoever was here before the first byte has missed none.
    const oldest = files[0] ? { inode: files[0].inode, offset: 0 } : NOWHERE;
    const wanted = from.inode === NOWHERE.inode ? oldest : from;
    const behind = wanted === NOWHERE ? 0 : bytesAfter(files, wanted);
    if (behind === null) {
      const all = bytesAfter(files, oldest) ?? 0;
      this.#at = all > SERIAL_BEHIND_BYTES ? await replayStart(files) : oldest;
      return this.#mark('gap', null);
    }
    this.#at = wanted;
    if (behind > SERIAL_BEHIND_BYTES) return this.#jump(files);
    return this.#mark('start', 0);
  }

  /** The next bytes, at the buffer's beginning, or a mark before them. null: there is nothing yet. */
  async next(buffer: Buffer): Promise<Piece | null> {
    if (this.#live?.inode === this.#at.inode && this.#at.offset >= this.#live.offset) {
      this.#live = null;
      return { mark: this.#mark('live', 0) };
    }
    // Before the read: what is the newest file after it may have been made since, and this one may have grown.
    const newest = await logFile(this.#path);
    if (this.#at.inode === NOWHERE.inode) {
      const [oldest] = await logFiles(this.#path);
      return oldest ? this.#enter(oldest, 'rotated', 0) : null;
    }
    const current = newest?.inode === this.#at.inode;
    if (current && newest.bytes < this.#at.offset) {
      // Somebody emptied it.
      this.#at = { inode: newest.inode, offset: 0 };
      return { mark: this.#mark('gap', null) };
    }
    const files = current ? [newest] : await logFiles(this.#path);
    const behind = bytesAfter(files, this.#at);
    if (behind !== null && behind > SERIAL_BEHIND_BYTES) {
      return { mark: await this.#jump(await logFiles(this.#path)) };
    }
    const bytes = await this.#read(buffer, files);
    if (bytes === null) return { mark: await this.#lost(files) };
    if (bytes > 0) return { bytes };
    if (current) return null;
    const index = files.findIndex(({ inode }) => inode === this.#at.inode);
    const next = files[index + 1];
    // Without a next one the rotation is half-way.
    if (next === undefined) return null;
    return index < 0 ? { mark: await this.#lost(files) } : this.#enter(next, 'rotated', 0);
  }

  async close(): Promise<void> {
    const handle = this.#handle;
    this.#handle = null;
    await handle?.close();
  }

  #mark(why: SerialMark['why'], skipped: number | null): SerialMark {
    return { why, at: this.#at, skipped };
  }

  async #enter(file: LogFile, why: SerialMark['why'], skipped: number | null): Promise<Piece> {
    await this.close();
    this.#at = { inode: file.inode, offset: 0 };
    return { mark: this.#mark(why, skipped) };
  }

  async #jump(files: readonly LogFile[]): Promise<SerialMark> {
    await this.close();
    const before = bytesAfter(files, this.#at);
    this.#at = await replayStart(files);
    const after = bytesAfter(files, this.#at);
    // What is replayed is history, as far as the history went; only where all of it is skipped it ends here.
    const live = this.#live && bytesAfter(files, this.#live);
    if (live === null || after === null || live > after) this.#live &&= this.#at;
    return this.#mark('behind', before === null || after === null ? null : before - after);
  }

  /** The file that we are in is gone, with those that followed it. */
  async #lost(files: readonly LogFile[]): Promise<SerialMark> {
    await this.close();
    const oldest = files[0] ? { inode: files[0].inode, offset: 0 } : NOWHERE;
    const all = bytesAfter(files, oldest) ?? 0;
    this.#at = all > SERIAL_BEHIND_BYTES ? await replayStart(files) : oldest;
    this.#live &&= this.#at;
    return this.#mark('gap', null);
  }

  /** null: the file is gone. */
  async #read(buffer: Buffer, files: readonly LogFile[]): Promise<number | null> {
    this.#handle ??= await this.#find(files);
    if (this.#handle === null) return null;
    let most = buffer.length;
    if (this.#live?.inode === this.#at.inode) most = Math.min(most, this.#live.offset - this.#at.offset);
    const { bytesRead } = await this.#handle.read(buffer, 0, most, this.#at.offset);
    this.#at = { inode: this.#at.inode, offset: this.#at.offset + bytesRead };
    return bytesRead;
  }

  async #find(files: readonly LogFile[]): Promise<FileHandle | null> {
    // It may be renamed between the listing and the opening: then it is looked for anew.
    for (const list of [files, await logFiles(this.#path)]) {
      const file = list.find(({ inode }) => inode === this.#at.inode);
      if (file === undefined) continue;
      const handle = await open(file.path, 'r').catch((error: unknown) => {
        if (isMissing(error)) return null;
        throw error;
      });
      if (handle === null) continue;
      if (identityOf(await handle.stat({ bigint: true })) === file.inode) return handle;
      await handle.close();
    }
    return null;
  }
}
