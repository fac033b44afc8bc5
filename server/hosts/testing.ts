/** For tests of trust between the control plane and hosts: the agent's own server over real mutual TLS, and workers. */
import { X509Certificate } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { createAgents } from '../agent-client/agents.ts';
import { createSimulatedAgent } from '../agent-client/simulated.ts';
import type { WorkerDeps } from '../deps.ts';
import { createHarness } from '../operations/testing.ts';
import { createAuthority, fingerprintOf, issueCertificate, makeRequest } from '../pki/authority.ts';
import { joinAs, startJoinedAgent } from '../testing/joined-agent.ts';
import { renewDue } from './renew.ts';

export const DAY = 86_400_000;
const inDays = (days: number) => new Date(Date.now() + days * DAY);

export type Trust = Awaited<ReturnType<typeof createTrust>>;
export type TrustedHost = Awaited<ReturnType<Trust['newHost']>>;
export type TestWorker = WorkerDeps & ReturnType<typeof createAgents>;

export async function createTrust() {
  const harness = await createHarness();
  const { db } = harness.deps;
  const authority = await createAuthority();
  const { csrPem, keyPem } = await makeRequest('control plane');
  const uri = 'tsubo://control-plane/worker';
  const { certPem } = await issueCertificate({ authority, csrPem, uri, days: 1 });
  const identity = { caPem: authority.certPem, certPem, keyPem };
  let hosts = 0;

  /** With a certificate of 90 days: it is due after 60. */
  const newHost = async () => {
    const [id, name] = [`hst_${++hosts}`, `node-${hosts}`];
    const folder = await mkdtemp(join(tmpdir(), 'tsubo-trust-'));
    const joined = await joinAs(id, folder, authority, 90);
    let agent = await startJoinedAgent(folder, createSimulatedAgent({ hostId: id }).api);
    const { url } = agent;
    const { validFrom, validTo } = new X509Certificate(joined.certPem);
    const pins = {
      certFingerprint: fingerprintOf(joined.certPem),
      certIssuedAt: new Date(validFrom),
      certExpiresAt: new Date(validTo),
    };
    await db.host.create({
      data: { id, zoneId: 'zone', name, agentUrl: url, ...pins, contractVersion: 2, joinedAt: new Date() },
    });
    const heard = (days: number) => db.host.update({ where: { id }, data: { lastContactAt: inDays(days) } });
    return {
      id,
      name,
      url,
      folder,
      row: () => db.host.findUniqueOrThrow({ where: { id } }),
      heard,
      /** What a worker does so many days from now, for this host alone. */
      renew: async (deps: WorkerDeps, days = 61) => {
        await heard(days);
        return renewDue({ ...deps, clock: { now: () => inDays(days) } }, authority, (host) => host === id);
      },
      describe: (deps: WorkerDeps) => deps.agents({ id }).describeHost({}),
      serveWith: (tls: Parameters<typeof agent.server.serveWith>[0]) => agent.server.serveWith(tls),
      /** Fingerprint of what the agent shows to whoever connects now. */
      shown: () =>
        new Promise<string>((resolve, reject) => {
          const tls = { ca: identity.caPem, cert: certPem, key: keyPem };
          const socket = connect({ host: '127.0.0.1', port: agent.server.port, ...tls }, () => {
            resolve(socket.getPeerCertificate().fingerprint256.replaceAll(':', '').toLowerCase());
            socket.destroy();
          });
          socket.on('error', reject);
        }),
      /** Answers nobody until `restart`. */
      pause: () => agent.server.close(0),
      /** As after a kill: what counts is in the files. */
      restart: async () => {
        const { port } = agent.server;
        await agent.server.close(0);
        agent = await startJoinedAgent(folder, createSimulatedAgent({ hostId: id }).api, { port });
      },
      end: async () => {
        await agent.server.close(0);
        await rm(folder, { recursive: true, force: true });
      },
    };
  };

  const worker = (): TestWorker => ({ ...harness.deps, ...createAgents(db, () => identity) });
  return { deps: harness.deps, drop: harness.drop, authority, newHost, worker };
}

export const codeOf = (answer: Promise<unknown>): Promise<string> =>
  answer.then(
    () => 'none',
    (error) => error.code ?? String(error),
  );
