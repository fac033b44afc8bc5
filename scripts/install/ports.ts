/** Whether the ports are free, asked before anything is started: a process that finds its own taken tries for ever. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { portsOf, type Settings } from './settings.ts';
import { StepError } from './step.ts';

/** @throws StepError that names the variable */
export async function requireFreePorts(settings: Settings): Promise<void> {
  for (const [name, port] of Object.entries(portsOf(settings))) {
    if (!(await isFree(port)))
      throw new StepError(
        `Another program listens on port ${port} of this machine, which ${name} names.`,
        `ss -ltnp 'sport = :${port}' says which. End it, or choose another ${name.split(' ')[0]}.`,
      );
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return false;
    throw error;
  } finally {
    server.close();
  }
}
