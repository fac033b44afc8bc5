/**
 * Renews hosts' certificates. Agents know nobody, so the control plane asks: for a request, whose key the agent
 * keeps aside; it signs, writes the new certificate down as the host's next one, hands it over, and makes it the
 * host's only one when the agent says that it serves with it.
 *
 *   on record      old ──────────── old + next ──────────────────────────────── next
 *   agent serves   old (request)    old ── installCertificate ── new (answer)   new
 *
 * From the moment that the agent could serve with the new certificate both are accepted, so no call is refused and
 * a crash on either side loses nothing: whoever comes next finds `next` on record and hands it over again. Any number
 * of workers may do this at once: `next` is written only where the record is as it was read.
 */
import { X509Certificate } from 'node:crypto';
import { RENEWAL_SINCE } from '../../compute-agent/contract/contract.ts';
import { AgentError } from '../../compute-agent/contract/errors.ts';
import type { WorkerDeps } from '../deps.ts';
import { emit } from '../events/emit.ts';
import { newId } from '../ids.ts';
import { type Authority, BadRequestError, fingerprintOf, issueCertificate } from '../pki/authority.ts';
import { SILENT_AFTER_MS } from '../servers/state.ts';
import { CERTIFICATE_DAYS, isDue } from './certificate.ts';

const record = {
  id: true,
  agentUrl: true,
  certFingerprint: true,
  certIssuedAt: true,
  certExpiresAt: true,
  nextCertPem: true,
  nextCertFingerprint: true,
} as const;

type HostRecord = {
  id: string;
  agentUrl: string;
  certFingerprint: string | null;
  certIssuedAt: Date | null;
  certExpiresAt: Date | null;
  nextCertPem: string | null;
  nextCertFingerprint: string | null;
};

/** Those that `mine` names, answer, and are due or were left half-way. @returns ids of the renewed */
export async function renewDue(
  deps: WorkerDeps,
  authority: Authority,
  mine: (hostId: string) => boolean,
): Promise<string[]> {
  const now = deps.clock.now();
  const hosts: HostRecord[] = await deps.db.host.findMany({
    where: {
      certFingerprint: { not: null },
      contractVersion: { gte: RENEWAL_SINCE },
      lastContactAt: { gte: new Date(now.getTime() - SILENT_AFTER_MS) },
    },
    select: record,
  });
  const due = hosts.filter((host) => mine(host.id) && (host.nextCertPem !== null || isDue(host, now)));
  const renewed = await Promise.all(
    due.map((host) =>
      renew(deps, authority, host).catch((err: unknown) => {
        deps.log.warn({ hostId: host.id, err }, 'certificates: not renewed yet');
        return false;
      }),
    ),
  );
  return due.filter((_, index) => renewed[index]).map((host) => host.id);
}

/** @returns whether this call ended it */
async function renew(deps: WorkerDeps, authority: Authority, host: HostRecord): Promise<boolean> {
  const waiting = host.nextCertPem;
  const usable = waiting !== null && !isDue(lifeOf(waiting), deps.clock.now());
  const certPem = usable ? waiting : await signNext(deps, authority, host);
  if (certPem === null) return false;
  const expected = fingerprintOf(certPem);
  try {
    const { fingerprint } = await deps.agents(host).installCertificate({ certPem }, { requestId: `renew.${host.id}` });
    if (fingerprint !== expected) throw new Error(`the agent serves with ${fingerprint}, not with ${expected}`);
  } catch (error) {
    // It has neither this certificate nor its key (a folder out of a backup), so it cannot be showing it.
    if (error instanceof AgentError && error.code === 'BAD_REQUEST')
      await deps.db.host.updateMany({
        where: { id: host.id, nextCertFingerprint: expected },
        data: { nextCertPem: null, nextCertFingerprint: null },
      });
    throw error;
  }
  return makeItTheOne(deps, host, certPem);
}

/** null: the record is no longer what it was; somebody else renews, or revoked. */
async function signNext(deps: WorkerDeps, authority: Authority, host: HostRecord): Promise<string | null> {
  const { csrPem } = await deps.agents(host).requestCertificate({}, { requestId: `renew.${host.id}` });
  const issued = await issueCertificate({
    authority,
    csrPem,
    uri: `tsubo://host/${host.id}`,
    days: CERTIFICATE_DAYS,
    addresses: [new URL(host.agentUrl).hostname.replace(/^\[|\]$/g, '')],
  }).catch((error: unknown) => {
    throw error instanceof BadRequestError ? new Error(`host ${host.id}: ${error.message}`, { cause: error }) : error;
  });
  const { count } = await deps.db.host.updateMany({
    where: {
      id: host.id,
      certFingerprint: host.certFingerprint,
      nextCertFingerprint: host.nextCertFingerprint,
      revokedAt: null,
    },
    data: { nextCertPem: issued.certPem, nextCertFingerprint: issued.fingerprint },
  });
  return count === 0 ? null : issued.certPem;
}

/** Only where it is still the next one: a host that was revoked meanwhile stays revoked. */
async function makeItTheOne(deps: WorkerDeps, host: HostRecord, certPem: string): Promise<boolean> {
  const fingerprint = fingerprintOf(certPem);
  const now = deps.clock.now();
  return deps.db.$transaction(async (tx) => {
    const { count } = await tx.host.updateMany({
      where: { id: host.id, nextCertFingerprint: fingerprint, revokedAt: null },
      data: { certFingerprint: fingerprint, ...lifeOf(certPem), nextCertPem: null, nextCertFingerprint: null },
    });
    if (count === 0) return false;
    await tx.audit.create({
      data: {
        entryId: newId('aud', deps.random),
        phase: 'completed',
        at: now,
        actorKind: 'system',
        action: 'hosts.renewCertificate',
        subject: `host:${host.id}`,
        before: { certFingerprint: host.certFingerprint },
        after: { certFingerprint: fingerprint },
      },
    });
    await emit(tx, { accountId: null, subject: `host:${host.id}`, kind: 'certificate', at: now });
    return true;
  });
}

function lifeOf(certPem: string): { certIssuedAt: Date; certExpiresAt: Date } {
  const { validFrom, validTo } = new X509Certificate(certPem);
  return { certIssuedAt: new Date(validFrom), certExpiresAt: new Date(validTo) };
}
