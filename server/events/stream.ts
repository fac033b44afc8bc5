/**
 * One person's events: from where they left off, then live, each checked against what they may see at that
 * moment. Memberships change and sessions end while a stream is open.
 */
import type { Deps } from '../deps.ts';
import { type Cursor, formatCursor, isAfter, parseCursor } from './cursor.ts';
import type { EventHub, HubMessage, StoredEvent } from './hub.ts';
import type { EventView } from './schema.ts';

/** Longer absences are answered with one event that makes the page read all again. */
const BACKLOG_LIMIT = 1_000;
/** How often an idle stream looks whether its session still lives. */
const RECHECK_MS = 15_000;

/** `all:` is no subject that pages know, so they read everything again. */
const resetEvent = (cursor: Cursor): EventView => ({ cursor: formatCursor(cursor), subject: 'all:', kind: 'reset' });

type Rights = { staff: boolean; accounts: ReadonlySet<string> };

/** null: the session is over. */
async function readRights({ db, clock }: Deps, sessionId: string): Promise<Rights | null> {
  const session = await db.session.findUnique({
    where: { id: sessionId },
    select: {
      expiresAt: true,
      user: { select: { staffRole: true, members: { select: { accountId: true } } } },
    },
  });
  if (!session || session.expiresAt <= clock.now()) return null;
  return {
    staff: session.user.staffRole !== null,
    accounts: new Set(session.user.members.map((member) => member.accountId)),
  };
}

function maySee(rights: Rights, event: StoredEvent): boolean {
  if (rights.staff) return true;
  if (event.accountId !== null) return rights.accounts.has(event.accountId);
  // What is offered to everybody. Hosts are staff's.
  return event.subject.startsWith('image:');
}

/**
 * Ends when the session ends or `signal` aborts.
 * @param lastCursor where the page left off; anything unreadable starts from now
 */
export async function* eventStream(
  deps: Deps,
  hub: EventHub,
  { sessionId, lastCursor, signal }: { sessionId: string; lastCursor?: string | null; signal: AbortSignal },
): AsyncGenerator<EventView> {
  const queue: HubMessage[] = [];
  let wake = () => {};
  const subscription = await hub.subscribe((message) => {
    queue.push(message);
    // A page that does not read is not remembered for ever: it gets one "read all again".
    if (queue.length > BACKLOG_LIMIT) {
      const last = queue.at(-1);
      const cursor = last?.type === 'events' ? last.events.at(-1) : last?.cursor;
      queue.splice(0, queue.length, { type: 'reset', cursor: cursor ?? subscription.from });
    }
    wake();
  });
  const onAbort = () => wake();
  signal.addEventListener('abort', onAbort);
  try {
    const after = parseCursor(lastCursor);
    if (lastCursor && (!after || isAfter(after, subscription.from)))
      queue.unshift({ type: 'reset', cursor: subscription.from });
    else if (after) {
      const missed = await hub.backlog(after, subscription.from, BACKLOG_LIMIT);
      queue.unshift(missed ? { type: 'events', events: missed } : { type: 'reset', cursor: subscription.from });
    }
    while (!signal.aborted) {
      const message = queue.shift();
      if (!message) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, RECHECK_MS);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
          if (queue.length > 0 || signal.aborted) wake();
        });
        if (queue.length > 0) continue;
      }
      const rights = await readRights(deps, sessionId);
      if (!rights || signal.aborted) return;
      if (message?.type === 'reset') yield resetEvent(message.cursor);
      for (const event of message?.type === 'events' ? message.events : []) {
        if (maySee(rights, event)) yield { cursor: formatCursor(event), subject: event.subject, kind: event.kind };
      }
    }
  } finally {
    signal.removeEventListener('abort', onAbort);
    subscription.close();
  }
}
