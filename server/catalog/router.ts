import { router } from '../trpc/init.ts';
import { accountProcedure } from '../trpc/procedures.ts';
import { orderOptions as readOrderOptions } from './order-options.ts';
import { orderOptions } from './schema.ts';

export const catalogRouter = router({
  orderOptions: accountProcedure.output(orderOptions).query(({ ctx }) => readOrderOptions(ctx.deps, ctx.accountId)),
});
