/** What a host's certificate record means: whether it is due for renewal, and what staff should know. */
import type { HostView } from './schema.ts';

const DAY_MS = 86_400_000;
export const CERTIFICATE_DAYS = 825;
/** Renewal begins long before this; who gets so far has a reason that somebody should look at. */
const WARN_BEFORE_MS = 14 * DAY_MS;

type Life = { certIssuedAt: Date | null; certExpiresAt: Date | null };

/** Two thirds of its life are used. */
export function isDue({ certIssuedAt, certExpiresAt }: Life, now: Date): boolean {
  if (!certExpiresAt) return false;
  const end = certExpiresAt.getTime();
  const start = certIssuedAt?.getTime() ?? end - CERTIFICATE_DAYS * DAY_MS;
  return now.getTime() >= start + ((end - start) * 2) / 3;
}

type Record = Life & { certFingerprint: string | null; revokedAt: Date | null; revokedReason: string | null };

export function certificateView(host: Record, now: Date): HostView['certificate'] {
  const expiresAt = host.certExpiresAt?.toISOString() ?? null;
  if (host.revokedAt)
    return { state: 'revoked', expiresAt, revokedAt: host.revokedAt.toISOString(), reason: host.revokedReason };
  const leftMs = host.certFingerprint && host.certExpiresAt ? host.certExpiresAt.getTime() - now.getTime() : null;
  const state = leftMs === null ? 'none' : leftMs <= 0 ? 'expired' : leftMs < WARN_BEFORE_MS ? 'expiring' : 'valid';
  return { state, expiresAt, revokedAt: null, reason: null };
}
