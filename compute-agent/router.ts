/**
 * The tRPC router, made from the contract's table: each call parses its input and its answer, runs under the
 * request id of the caller, and ends in one log line, also where it was refused before it began. An AgentError's code travels in `data.agentCode`, from
 * which the control plane's client makes the same AgentError again.
 */
import { initTRPC, TRPCError } from '@trpc/server';
import type { TRPC_ERROR_CODE_KEY } from '@trpc/server/rpc';
import type { Clock } from './clock.ts';
import { type AgentApi, type AgentCall, agentContract } from './contract/contract.ts';
import { AgentError, type AgentErrorCode } from './contract/errors.ts';
import type { Logger } from './log.ts';

interface RequestContext {
  requestId: string;
  /** Name of the control plane that calls, from its certificate. */
  peer: string;
  /** On the monotonic clock, ms. */
  started: number;
}

/** HTTP status by way of tRPC's names. Callers decide by agentCode; the status is for people and proxies. */
const trpcCodes: Record<AgentErrorCode, TRPC_ERROR_CODE_KEY> = {
  NO_SUCH_DOMAIN: 'NOT_FOUND',
  STALE_GENERATION: 'CONFLICT',
  SPEC_CONFLICT: 'CONFLICT',
  GONE: 'PRECONDITION_FAILED',
  BUSY: 'TOO_MANY_REQUESTS',
  IMAGE_MISSING: 'PRECONDITION_FAILED',
  NO_SPACE: 'PRECONDITION_FAILED',
  START_FAILED: 'UNPROCESSABLE_CONTENT',
  HYPERVISOR: 'BAD_GATEWAY',
  UNKNOWN_OUTCOME: 'GATEWAY_TIMEOUT',
  HYPERVISOR_AWAY: 'SERVICE_UNAVAILABLE',
  BAD_REQUEST: 'BAD_REQUEST',
  FORBIDDEN: 'FORBIDDEN',
  INTERNAL: 'INTERNAL_SERVER_ERROR',
};

const agentCodeOf = (error: TRPCError): AgentErrorCode => {
  if (error.cause instanceof AgentError) return error.cause.code;
  switch (error.code) {
    case 'FORBIDDEN':
    case 'UNAUTHORIZED':
      return 'FORBIDDEN';
    case 'BAD_REQUEST':
    case 'PARSE_ERROR':
    case 'NOT_FOUND':
    case 'METHOD_NOT_SUPPORTED':
    case 'UNSUPPORTED_MEDIA_TYPE':
    case 'PAYLOAD_TOO_LARGE':
      return 'BAD_REQUEST';
    default:
      return 'INTERNAL';
  }
};

export const toTrpcError = (error: AgentError): TRPCError =>
  new TRPCError({ code: trpcCodes[error.code], message: error.message, cause: error });

/** `calls` is whatever answers: the real agent, or a test's. */
export function createRouter(calls: AgentApi, log: Logger, clock: Clock) {
  const t = initTRPC.context<RequestContext>().create({
    isDev: false,
    errorFormatter: ({ shape, error }) => ({ ...shape, data: { ...shape.data, agentCode: agentCodeOf(error) } }),
  });

  /** The one place where a call is made and its answer checked, whatever its types; failures are logged by logFailure. */
  const run = async (
    name: AgentCall,
    { ctx, input, signal }: { ctx: RequestContext; input: unknown; signal: AbortSignal | undefined },
  ): Promise<unknown> => {
    const handler = calls[name] as (input: unknown, options: object) => Promise<unknown>;
    try {
      const answer = await handler(input, { requestId: ctx.requestId, ...(signal ? { signal } : {}) });
      const checked = agentContract[name].output.safeParse(answer);
      if (!checked.success) throw new Error(`not an answer of ${name}: ${checked.error.message}`);
      const fields = { call: name, requestId: ctx.requestId, peer: ctx.peer, ...targetOf(input) };
      const ms = Math.round(clock.monotonic() - ctx.started);
      // Questions are asked all the time; what changes something is worth a line each.
      log[agentContract[name].kind === 'mutation' ? 'info' : 'debug']({ ...fields, ms }, 'call');
      return checked.data;
    } catch (error) {
      if (error instanceof AgentError) throw toTrpcError(error);
      const words = error instanceof Error ? error.message : String(error);
      throw toTrpcError(new AgentError('INTERNAL', `unexpected: ${words}`, { cause: error }));
    }
  };

  const procedureOf = (name: AgentCall) => {
    const { kind, input } = agentContract[name];
    const procedure = t.procedure.input(input);
    const resolve = (options: { ctx: RequestContext; input: unknown; signal: AbortSignal | undefined }) =>
      run(name, options) as Promise<never>;
    return kind === 'query' ? procedure.query(resolve) : procedure.mutation(resolve);
  };
  const names = Object.keys(agentContract) as AgentCall[];
  return t.router(Object.fromEntries(names.map((name) => [name, procedureOf(name)])));
}

interface Failure {
  error: TRPCError;
  path: string | undefined;
  input: unknown;
  ctx: RequestContext | undefined;
}

/**
 * The line of a call that ended in an error, wherever that was: also before the call was made (who may not command,
 * what cannot be read). `caller`: what is known of one without a context.
 */
export function logFailure(log: Logger, clock: Clock, { error, path, input, ctx }: Failure, caller: object): void {
  const code = agentCodeOf(error);
  const who = ctx
    ? { requestId: ctx.requestId, peer: ctx.peer, ms: Math.round(clock.monotonic() - ctx.started) }
    : caller;
  // What a handler threw, and not our wrappings of it.
  const err =
    error.cause instanceof AgentError && code === 'INTERNAL' ? (error.cause.cause ?? error.cause) : error.cause;
  const fields = { call: path, ...who, ...targetOf(input), code, err: err ?? error };
  if (code === 'INTERNAL') log.error(fields, 'call failed');
  else log.warn(fields, 'call refused');
}

function targetOf(input: unknown): { serverId?: unknown; generation?: unknown } {
  const { serverId, generation } = (input ?? {}) as { serverId?: unknown; generation?: unknown };
  return { ...(serverId === undefined ? {} : { serverId }), ...(generation === undefined ? {} : { generation }) };
}
