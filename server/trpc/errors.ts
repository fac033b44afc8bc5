/**
 * Every error becomes one that a person may see. What is ours goes through with its code; anything else becomes
 * INTERNAL with an id, its whole chain in the log under that id, and not one of its words in the answer.
 */
import { TRPCError } from '@trpc/server';
import { z } from 'zod';
import { type ErrorCode, type ErrorParams, errorCodes, type FieldError, PublicError } from '../errors.ts';
import { errorId, type Random } from '../ids.ts';
import type { Logger } from '../log.ts';
import { fieldErrors } from './fields.ts';

/** Under `data.tsubo` of a tRPC error. */
export type ErrorWire = { code: ErrorCode; params: ErrorParams; fields: Record<string, FieldError>; id?: string };

/** tRPC's own errors, before any procedure runs. */
const ownCodes: Partial<Record<TRPCError['code'], ErrorCode>> = {
  NOT_FOUND: 'NOT_FOUND',
  METHOD_NOT_SUPPORTED: 'NOT_FOUND',
  PARSE_ERROR: 'INPUT',
  BAD_REQUEST: 'INPUT',
  UNSUPPORTED_MEDIA_TYPE: 'INPUT',
  PAYLOAD_TOO_LARGE: 'INPUT',
  UNAUTHORIZED: 'UNAUTHENTICATED',
};

/** The error that leaves a procedure; its cause is always a PublicError. Logs what is unexpected. */
export function toPublic(
  error: TRPCError,
  { log, random, path, input }: { log: Logger; random: Random; path: string; input?: unknown },
): TRPCError {
  if (error.cause instanceof PublicError) {
    if (error.cause.cause !== undefined) log.info({ err: error.cause, path }, 'refused');
    return wrap(error.cause);
  }
  if (error.code === 'BAD_REQUEST' && error.cause instanceof z.core.$ZodError)
    return wrap(new PublicError('INPUT', { fields: fieldErrors(error.cause.issues, input), cause: error.cause }));
  if (error.code === 'PARSE_ERROR') return wrap(new PublicError('INPUT', { cause: error.cause }));
  const id = errorId(random);
  log.error({ err: error.cause ?? error, errorId: id, path }, 'unexpected error');
  return wrap(new PublicError('INTERNAL', { params: { id }, cause: error }));
}

const wrap = (cause: PublicError): TRPCError =>
  new TRPCError({ code: errorCodes[cause.code], message: cause.code, cause });

/**
 * tRPC's error formatter: a pure map. An error that did not pass `toPublic` (it happened outside of any
 * procedure) has no id, and says nothing.
 */
export function wireOf(error: TRPCError): ErrorWire {
  const { cause } = error;
  if (cause instanceof PublicError) {
    const id = cause.code === 'INTERNAL' ? cause.params.id : undefined;
    return {
      code: cause.code,
      params: cause.params,
      fields: cause.fields,
      ...(typeof id === 'string' ? { id } : {}),
    };
  }
  return { code: ownCodes[error.code] ?? 'INTERNAL', params: {}, fields: {} };
}
