import { tracked } from '@trpc/server';
import { z } from 'zod';
import { idText } from '../text.ts';
import { router } from '../trpc/init.ts';
import { userProcedure } from '../trpc/procedures.ts';
import { eventStream } from './stream.ts';

const place = z.object({ lastEventId: idText.nullish() }).optional();

export const eventsRouter = router({
  /** The page's own events from `lastEventId` on (tRPC sends it by itself when it reconnects). */
  stream: userProcedure.input(place).subscription(async function* ({ ctx, input, signal }) {
    const stream = eventStream(ctx.deps, ctx.deps.events, {
      sessionId: ctx.session.id,
      lastCursor: input?.lastEventId ?? null,
      signal: signal ?? new AbortController().signal,
    });
    for await (const event of stream) yield tracked(event.cursor, event);
  }),
});
