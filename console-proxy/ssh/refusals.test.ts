/** The door towards those who want something else of it: other requests, forged proofs, noise, floods. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import ssh2, { type ParsedKey } from 'ssh2';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createServerRow } from '../../server/testing/server-row.ts';
import { stopwatch, until } from '../testing-wait.ts';
import { createDoorLab, type DoorLab, type Key } from './testing.ts';

/** OpenSSH's client must come in meanwhile, on a busy machine, too. */
const LOGIN_MS = 2_500;

let lab: DoorLab;
let key: Key;

beforeAll(async () => {
  const limits = { all: 40, unknown: 20, perAddress: 40, unknownPerAddress: 6, often: 1_000 };
  lab = await createDoorLab({ loginMs: LOGIN_MS, limits });
  key = lab.makeKey();
  await lab.give(key);
});
afterAll(() => lab.end());

describe('only a console', () => {
  test('no commands, no files, no forwarding, no environment: with a word, or at once', async () => {
    const command = lab.ssh(lab.serverId, key, 'cat /etc/passwd');
    expect(await command.ended).toBe(1);
    expect(command.err).toContain('シリアルコンソールだけ');
    const files = lab.ssh(lab.serverId, key, '-s', 'sftp');
    expect(await files.ended).not.toBe(0);
    expect(files.err).toContain('シリアルコンソールだけ');
    const inward = lab.ssh(lab.serverId, key, '-T', '-oExitOnForwardFailure=yes', '-R0:127.0.0.1:22');
    expect(await inward.ended).toBe(255);
    expect(inward.err).toMatch(/remote port forwarding failed/);
    const outward = lab.ssh(lab.serverId, key, '-W127.0.0.1:22');
    expect(await outward.ended).not.toBe(0);
    expect(outward.err).toMatch(/administratively prohibited|open failed/);
    const withLocale = lab.ssh(lab.serverId, key, '-tt', '-oSendEnv=PATH', '-A');
    await until(() => withLocale.text.includes('ここから現在の出力'));
    withLocale.stop();
  });

  test('a second window of one connection is refused; a new size changes nothing', async () => {
    const client = new ssh2.Client();
    client.connect({ ...lab.address, username: lab.serverId, privateKey: readFileSync(key.file) });
    await once(client, 'ready');
    const shell = await new Promise<ssh2.ClientChannel>((resolve, reject) =>
      client.shell({ rows: 24, cols: 80, term: 'vt100' }, (error, channel) =>
        error ? reject(error) : resolve(channel),
      ),
    );
    let text = '';
    shell.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    await until(() => text.includes('stty rows 24 cols 80') && text.includes('ここから現在の出力'));
    shell.setWindow(50, 132, 0, 0);
    lab.port.say('after');
    await until(() => text.endsWith('after'));
    const second = await new Promise<Error | undefined>((resolve) => client.shell((error) => resolve(error)));
    expect(second).toBeInstanceOf(Error);
    client.end();
  });
});

test('nobody comes in by another’s key: the signature is looked at', async () => {
  const mine = ssh2.utils.parseKey(readFileSync(lab.makeKey().file)) as ParsedKey;
  const theirs = ssh2.utils.parseKey(readFileSync(`${key.file}.pub`)) as ParsedKey;
  let signed = 0;
  class Forger extends ssh2.BaseAgent {
    getIdentities(done: (error: undefined, keys: ParsedKey[]) => void): void {
      done(undefined, [theirs]);
    }
    sign(_: unknown, data: Buffer, options: unknown, done?: (error: undefined, signature: Buffer) => void): void {
      signed += 1;
      const answer = (typeof options === 'function' ? options : done) as (error: undefined, signature: Buffer) => void;
      answer(undefined, mine.sign(data) as Buffer);
    }
  }
  const client = new ssh2.Client();
  client.connect({ ...lab.address, username: lab.serverId, agent: new Forger() as never });
  const [error] = await once(client, 'error');
  expect(String(error)).toMatch(/All configured authentication methods failed/);
  // The key was good enough to be asked for its signature.
  expect(signed).toBe(1);
});

