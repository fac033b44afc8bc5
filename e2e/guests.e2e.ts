/** Guests that do not do as they are told. */
import { expect, test } from '@playwright/test';
import { operationEnd, signUp, smallestOrder } from './customer.ts';
import { addKey, ssh, sshUp } from './guest.ts';
import { patience } from './patience.ts';

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
  const { ipv4 } = await who.api.servers.get.query({ serverId });
  await sshUp(ipv4!);
  await page.goto(`/servers/${serverId}`);
  await ssh(ipv4!, '(sleep 1; poweroff) >/dev/null 2>&1 &');
  // The open page learns it by itself.
  await expect(page.getByText('OSの操作で停止しました').first()).toBeVisible({ timeout: patience(60_000) });
  // That nothing happens can only be waited for: eight rounds of the reconciler, which would have started it.
  await page.waitForTimeout(patience(8_000));
  expect((await who.api.servers.get.query({ serverId })).state).toBe('stopped-by-guest');

  const start = await who.api.servers.start.mutate({ serverId });
  expect((await operationEnd(who, start.operationId)).state).toBe('succeeded');
  expect((await who.api.servers.get.query({ serverId })).state).toBe('running');

  const removal = await who.api.servers.delete.mutate({ serverId, confirmName: 'self-1' });
  expect((await operationEnd(who, removal.operationId)).state).toBe('succeeded');
});
