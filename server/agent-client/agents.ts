/**
 * One client per host. Which certificate a host may show is read from its row at every call, never remembered:
 * a revocation holds from the next call on, in every process, and who still holds an old row is not believed.
 */
import type { AgentApi } from '../../compute-agent/contract/contract.ts';
import { AgentError } from '../../compute-agent/contract/errors.ts';
import type { Db } from '../db.ts';
import type { Agents } from '../deps.ts';
import { type AgentClient, createAgentClient } from './client.ts';
import type { ClientIdentity } from './connections.ts';

type Pins = { certFingerprint: string | null; nextCertFingerprint: string | null };

/** While a certificate is renewed the host may show either: only the agent knows how far it is. */
const acceptedOf = (host: Pins | undefined): Set<string> =>
  new Set([host?.certFingerprint, host?.nextCertFingerprint].filter((pin) => typeof pin === 'string'));

export function createAgents(db: Pick<Db, 'host'>, identity: () => ClientIdentity) {
  const clients = new Map<string, AgentClient>();

  const record = async (id: string) => {
    const host = await db.host.findUnique({
      where: { id },
      select: { agentUrl: true, certFingerprint: true, nextCertFingerprint: true, revokedAt: true },
    });
    if (!host?.certFingerprint)
      throw new AgentError(
        'FORBIDDEN',
        host?.revokedAt
          ? `the certificate of host ${id} was revoked: the machine has to join again`
          : `host ${id} has no certificate: it has not joined`,
      );
    return { agentUrl: host.agentUrl, accepted: acceptedOf(host) };
  };

  const agents: Agents = ({ id }): AgentApi => {
    let client = clients.get(id);
    if (!client) {
      client = createAgentClient(id, () => record(id), identity);
      clients.set(id, client);
    }
    return client.api;
  };

  return {
    agents,
    /** All hosts, read a moment ago: calls under way to one that is no longer believed are cut. */
    noteHosts: (hosts: (Pins & { id: string })[]): void => {
      for (const [id, client] of clients) {
        const accepted = acceptedOf(hosts.find((host) => host.id === id));
        if (accepted.size > 0) client.accept(accepted);
        else client.close();
      }
    },
    close: (): void => {
      for (const client of clients.values()) client.close();
      clients.clear();
    },
  };
}
