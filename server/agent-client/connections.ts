/**
 * Connections to one host. Two things change under their feet: the certificates that the host may show (while one
 * is renewed both the old and the new), and the control plane's own. Both are asked anew at each handshake, and a
 * connection whose certificate is no longer accepted carries no further call.
 */
import type { ClientRequestArgs } from 'node:http';
import { Agent } from 'node:https';
import type { Duplex } from 'node:stream';
import type { PeerCertificate, TLSSocket } from 'node:tls';
import { AgentError } from '../../compute-agent/contract/errors.ts';

/** PEM texts of the control plane. */
export type ClientIdentity = { caPem: string; certPem: string; keyPem: string };
/** SHA-256 (hex) of the certificates that this host may show. */
export type Accepted = ReadonlySet<string>;

export class Connections extends Agent {
  readonly #hostId: string;
  readonly #identity: () => ClientIdentity;
  #accepted: Accepted;

  constructor(hostId: string, accepted: Accepted, identity: () => ClientIdentity) {
    // A resumed TLS session skips the check of who answers.
    super({ keepAlive: true, maxSockets: 64, maxCachedSessions: 0, minVersion: 'TLSv1.3' });
    this.#hostId = hostId;
    this.#identity = identity;
    this.#accepted = accepted;
  }

  /** From now on. What is idle and no longer accepted is closed; what carries a call closes after it. */
  accept(accepted: Accepted): void {
    this.#accepted = accepted;
    for (const socket of Object.values(this.freeSockets).flatMap((sockets) => sockets ?? []))
      if (!this.accepts(socket)) socket.destroy();
  }

  accepts(socket: Duplex): boolean {
    return this.#accepted.has(fingerprintOf((socket as TLSSocket).getPeerCertificate()));
  }

  override createConnection(options: ClientRequestArgs, callback?: (err: Error | null, stream: Duplex) => void) {
    const { caPem, certPem, keyPem } = this.#identity();
    return super.createConnection(
      {
        ...options,
        ca: caPem,
        cert: certPem,
        key: keyPem,
        checkServerIdentity: (_: string, certificate: PeerCertificate) =>
          whyNotThisHost(this.#hostId, this.#accepted, certificate),
      },
      callback,
    );
  }

  override keepSocketAlive(socket: Duplex): boolean {
    if (!this.accepts(socket)) return false;
    super.keepSocketAlive(socket);
    return true;
  }
}

/** What stands in the way of believing that this certificate is that host; undefined: nothing. */
export function whyNotThisHost(hostId: string, accepted: Accepted, certificate: PeerCertificate): Error | undefined {
  const uris = (certificate.subjectaltname ?? '').split(', ').filter((name) => name.startsWith('URI:'));
  if (uris.length !== 1 || uris[0] !== `URI:tsubo://host/${hostId}`) {
    return new AgentError('FORBIDDEN', `the answer came from ${uris.join(', ') || 'nobody'}, not from host ${hostId}`);
  }
  if (!accepted.has(fingerprintOf(certificate))) {
    return new AgentError('FORBIDDEN', `host ${hostId} answers with a certificate that is not the one on record`);
  }
  return undefined;
}

/** Of a connection that has ended there is none. */
const fingerprintOf = (certificate: PeerCertificate | null): string =>
  (certificate?.fingerprint256 ?? '').replaceAll(':', '').toLowerCase();
