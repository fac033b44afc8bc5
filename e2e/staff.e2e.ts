/**
 * An order that got stuck on a host whose disk is full: staff see why, and end it one way or the other when the
 * host is mended. The disk is really full, the order really half made: its disk image is there, its seed is not,
 * and the undo could not leave its tombstone.
 */
import { join } from 'node:path';
import { type Browser, type BrowserContext, expect, type Page, test } from '@playwright/test';
import type { Client } from 'pg';
import { fillDisk } from '../scripts/stack/full-disk.ts';
import { type Customer, codeOf, operationEnd, signInStaff, signUp, smallestOrder, stack } from './customer.ts';
import { withDatabase } from './database.ts';
import { explain } from './explain.ts';
import { addKey, ssh, sshUp } from './guest.ts';
import { leftoversOf } from './leftovers.ts';
import { patience } from './patience.ts';
import { words } from './words.ts';

const repairs: (() => void)[] = [];
const contexts: BrowserContext[] = [];
test.afterEach(async () => {
  for (const repair of repairs.splice(0)) repair();
  await Promise.all(contexts.splice(0).map((context) => context.close()));
});

/** A customer whose order got stuck, and the mending of the host. */
async function stuckOrder(name: string) {
  const who = await signUp(name);
  const order = await smallestOrder(who, { name, sshKeyIds: [await addKey(who)] });
  for (const folder of ['seeds', 'tombstones']) repairs.push(fillDisk(join(stack.data, 'agent', folder)));
  const { serverId, operationId } = await who.api.servers.order.mutate(order);
  expect((await operationEnd(who, operationId)).state).toBe('stuck');
  const mend = () => {
    for (const repair of repairs.splice(0)) repair();
  };
  return { who, name, serverId, operationId, mend };
}

async function pageOf(browser: Browser, who: Customer): Promise<Page> {
  const context = await browser.newContext();
  contexts.push(context);
  await who.enter(context);
  return context.newPage();
}

const cardOf = (page: Page, name: string) =>
  page.getByRole('region', { name: `${words('operations.kind.create')} · ${name}` });

async function decide(page: Page, name: string, act: 'retry' | 'undo', reason: string) {
  const open = words('staff.operations.withDialog', { label: words(`staff.operations.${act}`) });
  await cardOf(page, name).getByRole('button', { name: open, exact: true }).click();
  const dialog = page.getByRole('dialog');
  const confirm = dialog.getByRole('button', { name: words(`staff.operations.${act}Confirm`), exact: true });
  const field = dialog.getByLabel(words('staff.operations.reason'), { exact: true });
  // Without a reason nothing happens, and it says so at the field.
  await confirm.click();
  await expect(field).toHaveAttribute('aria-invalid', 'true');
  await field.fill(reason);
  await confirm.click();
  await expect(dialog).toBeHidden();
}

