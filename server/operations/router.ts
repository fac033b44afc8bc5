import { z } from 'zod';
import { operationView } from '../servers/schema.ts';
import { idText } from '../text.ts';
import { router } from '../trpc/init.ts';
import { accountProcedure, serverProcedure } from '../trpc/procedures.ts';
import { getOperation, listOperations } from './service.ts';

export const operationsRouter = router({
  get: accountProcedure
    .input(z.object({ operationId: idText }))
    .output(operationView)
    .query(({ ctx, input }) => getOperation(ctx.deps.db, ctx.accountId, input.operationId)),
  listForServer: serverProcedure
    .output(z.array(operationView))
    .query(({ ctx }) => listOperations(ctx.deps.db, ctx.accountId, ctx.server.id)),
});
