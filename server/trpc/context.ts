import type { Deps } from '../deps.ts';
import type { EventHub } from '../events/hub.ts';
import type { StaffRole } from '../generated/prisma/enums.ts';
import type { SshDoorView } from '../ssh-door.ts';

/** Who asks. */
export type SessionFacts = {
  id: string;
  user: { id: string; name: string; email: string; locale: string; theme: string; staffRole: StaffRole | null };
};

/** What is known of the request itself. */
export type RequestFacts = {
  requestId: string;
  /** Headers as they came; null where absent. */
  origin: string | null;
  ip: string | null;
  userAgent: string | null;
  /** The account that the page works with; empty: the first of the user's. */
  accountId: string | null;
};

/** What the app's procedures have besides the services' needs. */
export type AppDeps = Deps & {
  /** The one origin that may ask for changes, e.g. http://localhost:8080 */
  origin: string;
  events: EventHub;
  /** How long a guest may take to answer the power button. */
  stopTimeoutMs: number;
  /** Null where there is none. */
  sshDoor: SshDoorView | null;
};

export type Context = { deps: AppDeps; session: SessionFacts | null; request: RequestFacts };

/** The whole context without HTTP: for tests, and pages that call procedures on the server. */
export function createContextInner(
  deps: AppDeps,
  { session, request }: { session: SessionFacts | null; request: RequestFacts },
): Context {
  return { deps: { ...deps, log: deps.log.child({ requestId: request.requestId }) }, session, request };
}
