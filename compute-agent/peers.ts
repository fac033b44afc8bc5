/**
 * Who is at the other end, by the one URI in its certificate. The control plane may do everything; a console-proxy,
 * which strangers' browsers talk to, opens streams and looks at a screen, and can change nothing.
 */
import type { IncomingMessage } from 'node:http';
import type { PeerCertificate, TLSSocket } from 'node:tls';

export interface Peer {
  role: 'control-plane' | 'console-proxy';
  name: string;
}

const PROXY_CALLS: readonly string[] = ['screenshot'];

export const mayCall = (peer: Peer, call: string): boolean =>
  peer.role === 'control-plane' || PROXY_CALLS.includes(call);

/**
 * `subjectaltname` is Node's listing: `URI:…, IP Address:…`. Node puts names with unusual characters in quotes,
 * which do not match here, so a name cannot pretend to be two. More than one URI is nobody that we issued.
 */
export function peerOf(subjectaltname: string | undefined): Peer | null {
  const uris = (subjectaltname ?? '').split(', ').filter((name) => name.startsWith('URI:'));
  if (uris.length !== 1) return null;
  const found = /^URI:tsubo:\/\/(control-plane|console-proxy)\/([A-Za-z0-9_-]{1,64})$/.exec(uris[0] as string);
  return found ? { role: found[1] as Peer['role'], name: found[2] as string } : null;
}

export function namesOf(request: IncomingMessage): string | undefined {
  // null once the connection is gone, whatever the type says.
  const certificate = (request.socket as TLSSocket).getPeerCertificate() as PeerCertificate | null;
  return certificate?.subjectaltname;
}

/** It goes into log lines: no line breaks, no novels. */
export function requestIdOf({ headers }: IncomingMessage): string | undefined {
  const given = headers['x-request-id'];
  return typeof given === 'string' && /^[\w.:-]{1,128}$/.test(given) ? given : undefined;
}

/** What is known of one who may not call. */
export const strangerOf = (request: IncomingMessage) => ({
  requestId: requestIdOf(request),
  certificate: namesOf(request),
  address: request.socket.remoteAddress,
});
