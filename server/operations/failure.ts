/** What a step's error means: ask again, ended (undo), or given up (staff). */

import { AgentError, type AgentErrorCode, retryableAgentCodes } from '../../compute-agent/contract/errors.ts';
import { type ErrorCode, PublicError } from '../errors.ts';

/** Words under `operation.failure.cause.<code>`. */
export type FailureCode =
  | 'GUEST_IGNORED'
  | 'NO_CAPACITY'
  | 'NO_ADDRESS'
  | 'IMAGE_NOT_READY'
  | 'HOST_AWAY'
  | 'START_FAILED'
  | 'DISK_FULL'
  | 'OTHER';

/** Thrown by a step that knows that its goal cannot be reached. */
export class StepFailed extends Error {
  override readonly name = 'StepFailed';
  readonly code: FailureCode;
  constructor(code: FailureCode, detail: string) {
    super(detail);
    this.code = code;
  }
}

export type Verdict = {
  /** database: PostgreSQL is away, nothing can be decided or written without it; again: within the step's budget. */
  do: 'database' | 'again' | 'fail';
  code: FailureCode;
  /** For staff: the host's own code and words. */
  word: string;
};

const codes: Partial<Record<AgentErrorCode, FailureCode>> = {
  IMAGE_MISSING: 'IMAGE_NOT_READY',
  NO_SPACE: 'DISK_FULL',
  START_FAILED: 'START_FAILED',
  HYPERVISOR_AWAY: 'HOST_AWAY',
  UNKNOWN_OUTCOME: 'HOST_AWAY',
  BUSY: 'HOST_AWAY',
};

const stockCodes: Partial<Record<ErrorCode, FailureCode>> = {
  NO_CAPACITY: 'NO_CAPACITY',
  NO_ADDRESS: 'NO_ADDRESS',
  IMAGE_NOT_READY: 'IMAGE_NOT_READY',
};

export function judge(error: unknown): Verdict {
  if (error instanceof AgentError) {
    return {
      do: retryableAgentCodes.has(error.code) ? 'again' : 'fail',
      code: codes[error.code] ?? 'OTHER',
      word: `${error.code}: ${error.message}`,
    };
  }
  if (error instanceof StepFailed) return { do: 'fail', code: error.code, word: error.message };
  // The stock ran out between the undo and the retry of a create.
  if (error instanceof PublicError) return { do: 'fail', code: stockCodes[error.code] ?? 'OTHER', word: error.message };
  const word = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return { do: isDatabaseAway(error) ? 'database' : 'fail', code: 'OTHER', word };
}

const away = new Set([
  // Prisma: cannot reach, timed out, closed the connection, no connection from the pool, transaction lost.
  'P1001',
  'P1002',
  'P1008',
  'P1017',
  'P2024',
  'P2028',
  // PostgreSQL: admin shutdown, crash shutdown, cannot connect now, connection failures, idle in transaction.
  '57P01',
  '57P02',
  '57P03',
  '08000',
  '08003',
  '08006',
  '08001',
  '08004',
  '25P03',
  // A statement that was cancelled for its time (it stalls), a standby that does not write, no connections, memory or
  // disk, an I/O error: nothing is known about the step by them, and the operator mends them.
  '57014',
  '25006',
  '53000',
  '53100',
  '53200',
  '53300',
  '58030',
  // Serialization, deadlock and a lock that was waited for too long: the same again is right.
  '40001',
  '40P01',
  '55P03',
  'P2034',
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EHOSTUNREACH',
]);

/** The driver adapter's own kinds, as Prisma hands them on in `meta` or as causes. */
const awayKinds = new Set([
  'DatabaseNotReachable',
  'ConnectionClosed',
  'SocketTimeout',
  'TooManyConnections',
  'TransactionAlreadyClosed',
  'TransactionWriteConflict',
]);
const awayWords =
  /Can't reach database server|Connection terminated|Server has closed the connection|timeout exceeded when trying to connect|Unable to start a transaction in the given time|Transaction already closed|Transaction not found/i;
const DEPTH_MAX = 8;

/**
 * Whether PostgreSQL could not be asked, or its answer was lost. Prisma says so in many shapes (code, `meta`,
 * causes, only words in a raw query's error), so the whole error is searched.
 */
export function isDatabaseAway(error: unknown, depth = 0): boolean {
  if (typeof error !== 'object' || error === null || depth > DEPTH_MAX) return false;
  if (error instanceof AgentError || error instanceof PublicError) return false;
  const { code, originalCode, kind, meta, cause, message, driverAdapterError } = error as Record<string, unknown>;
  if ([code, originalCode].some((value) => typeof value === 'string' && away.has(value))) return true;
  if (typeof kind === 'string' && awayKinds.has(kind)) return true;
  if (typeof message === 'string' && awayWords.test(message)) return true;
  return [meta, cause, driverAdapterError].some((inner) => isDatabaseAway(inner, depth + 1));
}
