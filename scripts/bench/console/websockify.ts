/** Debian's websockify: WebSocket → unix socket in one hop, without any TLS. */
import { spawn } from 'node:child_process';
import type { Peers } from './packages.ts';
import { freePort, listens } from './ports.ts';
import type { Side } from './side.ts';

export async function startWebsockify({ env }: Peers['websockify'], target: string): Promise<Side> {
  const port = await freePort();
  const args = ['-m', 'websockify', `--unix-target=${target}`, `127.0.0.1:${port}`];
  const child = spawn('python3', args, { env, stdio: ['ignore', 'ignore', 'ignore'] });
  await listens(port);
  return {
    name: 'websockify',
    // It forks for each viewer.
    pids: [child.pid as number],
    way: async () => ({
      ...{ is: 'websocket', target: port, path: '/', origin: 'http://localhost', protocol: 'binary', tickets: [] },
    }),
    left: async () => {},
    stop: async () => void child.kill('SIGTERM'),
  };
}