describe('the menu', () => {
  test('lists one’s servers, takes a number or a name, and opens that one', async () => {
    await createServerRow(lab.deps, lab.accountId, 'db-1');
    const ssh = lab.ssh('menu', key, '-tt');
    await until(() => ssh.text.includes('番号か名前'));
    expect(ssh.text).toMatch(new RegExp(`${lab.serverId} {2}web-1 {2}`));
    expect(ssh.text).toContain('db-1');
    ssh.type('nothing\r');
    await until(() => ssh.text.includes('「nothing」は一覧にありません'));
    ssh.type('WEB-2\x7f1\r');
    await until(() => ssh.text.includes('ここから現在の出力'));
    await until(() => lab.port.state.writer !== null);
    ssh.type('x');
    await until(() => lab.port.typedBytes.toString() === 'x');
    ssh.stop();
  });

  test('is left by Ctrl+D; the name at home asks for it, too; English for who reads English', async () => {
    await lab.db.user.update({ where: { id: lab.session.user.id }, data: { locale: 'en' } });
    const ssh = lab.ssh('taro', key, '-tt');
    await until(() => ssh.text.includes('Type a number or a name'));
    ssh.type('\x04');
    expect(await ssh.ended).toBe(0);
    await lab.db.user.update({ where: { id: lab.session.user.id }, data: { locale: 'ja' } });
  });

  test('says so when there is nothing; whose key is removed meanwhile is out', async () => {
    const { createPerson } = await import('../../server/testing/people.ts');
    const lonely = await createPerson(lab.deps);
    const own = lab.makeKey();
    await lab.give(own, lonely.session.user.id);
    const empty = lab.ssh('menu', own, '-tt');
    expect(await empty.ended).toBe(0);
    expect(empty.text).toContain('開けるサーバーがありません');
    await createServerRow(lab.deps, lonely.accountId, 'only-1');
    const ssh = lab.ssh('menu', own, '-tt');
    await until(() => ssh.text.includes('番号か名前'));
    await lab.db.userKey.deleteMany({ where: { userId: lonely.session.user.id } });
    expect(await ssh.ended).toBe(1);
    expect(ssh.text).toContain('鍵が削除');
  });
});

describe('noise', () => {
  const dial = async (): Promise<{ socket: Socket; closed: Promise<unknown> }> => {
    const socket = connect(lab.address);
    socket.on('error', () => {}).resume();
    const closed = once(socket, 'close');
    await once(socket, 'connect');
    return { socket, closed };
  };

  test.each([
    ['another protocol', Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n')],
    ['an endless name', Buffer.from(`SSH-2.0-${'x'.repeat(100_000)}`)],
    ['SSH 1', Buffer.from('SSH-1.5-old\r\n')],
    [
      'a packet of 2 GiB',
      Buffer.concat([Buffer.from('SSH-2.0-x\r\n'), Buffer.from('7fffffff0014', 'hex'), Buffer.alloc(64, 20)]),
    ],
    [
      'a garbled KEXINIT',
      Buffer.concat([Buffer.from('SSH-2.0-x\r\n'), Buffer.from('0000001c0614', 'hex'), Buffer.alloc(26, 255)]),
    ],
    ['nothing at all', Buffer.alloc(0)],
  ])('%s: cut within the time to log in, and the door stands', async (_, bytes) => {
    const { socket, closed } = await dial();
    socket.write(bytes);
    const gone = stopwatch();
    await closed;
    expect(gone()).toBeLessThan(LOGIN_MS + 1_300);
    const ssh = lab.ssh(lab.serverId, key, '-tt');
    await until(() => ssh.text.includes('ここから現在の出力'));
    ssh.stop();
  });

  test('a flood of one address: the unknown wait at the door, who is in is not disturbed', async () => {
    const inside = lab.ssh(lab.serverId, key, '-tt');
    await until(() => inside.text.includes('ここから現在の出力'));
    const flood = await Promise.all(Array.from({ length: 60 }, dial));
    // Six may stand there, the others are turned away at once.
    await until(() => flood.filter(({ socket }) => !socket.destroyed).length <= 6);
    expect(flood.filter(({ socket }) => !socket.destroyed)).toHaveLength(6);
    lab.port.say('still here');
    await until(() => inside.text.includes('still here'));
    await Promise.all(flood.map(({ closed }) => closed));
    const next = lab.ssh(lab.serverId, key, '-tt');
    await until(() => next.text.includes('ここから現在の出力'));
    inside.stop();
    next.stop();
  });
});

test('when the proxy ends, everybody is told, and leaves no row', async () => {
  const ssh = lab.ssh(lab.serverId, key, '-tt');
  await until(() => ssh.text.includes('ここから現在の出力'));
  await lab.door.close();
  expect(await ssh.ended).toBe(1);
  expect(ssh.text).toContain('もう一度接続してください');
  await until(async () => (await lab.db.consoleSession.count()) === 0);
});
