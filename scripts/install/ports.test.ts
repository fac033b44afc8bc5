import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { requireFreePorts } from './ports.ts';
import { readSettings } from './settings.ts';

test('a port that another program has is named with its variable', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as { port: number };
  // High ones that nobody has, but for the one.
  const settings = readSettings({
    TSUBO_PORT: '41080',
    TSUBO_APP_PORT: '41100',
    TSUBO_WORKER_PORT: '41201',
    TSUBO_CONSOLE_PORT: '41300',
    TSUBO_SSH_PORT: '41222',
    TSUBO_PG_PORT: String(port),
    TSUBO_AGENT_PORT: '41443',
    TSUBO_AGENT_HEALTH_PORT: '41444',
  });
  await expect(requireFreePorts(settings)).rejects.toThrow(`port ${port} of this machine, which TSUBO_PG_PORT names`);
  other.close();
  await requireFreePorts(settings);
});
