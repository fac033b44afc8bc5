/**
 * How a host joins. The operator issues a one-time token; the agent sends it with a certificate request; the
 * app only writes that down, since it has no key; a worker signs; the agent, which keeps asking, takes its
 * certificate. The same token with the same request may ask again and again, another request is refused.
 */
import { createHash, X509Certificate } from 'node:crypto';
import { z } from 'zod';
import type { Tx } from '../db.ts';
import type { Deps } from '../deps.ts';
import { PublicError } from '../errors.ts';
import { emit } from '../events/emit.ts';
import { type HostJoin, Prisma } from '../generated/prisma/client.ts';
import { newId } from '../ids.ts';
import { type Authority, BadRequestError, issueCertificate } from '../pki/authority.ts';
import { CERTIFICATE_DAYS } from './certificate.ts';

const TOKEN_HOURS = 1;

const hashToken = (token: string): string => createHash('sha256').update(token).digest('hex');

type TokenInput = {
  name: string;
  zoneId: string;
  agentUrl?: string;
  /**
   * For a machine that has lost its identity, was revoked, or was signed and died before it kept the answer: the host of
   * this name, if there is one, stays the same (id, zone, servers) and gets the new certificate and address; from
   * then on the old certificate is worth nothing.
   */
  again?: boolean;
};

/**
 * @returns the token's secret part: whoever prints it puts the CA's fingerprint behind it
 * @throws PublicError NAME_TAKEN when a host of this name has joined (unless `again`), NOT_FOUND without the zone
 */
export async function issueJoinToken(deps: Deps, input: TokenInput): Promise<string> {
  const token = Buffer.from(deps.random(32)).toString('base64url');
  const now = deps.clock.now();
  if ((await deps.db.zone.count({ where: { id: input.zoneId } })) === 0)
    throw new PublicError('NOT_FOUND', { detail: `zone ${input.zoneId}` });
  const host = await deps.db.host.findUnique({ where: { name: input.name }, select: { id: true, zoneId: true } });
  if (host && !input.again)
    throw new PublicError('NAME_TAKEN', {
      detail: `host ${input.name} has joined already; to let it join anew: --again`,
    });
  const same = host ?? (input.again ? await onItsWay(deps, input.name) : null);
  await deps.db.hostJoin.create({
    data: {
      id: newId('jn', deps.random),
      tokenHash: hashToken(token),
      hostId: same?.id ?? newId('hst', deps.random),
      hostName: input.name,
      zoneId: same?.zoneId ?? input.zoneId,
      agentUrl: input.agentUrl ?? null,
      expiresAt: new Date(now.getTime() + TOKEN_HOURS * 3_600_000),
      createdAt: now,
    },
  });
  return token;
}

/** A request of this name that a worker may sign at any moment: it and the new token are to name one host. */
async function onItsWay(deps: Deps, name: string): Promise<{ id: string; zoneId: string } | null> {
  const join = await deps.db.hostJoin.findFirst({
    where: { hostName: name, state: { in: ['requested', 'signed'] } },
    orderBy: { requestedAt: 'desc' },
  });
  return join && { id: join.hostId, zoneId: join.zoneId };
}

const joinRequest = z.object({
  token: z.string().min(16).max(256),
  csrPem: z.string().min(1).max(16_384),
  agentUrl: z.url({ protocol: /^https$/ }).max(300),
  name: z.string().min(1).max(100),
});

export type JoinAnswer =
  | { state: 'waiting' }
  | { state: 'refused'; why: string }
  | { state: 'signed'; hostId: string; certPem: string; caPem: string };

const refused = (why: string): JoinAnswer => ({ state: 'refused', why });

/** The app's `POST /api/agents/join`. An unknown and a spent token are answered alike. */
export async function takeJoinRequest(deps: Deps, body: unknown): Promise<JoinAnswer> {
  const parsed = joinRequest.safeParse(body);
  if (!parsed.success) return refused('the request is not whole');
  const { token, csrPem, agentUrl } = parsed.data;
  return deps.db.$transaction(async (tx) => {
    const tokenHash = hashToken(token);
    await tx.$queryRaw`SELECT FROM "HostJoin" WHERE "tokenHash" = ${tokenHash} FOR UPDATE`;
    const join = await tx.hostJoin.findUnique({ where: { tokenHash } });
    const now = deps.clock.now();
    if (!join || join.expiresAt < now) return refused('this token is not valid (any more)');
    if (join.state === 'issued') {
      // One request per host waits (HostJoin_one_requested): the newer token is the operator's last word.
      await tx.hostJoin.updateMany({
        where: { hostId: join.hostId, state: 'requested' },
        data: { state: 'refused', refusal: 'a newer token of this host has been used' },
      });
      await tx.hostJoin.update({
        where: { id: join.id },
        data: { state: 'requested', csrPem, agentUrl: join.agentUrl ?? agentUrl, requestedAt: now },
      });
      return { state: 'waiting' };
    }
    if (join.csrPem !== csrPem) return refused('this token is not valid (any more)');
    return answerOf(join);
  });
}

