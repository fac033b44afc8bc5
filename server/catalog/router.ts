import { router } from '../trpc/init.ts';
import { accountProcedure, userProcedure } from '../trpc/procedures.ts';
import { orderOptions as readOrderOptions } from './order-options.ts';
import { TAKES_PAYMENT } from './payment.ts';
import { installation, orderOptions } from './schema.ts';

export const catalogRouter = router({
  installation: userProcedure.output(installation).query(({ ctx }) => ({
    takesPayment: TAKES_PAYMENT,
    stopTimeoutSeconds: ctx.deps.stopTimeoutMs / 1000,
    sshDoor: ctx.deps.sshDoor,
  })),
  orderOptions: accountProcedure.output(orderOptions).query(({ ctx }) => readOrderOptions(ctx.deps, ctx.accountId)),
});
