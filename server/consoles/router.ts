import { router } from '../trpc/init.ts';
import { serverProcedure } from '../trpc/procedures.ts';
import { endAsMember } from './end.ts';
import { openConsole } from './open.ts';
import { endInput, endOutput, openInput, openOutput, whoOutput } from './schema.ts';
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
  /** One's own, wherever it is open; those of others by who may operate. */
  end: serverProcedure
    .input(endInput)
    .output(endOutput)
    .mutation(async ({ ctx, input: { consoleId } }) => {
      const who = { userId: ctx.session.user.id, role: ctx.role };
      const ended = await endAsMember(ctx.deps, who, ctx.server.id, consoleId);
      ctx.audit.after = { consoleId, ...(ended && { kind: ended.kind, userId: ended.userId }), ended: ended !== null };
      return { ended: ended !== null };
    }),
});
