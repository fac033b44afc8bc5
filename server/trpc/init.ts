/** tRPC itself: its options, and the two middlewares that every procedure has. */
import { initTRPC, TRPCError } from '@trpc/server';
import { PublicError } from '../errors.ts';
import type { Context } from './context.ts';
import { toPublic, wireOf } from './errors.ts';

const t = initTRPC.context<Context>().create({
  // A stack never reaches a browser, whatever NODE_ENV says.
  isDev: false,
  errorFormatter: ({ shape, error }) => {
    const tsubo = wireOf(error);
    return {
      code: shape.code,
      message: tsubo.code,
      data: { code: shape.data.code, httpStatus: shape.data.httpStatus, tsubo },
    };
  },
  sse: {
    // nginx and browsers drop what is silent.
    ping: { enabled: true, intervalMs: 15_000 },
    client: { reconnectAfterInactivityMs: 25_000 },
  },
});

export const { router, middleware, createCallerFactory } = t;

/** Outermost, so that whatever fails further in leaves as a public error. */
const guard = t.middleware(async ({ ctx, next, path, getRawInput }) => {
  const result = await next();
  if (result.ok) return result;
  const { log, random } = ctx.deps;
  const read = await getRawInput().then(
    (input) => ({ input }),
    (cause: unknown) => ({ cause }),
  );
  // The body is no JSON: the sender's fault, not ours.
  if ('cause' in read) throw toPublic(new TRPCError({ code: 'PARSE_ERROR', cause: read.cause }), { log, random, path });
  throw toPublic(result.error, { log, random, path, input: read.input });
});

/**
 * A change must come from our own pages. Browsers name the origin with every POST; the session cookie is
 * SameSite=Lax, but a neighbour on another port or subdomain is the same site.
 */
const checkOrigin = t.middleware(({ ctx, type, next }) => {
  if (type === 'mutation' && ctx.request.origin !== ctx.deps.origin)
    throw new TRPCError({ code: 'FORBIDDEN', cause: new PublicError('BAD_ORIGIN') });
  return next();
});

export const baseProcedure = t.procedure.use(guard).use(checkOrigin);