test('retry: staff see why it is stuck, mend the host, try again; the server runs and its customer knows why', async ({
  browser,
}) => {
  const { who, name, serverId, operationId, mend } = await stuckOrder('retried');
  const page = await pageOf(browser, who);
  await page.goto(`/servers/${serverId}`);
  await expect(page.getByText(words('operations.failure.stuck.create')).first()).toBeVisible();
  await expect(page.getByText(words('operations.failure.stuckHelp')).first()).toBeVisible();
  await expect(page.getByText('NO_SPACE')).toHaveCount(0);

  const staff = await pageOf(browser, await signInStaff());
  await staff.goto('/staff/operations?state=stuck');
  const card = cardOf(staff, name);
  await expect(card.getByText(stack.hostName, { exact: true })).toBeVisible();
  await expect(card.getByText(/NO_SPACE.*then the undo failed.*NO_SPACE/)).toBeVisible();
  // The last word of the host, raw; and the steps as far as they came.
  await expect(card.getByText(/^NO_SPACE: .*(No space left|ENOSPC)/i).first()).toBeVisible();
  const step = (key: string) => card.getByRole('listitem').filter({ hasText: words(`operations.step.${key}`) });
  await expect(step('disk').first()).toBeVisible();
  await expect(step('network').first()).toBeVisible();

  mend();
  await decide(staff, name, 'retry', 'ホストのディスクを空けました');
  await expect(card).toBeHidden({ timeout: patience(60_000) });

  // The customer's page, open all the time, learns it by itself.
  await expect(page.getByText(words('servers.state.running'), { exact: true }).first()).toBeVisible({
    timeout: patience(60_000),
  });
  const done = await operationEnd(who, operationId);
  expect(done.state).toBe('succeeded');
  expect(done.staffActs).toMatchObject([{ act: 'retry', reason: 'ホストのディスクを空けました' }]);
  await page.goto(`/operations/${operationId}`);
  await expect(page.getByRole('list', { name: words('operations.staffAct.label') })).toContainText(
    words('operations.staffAct.retry', { reason: 'ホストのディスクを空けました' }),
  );
  const { ipv4 } = await who.api.servers.get.query({ serverId });
  await sshUp(ipv4!);
  expect(await ssh(ipv4!, 'hostname')).toBe(`${name}\n`);
  expect(await leftoversOf(serverId)).toEqual([]);

  const { told, status } = await explain(operationId);
  expect(status).toBe(0);
  for (const part of [
    /nginx +POST \/api\/trpc\/servers\.order/,
    /audit +servers\.order completed by user usr_/,
    new RegExp(`operation +${operationId} create of ${serverId} asked by user`),
    new RegExp(`step +${operationId}:1 disk done`),
    /agent +call \{"call":"putVolume"/,
    /app +done \{.*"path":"servers\.order"/,
    /agent +WARN call refused \{"call":"putSeed".*NO_SPACE/,
    new RegExp(`attempt +${operationId}:2 forward queued`),
    /audit +staff\.operations\.retry completed by staff usr_.*because: ホストのディスクを空けました/,
    new RegExp(`step +${operationId}:2 start done`),
    new RegExp(`event +operation:${operationId} succeeded`),
    new RegExp(`operation +${operationId} succeeded`),
    new RegExp(`worker\\S* +operation ended \\{.*"operationId":"${operationId}"`),
  ])
    expect(told).toMatch(part);

  // The app itself says nothing of an order that it takes; of a key that is there already it does.
  expect(await codeOf(addKey(who))).toBe('SSH_KEY_TAKEN');
  const { requestId } = await withDatabase(async (db) => {
    const sql = `SELECT a."requestId" FROM "Audit" a JOIN "User" u ON u.id = a."actorId"
      WHERE u.email = $1 AND a.action = 'sshKeys.add' ORDER BY a.id DESC LIMIT 1`;
    return (await db.query(sql, [who.email])).rows[0];
  });
  const refused = await explain(requestId);
  expect(refused.told).toMatch(/nginx +POST \/api\/trpc\/sshKeys\.add/);
  expect(refused.told).toMatch(new RegExp(`app +refused \\{.*"requestId":"${requestId}"`));

  const removal = await who.api.servers.delete.mutate({ serverId, confirmName: name });
  expect((await operationEnd(who, removal.operationId)).state).toBe('succeeded');
  expect(await leftoversOf(serverId)).toEqual([]);
});

test('undo: nothing is left on the host, the address is free again, and the customer is told', async ({ browser }) => {
  const { who, name, serverId, operationId, mend } = await stuckOrder('undone');
  expect(await leftoversOf(serverId)).not.toEqual([]);
  const heldBy = (db: Client) =>
    db.query(`SELECT "until" FROM "AddressHold" WHERE "serverId" = $1 ORDER BY "until" NULLS FIRST`, [serverId]);
  expect((await withDatabase(heldBy)).rows).toEqual([{ until: null }, { until: null }]);
  const page = await pageOf(browser, who);
  await page.goto(`/servers/${serverId}`);
  await expect(page.getByText(words('operations.failure.stuck.create')).first()).toBeVisible();

  await withEveryRole(operationId);

  mend();
  const staff = await pageOf(browser, await signInStaff());
  await staff.goto('/staff/operations?state=stuck');
  await decide(staff, name, 'undo', 'ディスクの交換に時間がかかります');
  await expect(cardOf(staff, name)).toBeHidden({ timeout: patience(60_000) });

  await expect(page.getByText(words('operations.failure.undone')).first()).toBeVisible({ timeout: patience(60_000) });
  // In the history of the server, in support's own words.
  await expect(
    page.getByText(words('operations.staffAct.undo', { reason: 'ディスクの交換に時間がかかります' })).first(),
  ).toBeVisible();
  const done = await operationEnd(who, operationId);
  expect(done.state).toBe('undone');
  expect(done.staffActs).toMatchObject([{ act: 'undo', reason: 'ディスクの交換に時間がかかります' }]);
  expect(await leftoversOf(serverId)).toEqual([]);
  const holds = (await withDatabase(heldBy)).rows;
  expect(holds).toHaveLength(2);
  for (const { until } of holds) expect(until).not.toBeNull();
  // What is left of it is a record that its customer may put away.
  expect((await who.api.servers.get.query({ serverId })).state).toBe('create-failed');
  const removal = await who.api.servers.delete.mutate({ serverId, confirmName: name });
  expect((await operationEnd(who, removal.operationId)).state).toBe('succeeded');
});

/** Who may: support and operators. Billing may not, and a customer does not learn that there is such a thing. */
async function withEveryRole(operationId: string) {
  const customer = await signUp('curious');
  const decision = { operationId, attempt: 1, reason: 'because' };
  for (const call of [
    () => customer.api.staff.operations.list.query({}),
    () => customer.api.staff.operations.get.query({ operationId }),
    () => customer.api.staff.operations.retry.mutate(decision),
    () => customer.api.staff.operations.undo.mutate(decision),
  ])
    expect(await codeOf(call())).toBe('NOT_FOUND');

  const asRole = (role: string) =>
    withDatabase((db) => db.query(`UPDATE "User" SET "staffRole" = $2 WHERE email = $1`, [customer.email, role]));
  await asRole('billing');
  expect(await codeOf(customer.api.staff.operations.list.query({}))).toBe('ROLE_REQUIRED');
  expect(await codeOf(customer.api.staff.operations.undo.mutate(decision))).toBe('ROLE_REQUIRED');
  expect(await codeOf(customer.api.staff.operations.retry.mutate(decision))).toBe('ROLE_REQUIRED');
  await asRole('support');
  expect(await customer.api.staff.operations.get.query({ operationId })).toMatchObject({
    state: 'stuck',
    canRetry: true,
    canUndo: true,
  });
  // Support has no say over which hosts are sold.
  const [host] = await customer.api.staff.hosts.list.query();
  const drain = customer.api.staff.hosts.setAcceptsNew.mutate({ hostId: host!.id, acceptsNew: false });
  expect(await codeOf(drain)).toBe('ROLE_REQUIRED');
}
