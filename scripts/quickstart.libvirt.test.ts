/**
 * The README's first command, as a person types it, from an empty folder to a rented server and back:
 * npm test quickstart, or
 * scripts/stack/isolate npx vitest run --project quickstart
 *
 * One story: each test goes on where the one before it ended. Every limit is a multiple of what this machine needed
 * for less.
 */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { layoutOf } from './install/layout.ts';
import {
  type Ended,
  type Life,
  lives,
  made,
  qemuOf,
  quickstart,
  quickstartOnTerminal,
  since,
} from './testing/installation.ts';

const ORIGIN = 'http://localhost:8080';
/** What a guest needs as long as it runs (docs/operating.md). */
const KEPT = ['dnsmasq', 'qemu-system-x86', 'virtlogd'];

const folder = mkdtempSync(join(tmpdir(), 'tsubo-quickstart-'));
// Others' users must come through; what is inside quickstart makes itself.
chmodSync(folder, 0o755);
const layout = layoutOf(join(folder, 'data'));

/** All that ran here before the first quickstart, and this test itself. */
let strangers: Life[];
let oneCall: Ended;
let first: Ended;
let staff: { email: string; password: string };
let rented: Awaited<ReturnType<typeof rentOne>>;

/** Building included, where nothing is built yet. */
const firstLimit = () => Math.max(300_000, 300 * oneCall.ms);
/** What goes on with what is there. */
const laterLimit = () => Math.max(60_000, 5 * first.ms);
const start = (limitMs = laterLimit()) => quickstart(layout.data, ['--detach'], limitMs);
const ownerUrl = () => parseEnv(readFileSync(layout.env('admin'), 'utf8')).DATABASE_URL!;
const commandsOf = (some: Life[]) => some.map(({ command }) => command).sort();

beforeAll(() => {
  if (process.env.TSUBO_ISOLATED !== 'yes')
    throw new Error('Run it in namespaces of its own: scripts/stack/isolate npx vitest run --project quickstart');
  // The supervisor tells nobody apart by name: these it must not touch.
  strangers = lives();
});

