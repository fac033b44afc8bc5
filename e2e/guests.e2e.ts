/** Guests that do not do as they are told. */
import { readFileSync } from 'node:fs';
import { expect, test } from '@playwright/test';
import { freezeAgent, thawAgent } from './agent.ts';
import { operationEnd, signUp, smallestOrder } from './customer.ts';
import { addKey, ssh, sshByPassword, sshUp } from './guest.ts';
import { patience } from './patience.ts';
import { noteSecret } from './secrets.ts';
import { pattern, words } from './words.ts';

test.afterEach(() => thawAgent());

test('ordered with the generated password, a host name, without Virtio and protection: seen being made, and as ordered', async ({
  page,
  context,
}) => {
  const who = await signUp('details');
  await who.enter(context);
  await page.goto('/servers/new');
  await expect(page.getByLabel(words('order.signIn.password'))).toBeChecked();
  await page.getByText(words('order.details.label'), { exact: true }).click();
  await page.getByLabel(words('order.details.hostname')).fill('db-1');
  await page.getByLabel(words('order.details.virtioOff')).check();
  await page.getByLabel(words('order.details.protectionOn')).uncheck();
  await page
    .getByRole('button', { name: words('order.summary.next') })
    .first()
    .click();
  const submit = page.getByRole('button', { name: pattern('order.confirm.submit') });
  await expect(submit).toBeVisible();

  // The host holds its breath, so that none of its steps is over before somebody looks.
  freezeAgent();
  await submit.click();
  await page.waitForURL(/\/servers\/[a-z2-7]{10}$/);
  const copy = page.getByTitle(words('common.copyOf', { label: words('servers.login.password') }));
  const password = (await copy.locator('span').first().textContent())!;
  noteSecret(password);
  const steps = await context.newPage();
  await steps.goto((await page.getByRole('link', { name: words('operations.strip.open') }).getAttribute('href')) ?? '');
  const step = (key: string) => steps.getByRole('row').filter({ hasText: words(`operations.step.${key}`) });
  for (const key of ['disk', 'define']) await expect(step(key)).toContainText(words('operations.stepState.waiting'));
  thawAgent();
  // Nobody loads the page again.
  for (const key of ['disk', 'define', 'start']) {
    await expect(step(key)).toContainText(words('operations.stepState.done'), { timeout: patience(60_000) });
    // Began, ended, took.
    await expect(step(key).locator('time')).toHaveText([/^\d\d:\d\d:\d\d$/, /^\d\d:\d\d:\d\d$/]);
    await expect(step(key).getByRole('cell').last()).toHaveText(/^\d+(秒|分)/);
  }
  await expect(page.getByText(words('servers.state.running'), { exact: true }).first()).toBeVisible({
    timeout: patience(60_000),
  });

  const serverId = new URL(page.url()).pathname.split('/').at(-1)!;
  const { ipv4, name } = await who.api.servers.get.query({ serverId });
  const look = () => sshByPassword(ipv4!, password, 'hostname; ls /sys/block');
  await expect(async () => expect(await look()).toMatch(/^db-1\n/)).toPass({ timeout: patience(90_000) });
  expect(await look()).toMatch(/^(sda|hda)$/m);
  expect(await look()).not.toMatch(/vda/);
  // It was this password that opened it.
  await expect(sshByPassword(ipv4!, `${password}x`, 'true')).rejects.toThrow('Permission denied');

  // Unprotected: one call.
  const removal = await who.api.servers.delete.mutate({ serverId, confirmName: name });
  expect((await operationEnd(who, removal.operationId)).state).toBe('succeeded');
});

test('without Virtio it boots, and its devices are what was ordered', async () => {
  const who = await signUp('novirtio');
  const order = await smallestOrder(who, { name: 'old-1', virtio: false, sshKeyIds: [await addKey(who)] });
  const { serverId, operationId } = await who.api.servers.order.mutate(order);
  expect((await operationEnd(who, operationId)).state).toBe('succeeded');
  const server = await who.api.servers.get.query({ serverId });
  await sshUp(server.ipv4!);
  expect(await ssh(server.ipv4!, 'ls /sys/block')).toMatch(/sda|hda/);
  expect(await ssh(server.ipv4!, 'ls /sys/block')).not.toMatch(/vda/);

  const removal = await who.api.servers.delete.mutate({ serverId, confirmName: 'old-1' });
  expect((await operationEnd(who, removal.operationId)).state).toBe('succeeded');
});

