/** The door, driven by OpenSSH's own client. */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createPerson } from '../../server/testing/people.ts';
import { createServerRow } from '../../server/testing/server-row.ts';
import { stopwatch, until } from '../testing-wait.ts';
import { createDoorLab, type DoorLab, FakePort, type Key } from './testing.ts';

let lab: DoorLab;
let key: Key;

beforeAll(async () => {
  lab = await createDoorLab();
  key = lab.makeKey();
  await lab.give(key);
});
afterAll(() => lab.end());
beforeEach(() => {
  const port = new FakePort();
  Object.assign(lab, { port });
  lab.agent.onStream = (socket, asked) => port.connect(socket, asked.query);
});

const sessions = () => lab.db.consoleSession.count();

describe('who comes in', () => {
  test.each([['ed25519'], ['ecdsa', '-b', '384'], ['rsa', '-b', '2048']])(
    'a member with a key of theirs: %s',
    async (...kind) => {
      const own = lab.makeKey(...kind);
      await lab.give(own);
      lab.port.history = Buffer.from('login: ');
      const ssh = lab.ssh(lab.serverId, own, '-tt');
      await until(() => ssh.text.includes('login: '));
      ssh.stop();
    },
  );

  test('nobody else, and all are answered alike', async () => {
    const stranger = lab.makeKey();
    const other = await createPerson(lab.deps);
    const othersServer = await createServerRow(lab.deps, other.accountId);
    const deleted = await createServerRow(lab.deps, lab.accountId, 'gone');
    await lab.db.server.update({ where: { id: deleted }, data: { intendedDeleted: true, deletedAt: new Date() } });
    const attempts = [
      lab.ssh(lab.serverId, stranger),
      lab.ssh('menu', stranger),
      lab.ssh(othersServer, key),
      lab.ssh('aaaaaaaaaa', key),
      lab.ssh(deleted, key),
    ];
    for (const ssh of attempts) expect(await ssh.ended).toBe(255);
    const words = new Set(attempts.map(({ err }) => err.replace(/^\S+@/m, '')));
    expect([...words]).toEqual([expect.stringContaining('Permission denied (publickey)')]);
    expect(attempts.every(({ out }) => out.length === 0)).toBe(true);
  });

  test('a password, or nothing, is not asked for', async () => {
    const ssh = lab.ssh(lab.serverId, key, '-oPreferredAuthentications=password,keyboard-interactive');
    expect(await ssh.ended).toBe(255);
    expect(ssh.err).toContain('Permission denied (publickey)');
  });

  test('staff who are no members stay out; a viewer looks on and types nothing', async () => {
    const staffKey = lab.makeKey();
    const staff = await createPerson(lab.deps, { staffRole: 'admin' });
    await lab.give(staffKey, staff.session.user.id);
    expect(await lab.ssh(lab.serverId, staffKey).ended).toBe(255);

    const viewerKey = lab.makeKey();
    const viewer = await createPerson(lab.deps, { role: 'viewer', accountId: lab.accountId });
    await lab.give(viewerKey, viewer.session.user.id);
    const ssh = lab.ssh(lab.serverId, viewerKey, '-tt');
    await until(() => ssh.text.includes('閲覧のみ'));
    ssh.type('reboot\n');
    lab.port.say('still here');
    await until(() => ssh.text.includes('still here'));
    expect(lab.port.typed).toEqual([]);
    expect(lab.port.state.writer).toBeNull();
    ssh.stop();
  });
});

describe('a serial port', () => {
  test('with its history, where live begins, and every byte both ways', async () => {
    lab.port.history = Buffer.from('booted\r\n\x1b[6nlogin: ');
    const ssh = lab.ssh(lab.serverId, key, '-tt');
    await until(() => ssh.text.includes('ここから現在の出力'));
    // What would make the terminal answer is gone, the rest is as it was.
    expect(ssh.text).toContain('booted\r\nlogin: ');
    expect(ssh.text).toContain('web-1');
    expect(await lab.db.consoleSession.findMany()).toMatchObject([
      { sessionId: null, serverId: lab.serverId, kind: 'serial', viewOnly: false },
    ]);
    await until(() => lab.port.state.writer !== null);

    const before = ssh.bytes.length;
    const [down, up] = [randomBytes(1_048_576), randomBytes(1_048_576)];
    lab.port.say(down);
    ssh.type(up);
    await until(() => ssh.bytes.length >= before + down.length && lab.port.typedBytes.length >= up.length);
    expect(ssh.bytes.subarray(before).equals(down)).toBe(true);
    expect(lab.port.typedBytes.equals(up)).toBe(true);
    ssh.stop();
    await until(async () => (await sessions()) === 0);
  });

  test('on a pipe: our words are not among the guest’s bytes', async () => {
    const all = randomBytes(50_000);
    const clean = Buffer.from(all.map((byte) => (byte < 32 ? 65 : byte)));
    lab.port.history = clean;
    const ssh = lab.ssh(lab.serverId, key, '-T');
    ssh.type('first thing\n');
    await until(() => lab.port.typedBytes.toString() === 'first thing\n');
    await until(() => ssh.bytes.equals(clean));
    expect(ssh.err).toContain('ここから現在の出力');
    ssh.stop();
  });

  test('is one console of the account’s five', async () => {
    const five = Array.from({ length: 5 }, () => lab.ssh(lab.serverId, key, '-tt'));
    await until(async () => (await sessions()) === 5);
    const sixth = lab.ssh(lab.serverId, key, '-tt');
    expect(await sixth.ended).toBe(1);
    expect(sixth.text).toContain('5つまで');
    for (const ssh of five) ssh.stop();
    await until(async () => (await sessions()) === 0);
  });

  test('is entered in the audit log', async () => {
    const ssh = lab.ssh(lab.serverId, key, '-tt');
    await until(() => ssh.text.includes('web-1'));
    const rows = await lab.db.audit.findMany({ where: { action: 'consoles.ssh' }, orderBy: { id: 'desc' }, take: 2 });
    expect(rows[0]).toMatchObject({
      ...{ phase: 'completed', actorId: lab.session.user.id, accountId: lab.accountId, ip: '127.0.0.1' },
      subject: `server:${lab.serverId}`,
      after: { kind: 'serial', viewOnly: false, fingerprint: expect.stringMatching(/^SHA256:/) },
    });
    ssh.stop();
  });
});

