/** What a step's error means: ask again, ended (undo), or given up (staff). */
import { AgentError, type AgentErrorCode, retryableAgentCodes } from '../../compute-agent/contract/errors.ts';

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

export function judge(error: unknown): Verdict {
  if (error instanceof AgentError) {
    return {
      do: retryableAgentCodes.has(error.code) ? 'again' : 'fail',
      code: codes[error.code] ?? 'OTHER',
      word: `${error.code}: ${error.message}`,
    };
  }
  if (error instanceof StepFailed) return { do: 'fail', code: error.code, word: error.message };
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
  // Serialization and deadlock: the same again is right.
  '40001',
  '40P01',
  'P2034',
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EHOSTUNREACH',
]);

/** Whether PostgreSQL could not be asked (or the answer was lost), anywhere in the chain of causes. */
export function isDatabaseAway(error: unknown): boolean {
  for (let e = error, depth = 0; e instanceof Error && depth < 8; e = e.cause, depth++) {
    const fields = e as Error & { code?: unknown; meta?: { code?: unknown }; originalCode?: unknown };
    for (const code of [fields.code, fields.meta?.code, fields.originalCode]) {
      if (typeof code === 'string' && away.has(code)) return true;
    }
    if (
      /Connection terminated|Server has closed the connection|timeout exceeded when trying to connect/i.test(e.message)
    )
      return true;
    const driver = (fields.cause as { kind?: unknown; originalCode?: unknown } | undefined) ?? {};
    if (typeof driver.originalCode === 'string' && away.has(driver.originalCode)) return true;
    if (driver.kind === 'SocketTimeout' || driver.kind === 'ConnectionClosed' || driver.kind === 'DatabaseNotReachable')
      return true;
  }
  return false;
}