test('a guest that ignores ACPI: it says so, the server still runs, force off is offered and works', async ({
  page,
  context,
}) => {
  const who = await signUp('deaf');
  await who.enter(context);
  const order = await smallestOrder(who, { name: 'deaf-1', sshKeyIds: [await addKey(who)] });
  const { serverId, operationId } = await who.api.servers.order.mutate(order);
  await operationEnd(who, operationId);
  const { ipv4 } = await who.api.servers.get.query({ serverId });
  await sshUp(ipv4!);
  await ssh(ipv4!, 'touch /etc/ignore-acpi; sync');

  await page.goto(`/servers/${serverId}?do=stop`);
  await page.getByRole('dialog').getByRole('button', { name: 'シャットダウン' }).click();
  await expect(page.getByText('OSが応答しませんでした').first()).toBeVisible({ timeout: patience(180_000) });
  expect((await who.api.servers.get.query({ serverId })).state).toBe('running');
  await ssh(ipv4!, 'true');

  await page
    .getByRole('link', { name: '強制停止' })
    .or(page.getByRole('button', { name: '強制停止' }))
    .first()
    .click();
  await page.getByRole('dialog').getByRole('button', { name: '強制停止' }).click();
  await expect(page.getByText('停止', { exact: true }).first()).toBeVisible({ timeout: patience(60_000) });

  const removal = await who.api.servers.delete.mutate({ serverId, confirmName: 'deaf-1' });
  expect((await operationEnd(who, removal.operationId)).state).toBe('succeeded');
});

test('a guest that powers itself off is shown as such and stays off until its owner starts it', async ({
  page,
  context,
}) => {
  const who = await signUp('selfoff');
  await who.enter(context);
  const order = await smallestOrder(who, { name: 'self-1', sshKeyIds: [await addKey(who)] });
  const { serverId, operationId } = await who.api.servers.order.mutate(order);
  await operationEnd(who, operationId);
  const crashing = await who.api.servers.order.mutate(await smallestOrder(who, { name: 'crash-1' }));
  await operationEnd(who, crashing.operationId);
  const { ipv4 } = await who.api.servers.get.query({ serverId });
  await sshUp(ipv4!);
  await page.goto(`/servers/${serverId}`);
  await ssh(ipv4!, '(sleep 1; poweroff) >/dev/null 2>&1 &');
  // The open page learns it by itself.
  await expect(page.getByText('OSの操作で停止しました').first()).toBeVisible({ timeout: patience(60_000) });
  // The reconciler has looked at both when it has brought back the one that crashed.
  process.kill(Number(readFileSync(`/run/libvirt/qemu/${crashing.serverId}.pid`, 'utf8')), 'SIGKILL');
  const restarts = async () =>
    (await who.api.operations.listForServer.query({ serverId: crashing.serverId }))
      .filter(({ kind }) => kind === 'start')
      .map(({ state }) => state);
  await expect.poll(restarts, { timeout: patience(60_000) }).toEqual(['succeeded']);
  expect((await who.api.servers.get.query({ serverId })).state).toBe('stopped-by-guest');

  const start = await who.api.servers.start.mutate({ serverId });
  expect((await operationEnd(who, start.operationId)).state).toBe('succeeded');
  expect((await who.api.servers.get.query({ serverId })).state).toBe('running');

  for (const [id, confirmName] of [[serverId, 'self-1'] as const, [crashing.serverId, 'crash-1'] as const]) {
    const removal = await who.api.servers.delete.mutate({ serverId: id, confirmName });
    expect((await operationEnd(who, removal.operationId)).state).toBe('succeeded');
  }
});
