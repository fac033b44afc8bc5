import { z } from 'zod';
import type { Actor } from '../operations/request.ts';
import { getForStaff, listForStaff, retryOperation, undoOperation } from '../operations/staff.ts';
import { operationState } from '../servers/schema.ts';
import type { Context } from '../trpc/context.ts';
import { router } from '../trpc/init.ts';
import { staffProcedure } from '../trpc/procedures.ts';
import { hostView, staffOperationView } from './schema.ts';
import { listHosts, setAcceptsNew } from './view.ts';

const actorOf = (
  ctx: Pick<Context, 'request'> & { session: { user: { id: string } } },
  reason: string | undefined,
): Actor => ({
  kind: 'staff',
  id: ctx.session.user.id,
  requestId: ctx.request.requestId,
  ...(reason && { reason }),
});

const again = z.object({ operationId: z.string(), reason: z.string().trim().max(500).optional() });

export const staffRouter = router({
  hosts: router({
    list: staffProcedure('support', 'operator')
      .output(z.array(hostView))
      .query(({ ctx }) => listHosts(ctx.deps)),
    setAcceptsNew: staffProcedure('operator')
      .input(z.object({ hostId: z.string(), acceptsNew: z.boolean() }))
      .mutation(async ({ ctx, input }) => {
        ctx.audit.subject = `host:${input.hostId}`;
        ctx.audit.after = { acceptsNew: input.acceptsNew };
        await setAcceptsNew(ctx.deps, input.hostId, input.acceptsNew);
      }),
  }),
  operations: router({
    list: staffProcedure('support', 'operator')
      .input(z.object({ state: operationState.optional() }).optional())
      .output(z.array(staffOperationView))
      .query(({ ctx, input }) => listForStaff(ctx.deps, input?.state)),
    get: staffProcedure('support', 'operator')
      .input(z.object({ operationId: z.string() }))
      .output(staffOperationView)
      .query(({ ctx, input }) => getForStaff(ctx.deps, input.operationId)),
    retry: staffProcedure('support', 'operator')
      .input(again)
      .mutation(async ({ ctx, input }) => {
        ctx.audit.subject = `operation:${input.operationId}`;
        await retryOperation(ctx.deps, { operationId: input.operationId, actor: actorOf(ctx, input.reason) });
      }),
    undo: staffProcedure('support', 'operator')
      .input(again)
      .mutation(async ({ ctx, input }) => {
        ctx.audit.subject = `operation:${input.operationId}`;
        await undoOperation(ctx.deps, { operationId: input.operationId, actor: actorOf(ctx, input.reason) });
      }),
  }),
});
