import { router } from '../trpc/init.ts';
import { serverProcedure } from '../trpc/procedures.ts';
import { openConsole } from './open.ts';
import { openInput, openOutput, whoOutput } from './schema.ts';
import { whoIsThere } from './who.ts';

export const consolesRouter = router({
  /** Any member may look; who may not operate gets a console that only shows. */
  open: serverProcedure
    .input(openInput)
    .output(openOutput)
    .mutation(async ({ ctx, input }) => {
      const who = { sessionId: ctx.session.id, role: ctx.role };
      const opened = await openConsole(ctx.deps, who, ctx.server.id, input);
      ctx.audit.after = { kind: input.kind, viewOnly: opened.viewOnly };
      return opened;
    }),
  who: serverProcedure.output(whoOutput).query(({ ctx }) => whoIsThere(ctx.deps, ctx.accountId, ctx.server.id)),
});
