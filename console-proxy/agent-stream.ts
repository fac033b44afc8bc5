/**
 * Opens one of the agent's streams (compute-agent/contract/streams.ts): a TLS connection of its own to the host, which
 * must show a certificate that is on its record, one HTTP request by hand, and after the agent's 101 the bare bytes.
 *
 * What fails is an AgentError:
 * - the agent's own word as its code (NO_SUCH_DOMAIN, HYPERVISOR: the guest is off, BUSY, FORBIDDEN …);
 * - HYPERVISOR_AWAY: nobody answered, or not in time;
 * - FORBIDDEN: somebody answered who is not that host, or who does not believe us;
 * - INTERNAL: the answer is not the contract's.
 */
import type { Duplex } from 'node:stream';
import { connect, type TLSSocket } from 'node:tls';
import type { z } from 'zod';
import { AgentError } from '../compute-agent/contract/errors.ts';
import { STREAM_PREFIX, STREAM_PROTOCOL, type serialQuery, type vncQuery } from '../compute-agent/contract/streams.ts';
import { type Accepted, type ClientIdentity, whyNotThisHost } from '../server/agent-client/connections.ts';
import { AnswerReader } from './stream-answer.ts';

/** A host as its row says now (hosts.ts). */
export type HostRecord = { id: string; agentUrl: string; accepted: Accepted };
export type Target = { host: HostRecord; identity: () => ClientIdentity };

type Queries = { vnc: z.input<typeof vncQuery>; serial: z.input<typeof serialQuery> };
export type StreamKind = keyof Queries;

/** Goes into the agent's log: characters of [\w.:-], at most 128. `signal` ends the dialling, not the open stream. */
export type DialOptions = { requestId: string; signal?: AbortSignal };

/** Takes the first `size` bytes, which are others' after the call; false: no more until `resume()`, but a rest. */
export type Reader = (bytes: Buffer, size: number) => boolean;

const DIAL_MS = 10_000;
/** Where records are deciphered to: all connections' own, since whoever is told of them takes them at once. */
const landing = Buffer.allocUnsafeSlow(65_536);
/** A peer that went away without a word is noticed after some of these. */
const KEEP_ALIVE_MS = 30_000;

/** @returns an ordinary stream, paused; destroy() ends it at both ends. Errors after this come as its 'error' and 'close'. */
export async function dialStream<K extends StreamKind>(
  target: Target,
  kind: K,
  query: Queries[K],
  options: DialOptions,
): Promise<Duplex> {
  const { socket, first } = await dial(target, kind, query, options, undefined);
  if (first.length > 0) socket.unshift(first);
  return socket;
}

/**
 * For those who move much: bytes go to `reader` without an allocation for each piece (stack.md 11). It is not called
 * before `first`, the bytes that came with the answer, is returned.
 */
export const dialStreamInto = <K extends StreamKind>(
  target: Target,
  kind: K,
  query: Queries[K],
  options: DialOptions,
  reader: Reader,
): Promise<{ socket: TLSSocket; first: Buffer }> => dial(target, kind, query, options, reader);

function dial(
  { host, identity }: Target,
  kind: StreamKind,
  query: Record<string, string | undefined>,
  { requestId, signal }: DialOptions,
  reader: Reader | undefined,
): Promise<{ socket: TLSSocket; first: Buffer }> {
  const url = new URL(`${STREAM_PREFIX}${kind}`, host.agentUrl);
  for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, value);
  const answer = new AnswerReader();
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(away(host, 'given up'));
    let open = false;
    const take = (chunk: Uint8Array): void => {
      try {
        const first = answer.push(chunk);
        if (first === null) return;
        open = true;
        done();
        // Until the caller has set itself up.
        socket.pause();
        resolve({ socket, first });
      } catch (error) {
        fail(error);
      }
    };
    const socket = connect({
      ...addressOf(url),
      ...credentials(host, identity()),
      ...(reader && {
        onread: {
          buffer: landing,
          callback: (size: number) => {
            if (open) return reader(landing, size);
            take(Buffer.from(landing.subarray(0, size)));
            return !open;
          },
        },
      }),
    });
    const fail = (error: unknown): void => {
      done();
      socket.on('error', () => {});
      socket.destroy();
      reject(error instanceof AgentError ? error : away(host, error instanceof Error ? error.message : String(error)));
    };
    const ended = () => fail(new Error('the connection ended before an answer'));
    const givenUp = () => fail(new Error('given up'));
    const timer = setTimeout(() => fail(new Error(`no answer within ${DIAL_MS} ms`)), DIAL_MS);
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', givenUp);
      socket.off('error', fail).off('close', ended).off('data', take);
    };
    signal?.addEventListener('abort', givenUp);
    socket.setNoDelay(true).setKeepAlive(true, KEEP_ALIVE_MS);
    socket.on('error', fail).on('close', ended);
    if (!reader) socket.on('data', take);
    socket.once('secureConnect', () => {
      socket.write(
        `GET ${url.pathname}${url.search} HTTP/1.1\r\nHost: ${url.host}\r\nConnection: Upgrade\r\n` +
          `Upgrade: ${STREAM_PROTOCOL}\r\nX-Request-Id: ${requestId}\r\n\r\n`,
      );
    });
  });
}

const addressOf = (url: URL) => ({
  host: url.hostname.replace(/^\[|\]$/g, ''),
  port: Number(url.port || 443),
});

const credentials = (host: HostRecord, { caPem, certPem, keyPem }: ClientIdentity) => ({
  ca: caPem,
  cert: certPem,
  key: keyPem,
  minVersion: 'TLSv1.3' as const,
  checkServerIdentity: (_: string, certificate: Parameters<typeof whyNotThisHost>[2]) =>
    whyNotThisHost(host.id, host.accepted, certificate),
});

const away = (host: HostRecord, why: string): AgentError =>
  new AgentError('HYPERVISOR_AWAY', `host ${host.id} cannot be reached: ${why}`);
