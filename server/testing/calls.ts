/** Calling procedures as somebody, and reading what a browser would be told. */
import type { TRPCError } from '@trpc/server';
import type { Deps } from '../deps.ts';
import type { EventHub } from '../events/hub.ts';
import { newId } from '../ids.ts';
import { type Context, createContextInner, type RequestFacts, type SessionFacts } from '../trpc/context.ts';
import { type ErrorWire, wireOf } from '../trpc/errors.ts';

export const ORIGIN = 'http://localhost:8080';

export function contextOf(deps: Deps, session: SessionFacts | null, change: Partial<RequestFacts> = {}): Context {
  const request = { requestId: newId('req'), origin: ORIGIN, ip: '192.0.2.7', userAgent: 'test', accountId: null };
  const appDeps = { ...deps, origin: ORIGIN, events: {} as EventHub, stopTimeoutMs: 90_000, sshDoor: null };
  return createContextInner(appDeps, { session, request: { ...request, ...change } });
}

/** The public error of a call that must be refused. */
export async function told(call: Promise<unknown>): Promise<ErrorWire & { http: string; message: string }> {
  const error = await call.then(
    () => {
      throw new Error('should have been refused');
    },
    (cause: TRPCError) => cause,
  );
  return { http: error.code, message: error.message, ...wireOf(error) };
}
