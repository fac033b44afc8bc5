/** A server's serial console by OpenSSH's own client: the key from the page, the guest's login, what the page promises. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { makeKey } from '../scripts/stack/guest.ts';
import { kill } from './console.ts';
import { type Customer, operationEnd, signUp, smallestOrder, stack } from './customer.ts';
import { patience } from './patience.ts';
import { words } from './words.ts';

test.describe.configure({ mode: 'serial' });

let who: Customer;
let serverId: string;
let password: string;
let key: Awaited<ReturnType<typeof makeKey>>;
let command: string;
const knownHosts = join(stack.data, 'known-door');
const children: ReturnType<typeof spawn>[] = [];

/** As typed from the page, with the file of one's own known hosts. */
function ssh(target: string[], ...options: string[]) {
  const settings = ['-F', '/dev/null', '-tt', '-e', 'none', '-i', key.file, '-o', 'IdentitiesOnly=yes'];
  const hosts = ['-o', `UserKnownHostsFile=${knownHosts}`, '-o', 'GlobalKnownHostsFile=/dev/null'];
  const child = spawn('/usr/bin/ssh', [...settings, ...hosts, '-o', 'BatchMode=yes', ...options, ...target]);
  children.push(child);
  const seen = { text: '', code: undefined as number | null | undefined };
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      seen.text += chunk.toString();
    });
  child.on('close', (code) => {
    seen.code = code;
  });
  return { seen, type: (text: string) => child.stdin.write(text), stop: () => child.kill('SIGKILL') };
}
const shows = (run: ReturnType<typeof ssh>, text: string | RegExp, ms = 30_000) =>
  expect
    .poll(() => run.seen.text, { timeout: patience(ms) })
    .toMatch(typeof text === 'string' ? new RegExp(text) : text);

test.beforeAll(async () => {
  who = await signUp('door');
  key = await makeKey(stack.data);
  const placed = await who.api.servers.order.mutate(await smallestOrder(who, { name: 'door-1' }));
  [serverId, password] = [placed.serverId, placed.password!];
  expect((await operationEnd(who, placed.operationId)).state).toBe('succeeded');
});
test.afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  const { operationId } = await who.api.servers.delete.mutate({ serverId, confirmName: 'door-1' });
  expect((await operationEnd(who, operationId)).state).toBe('succeeded');
});

test('the page takes one’s own key apart from the servers’, and says how it is used', async ({ page, context }) => {
  await who.enter(context);
  await page.goto('/account/ssh-keys');
  const own = page.getByRole('region', { name: words('account.sshKeys.kinds.own.title') });
  await own.getByLabel(words('account.sshKeys.publicKey')).fill(key.publicKey);
  await own.getByRole('button', { name: words('account.sshKeys.submit') }).click();
  await expect(own.getByRole('listitem').getByText('test', { exact: true })).toBeVisible();
  await expect(own.getByText(words('account.sshKeys.kinds.own.emptyTitle'))).toBeHidden();
  // It is no key of the account's.
  const servers = page.getByRole('region', { name: words('account.sshKeys.kinds.server.title') });
  await expect(servers.getByText(words('account.sshKeys.kinds.server.emptyTitle'))).toBeVisible();
  command = ((await own.getByText(/^ssh -p \d+ menu@/).textContent()) ?? '').trim();

  // The fingerprint that the client shows is one of those on the page.
  const first = ssh(command.split(' ').slice(1), '-o', 'StrictHostKeyChecking=accept-new', '-v');
  await shows(first, serverId);
  const [, offered] = /Server host key: \S+ (SHA256:\S+)/.exec(first.seen.text)!;
  await expect(own.getByText(offered!, { exact: true })).toBeVisible();
  first.type('\x04');
  await expect.poll(() => first.seen.code).toBe(0);
});

test('login at the serial prompt, typed and echoed; what was said before is there', async () => {
  const run = ssh(command.replace('menu@', `${serverId}@`).split(' ').slice(1), '-o', 'StrictHostKeyChecking=yes');
  await shows(run, /door-1/);
  await shows(run, /login:/, 90_000);
  await shows(run, /ここから現在の出力/);
  run.type('root\r');
  await shows(run, /assword:/);
  run.type(`${password}\r`);
  // The shell asks the terminal where it stands, behind its prompt.
  await shows(run, /~ # /);
  run.type('echo seen-$((40 + 2))-日本\r');
  await shows(run, /\nseen-42-日本/);

  // The proxy dies: the client is told nothing, and comes again by hand to the same shell of the guest.
  kill('console-proxy');
  await expect.poll(() => run.seen.code, { timeout: patience(20_000) }).not.toBeUndefined();
  let again = ssh(command.replace('menu@', `${serverId}@`).split(' ').slice(1));
  await expect
    .poll(
      () => {
        if (again.seen.code !== undefined) again = ssh(command.replace('menu@', `${serverId}@`).split(' ').slice(1));
        return again.seen.text;
      },
      { timeout: patience(30_000), intervals: [1_000] },
    )
    .toContain('ここから現在の出力');
  expect(again.seen.text).toContain('seen-42-日本');
  again.type('echo still-$((40 + 2))\r');
  await shows(again, /\nstill-42/);
  again.type('exit\r');
  await shows(again, /still-42[\s\S]*login:/);

  // The agent dies: the same shell goes on.
  kill('agent');
  await shows(again, /接続し直しました/, 40_000);
  again.type('\r');
  await shows(again, /接続し直しました[\s\S]*login:/);
  again.stop();
});

test('somebody else stays out; who takes away the key is out', async () => {
  const other = await signUp('door-other');
  const theirs = await makeKey(stack.data);
  await other.api.userKeys.add.mutate({ name: 'theirs', publicKey: theirs.publicKey });
  const target = command.replace('menu@', `${serverId}@`).split(' ').slice(1);
  const mine = key;
  key = theirs;
  const refused = ssh(target);
  await expect.poll(() => refused.seen.code, { timeout: patience(20_000) }).toBe(255);
  expect(refused.seen.text).toContain('Permission denied (publickey)');
  key = mine;

  const run = ssh(target);
  await shows(run, /ここから現在の出力/);
  const [row] = await who.api.userKeys.list.query();
  await who.api.userKeys.remove.mutate({ id: row!.id });
  await expect.poll(() => run.seen.code, { timeout: patience(2_000) }).toBe(1);
  expect(run.seen.text).toContain('鍵が削除されたため');
});
