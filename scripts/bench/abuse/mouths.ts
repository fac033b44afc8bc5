/** The guest that speaks: into the log of its port, as virtlogd writes it, or into the sockets of its screens, as QEMU. */
import { closeSync, openSync, renameSync, writeSync } from 'node:fs';
import type { Socket } from 'node:net';
import type { World } from './world.ts';

export type Mouth = {
  bytesPerMs: number;
  /** @returns how many bytes it could say; 0: not now */
  say: () => number;
  /** Those who read nothing are told as much as they take. */
  floodOthers: () => void;
  close: () => void;
};

const LINE = 'The quick brown fox jumps over the lazy dog, again and again.\r\n';
/** virtlogd's own: a file of so much, and three older ones. */
const LOG_BYTES = 2_097_152;
const OLDER = 3;

/** 4 MiB/s, a thousand times what a serial line of its time could. All viewers are told the same. */
export function portMouth(world: World): Mouth {
  const piece = Buffer.alloc(16_384, LINE);
  let log = openSync(world.serialLog, 'a');
  let inFile = 0;
  const rotate = () => {
    closeSync(log);
    for (let n = OLDER - 1; n > 0; n--) renameIfThere(`${world.serialLog}.${n - 1}`, `${world.serialLog}.${n}`);
    renameSync(world.serialLog, `${world.serialLog}.0`);
    log = openSync(world.serialLog, 'a');
    inFile = 0;
  };
  return {
    bytesPerMs: 4_096,
    say: () => {
      if (inFile >= LOG_BYTES) rotate();
      writeSync(log, piece);
      inFile += piece.length;
      return piece.length;
    },
    floodOthers: () => {},
    close: () => closeSync(log),
  };
}

function renameIfThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

/** What a viewer that is behind may owe before it gets no more, as QEMU makes no update that nobody takes. */
const BEHIND_BYTES = 262_144;

/** 16 MiB/s to the first who came. */
export function screenMouth(world: World): Mouth {
  const piece = Buffer.alloc(16_384, 'pixels that are all alike ');
  const [own] = world.screens() as [Socket];
  const floods: (() => void)[] = [];
  return {
    bytesPerMs: 16_384,
    say: () => {
      if (own.writableLength >= BEHIND_BYTES) return 0;
      own.write(piece);
      return piece.length;
    },
    floodOthers: () => {
      for (const socket of world.screens()) {
        if (socket === own) continue;
        const more = () => {
          while (!socket.destroyed && socket.write(piece));
        };
        socket.on('drain', more);
        floods.push(() => socket.off('drain', more));
        more();
      }
    },
    close: () => {
      for (const stop of floods) stop();
    },
  };
}
