import { expect, test } from 'vitest';
import { certificateView, isDue } from './certificate.ts';

const now = new Date('2026-11-25T00:00:00Z');
const days = (n: number) => new Date(now.getTime() + n * 86_400_000);

test.each([
  [-60, 31, false],
  [-60, 30, true],
  [-60, 29, true],
  [-60, -1, true],
])('issued %d days ago with %d left: due %s', (issued, left, due) => {
  expect(isDue({ certIssuedAt: days(issued), certExpiresAt: days(left) }, now)).toBe(due);
});

test('a record from before, which does not say when it was issued, counts as of the usual length', () => {
  expect(isDue({ certIssuedAt: null, certExpiresAt: days(276) }, now)).toBe(false);
  expect(isDue({ certIssuedAt: null, certExpiresAt: days(275) }, now)).toBe(true);
  expect(isDue({ certIssuedAt: null, certExpiresAt: null }, now)).toBe(false);
});

const host = {
  certFingerprint: 'f' as string | null,
  certIssuedAt: days(-10),
  certExpiresAt: days(100) as Date | null,
  revokedAt: null as Date | null,
  revokedReason: null as string | null,
};
test.each([
  ['valid', {}],
  ['valid', { certExpiresAt: days(14) }],
  ['expiring', { certExpiresAt: days(13.9) }],
  ['expired', { certExpiresAt: days(0) }],
  ['none', { certFingerprint: null, certExpiresAt: null }],
])('%s: %j', (state, over) => {
  expect(certificateView({ ...host, ...over }, now)).toMatchObject({ state, revokedAt: null, reason: null });
});

test('revoked goes before everything', () => {
  const revoked = { ...host, certFingerprint: null, certExpiresAt: null, revokedAt: now, revokedReason: 'stolen' };
  expect(certificateView(revoked, now)).toEqual({
    state: 'revoked',
    expiresAt: null,
    revokedAt: now.toISOString(),
    reason: 'stolen',
  });
});
