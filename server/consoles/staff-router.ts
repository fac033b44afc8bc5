/** `staff.consoles`: what is open in whosever account, and how staff end one. */
import { z } from 'zod';
import { idText } from '../text.ts';
import { router } from '../trpc/init.ts';
import { staffProcedure } from '../trpc/procedures.ts';
import { endAsStaff } from './end.ts';
import { endOutput, staffConsoleView, staffEndInput } from './schema.ts';
import { listOpenConsoles } from './who.ts';

export const staffConsolesRouter = router({
  list: staffProcedure('support', 'operator')
    .input(z.object({ serverId: idText.optional() }).optional())
    .output(z.array(staffConsoleView))
    .query(({ ctx, input }) => listOpenConsoles(ctx.deps, input?.serverId)),
  end: staffProcedure('support', 'operator')
    .input(staffEndInput)
    .output(endOutput)
    .mutation(async ({ ctx, input: { consoleId, reason } }) => {
      const ended = await endAsStaff(ctx.deps, ctx.session.user.id, consoleId, reason);
      if (ended) {
        ctx.audit.subject = `server:${ended.serverId}`;
        ctx.audit.accountId = ctx.audit.onBehalfOf = ended.accountId;
        ctx.audit.after = { consoleId, kind: ended.kind, userId: ended.userId };
      }
      return { ended: ended !== null };
    }),
});
