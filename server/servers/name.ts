import type { FieldError, FieldErrorCode } from '../errors.ts';
import { serverName } from './schema.ts';

const NAME_MAX = 63;

type Read = { ok: true; value: string } | { ok: false; code: FieldErrorCode; length: number };

/** A server's name as it is kept: what an IME writes wide is made narrow, capitals small. */
export function readServerName(text: string): Read {
  const read = serverName.safeParse(text);
  const value = text.normalize('NFKC').trim().toLowerCase();
  const wrong = (code: FieldErrorCode): Read => ({ ok: false, code, length: [...value].length });
  if (!read.success) return wrong(value === '' ? 'empty' : 'too-long');
  if (!/^[a-z0-9-]+$/.test(value)) return wrong('server-name-characters');
  if (!/^[a-z0-9]/.test(value) || !/[a-z0-9]$/.test(value)) return wrong('server-name-edge');
  return { ok: true, value };
}

/** A host name of one label: what the guest calls itself. */
export function readHostname(text: string): Read {
  const value = text.normalize('NFKC').trim().toLowerCase();
  const wrong = (code: FieldErrorCode): Read => ({ ok: false, code, length: value.length });
  if (value.length > NAME_MAX) return wrong('too-long');
  return /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(value) ? { ok: true, value } : wrong('hostname-characters');
}

/** Field → what is wrong with it. */
export function fieldsOf(fields: Record<string, Read>): Record<string, FieldError> {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([field, read]) =>
      read.ok ? [] : [[field, { code: read.code, params: { max: NAME_MAX, length: read.length } }] as const],
    ),
  );
}
