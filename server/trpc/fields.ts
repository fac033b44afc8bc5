/** zod's complaints about an input → one field code per path (server/errors.ts). */
import type { z } from 'zod';
import { type FieldError, fieldErrorCodes } from '../errors.ts';

type Issue = z.core.$ZodIssue;

/** @param input as it came: zod does not repeat values, and the words need their length */
export function fieldErrors(issues: readonly Issue[], input: unknown): Record<string, FieldError> {
  const fields: Record<string, FieldError> = {};
  for (const issue of issues) {
    const path = issue.path.map(String).join('.');
    // The first complaint about a field is the one that helps.
    fields[path] ??= fieldError(issue, valueAt(input, issue.path));
  }
  return fields;
}

function fieldError(issue: Issue, value: unknown): FieldError {
  // A schema may name the code itself: `.regex(…, 'server-name-characters')`.
  const named = fieldErrorCodes.find((code) => code === issue.message);
  if (named) return { code: named };
  const length = typeof value === 'string' ? [...value].length : Array.isArray(value) ? value.length : undefined;
  if (value === undefined || value === null || length === 0) return { code: 'empty' };
  switch (issue.code) {
    case 'too_small':
      return length === undefined
        ? { code: 'format' }
        : { code: 'too-short', params: { min: Number(issue.minimum), length } };
    case 'too_big':
      return length === undefined
        ? { code: 'format' }
        : { code: 'too-long', params: { max: Number(issue.maximum), length } };
    case 'invalid_format':
      return { code: issue.format === 'email' ? 'email-format' : 'format' };
    case 'invalid_value':
    case 'invalid_union':
      return { code: 'choose' };
    default:
      return { code: 'format' };
  }
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  let value = input;
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<PropertyKey, unknown>)[key];
  }
  return value;
}
