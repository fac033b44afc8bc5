import { z } from 'zod';
import type { Actor } from '../operations/request.ts';
import type { Context } from '../trpc/context.ts';
import { router } from '../trpc/init.ts';
import {
  accountProcedure,
  accountRoleProcedure,
  serverOperatorProcedure,
  serverProcedure,
} from '../trpc/procedures.ts';
import { historyOf } from './history.ts';
import { historyInput, historyPage } from './history-schema.ts';
import { order } from './order.ts';
import { type PowerAction, requestDelete, requestPower } from './power.ts';
import { setDeleteProtection } from './protect.ts';
import { checkOrder } from './read-order.ts';
import { rename } from './rename.ts';
import { deleteInput, orderInput, orderOutput, powerOutput, renameInput, restartInput, serverView } from './schema.ts';
import { getServer, listServers } from './view.ts';

const actorOf = (ctx: Pick<Context, 'request'> & { session: { user: { id: string } } }): Actor => ({
  kind: 'user',
  id: ctx.session.user.id,
  requestId: ctx.request.requestId,
});

/** The form's own key: the same one again is the same request. */
const keyed = z.object({ clientKey: z.uuid().optional() });

const powerProcedure = (action: PowerAction) =>
  serverOperatorProcedure
    .input(keyed)
    .output(powerOutput)
    .mutation(async ({ ctx, input }) => {
      const operationId = await requestPower(ctx.deps, {
        action,
        serverId: ctx.server.id,
        accountId: ctx.accountId,
        actor: actorOf(ctx),
        role: ctx.role,
        clientKey: input.clientKey,
      });
      ctx.audit.after = { operationId };
      return { operationId };
    });

export const serversRouter = router({
  list: accountProcedure.output(z.array(serverView)).query(({ ctx }) => listServers(ctx.deps, ctx.accountId, ctx.role)),
  get: serverProcedure
    .output(serverView)
    .query(({ ctx }) => getServer(ctx.deps, ctx.accountId, ctx.server.id, ctx.role)),
  history: serverProcedure
    .input(historyInput)
    .output(historyPage)
    .query(({ ctx, input }) => historyOf(ctx.deps.db, { accountId: ctx.accountId, serverId: ctx.server.id }, input)),
  /** Before the confirm page: the same rules as the order's, nothing written. */
  checkOrder: accountRoleProcedure('operator')
    .input(orderInput)
    .query(({ ctx, input }) => checkOrder(ctx.deps, ctx.accountId, input)),
  order: accountRoleProcedure('operator')
    .input(orderInput)
    .output(orderOutput)
    .mutation(async ({ ctx, input }) => {
      const placed = await order(ctx.deps, ctx.accountId, actorOf(ctx), input);
      ctx.audit.subject = `server:${placed.serverId}`;
      ctx.audit.after = {
        planId: input.planId,
        imageId: input.imageId,
        zoneId: input.zoneId,
        operationId: placed.operationId,
      };
      return placed;
    }),
  start: powerProcedure('start'),
  stop: powerProcedure('stop'),
  restart: serverOperatorProcedure
    .input(restartInput.extend(keyed.shape))
    .output(powerOutput)
    .mutation(async ({ ctx, input }) => {
      const { onTimeout } = input;
      const operationId = await requestPower(ctx.deps, {
        action: 'restart',
        serverId: ctx.server.id,
        accountId: ctx.accountId,
        actor: actorOf(ctx),
        role: ctx.role,
        input: { onTimeout },
        clientKey: input.clientKey,
      });
      ctx.audit.after = { operationId, onTimeout };
      return { operationId };
    }),
  forceOff: powerProcedure('force-off'),
  delete: serverOperatorProcedure
    .input(deleteInput.extend(keyed.shape))
    .output(powerOutput)
    .mutation(async ({ ctx, input }) => {
      const operationId = await requestDelete(ctx.deps, {
        serverId: ctx.server.id,
        name: ctx.server.name,
        confirmName: input.confirmName,
        accountId: ctx.accountId,
        actor: actorOf(ctx),
        role: ctx.role,
        clientKey: input.clientKey,
      });
      ctx.audit.after = { operationId };
      return { operationId };
    }),
  rename: serverOperatorProcedure.input(renameInput).mutation(async ({ ctx, input }) => {
    const { before, after } = await rename(ctx.deps, ctx.accountId, ctx.server.id, ctx.role, input.name);
    ctx.audit.before = { name: before };
    ctx.audit.after = { name: after };
  }),
  protect: serverOperatorProcedure.input(z.object({ on: z.boolean() })).mutation(async ({ ctx, input }) => {
    const { before } = await setDeleteProtection(ctx.deps, ctx.accountId, ctx.server.id, ctx.role, input.on);
    ctx.audit.before = { deleteProtection: before };
    ctx.audit.after = { deleteProtection: input.on };
  }),
});
