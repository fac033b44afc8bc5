/**
 * A host that falls silent: its agent is frozen, as under a machine that swaps itself to death. Its servers are
 * "unknown", never "stopped"; what cannot be done says why; and all is as before when it answers again.
 */
import { type BrowserContext, expect, test } from '@playwright/test';
import { agentPid, freezeAgent, thawAgent } from './agent.ts';
import { codeOf, operationEnd, signInStaff, signUp, smallestOrder, stack } from './customer.ts';
import { withDatabase } from './database.ts';
import { addKey, ssh, sshUp } from './guest.ts';
import { patience } from './patience.ts';
import { words } from './words.ts';

/** After a minute without an answer, and the poll that was under way. */
const SILENT_MS = 60_000;

const contexts: BrowserContext[] = [];
test.afterEach(async () => {
  thawAgent();
  await Promise.all(contexts.splice(0).map((context) => context.close()));
});

test('a silent host: no contact, servers unknown and running on, buttons say why; then all is normal again', async ({
  browser,
}) => {
  const who = await signUp('silent');
  const order = await smallestOrder(who, { name: 'silent-1', sshKeyIds: [await addKey(who)] });
  const { serverId, operationId } = await who.api.servers.order.mutate(order);
  expect((await operationEnd(who, operationId)).state).toBe('succeeded');
  const { ipv4 } = await who.api.servers.get.query({ serverId });
  await sshUp(ipv4!);
  const boot = await ssh(ipv4!, 'cat /proc/sys/kernel/random/boot_id');

  const customer = await browser.newContext();
  contexts.push(customer);
  await who.enter(customer);
  const page = await customer.newPage();
  await page.goto(`/servers/${serverId}`);
  const badge = (state: string) => page.getByText(words(`servers.state.${state}`), { exact: true }).first();
  await expect(badge('running')).toBeVisible();
  const team = await browser.newContext();
  contexts.push(team);
  await (await signInStaff()).enter(team);
  const staff = await team.newPage();
  await staff.goto('/staff/hosts');
  const host = staff.getByRole('region', { name: stack.hostName });
  await expect(host.getByText(words('staff.hosts.answering'), { exact: true })).toBeVisible();

  freezeAgent();
  // Both pages were open: nobody loads them again.
  const silent = { timeout: patience(SILENT_MS) + 60_000 };
  await expect(host.getByText(words('staff.hosts.silent'), { exact: true })).toBeVisible(silent);
  await expect(host.getByText(/^no answer/)).toBeVisible();
  await expect(badge('unknown')).toBeVisible(silent);
  await expect(page.getByText(words('servers.state.stopped'), { exact: true })).toHaveCount(0);
  for (const action of ['start', 'stop', 'restart'] as const) {
    const button = page.getByRole('button', { name: words(`servers.action.${action}`), exact: true }).first();
    await expect(button).toHaveAttribute('aria-disabled', 'true');
    await expect(button).toHaveAccessibleDescription(words('servers.reason.state-unknown'));
  }
  await expect(page.getByText(/応答がありません|以降の応答がありません/).first()).toBeVisible();
  expect(await codeOf(who.api.servers.stop.mutate({ serverId }))).toBe('NOT_POSSIBLE');
  // Nobody took it for dead: it is the same boot of the same guest.
  expect(await ssh(ipv4!, 'cat /proc/sys/kernel/random/boot_id')).toBe(boot);

  thawAgent();
  await expect(badge('running')).toBeVisible({ timeout: patience(60_000) });
  await expect(host.getByText(words('staff.hosts.answering'), { exact: true })).toBeVisible({
    timeout: patience(60_000),
  });
  await expect(host.getByText(/^no answer/)).toHaveCount(0);
  expect(await ssh(ipv4!, 'cat /proc/sys/kernel/random/boot_id')).toBe(boot);
  const removal = await who.api.servers.delete.mutate({ serverId, confirmName: 'silent-1' });
  expect((await operationEnd(who, removal.operationId)).state).toBe('succeeded');
});

