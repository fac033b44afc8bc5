import { z } from 'zod';
import { listImages, staffImageView } from '../catalog/staff-images.ts';
import { staffConsolesRouter } from '../consoles/staff-router.ts';
import { accountOf, getForStaff, listForStaff, retryOperation, undoOperation } from '../operations/staff.ts';
import { listAttention } from '../servers/attention.ts';
import { operationState } from '../servers/schema.ts';
import { idText, text } from '../text.ts';
import { router } from '../trpc/init.ts';
import { staffProcedure } from '../trpc/procedures.ts';
import { hostView, staffAttentionView, staffOperationView } from './schema.ts';
import { searchForStaff, staffFound } from './search.ts';
import { listHosts, setAcceptsNew } from './view.ts';

/** Who acts for a customer says why, and the customer is told. */
const decision = z.object({
  operationId: idText,
  /** The attempt that the decision is about. */
  attempt: z.int().min(1),
  reason: text(500).trim().min(1, 'empty'),
});

const deciding = (decide: typeof retryOperation) =>
  staffProcedure('support', 'operator')
    .input(decision)
    .mutation(async ({ ctx, input: { operationId, attempt, reason } }) => {
      ctx.audit.subject = `operation:${operationId}`;
      ctx.audit.accountId = ctx.audit.onBehalfOf = await accountOf(ctx.deps, operationId);
      const { requestId } = ctx.request;
      await decide(ctx.deps, {
        operationId,
        attempt,
        actor: { kind: 'staff', id: ctx.session.user.id, requestId, reason },
      });
    });

const operationsOf = z.object({
  state: operationState.exactOptional(),
  serverId: idText.exactOptional(),
  accountId: idText.exactOptional(),
  id: idText.exactOptional(),
});

export const staffRouter = router({
  search: staffProcedure('support', 'operator')
    .input(z.object({ query: text(100) }))
    .output(staffFound)
    .query(({ ctx, input }) => searchForStaff(ctx.deps, input.query)),
  hosts: router({
    list: staffProcedure('support', 'operator')
      .output(z.array(hostView))
      .query(({ ctx }) => listHosts(ctx.deps)),
    setAcceptsNew: staffProcedure('operator')
      .input(z.object({ hostId: idText, acceptsNew: z.boolean() }))
      .mutation(async ({ ctx, input }) => {
        ctx.audit.subject = `host:${input.hostId}`;
        ctx.audit.after = { acceptsNew: input.acceptsNew };
        await setAcceptsNew(ctx.deps, input.hostId, input.acceptsNew);
      }),
  }),
  images: router({
    list: staffProcedure('support', 'operator')
      .output(z.array(staffImageView))
      .query(({ ctx }) => listImages(ctx.deps)),
  }),
  consoles: staffConsolesRouter,
  servers: router({
    attention: staffProcedure('support', 'operator')
      .output(z.array(staffAttentionView))
      .query(({ ctx }) => listAttention(ctx.deps)),
  }),
  operations: router({
    list: staffProcedure('support', 'operator')
      .input(operationsOf.optional())
      .output(z.array(staffOperationView))
      .query(({ ctx, input }) => listForStaff(ctx.deps, input)),
    get: staffProcedure('support', 'operator')
      .input(z.object({ operationId: idText }))
      .output(staffOperationView)
      .query(({ ctx, input }) => getForStaff(ctx.deps, input.operationId)),
    retry: deciding(retryOperation),
    undo: deciding(undoOperation),
  }),
});
