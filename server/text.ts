import { z } from 'zod';

/**
 * What people and programs write in a field. PostgreSQL can keep neither NUL nor half a surrogate pair, and a field
 * without an end is an invitation: every string of an input is one of these.
 * @param max UTF-16 units, as browsers count
 */
export const text = (max: number) =>
  z
    .string()
    .max(max)
    .refine((value) => !value.includes('\0') && value.isWellFormed(), 'format');

/** An id as it comes from outside: of ours, or of nothing. */
export const idText = text(100);
