/** Those who do not type, and those who do not read. */
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { until } from '../testing-wait.ts';
import { createDoorLab, type DoorLab, type Key } from './testing.ts';

let lab: DoorLab;
let key: Key;

beforeAll(async () => {
  lab = await createDoorLab();
  key = lab.makeKey();
  await lab.give(key);
});
afterAll(() => lab.end());
afterEach(() => void vi.restoreAllMocks());

const start = performance.now.bind(performance);
const later = (ms: number) => vi.spyOn(performance, 'now').mockImplementation(() => start() + ms);

/** The door looks at who is in once a second, by one question to the database. */
const looks = async (count: number) => {
  const asked = vi.spyOn(lab.pool, 'query');
  const ofGuests = () => asked.mock.calls.filter(([sql]) => String(sql).includes('keyGone'));
  await until(() => ofGuests().length > count);
  asked.mockRestore();
};

test('nothing typed: a warning after 28 minutes, the end after 30; a key keeps it open', async () => {
  const ssh = lab.ssh(lab.serverId, key, '-tt');
  await until(() => ssh.text.includes('ここから現在の出力'));
  later(28.2 * 60_000);
  await until(() => ssh.text.includes('2分後に切断します'));
  ssh.type('x');
  await until(() => lab.port.typedBytes.length === 1);
  later(31 * 60_000);
  await looks(2);
  lab.port.say('still here');
  await until(() => ssh.text.includes('still here'));
  expect(ssh.child.exitCode).toBeNull();
  later(62 * 60_000);
  expect(await ssh.ended).toBe(1);
  expect(ssh.text).toContain('30分のあいだ入力がなかった');
});

test('who does not read is not read for; others are', async () => {
  const stalled = lab.ssh(lab.serverId, key, '-T');
  await until(() => stalled.err.includes('ここから現在の出力'));
  stalled.child.stdout?.pause();
  const [slow] = lab.port.streams.keys();
  const other = lab.ssh(lab.serverId, key, '-tt');
  await until(() => other.text.includes('ここから現在の出力'));
  const before = other.bytes.length;
  const flood = Buffer.alloc(24 * 1_048_576, 'x');
  lab.port.say(flood);
  await until(() => other.out.reduce((sum, { length }) => sum + length, 0) >= before + flood.length);
  // It waits at the agent, who would move it ahead, and not in the proxy.
  expect(slow?.writableLength).toBeGreaterThan(8 * 1_048_576);
  stalled.stop();
  other.stop();
});
