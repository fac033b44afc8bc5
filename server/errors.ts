/**
 * Every error that Tsubo tells a person. One closed union, one map to tRPC; the words (ja, en) are in
 * app/_lib/messages under `errors.<CODE>`, with the params named here. What happened inside stays in the
 * log, under the id that the person is shown.
 */
import type { TRPC_ERROR_CODE_KEY } from '@trpc/server/rpc';

export const errorCodes = {
  UNAUTHENTICATED: 'UNAUTHORIZED',
  /** Signed in, but the role does not allow it. params: role */
  ROLE_REQUIRED: 'FORBIDDEN',
  /** Absent, or somebody else's: the two are not told apart. */
  NOT_FOUND: 'NOT_FOUND',
  /** Input that did not parse. fields: path → code of server/fields.ts */
  INPUT: 'BAD_REQUEST',
  /** Origin header is not ours. */
  BAD_ORIGIN: 'FORBIDDEN',
  /** params: retryAfterSeconds */
  TOO_MANY_REQUESTS: 'TOO_MANY_REQUESTS',
  /** Another operation holds the lock. params: kind, operationId, startedBy, startedAt */
  OPERATION_RUNNING: 'CONFLICT',
  /** The same key was used for another request. */
  KEY_REUSED: 'CONFLICT',
  /** `can` says no. params: reason (state.ts) */
  NOT_POSSIBLE: 'PRECONDITION_FAILED',
  NAME_TAKEN: 'CONFLICT',
  SSH_KEY_TAKEN: 'CONFLICT',
  NAME_MISMATCH: 'BAD_REQUEST',
  /** No host has room. params: planId, zoneId */
  NO_CAPACITY: 'PRECONDITION_FAILED',
  NO_ADDRESS: 'PRECONDITION_FAILED',
  IMAGE_NOT_READY: 'PRECONDITION_FAILED',
  /** An account's limit. params: limit, value */
  LIMIT: 'PRECONDITION_FAILED',
  /** Deletion protection is on. */
  PROTECTED: 'PRECONDITION_FAILED',
  /** Anything unexpected. params: id */
  INTERNAL: 'INTERNAL_SERVER_ERROR',
} as const satisfies Record<string, TRPC_ERROR_CODE_KEY>;

export type ErrorCode = keyof typeof errorCodes;
export type ErrorParams = Record<string, string | number>;

/** An error with public words. `message` and `cause` are for the log only. */
export class PublicError extends Error {
  readonly code: ErrorCode;
  readonly params: ErrorParams;
  /** Input path (`sshKey`, `name`) → field error code, for INPUT and its like. */
  readonly fields: Record<string, FieldError>;
  constructor(
    code: ErrorCode,
    options: { params?: ErrorParams; fields?: Record<string, FieldError>; detail?: string; cause?: unknown } = {},
  ) {
    super(options.detail ?? code, { cause: options.cause });
    this.name = 'PublicError';
    this.code = code;
    this.params = options.params ?? {};
    this.fields = options.fields ?? {};
  }
}

/** What is wrong with one field; the words are under `fields.<code>`, params as ui.md 6 shows. */
export type FieldError = { code: FieldErrorCode; params?: ErrorParams };
export const fieldErrorCodes = [
  'empty',
  'choose',
  'too-long',
  'too-short',
  'server-name-characters',
  'server-name-edge',
  'hostname-characters',
  'taken',
  'ssh-key-format',
  'ssh-key-private',
  'ssh-key-weak',
  'email-format',
  'password-known-weak',
  'password-wrong',
  'sign-in-method',
  'format',
] as const;
export type FieldErrorCode = (typeof fieldErrorCodes)[number];
