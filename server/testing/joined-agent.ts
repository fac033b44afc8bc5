/** An agent that has joined: its folder, and the agent's own HTTPS server and certificates over simulated calls. */
import { Certificates } from '../../compute-agent/certificates.ts';
import { type Clock, systemClock } from '../../compute-agent/clock.ts';
import type { AgentApi } from '../../compute-agent/contract/contract.ts';
import { type Identity, loadIdentity, prepareRequest, saveIdentity } from '../../compute-agent/identity.ts';
import { createLogger } from '../../compute-agent/log.ts';
import { createRouter } from '../../compute-agent/router.ts';
import { startServer } from '../../compute-agent/server.ts';
import { type Authority, issueCertificate } from '../pki/authority.ts';

/** `days` may be a fraction: a certificate of a few seconds. */
export async function joinAs(hostId: string, dataDir: string, authority: Authority, days = 1): Promise<Identity> {
  const { csrPem } = await prepareRequest(dataDir, hostId);
  const uri = `tsubo://host/${hostId}`;
  const { certPem } = await issueCertificate({ authority, csrPem, uri, days, addresses: ['127.0.0.1'] });
  await saveIdentity(dataDir, { certPem, caPem: authority.certPem, hostId, name: hostId, panel: 'http://localhost' });
  const identity = await loadIdentity(dataDir, systemClock.now());
  if (!identity) throw new Error(`${dataDir} holds no identity`);
  return identity;
}

/** What main.ts puts together, out of the files in `dataDir` as they are. Another start is another process. */
export async function startJoinedAgent(
  dataDir: string,
  rest: AgentApi,
  options: { port?: number; clock?: Clock } = {},
) {
  const clock = options.clock ?? systemClock;
  const identity = await loadIdentity(dataDir, clock.now());
  if (!identity) throw new Error(`${dataDir} holds no identity`);
  const log = createLogger('silent');
  const certificates = new Certificates({ dataDir, identity, clock, log });
  const calls: AgentApi = {
    ...rest,
    requestCertificate: () => certificates.request(),
    installCertificate: ({ certPem }) => certificates.install(certPem),
  };
  const server = await startServer({
    router: createRouter(calls, log, clock),
    tls: identity,
    listen: { host: '127.0.0.1', port: options.port ?? 0 },
    log,
    clock,
  });
  certificates.onChange((renewed) => server.serveWith(renewed));
  return { certificates, server, url: `https://127.0.0.1:${server.port}` };
}
