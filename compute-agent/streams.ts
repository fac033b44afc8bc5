/**
 * The server's side of streams (contract/streams.ts): an HTTP Upgrade, and from then on bytes. Who asks is looked at
 * first, as at every call; then the stream is opened (the guest's socket, its log), and only what is open is answered
 * with 101. A refusal is an ordinary answer, after which the connection is closed.
 */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { getHTTPStatusCodeFromError } from '@trpc/server/http';
import type { Clock } from './clock.ts';
import { endSoon } from './consoles/sockets.ts';
import { AgentError } from './contract/errors.ts';
import { STREAM_PREFIX, STREAM_PROTOCOL } from './contract/streams.ts';
import { toAgentError } from './failures.ts';
import type { Logger } from './log.ts';
import { namesOf, peerOf, requestIdOf, strangerOf } from './peers.ts';
import { toTrpcError } from './router.ts';

export interface StreamRequest {
  /** What follows /stream/. */
  kind: string;
  query: Record<string, string>;
}

/**
 * Opens what is asked for, calls `accept` at most once, before it writes anything to the socket, and goes on with the
 * socket by itself. Throws where it refuses, before it has accepted; what it throws later ends the stream. The socket
 * may close at any time.
 */
export type OpenStream = (request: StreamRequest, socket: Socket, accept: () => void) => Promise<void>;

/** How long one who was refused may take to read why. */
const REFUSAL_MS = 2_000;
/** How long one whose stream ends with the agent may take to read what was on its way. */
const CLOSING_MS = 250;
/** A peer that went away without a word is noticed after some of these. */
const KEEP_ALIVE_MS = 30_000;

const bodyOf = ({ code, message }: AgentError): string =>
  JSON.stringify({ error: { message, data: { agentCode: code } } });

const needsUpgrade = new AgentError('BAD_REQUEST', `streams begin with Upgrade: ${STREAM_PROTOCOL}`);
/** The answer to one who asks for a stream as for a page. */
export const NO_UPGRADE = bodyOf(needsUpgrade);

/** Node has not parsed the address: nothing may throw here. */
export const asksForStream = ({ url }: IncomingMessage): boolean =>
  URL.parse(url ?? '/', 'https://agent')?.pathname.startsWith(STREAM_PREFIX) ?? false;

export class Streams {
  readonly #open: OpenStream;
  readonly #log: Logger;
  readonly #clock: Clock;
  readonly #sockets = new Set<Socket>();
  #closing = false;

  constructor({ open, log, clock }: { open: OpenStream; log: Logger; clock: Clock }) {
    this.#open = open;
    this.#log = log;
    this.#clock = clock;
  }

  /** Of an upgrade that `asksForStream`. */
  take(request: IncomingMessage, socket: Socket, head: Buffer): void {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    // It is followed by 'close', which is what everybody listens to.
    socket.on('error', () => {});
    socket.setNoDelay(true);
    socket.setKeepAlive(true, KEEP_ALIVE_MS);
    socket.setTimeout(0);
    if (head.length > 0) socket.unshift(head);
    void this.#begin(request, socket);
  }

  /** Ends all streams and lets none begin. */
  close(): void {
    this.#closing = true;
    for (const socket of this.#sockets) endSoon(socket, CLOSING_MS);
  }

  async #begin(request: IncomingMessage, socket: Socket): Promise<void> {
    const started = this.#clock.monotonic();
    const { pathname, searchParams } = new URL(request.url ?? '/', 'https://agent');
    const kind = pathname.slice(STREAM_PREFIX.length);
    const query = Object.fromEntries(searchParams);
    const peer = peerOf(namesOf(request));
    const fields = {
      ...{ stream: kind, serverId: query.server?.slice(0, 64), peer: peer?.name },
      requestId: requestIdOf(request) ?? randomUUID(),
    };
    let accepted = false;
    try {
      if (peer === null) throw new AgentError('FORBIDDEN', 'only a control plane or a console-proxy may open a stream');
      if (request.headers.upgrade?.toLowerCase() !== STREAM_PROTOCOL || request.method !== 'GET') throw needsUpgrade;
      if (this.#closing) throw new AgentError('BUSY', 'the agent is about to stop');
      await this.#open({ kind, query }, socket, () => {
        accepted = true;
        socket.write(`HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${STREAM_PROTOCOL}\r\n\r\n`);
        this.#log.info(fields, 'stream');
        socket.once('close', () => {
          const ms = Math.round(this.#clock.monotonic() - started);
          this.#log.info({ ...fields, ms, in: socket.bytesRead, out: socket.bytesWritten }, 'stream ended');
        });
      });
    } catch (thrown) {
      const error = codedOf(thrown);
      const refused = peer === null ? { ...fields, ...strangerOf(request) } : fields;
      const line = { ...refused, code: error.code, err: error.cause ?? error };
      if (error.code === 'INTERNAL') this.#log.error(line, 'stream failed');
      else this.#log.warn(line, 'stream refused');
      if (accepted) socket.destroy();
      else refuse(socket, error);
    }
  }
}

function codedOf(thrown: unknown): AgentError {
  const error = toAgentError(thrown);
  if (error instanceof AgentError) return error;
  return new AgentError('INTERNAL', `unexpected: ${error instanceof Error ? error.message : String(error)}`, {
    cause: error,
  });
}

function refuse(socket: Socket, error: AgentError): void {
  const status = getHTTPStatusCodeFromError(toTrpcError(error));
  const body = bodyOf(error);
  socket.end(
    `HTTP/1.1 ${status} ${error.code}\r\nContent-Type: application/json\r\nConnection: close\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
  endSoon(socket, REFUSAL_MS);
  socket.resume();
}
