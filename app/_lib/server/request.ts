import { randomUUID } from 'node:crypto';
import type { RequestFacts } from '../../../server/trpc/context.ts';

/**
 * What a request says of itself. nginx sets X-Request-Id and X-Real-IP and overwrites what a client sent;
 * this process listens on loopback only.
 */
export function requestFacts(headers: Headers): RequestFacts {
  const given = headers.get('x-request-id');
  return {
    requestId: given !== null && /^[\w.-]{1,64}$/.test(given) ? given : randomUUID(),
    origin: headers.get('origin'),
    ip: headers.get('x-real-ip'),
    userAgent: headers.get('user-agent')?.slice(0, 300) ?? null,
    accountId: null,
  };
}
