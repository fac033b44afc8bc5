/** Calls of other programs that may take long: an interruption ends them, with all that they have started. */
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { interruption } from './interruption.ts';

const GRACE_MS = 5_000;

export type Program = {
  command: string;
  args: string[];
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  /** Then it is ended. */
  limitMs?: number;
};

export type Ended = { /** Null when a signal ended it. */ status: number | null; stdout: string; stderr: string };

/** @throws Interrupted, or the error of starting it */
export async function runProgram({ command, args, cwd, env, limitMs }: Program): Promise<Ended> {
  interruption.throwIfAborted();
  // A group of its own: the terminal's Ctrl-C reaches it through us, and then all of it.
  const child = spawn(command, args, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const timers: NodeJS.Timeout[] = [];
  const end = () => {
    endGroup(child.pid, 'SIGTERM');
    timers.push(setTimeout(() => endGroup(child.pid, 'SIGKILL'), GRACE_MS));
  };
  interruption.addEventListener('abort', end);
  if (limitMs !== undefined) timers.push(setTimeout(end, limitMs));
  try {
    const ended = new Promise<number | null>((resolve, reject) => {
      child.once('error', reject).once('exit', resolve);
    });
    const [status, stdout, stderr] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
    interruption.throwIfAborted();
    return { status, stdout, stderr };
  } finally {
    interruption.removeEventListener('abort', end);
    for (const timer of timers) clearTimeout(timer);
  }
}

function endGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
