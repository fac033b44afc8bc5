/**
 * One installation at a time on a machine: two would build into one folder, migrate one database and hand two
 * tables to one supervisor. The lock is a socket in Linux's abstract namespace: the kernel lets one process have
 * the name, and takes it back when that process ends, however it ends.
 */
import { once } from 'node:events';
import { createConnection, createServer } from 'node:net';
import { text } from 'node:stream/consumers';
import { StepError } from './step.ts';

/** @returns what releases the lock. @throws StepError when another process has it */
export async function lockInstallation(name = 'tsubo-quickstart'): Promise<() => void> {
  const path = `\0${name}`;
  // Whoever comes second is told who was first.
  const server = createServer((socket) => socket.on('error', () => {}).end(String(process.pid)));
  try {
    server.listen({ path });
    await once(server, 'listening');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    throw new StepError(
      `Another quickstart is at work on this machine (pid ${await holderOf(path)}).`,
      'Wait until it has ended, then run this again.',
    );
  }
  // It keeps nobody from ending.
  server.unref();
  return () => server.close();
}

async function holderOf(path: string): Promise<string> {
  const socket = createConnection({ path });
  socket.setTimeout(2_000, () => socket.destroy());
  return text(socket).catch(() => 'unknown');
}
