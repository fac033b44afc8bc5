/**
 * The compute-agent as far as consoles go: its own server with its own certificates, its own streams. Only the
 * hypervisor is left out, which is asked once when a stream opens: every guest runs.
 */

import { systemClock } from '../../../compute-agent/clock.ts';
import { Consoles } from '../../../compute-agent/consoles/consoles.ts';
import type { AgentApi } from '../../../compute-agent/contract/contract.ts';
import { AgentError } from '../../../compute-agent/contract/errors.ts';
import type { Body, Hypervisor } from '../../../compute-agent/driver.ts';
import { createLogger } from '../../../compute-agent/log.ts';
import { ServerPaths } from '../../../compute-agent/paths.ts';
import { createRouter } from '../../../compute-agent/router.ts';
import { startServer } from '../../../compute-agent/server.ts';
import { serve } from './helper.ts';

const hypervisor: Pick<Hypervisor, 'look' | 'onChange' | 'onConnected'> = {
  look: async (serverId) => ({ serverId, seen: { state: 'running', reason: 'booted' } }) as Body,
  onChange: () => {},
  onConnected: () => {},
};

/** The proxy asks for one when a screen ends. */
const noPicture: AgentApi['screenshot'] = async () => {
  throw new AgentError('HYPERVISOR', 'there is no screen here');
};

const handlers = {
  /** @returns its port */
  start: async (folder: { data: string; run: string }, tls: { certPem: string; keyPem: string; caPem: string }) => {
    const log = createLogger('error');
    const paths = new ServerPaths(folder.data, folder.run);
    const socketOwner = process.getuid?.() ?? 0;
    const consoles = new Consoles({
      ...{ hypervisor: hypervisor as Hypervisor, paths, socketOwner, clock: systemClock, log },
    });
    const server = await startServer({
      router: createRouter({ screenshot: noPicture } as Partial<AgentApi> as AgentApi, log, systemClock),
      openStream: consoles.open,
      listen: { host: '127.0.0.1', port: 0 },
      ...{ tls, log, clock: systemClock },
    });
    return server.port;
  },
};
export type Agent = typeof handlers;
serve(handlers);
