/**
 * A fault that a host has and that can be repaired: one of its folders lies on a disk on which nothing fits any
 * more. What was in the folder before is out of sight meanwhile. Only inside scripts/stack/isolate, whose mounts
 * are its own.
 */
import { execFileSync } from 'node:child_process';

/** @returns the repair; more than one call does no harm */
export function fillDisk(folder: string): () => void {
  if (process.env.TSUBO_ISOLATED !== 'yes') throw new Error('full disks are made inside scripts/stack/isolate only');
  const run = (program: string, ...args: string[]) => execFileSync(program, args, { timeout: 20_000 });
  // One inode, the folder's own.
  run('/usr/bin/mount', '-t', 'tmpfs', '-o', 'size=4k,nr_inodes=1,mode=711', 'tsubo-full', folder);
  let full = true;
  return () => {
    if (full) run('/usr/bin/umount', folder);
    full = false;
  };
}
