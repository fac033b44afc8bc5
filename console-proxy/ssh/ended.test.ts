/** A console by ssh that a person ends, or at which nobody types: its words, at the real client. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPerson } from '../../server/testing/people.ts';
import { until } from '../testing-wait.ts';
import { createDoorLab, type DoorLab, type Key } from './testing.ts';

let lab: DoorLab;
let key: Key;
beforeAll(async () => {
  lab = await createDoorLab({ idleMs: 8_000 });
  key = lab.makeKey();
  await lab.give(key);
});
afterAll(() => lab.end());

const enter = async () => {
  const ssh = lab.ssh(lab.serverId, key, '-tt');
  await until(() => ssh.text.includes('ここから現在の出力'));
  return ssh;
};
const at = new Date('2026-11-24T11:41:00Z');

test('by a member: who, and when by the clock of the panel', async () => {
  const { session } = await createPerson(lab.deps, { role: 'operator', accountId: lab.accountId });
  await lab.db.user.update({ where: { id: session.user.id }, data: { name: '佐藤\x1b[2J花子' } });
  const ssh = await enter();
  const by = { endedAt: at, endedById: session.user.id, endedByStaff: false };
  await lab.db.consoleSession.updateMany({ data: by });
  expect(await ssh.ended).toBe(1);
  expect(ssh.text).toContain('佐藤[2J花子さんが 20:41 にこの接続を終了しました。');
  await until(async () => (await lab.db.consoleSession.count()) === 0);
});

test('by staff: why', async () => {
  const { session } = await createPerson(lab.deps, { staffRole: 'support' });
  const ssh = await enter();
  const by = { endedAt: at, endedById: session.user.id, endedByStaff: true, endReason: '調査のため' };
  await lab.db.consoleSession.updateMany({ data: by });
  expect(await ssh.ended).toBe(1);
  expect(ssh.text).toContain('サポートが 20:41 にこの接続を終了しました。理由：調査のため');
});

test('nobody types: told before, and kept by a key; then closed', async () => {
  const ssh = await enter();
  const warnings = () => ssh.text.split('何かキーを押すと続けられます').length - 1;
  await until(() => warnings() === 1);
  ssh.type('x');
  await until(() => warnings() === 2);
  expect(await ssh.ended).toBe(1);
  expect(ssh.text).toContain('分のあいだ入力がなかったため、切断しました');
});