afterAll(async () => {
  // By force: whatever of the story failed, nothing of it stays.
  for (const { pid } of since(strangers)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // Ended with its parent.
    }
  }
  try {
    await vi.waitFor(() => expect(commandsOf(since(strangers))).toEqual([]), 30_000);
    // The kernel's tree of cgroups is not divided by namespaces; a guest's stays busy until it has been reaped.
    const states = join(layout.agent, 'state');
    for (const id of existsSync(states) ? readdirSync(states) : []) await vi.waitFor(() => removeCgroups(id), 30_000);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('what cannot be done is said with what to do, and nothing is made', async () => {
  oneCall = await quickstart(layout.data, ['begin'], 60_000);
  expect(oneCall.status).toBe(1);
  expect(oneCall.said).toContain('quickstart does not know "begin"');
  expect(oneCall.said).toMatch(/What to do: quickstart \[--detach\|--foreground\] \[--adopt\], quickstart stop/);

  const stranger = createServer().listen(8080, '127.0.0.1');
  await once(stranger, 'listening');
  const taken = await start(firstLimit());
  stranger.close();
  expect(taken.status).toBe(1);
  expect(taken.said).toContain('Another program listens on port 8080 of this machine, which TSUBO_PORT names.');
  expect(taken.said).toMatch(/What to do: .* choose another TSUBO_PORT\./);

  const status = await quickstart(layout.data, ['status'], firstLimit());
  expect(status).toMatchObject({ status: 1 });
  expect(status.said).toContain(`There is no installation in ${layout.data}.`);
  expect(await quickstart(layout.data, ['stop'], firstLimit())).toMatchObject({ status: 0 });

  expect(existsSync(layout.data)).toBe(false);
  expect(commandsOf(since(strangers))).toEqual([]);
});

test('the first run says each step with its time, the address, and the staff’s password once', async () => {
  first = await start(firstLimit());
  expect(first.status, first.said).toBe(0);
  const steps = [...first.said.matchAll(/^ {2}(\S.*?) {2,}(\d+\.\d) s/gm)].map(([, title]) => title);
  expect(steps).toEqual(
    expect.arrayContaining([
      ...['build the images', 'build the panel', 'users, folders', 'install the release', 'secrets and certificates'],
      ...['PostgreSQL and libvirt', 'migrate, seed, switch to the release', 'this machine joins as a host'],
      ...['start what is left, wait for health', 'first staff login'],
    ]),
  );
  expect(first.said).toContain(`\nOpen ${ORIGIN}\n`);
  const login = /shown this once\):\n {2}(\S+@\S+)\n {2}(\S+)\n/.exec(first.said);
  staff = { email: login?.[1] ?? '', password: login?.[2] ?? '' };
  expect(first.said.split(staff.password)).toHaveLength(2);
});

test('the address answers, and staff sign in with that password', async () => {
  expect(await (await fetch(ORIGIN)).text()).toMatch(/^<!DOCTYPE html>/);
  writeStackFile();
  const { signInStaff } = await import('../e2e/customer.ts');
  const hosts = await (await signInStaff()).api.staff.hosts.list.query();
  expect(hosts.map(({ name }) => name)).toEqual([hostname()]);
});

test('a second run takes much less, says no password, and changes nothing', async () => {
  const before = await made(layout, ownerUrl());
  const second = await start();
  expect(second.status, second.said).toBe(0);
  expect(second.said).toContain(`Open ${ORIGIN}`);
  expect(second.said).not.toContain('First staff login');
  expect(second.said).not.toContain(staff.password);
  expect(second.ms).toBeLessThan(first.ms / 2);
  expect(await made(layout, ownerUrl())).toEqual(before);
});

test('status says that each process is well', async () => {
  const { status, said } = await quickstart(layout.data, ['status'], laterLimit());
  expect(status, said).toBe(0);
  expect(said).toContain(`running  ${ORIGIN}  ${layout.data}\n`);
  for (const name of ['worker-1', 'worker-2', 'app', 'agent', 'nginx'])
    expect(said).toMatch(new RegExp(`^ {2}${name} +well \\(pid \\d+\\)$`, 'm'));
  for (const name of ['postgres', 'virtlogd', 'libvirtd'])
    expect(said).toMatch(new RegExp(`^ {2}${name} +runs \\(pid \\d+\\)$`, 'm'));
  expect(said).toMatch(new RegExp(`^ {2}host +${hostname()}: last heard`, 'm'));
});

test('stop ends everything that was started, and the rented server runs on', async () => {
  rented = await rentOne();
  const started = since(strangers);
  const stopped = await quickstart(layout.data, ['stop'], laterLimit());
  expect(stopped).toMatchObject({ status: 0, said: 'Stopped. Rented servers keep running.\n' });
  expectOnlyKept(started);
  expect(await rented.boot()).toBe(rented.firstBoot);

  const status = await quickstart(layout.data, ['status'], laterLimit());
  expect(status.status, status.said).toBe(3);
  expect(status.said).toContain(`stopped  ${ORIGIN}`);
});

test('the next start finds the server running, in the same boot', async () => {
  const again = await start();
  expect(again.status, again.said).toBe(0);
  expect(again.said).not.toContain(staff.password);
  await expectStillRunning();
});

test('Ctrl-C on the terminal ends what that run started, and the rented server runs on', async () => {
  await quickstart(layout.data, ['stop'], laterLimit());
  const { run, pressCtrlC } = quickstartOnTerminal(layout.data);
  await run.says('Press Ctrl-C to stop.', laterLimit());
  await expectStillRunning();
  const started = since(strangers);
  pressCtrlC();
  const ended = await run.ends(laterLimit());
  expect(ended.status, ended.said).toBe(0);
  expect(ended.said).toContain('Stopping …');
  expectOnlyKept(started);
  expect(await rented.boot()).toBe(rented.firstBoot);
});

test('after the server is given back stop leaves no process', async () => {
  expect((await start()).status).toBe(0);
  await rented.giveBack();
  expect((await quickstart(layout.data, ['stop'], laterLimit())).status).toBe(0);
  // dnsmasq is asked, and ends a moment later.
  await expect.poll(() => commandsOf(since(strangers)), { timeout: laterLimit() }).toEqual([]);
  for (const { pid } of strangers) expect(existsSync(`/proc/${pid}`), `${pid}`).toBe(true);
});

function removeCgroups(serverId: string): void {
  const theirs = ['/sys/fs/cgroup', '-depth', '-type', 'd', '-path', `*/machine*qemu*${serverId}*`];
  execFileSync('/usr/bin/find', [...theirs, '-exec', 'rmdir', '{}', '+'], { stdio: 'ignore' });
}

/** Of what was started only what the guest needs lives, the same as before; and of all others each. */
function expectOnlyKept(started: Life[]): void {
  const now = since(strangers);
  expect(commandsOf(now)).toEqual(KEPT);
  expect(since(started, now)).toEqual([]);
  expect(since(lives(), strangers)).toEqual([]);
}

async function expectStillRunning(): Promise<void> {
  const { api } = rented.customer;
  const { patience } = await import('../e2e/patience.ts');
  // Known as unknown at first, when the stop took longer than a host may be silent.
  await expect
    .poll(async () => (await api.servers.get.query({ serverId: rented.serverId })).state, { timeout: patience(60_000) })
    .toBe('running');
  expect(qemuOf(rented.serverId)).toEqual(rented.qemu);
  expect(await rented.boot()).toBe(rented.firstBoot);
}

/** What the helpers of the browser journeys read: a quickstart is a stack like theirs. */
function writeStackFile(): void {
  const file = join(folder, 'stack.json');
  const stack = {
    origin: ORIGIN,
    data: layout.data,
    ownerUrl: ownerUrl(),
    staff,
    bridge: 'tsubo0',
    hostName: hostname(),
    pidFiles: {},
    simulatedAgent: false,
  };
  writeFileSync(file, JSON.stringify(stack), { mode: 0o600 });
  process.env.TSUBO_STACK = file;
}

/** By the product's own doors, until it answers over SSH. */
async function rentOne() {
  const { operationEnd, signUp, smallestOrder } = await import('../e2e/customer.ts');
  const { addKey, ssh, sshUp } = await import('../e2e/guest.ts');
  const customer = await signUp('quickstart');
  const order = await smallestOrder(customer, { name: 'quickstart', sshKeyIds: [await addKey(customer)] });
  const { serverId, operationId } = await customer.api.servers.order.mutate(order);
  expect(await operationEnd(customer, operationId)).toMatchObject({ state: 'succeeded' });
  const { ipv4 } = await customer.api.servers.get.query({ serverId });
  await sshUp(ipv4!);
  const boot = () => ssh(ipv4!, 'cat /proc/sys/kernel/random/boot_id');
  const giveBack = async () => {
    const { operationId: removal } = await customer.api.servers.delete.mutate({ serverId, confirmName: 'quickstart' });
    expect(await operationEnd(customer, removal)).toMatchObject({ state: 'succeeded' });
  };
  return { customer, serverId, boot, firstBoot: await boot(), qemu: qemuOf(serverId), giveBack };
}
