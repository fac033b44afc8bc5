import type { AgentApi } from '../../compute-agent/contract/contract.ts';
import { AgentError } from '../../compute-agent/contract/errors.ts';
import type { Agents } from '../deps.ts';
import { type AgentClient, type ClientIdentity, createAgentClient } from './client.ts';

/** One client per host, made anew when the host's address or certificate on record changes. */
export function createAgents(identity: ClientIdentity): { agents: Agents; close: () => void } {
  const clients = new Map<string, { key: string; client: AgentClient }>();
  return {
    agents: ({ id, agentUrl, certFingerprint }): AgentApi => {
      if (certFingerprint === null) throw new AgentError('HYPERVISOR_AWAY', `host ${id} has not joined`);
      const key = `${agentUrl} ${certFingerprint}`;
      const known = clients.get(id);
      if (known?.key === key) return known.client.api;
      known?.client.close();
      const client = createAgentClient({ hostId: id, url: agentUrl, certFingerprint }, identity);
      clients.set(id, { key, client });
      return client.api;
    },
    close: () => {
      for (const { client } of clients.values()) client.close();
      clients.clear();
    },
  };
}