describe('the keyboard', () => {
  test('is somebody else’s until one takes it over; then every byte is the guest’s', async () => {
    lab.port.state = { open: true, log: 'ok', writer: { id: 'con_other', label: '佐藤\x1b[2J花子' } };
    const ssh = lab.ssh(lab.serverId, key, '-tt');
    await until(() => ssh.text.includes('佐藤[2J花子 さんが入力しています'));
    ssh.type('lost');
    await sleep(200);
    expect(lab.port.typed).toEqual([]);
    ssh.type('\x1d');
    await until(() => ssh.text.includes('ここから入力できます'));
    ssh.type('a\x1db~.\x03');
    await until(() => lab.port.typedBytes.toString() === 'a\x1db~.\x03');
    // Taken away again, and free again: it comes back by itself.
    lab.port.set({ writer: { id: 'con_other', label: 'x' } });
    await until(() => ssh.text.includes('x さんが入力しています'));
    lab.port.set({ writer: null });
    await until(() => lab.port.state.writer?.id.startsWith('con_'));
    ssh.stop();
  });

  test('waits for a server that is off, and says so', async () => {
    lab.port.state = { open: false, log: 'ok', writer: null };
    const ssh = lab.ssh(lab.serverId, key, '-tt');
    await until(() => ssh.text.includes('停止しています'));
    lab.port.set({ open: true });
    await until(() => ssh.text.includes('サーバーが稼働しています'));
    ssh.type('root\n');
    await until(() => lab.port.typedBytes.toString() === 'root\n');
    ssh.stop();
  });
});

describe('what is cut', () => {
  test('an agent that is restarted: it goes on where it was, nothing doubled', async () => {
    const ssh = lab.ssh(lab.serverId, key, '-tt');
    await until(() => ssh.text.includes('ここから現在の出力'));
    lab.port.say('one\r\n');
    await until(() => ssh.text.includes('one'));
    lab.agent.cut();
    lab.port.history = Buffer.concat([lab.port.history, Buffer.from('two\r\n')]);
    await until(() => ssh.text.includes('接続し直しました'));
    expect(ssh.text.match(/one/g)).toHaveLength(1);
    expect(ssh.text.match(/two/g)).toHaveLength(1);
    ssh.type('x');
    await until(() => lab.port.typedBytes.toString() === 'x');
    ssh.stop();
  });

  test.each([
    ['the key', '鍵が削除', async (id: string) => void (await lab.db.userKey.delete({ where: { id } }))],
    [
      'the membership',
      '権限がなくなった',
      async (_: string, userId: string) => {
        await lab.db.member.updateMany({ where: { userId }, data: { role: 'billing' } });
      },
    ],
  ] as const)('who loses %s is out within 2 s', async (_, words, lose) => {
    const own = lab.makeKey();
    const { session } = await createPerson(lab.deps, { role: 'operator', accountId: lab.accountId });
    const id = await lab.give(own, session.user.id);
    const ssh = lab.ssh(lab.serverId, own, '-tt');
    await until(() => ssh.text.includes('ここから現在の出力'));
    const gone = stopwatch();
    await lose(id, session.user.id);
    expect(await ssh.ended).toBe(1);
    expect(gone()).toBeLessThan(2_000);
    expect(ssh.text).toContain(words);
  });

  test('a deleted server’s console ends within 2 s', async () => {
    const serverId = await createServerRow(lab.deps, lab.accountId, 'doomed');
    await lab.db.placement.create({
      data: { id: `plc_${serverId}`, serverId, hostId: 'hst_1', createdAt: new Date() },
    });
    const ssh = lab.ssh(serverId, key, '-tt');
    await until(() => ssh.text.includes('ここから現在の出力'));
    const gone = stopwatch();
    await lab.db.server.update({ where: { id: serverId }, data: { intendedDeleted: true } });
    expect(await ssh.ended).toBe(1);
    expect(gone()).toBeLessThan(2_000);
    expect(ssh.text).toContain('サーバーが削除された');
  });

  test('a server that has no place yet is waited for', async () => {
    const serverId = await createServerRow(lab.deps, lab.accountId, 'young');
    const ssh = lab.ssh(serverId, key, '-tt');
    await until(() => ssh.text.includes('サーバーを作成しています'));
    await lab.db.placement.create({
      data: { id: `plc_${serverId}`, serverId, hostId: 'hst_1', createdAt: new Date() },
    });
    await until(() => ssh.text.includes('ここから現在の出力'));
    ssh.stop();
  });
});
