/**
 * The tRPC router, made from the contract's table: each call parses its input and its answer, runs under the
 * request id of the caller, and ends in one log line. An AgentError's code travels in `data.agentCode`, from
 * which the control plane's client makes the same AgentError again.
 */
import { initTRPC, TRPCError } from '@trpc/server';
import type { TRPC_ERROR_CODE_KEY } from '@trpc/server/rpc';
import type { Clock } from './clock.ts';
import { type AgentApi, type AgentCall, agentContract } from './contract/contract.ts';
import { AgentError, type AgentErrorCode } from './contract/errors.ts';
import type { Logger } from './log.ts';

export interface RequestContext {
  requestId: string;
  /** Name of the control plane that calls, from its certificate. */
  peer: string;
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

  /** The one place where a call is made, timed and logged, whatever its types. */
  const run = async (
    name: AgentCall,
    { ctx, input, signal }: { ctx: RequestContext; input: unknown; signal: AbortSignal | undefined },
  ): Promise<unknown> => {
    const started = clock.monotonic();
    const fields = { call: name, requestId: ctx.requestId, peer: ctx.peer, ...targetOf(input) };
    const handler = calls[name] as (input: unknown, options: object) => Promise<unknown>;
    try {
      const answer = await handler(input, { requestId: ctx.requestId, ...(signal ? { signal } : {}) });
      const ms = Math.round(clock.monotonic() - started);
      // Questions are asked all the time; what changes something is worth a line each.
      log[agentContract[name].kind === 'mutation' ? 'info' : 'debug']({ ...fields, ms }, 'call');
      return answer;
    } catch (error) {
      const ms = Math.round(clock.monotonic() - started);
      if (error instanceof AgentError) {
        log.warn({ ...fields, ms, code: error.code, err: error }, 'call refused');
        throw toTrpcError(error);
      }
      log.error({ ...fields, ms, code: 'INTERNAL', err: error }, 'call failed');
      throw toTrpcError(
        new AgentError('INTERNAL', `unexpected: ${error instanceof Error ? error.message : String(error)}`),
      );
    }
  };

  const procedureOf = (name: AgentCall) => {
    const { kind, input, output } = agentContract[name];
    const procedure = t.procedure.input(input).output(output as typeof agentContract.observe.output);
    const resolve = (options: { ctx: RequestContext; input: unknown; signal: AbortSignal | undefined }) =>
      run(name, options) as Promise<never>;
    return kind === 'query' ? procedure.query(resolve) : procedure.mutation(resolve);
  };
  const names = Object.keys(agentContract) as AgentCall[];
  return t.router(Object.fromEntries(names.map((name) => [name, procedureOf(name)])));
}

function targetOf(input: unknown): { serverId?: unknown; generation?: unknown } {
  const { serverId, generation } = input as { serverId?: unknown; generation?: unknown };
  return { ...(serverId === undefined ? {} : { serverId }), ...(generation === undefined ? {} : { generation }) };
}
