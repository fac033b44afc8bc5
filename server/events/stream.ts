/**
 * One person's events: from where they left off, then live, each checked against what they may see at that
 * moment. Memberships change and sessions end while a stream is open.
 *
 * Every stream hears every event of the installation, so the check must not cost a query for those of others: what
 * the last reading says is none of theirs is let go, and what looks like theirs is delivered only after a new
 * reading. A right that was won in between is found by the regular one; the page then reads everything again.
 */
import type { Deps } from '../deps.ts';
import { PublicError } from '../errors.ts';
import { type Cursor, formatCursor, isAfter, parseCursor } from './cursor.ts';
import type { EventHub, HubMessage, StoredEvent } from './hub.ts';
import type { EventView } from './schema.ts';

/** Longer absences are answered with one event that makes the page read all again. */
const BACKLOG_LIMIT = 1_000;
/** How often a stream looks whether its session still lives. */
const RECHECK_MS = 15_000;
/** A browser has one for all its tabs; one that cannot share it has one for each. The rest polls. */
const STREAMS_PER_SESSION = 10;
const RETRY_AFTER_SECONDS = 15;

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

const hasGained = (before: Rights, now: Rights): boolean =>
  (now.staff && !before.staff) || [...now.accounts].some((account) => !before.accounts.has(account));

/** Of this process, by session. */
const openStreams = new Map<string, number>();

/** @returns gives the place back; may be called twice. @throws PublicError TOO_MANY_REQUESTS */
function takePlace(sessionId: string): () => void {
  const count = openStreams.get(sessionId) ?? 0;
  if (count >= STREAMS_PER_SESSION)
    throw new PublicError('TOO_MANY_REQUESTS', { params: { retryAfterSeconds: RETRY_AFTER_SECONDS } });
  openStreams.set(sessionId, count + 1);
  let isTaken = true;
  return () => {
    if (!isTaken) return;
    isTaken = false;
    const left = (openStreams.get(sessionId) ?? 1) - 1;
    if (left > 0) openStreams.set(sessionId, left);
    else openStreams.delete(sessionId);
  };
}

type Place = {
  sessionId: string;
  /** Where the page left off; anything unreadable starts from now. */
  lastCursor?: string | null;
  signal: AbortSignal;
  recheckMs?: number;
};

/**
 * Ends when the session ends or `signal` aborts.
 * @throws PublicError TOO_MANY_REQUESTS at once, when the session has too many already
 */
export function eventStream(deps: Deps, hub: EventHub, place: Place): AsyncGenerator<EventView> {
  const leave = takePlace(place.sessionId);
  place.signal.addEventListener('abort', leave);
  if (place.signal.aborted) leave();
  const taken = async function* () {
    try {
      yield* follow(deps, hub, place);
    } finally {
      place.signal.removeEventListener('abort', leave);
      leave();
    }
  };
  return taken();
}

async function* follow(
  deps: Deps,
  hub: EventHub,
  { sessionId, lastCursor, signal, recheckMs = RECHECK_MS }: Place,
): AsyncGenerator<EventView> {
  const queue: HubMessage[] = [];
  let wake = () => {};
  let isDue = false;
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
  const timer = setInterval(() => {
    isDue = true;
    wake();
  }, recheckMs);
  try {
    const after = parseCursor(lastCursor);
    if (lastCursor && (!after || isAfter(after, subscription.from)))
      queue.unshift({ type: 'reset', cursor: subscription.from });
    else if (after) {
      const missed = await hub.backlog(after, subscription.from, BACKLOG_LIMIT);
      queue.unshift(missed ? { type: 'events', events: missed } : { type: 'reset', cursor: subscription.from });
    }
    let rights = await readRights(deps, sessionId);
    let at = subscription.from;
    while (rights && !signal.aborted) {
      const message = queue.shift();
      if (!message && !isDue) {
        await new Promise<void>((resolve) => {
          wake = resolve;
          if (queue.length > 0 || isDue || signal.aborted) resolve();
        });
        continue;
      }
      const known: Rights = rights;
      const concerns = message && (message.type === 'reset' || message.events.some((event) => maySee(known, event)));
      if (concerns || isDue) {
        isDue = false;
        rights = await readRights(deps, sessionId);
        if (!rights || signal.aborted) return;
      }
      at = (message?.type === 'events' ? message.events.at(-1) : message?.cursor) ?? at;
      // What was let go meanwhile may have been theirs.
      if (message?.type === 'reset' || hasGained(known, rights)) yield resetEvent(at);
      for (const event of message?.type === 'events' ? message.events : []) {
        if (maySee(rights, event)) yield { cursor: formatCursor(event), subject: event.subject, kind: event.kind };
      }
    }
  } finally {
    clearInterval(timer);
    signal.removeEventListener('abort', onAbort);
    subscription.close();
  }
}