/** `certPem` holds the host's certificate and, behind it, the CA's: the app has no need to read files for it. */
function answerOf(join: HostJoin): JoinAnswer {
  if (join.state === 'refused') return refused(join.refusal ?? 'refused');
  if (join.state !== 'signed' || !join.certPem) return { state: 'waiting' };
  const [certPem, caPem] = join.certPem.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----\n?/g) ?? [];
  if (!certPem || !caPem) throw new Error(`join ${join.id} is signed without its certificates`);
  return { state: 'signed', hostId: join.hostId, certPem, caPem };
}

/**
 * Signs what waits. Any number of workers may do this at once: one of them writes the host.
 * @throws AggregateError when some could not be signed, after all others have been
 */
export async function signWaiting(deps: Deps, authority: Authority): Promise<number> {
  const waiting = await deps.db.hostJoin.findMany({ where: { state: 'requested' }, orderBy: { requestedAt: 'asc' } });
  const failures: unknown[] = [];
  for (const join of waiting) await sign(deps, authority, join).catch((error) => failures.push(error));
  if (failures.length > 0) throw new AggregateError(failures, `${failures.length} joins could not be signed`);
  return waiting.length;
}

async function sign(deps: Deps, authority: Authority, join: HostJoin): Promise<void> {
  if (!join.csrPem || !join.agentUrl) return;
  // The rows are written by the app, which has no say in whom to trust: one token, one certificate, within its time.
  if (join.signedAt) return refuse(deps, join, 'this token has been used');
  if (join.expiresAt < deps.clock.now()) return refuse(deps, join, 'this token is not valid (any more)');
  try {
    const issued = await issueCertificate({
      authority,
      csrPem: join.csrPem,
      uri: `tsubo://host/${join.hostId}`,
      days: CERTIFICATE_DAYS,
      addresses: [new URL(join.agentUrl).hostname.replace(/^\[|\]$/g, '')],
    });
    await deps.db.$transaction((tx) => record(tx, deps, join, authority, issued));
  } catch (error) {
    const refusal = refusalOf(error, join);
    if (refusal === undefined) throw error;
    await refuse(deps, join, refusal);
  }
}

async function refuse(deps: Deps, { id }: HostJoin, refusal: string): Promise<void> {
  await deps.db.hostJoin.updateMany({ where: { id, state: 'requested' }, data: { state: 'refused', refusal } });
}

/** What asking again cannot mend; undefined for what may pass, such as a database that is away. */
function refusalOf(error: unknown, join: HostJoin): string | undefined {
  if (error instanceof BadRequestError) return error.message;
  if (error instanceof Prisma.PrismaClientKnownRequestError && error.code === 'P2002')
    return `a host named ${join.hostName} has joined already; a token made with --again lets it join anew`;
  return undefined;
}

type Issued = Awaited<ReturnType<typeof issueCertificate>>;

async function record(tx: Tx, deps: Deps, join: HostJoin, authority: Authority, issued: Issued): Promise<void> {
  const now = deps.clock.now();
  const { count } = await tx.hostJoin.updateMany({
    where: { id: join.id, state: 'requested' },
    data: { state: 'signed', certPem: `${issued.certPem.trimEnd()}\n${authority.certPem.trimEnd()}\n`, signedAt: now },
  });
  if (count === 0 || !join.agentUrl) return;
  const before = await tx.host.findUnique({
    where: { id: join.hostId },
    select: { name: true, agentUrl: true, certFingerprint: true },
  });
  const { validFrom, validTo } = new X509Certificate(issued.certPem);
  const identity = {
    agentUrl: join.agentUrl,
    certFingerprint: issued.fingerprint,
    certIssuedAt: new Date(validFrom),
    certExpiresAt: new Date(validTo),
    nextCertPem: null,
    nextCertFingerprint: null,
    revokedAt: null,
    revokedReason: null,
    joinedAt: now,
  };
  await tx.host.upsert({
    where: { id: join.hostId },
    create: { id: join.hostId, zoneId: join.zoneId, name: join.hostName, ...identity },
    update: identity,
  });
  await tx.audit.create({
    data: {
      entryId: newId('aud', deps.random),
      phase: 'started',
      at: now,
      actorKind: 'host',
      actorId: join.hostId,
      action: before ? 'hosts.rejoin' : 'hosts.join',
      subject: `host:${join.hostId}`,
      ...(before && { before }),
      after: { name: join.hostName, agentUrl: join.agentUrl, certFingerprint: issued.fingerprint },
    },
  });
  await emit(tx, { accountId: null, subject: `host:${join.hostId}`, kind: 'joined', at: now });
}