test('what staff read of a host is what it reported: capacity, versions, last contact, accelerator, lacks', async ({
  page,
  context,
}) => {
  const rowOf = () =>
    withDatabase(async (db) => {
      // Columns hold UTC without saying so.
      const sql = `SELECT *, "lastContactAt" AT TIME ZONE 'UTC' AS "contact" FROM "Host" WHERE name = $1`;
      return (await db.query(sql, [stack.hostName])).rows[0];
    });
  const before = await rowOf();
  await (await signInStaff()).enter(context);
  await page.goto('/staff/hosts');
  const host = page.getByRole('region', { name: stack.hostName });
  const value = (key: string) =>
    host
      .locator('dt', { hasText: new RegExp(`^${words(`staff.hosts.${key}`)}$`) })
      .locator('xpath=following-sibling::dd[1]');

  const figure = (n: number) => (Math.round(n * 10) / 10).toLocaleString('en-US');
  const disk = ((before.diskGiBTotal - before.diskGiBReserved) * before.diskOvercommitPct) / 100;
  for (const [key, sellable, physical] of [
    ['vcpu', Math.floor((before.vcpuTotal * before.cpuOvercommitPct) / 100), before.vcpuTotal],
    ['memory', (before.memoryMiBTotal - before.memoryMiBReserved) / 1024, before.memoryMiBTotal / 1024],
    ['disk', Math.floor(disk), before.diskGiBTotal],
  ] as const) {
    expect(physical, key).toBeGreaterThan(0);
    const cells = host.getByRole('row', { name: words(`staff.hosts.${key}`) }).getByRole('cell');
    // Sold, sellable, left, physical.
    await expect(cells.nth(1), key).toHaveText(figure(sellable));
    await expect(cells.nth(3), key).toHaveText(figure(physical));
  }

  await expect(value('libvirt')).toHaveText(before.libvirtVersion);
  await expect(value('qemu')).toHaveText(before.qemuVersion);
  const shown = await value('lastContact').locator('time').getAttribute('datetime');
  expect(new Date(shown!).getTime()).toBeGreaterThanOrEqual(before.contact.getTime());
  expect(new Date(shown!).getTime()).toBeLessThanOrEqual((await rowOf()).contact.getTime());

  const { type, cpu, attempts } = before.accelerator;
  const kvm = type === 'kvm';
  const chosen = words(`staff.hosts.${kvm ? 'kvm' : 'tcg'}`, { cpu: cpu ?? words('staff.hosts.cpuDefault') });
  await expect(host.getByText(chosen, { exact: true })).toBeVisible();
  await expect(host.getByText(words(`staff.hosts.${kvm ? 'because' : 'becauseTcg'}`))).toBeVisible();
  const tried = host.getByRole('table', { name: words('staff.hosts.attempts') }).locator('tbody tr');
  await expect(tried).toHaveCount(attempts.length);
  for (const [i, { said }] of attempts.entries()) await expect(tried.nth(i)).toContainText(said);

  const lines = before.lacks.map((code: string) => words(`staff.hosts.lack.${code}`));
  for (const line of lines.length > 0 ? lines : [words('staff.hosts.lacksNone')])
    await expect(host.getByText(line, { exact: true })).toBeVisible();
});

test('an agent that is killed is back within seconds, and its servers were never anything but running', async () => {
  const staff = await signInStaff();
  const before = (await staff.api.staff.hosts.list.query()).find(({ name }) => name === stack.hostName);
  const pid = agentPid();
  const killedAt = new Date();
  process.kill(pid, 'SIGKILL');
  await expect
    .poll(
      async () => {
        const host = (await staff.api.staff.hosts.list.query()).find(({ name }) => name === stack.hostName);
        return host!.lastError === null && new Date(host!.lastContactAt!) > killedAt;
      },
      { timeout: patience(60_000) },
    )
    .toBe(true);
  expect(agentPid()).not.toBe(pid);
  const after = (await staff.api.staff.hosts.list.query()).find(({ name }) => name === stack.hostName);
  expect(after).toMatchObject({ silent: false, bootId: before!.bootId });
});
