/**
 * The control plane's end of the agent's contract: tRPC's wire (`GET|POST /rpc/<call>`) over HTTPS with mutual
 * TLS, connections kept alive. The answering certificate must be Tsubo's, name exactly this host, and be the
 * very one on record: host A's certificate answers for nobody else.
 *
 * What a failure means is the caller's hardest question, so it is settled here, once:
 * - the agent's own word travels as its code;
 * - a host without a certificate on record (revoked): FORBIDDEN, nothing has happened;
 * - a connection that never came about: HYPERVISOR_AWAY, nothing has happened;
 * - a changing call that was sent and not answered: UNKNOWN_OUTCOME, it may have happened;
 * - a question that was not answered: HYPERVISOR_AWAY, nothing is known.
 */
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { z } from 'zod';
import { type AgentApi, type AgentCall, agentContract } from '../../compute-agent/contract/contract.ts';
import { AgentError, agentErrorCodes } from '../../compute-agent/contract/errors.ts';
import { type Accepted, type ClientIdentity, Connections } from './connections.ts';

/** Where a host is dialled, and what it may show. */
type HostRecord = { agentUrl: string; accepted: Accepted };
/** As it is now. @throws AgentError FORBIDDEN when nothing that the host shows is to be believed */
export type ReadRecord = () => Promise<HostRecord>;
export type AgentClient = {
  api: AgentApi;
  /** Of connections that stand. Each call reads the record itself. */
  accept: (accepted: Accepted) => void;
  /** Cuts the calls under way as well. */
  close: () => void;
};

const ANSWER_BYTES_MAX = 8 * 1024 * 1024;
/** Deadlines in ms: what is longer than usual. Fetching an image copies some GiB. */
const deadlines: Partial<Record<AgentCall, number>> = { ensureImage: 170_000, removeServer: 60_000 };
const QUERY_MS = 10_000;
const MUTATION_MS = 30_000;

const success = z.object({ result: z.object({ data: z.unknown().optional() }) });
const failure = z.object({
  error: z.object({ message: z.string(), data: z.object({ agentCode: z.enum(agentErrorCodes) }) }),
});

/** `identity` and `record` are asked anew when they are needed: both may change while the client lives. */
export function createAgentClient(hostId: string, record: ReadRecord, identity: () => ClientIdentity): AgentClient {
  const connections = new Connections(hostId, new Set(), identity);

  const call = async (name: AgentCall, input: object, options: { signal?: AbortSignal; requestId?: string } = {}) => {
    const { kind, output } = agentContract[name];
    const body = JSON.stringify(agentContract[name].input.parse(input));
    const once = async (): Promise<string> => {
      const { agentUrl, accepted } = await record();
      connections.accept(accepted);
      const url = new URL(`/rpc/${name}`, agentUrl);
      if (kind === 'query') url.searchParams.set('input', body);
      return exchange({
        url,
        connections,
        body: kind === 'mutation' ? body : null,
        deadlineMs: deadlineOf(name, input),
        requestId: options.requestId,
        signal: options.signal,
      });
    };
    const text = await once()
      // The host may have changed its certificate since its record was read; nothing was sent.
      .catch((error: unknown) => (isUnbelieved(error) ? once() : Promise.reject(error)))
      .catch((error: unknown) => {
        // What else went wrong went wrong in reading the record.
        throw error instanceof ExchangeError ? asAgentError(name, error) : error;
      });
    return readAnswer(name, text, output);
  };

  return {
    api: Object.fromEntries(
      (Object.keys(agentContract) as AgentCall[]).map((name) => [
        name,
        (input: object, options?: object) => call(name, input, options),
      ]),
    ) as unknown as AgentApi,
    accept: (accepted) => connections.accept(accepted),
    close: () => {
      connections.accept(new Set());
      connections.destroy();
    },
  };
}

const deadlineOf = (name: AgentCall, input: object): number => {
  if (name === 'changes') return QUERY_MS + (input as { waitMs: number }).waitMs;
  return deadlines[name] ?? (agentContract[name].kind === 'query' ? QUERY_MS : MUTATION_MS);
};

/** Carries whether the request can have reached the agent. */
class ExchangeError extends Error {
  readonly sent: boolean;
  constructor(message: string, sent: boolean, cause: unknown) {
    super(message, { cause });
    this.sent = sent;
  }
}

type Exchange = {
  url: URL;
  connections: Connections;
  body: string | null;
  deadlineMs: number;
  requestId: string | undefined;
  signal: AbortSignal | undefined;
};

async function exchange({ url, connections, body, deadlineMs, requestId, signal }: Exchange): Promise<string> {
  const deadline = AbortSignal.timeout(deadlineMs);
  let sent = false;
  try {
    return await new Promise<string>((resolve, reject) => {
      const outgoing = request(url, {
        agent: connections,
        method: body === null ? 'GET' : 'POST',
        headers: {
          ...(requestId && { 'x-request-id': requestId }),
          ...(body !== null && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
        },
        signal: signal ? AbortSignal.any([signal, deadline]) : deadline,
      });
      outgoing.once('socket', (socket) => {
        // A kept connection is there already; on a new one nothing leaves before the handshake is done.
        if (!socket.connecting) {
          if (connections.accepts(socket)) sent = true;
          else outgoing.destroy(new AgentError('FORBIDDEN', 'this connection was made with a certificate of before'));
        } else socket.once('secureConnect', () => (sent = true));
      });
      outgoing.once('error', reject);
      outgoing.once('response', (answer) => readText(answer).then(resolve, reject));
      outgoing.end(body ?? undefined);
    });
  } catch (error) {
    const message = deadline.aborted
      ? `no answer within ${deadlineMs} ms`
      : error instanceof Error
        ? error.message
        : String(error);
    throw new ExchangeError(message, sent, error);
  }
}

async function readText(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > ANSWER_BYTES_MAX) throw new Error('the answer is too long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** We did not believe who answered, and so said nothing. */
const isUnbelieved = (error: unknown): boolean =>
  error instanceof ExchangeError && !error.sent && error.cause instanceof AgentError;

function asAgentError(name: AgentCall, error: ExchangeError): AgentError {
  if (error.cause instanceof AgentError) return error.cause;
  const unknown = error.sent && agentContract[name].kind === 'mutation';
  return new AgentError(unknown ? 'UNKNOWN_OUTCOME' : 'HYPERVISOR_AWAY', `${name}: ${error.message}`, { cause: error });
}

function readAnswer(name: AgentCall, text: string, output: z.ZodType): unknown {
  const unreadable = agentContract[name].kind === 'mutation' ? 'UNKNOWN_OUTCOME' : 'INTERNAL';
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new AgentError(unreadable, `${name}: the answer is not JSON: ${text.slice(0, 200)}`, { cause });
  }
  const failed = failure.safeParse(json);
  if (failed.success) throw new AgentError(failed.data.error.data.agentCode, failed.data.error.message);
  const answered = success.safeParse(json);
  const parsed = output.safeParse(answered.data?.result.data);
  if (!parsed.success)
    throw new AgentError(unreadable, `${name}: the answer is not the contract's: ${parsed.error.message}`);
  return parsed.data;
}
