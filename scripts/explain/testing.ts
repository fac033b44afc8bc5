/** A create that got stuck, in rows and in the logs of every process, with secrets where none should be. */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Db } from '../../server/db.ts';
import { newId } from '../../server/ids.ts';
import { testDeps } from '../../server/testing/deps.ts';
import { createPerson } from '../../server/testing/people.ts';
import { createServerRow } from '../../server/testing/server-row.ts';

export const requestId = 'a1b2c3d4e5f60718293a4b5c6d7e8f90';
export const errorId = 'E-7Q2KX4';
const PASSWORD = 'kN7-generated-once-qX2';
const HASH = '$6$saltsaltsalt$9hQp5v0Zk3uL1yXW8eT2rB7nM4cD6fG';
export const operationId = newId('op');
export const otherId = newId('op');
/** None of it may be told. */
export const SECRETS = [PASSWORD, HASH, 'tok-9', 'saltsaltsalt'];

const at = (ms: number) => new Date(Date.parse('2026-06-15T03:00:00.000Z') + ms);
const json = (ms: number, process: string, msg: string, more: object = {}) =>
  JSON.stringify({ level: 'info', time: at(ms).toISOString(), process, ...more, msg });

/** @returns the server's id */
export async function plantRows(db: Db): Promise<string> {
  const deps = testDeps(db);
  const owner = await createPerson(deps);
  const serverId = await createServerRow(deps, owner.accountId);
  await db.server.update({ where: { id: serverId }, data: { passwordHash: HASH } });
  const rows = { accountId: owner.accountId, serverId, kind: 'create', generation: 1, input: {} } as const;
  await db.operation.create({
    data: {
      ...{ ...rows, id: operationId, state: 'stuck', requestId, requestedBy: owner.session.user.id, attempt: 2 },
      ...{ errorCode: 'START_FAILED', errorDetail: `HYPERVISOR: libvirt 1; was given ${HASH}`, createdAt: at(100) },
    },
  });
  await db.operation.create({
    data: { ...rows, id: otherId, kind: 'stop', state: 'succeeded', createdAt: at(9000), endedAt: at(9500) },
  });
  await db.operationAttempt.create({
    data: {
      ...{ operationId, attempt: 1, workflowId: `${operationId}:1`, direction: 'forward', outcome: 'failed' },
      ...{ createdAt: at(100), endedAt: at(1000) },
    },
  });
  const step = { operationId, attempt: 1, state: 'done' } as const;
  await db.operationStep.createMany({
    data: [
      { ...step, seq: 0, name: 'disk', startedAt: at(200), endedAt: at(300) },
      {
        ...step,
        seq: 1,
        name: 'start',
        state: 'failed',
        startedAt: at(400),
        endedAt: at(700),
        hostWord: 'NO_SPACE: full',
      },
      { ...step, attempt: 2, seq: 1, name: 'start', state: 'running', startedAt: at(5000), hostWord: 'BUSY: a turn' },
    ],
  });
  await db.event.createMany({
    data: [
      { accountId: owner.accountId, subject: `operation:${operationId}`, kind: 'stuck', createdAt: at(1010) },
      { accountId: owner.accountId, subject: `server:${serverId}`, kind: 'observed', createdAt: at(650) },
      { accountId: owner.accountId, subject: `server:${serverId}`, kind: 'before-it', createdAt: at(-5000) },
    ],
  });
  const audit = {
    entryId: newId('aud'),
    actorKind: 'staff',
    action: 'staff.operations.retry',
    requestId: newId('req'),
  };
  await db.audit.createMany({
    data: [
      { ...audit, phase: 'started', at: at(4000), subject: `operation:${operationId}`, reason: 'the disk was cleared' },
      {
        ...audit,
        phase: 'completed',
        at: at(4100),
        subject: `operation:${operationId}`,
        after: { password: PASSWORD },
      },
      {
        ...audit,
        entryId: newId('aud'),
        action: 'servers.order',
        phase: 'completed',
        at: at(110),
        requestId,
        ip: '::1',
      },
    ],
  });
  return serverId;
}

/** @returns a TSUBO_DATA with logs alone */
export function plantLogs(serverId: string): string {
  const data = mkdtempSync(join(tmpdir(), 'tsubo-explain-'));
  mkdirSync(join(data, 'log'));
  const log = (name: string, ...lines: string[]) => writeFileSync(join(data, 'log', name), `${lines.join('\n')}\n`);
  log(
    'nginx.log',
    // nginx writes when a request has ended, in whole seconds.
    `{"time":"2026-06-15T03:00:00+00:00","process":"nginx","requestId":"${requestId}","msg":"POST /api/trpc/servers.order","status":200,"ms":"0.142"}`,
    `{"time":"2026-06-15T03:00:00+00:00","process":"nginx","requestId":"${'0'.repeat(32)}","msg":"GET /other","status":200,"ms":"0.001"}`,
  );
  log(
    'app.log',
    '▲ Next.js',
    json(150, 'app', 'unexpected error', {
      requestId,
      errorId,
      level: 'error',
      err: { message: 'boom', token: 'tok-9' },
    }),
    json(160, 'app', 'sign-in', { requestId, password: PASSWORD, url: `postgresql://app:${PASSWORD}@127.0.0.1/x` }),
    `{"level":"info","time":"${at(170).toISOString()}","process":"app","requestId":"${requestId}","msg":"cut off in the mid`,
    `TypeError: of ${operationId} is no JSON at all`,
  );
  log('worker-1.log.1', json(900, 'worker-1', 'from the rotated log', { operationId }));
  log('worker-1.log', json(1020, 'worker-1', 'operation ended', { operationId, state: 'stuck' }));
  log(
    'agent.log',
    json(290, 'agent', 'call', { call: 'putVolume', requestId: `${operationId}.1.disk`, ms: 50 }),
    json(600, 'agent', 'call refused', {
      ...{ call: 'power', requestId: `${operationId}.1.start`, level: 'warn', code: 'HYPERVISOR' },
      err: { type: 'LibvirtError', message: `libvirt 38 (DOMAIN_CREATE): internal error: passwordHash was ${HASH}` },
    }),
    json(610, 'agent', 'call', { call: 'power', requestId: `${otherId}.1.ask` }),
  );
  log(
    'libvirtd.log',
    `2026-06-15 03:00:00.590+0000: 71: error : qemuMonitorIO:618 : domain ${serverId}: no monitor`,
    `2026-06-15 02:59:50.000+0000: 71: error : before-it, of ${serverId}`,
  );
  return data;
}
