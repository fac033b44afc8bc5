/** Orders at the edges: twice at once, nowhere to put it, no address left. Nothing is left over. */
import { expect, test } from '@playwright/test';
import { codeOf, operationEnd, signUp, smallestOrder } from './customer.ts';
import { withDatabase } from './database.ts';
import { patience } from './patience.ts';
import { noteSecret } from './secrets.ts';
import { pattern, words } from './words.ts';

test('the same order submitted twice at once is one server', async () => {
  const who = await signUp('twice');
  const order = await smallestOrder(who, { name: 'web-1' });
  const answers = await Promise.all([1, 2, 3, 4].map(() => who.api.servers.order.mutate(order)));
  expect(new Set(answers.map((answer) => answer.serverId)).size).toBe(1);
  expect(answers.filter((answer) => answer.password !== null)).toHaveLength(1);
  expect(await who.api.servers.list.query()).toHaveLength(1);

  const first = answers[0]!;
  expect((await operationEnd(who, first.operationId)).state).toBe('succeeded');
  expect(await codeOf(who.api.servers.order.mutate({ ...order, name: 'web-2' }))).toBe('KEY_REUSED');

  const removal = await who.api.servers.delete.mutate({ serverId: first.serverId, confirmName: 'web-1' });
  expect((await operationEnd(who, removal.operationId)).state).toBe('succeeded');
});

test('an order whose answer was lost: nobody says that there is no server, and the same press again makes no second one', async ({
  page,
  context,
}) => {
  const who = await signUp('lost');
  await who.enter(context);
  await page.goto('/servers/new');
  await page
    .getByRole('button', { name: words('order.summary.next') })
    .first()
    .click();
  let password = '';
  await page.route(
    '**/api/trpc/servers.order?**',
    async (route) => {
      // It arrives and is taken; only the way back is cut.
      password = JSON.stringify(await (await route.fetch()).json()).match(/"password":"([^"]+)"/)?.[1] ?? '';
      if (password) noteSecret(password);
      await route.abort('connectionreset');
    },
    { times: 1 },
  );
  await page.getByRole('button', { name: pattern('order.confirm.submit') }).click();
  const note = page.getByRole('alert').filter({ hasText: words('order.confirm.unknown') });
  await expect(note).toContainText(words('order.confirm.unknownWhy'));
  await expect(page.getByText(words('order.confirm.nothingHappened'))).toHaveCount(0);
  expect(password).not.toBe('');
  const [server, ...others] = await who.api.servers.list.query();
  expect(others).toEqual([]);

  await note.getByRole('button', { name: words('order.confirm.again') }).click();
  await page.waitForURL(`**/servers/${server!.id}`);
  expect(await who.api.servers.list.query()).toHaveLength(1);

  // The password went with the answer. The page says so, also once the server runs, and what to do.
  await expect(page.getByText(words('servers.login.gone'))).toBeVisible();
  await expect(page.getByText(words('servers.state.running'), { exact: true }).first()).toBeVisible({
    timeout: patience(60_000),
  });
  await expect(page.getByText(words('servers.login.gone'))).toBeVisible();
  await expect(page.getByText(password)).toHaveCount(0);
  await page.getByRole('button', { name: words('servers.login.delete') }).click();
  await page
    .getByRole('dialog')
    .getByRole('button', { name: words('servers.dialog.protected.toSettings') })
    .click();
  await page.getByRole('button', { name: words('servers.settings.turnOff') }).click();
  await expect(page.getByRole('button', { name: words('servers.settings.turnOn') })).toBeVisible();
  const { id: serverId, name: confirmName } = server!;
  const removal = await who.api.servers.delete.mutate({ serverId, confirmName });
  expect((await operationEnd(who, removal.operationId)).state).toBe('succeeded');
});

test('no room on any host: a clear message, nothing left over', async ({ page, context }) => {
  const who = await signUp('full');
  await who.enter(context);
  await withDatabase(async (db) => {
    const order = await smallestOrder(who, { name: 'web-1' });
    const before = await db.query(`SELECT id, "memoryMiBReserved" FROM "Host"`);
    await db.query(`UPDATE "Host" SET "memoryMiBReserved" = "memoryMiBTotal"`);
    try {
      expect(await codeOf(who.api.servers.order.mutate(order))).toBe('NO_CAPACITY');
      expect(await who.api.servers.list.query()).toEqual([]);
      const holds = await db.query(
        `SELECT 1 FROM "AddressHold" h JOIN "Server" s ON s.id = h."serverId"
        JOIN "Member" m ON m."accountId" = s."accountId" JOIN "User" u ON u.id = m."userId" WHERE u.email = $1`,
        [who.email],
      );
      expect(holds.rowCount).toBe(0);
      await page.goto('/servers/new');
      await expect(page.getByText('空きがありません').first()).toBeVisible();
    } finally {
      for (const host of before.rows)
        await db.query(`UPDATE "Host" SET "memoryMiBReserved" = $2 WHERE id = $1`, [host.id, host.memoryMiBReserved]);
    }
  });
});

test('no address left: a clear message, nothing left over', async ({ page, context }) => {
  const who = await signUp('address');
  await who.enter(context);
  await withDatabase(async (db) => {
    const order = await smallestOrder(who, { name: 'web-1' });
    // Set every free IPv4 address aside into a pool of no zone's family; put them back afterwards.
    const [pool] = (await db.query(`SELECT * FROM "Pool" WHERE family = 'v4' LIMIT 1`)).rows;
    await db.query(
      `INSERT INTO "Zone" (id, "nameJa", "nameEn") VALUES ('aside', 'aside', 'aside') ON CONFLICT DO NOTHING`,
    );
    await db.query(
      `INSERT INTO "Pool" (id, "zoneId", family, cidr, gateway, prefix) VALUES ('pool_aside', 'aside', 'v4', $1, $2, $3) ON CONFLICT DO NOTHING`,
      [pool.cidr, pool.gateway, pool.prefix],
    );
    await db.query(
      `UPDATE "Address" a SET "poolId" = 'pool_aside' WHERE a."poolId" = $1 AND NOT EXISTS
         (SELECT 1 FROM "AddressHold" h WHERE h."addressId" = a.id AND h."until" IS NULL)`,
      [pool.id],
    );
    try {
      expect(await codeOf(who.api.servers.order.mutate(order))).toBe('NO_ADDRESS');
      expect(await who.api.servers.list.query()).toEqual([]);
      const holds = await db.query(
        `SELECT count(*)::int AS n FROM "AddressHold" h JOIN "Server" s ON s.id = h."serverId"
           JOIN "Member" m ON m."accountId" = s."accountId" JOIN "User" u ON u.id = m."userId" WHERE u.email = $1`,
        [who.email],
      );
      expect(holds.rows[0].n).toBe(0);

      // In the browser the same, after submitting; and what was typed is still there.
      await page.goto('/servers/new');
      const name = page.getByLabel(words('order.name.label'), { exact: true });
      await name.fill('kept-1');
      await page
        .getByRole('button', { name: words('order.summary.next') })
        .first()
        .click();
      await page.getByRole('button', { name: pattern('order.confirm.submit') }).click();
      const note = page.getByRole('alert').filter({ hasText: words('order.confirm.failed') });
      for (const fact of ['errors.NO_ADDRESS', 'order.confirm.nothingHappened', 'order.confirm.kept'])
        await expect(note).toContainText(words(fact));
      await note.getByRole('link', { name: words('order.confirm.edit') }).click();
      await expect(name).toHaveValue('kept-1');
      expect(await who.api.servers.list.query()).toEqual([]);
    } finally {
      await db.query(`UPDATE "Address" SET "poolId" = $1 WHERE "poolId" = 'pool_aside'`, [pool.id]);
      await db.query(`DELETE FROM "Pool" WHERE id = 'pool_aside'`);
      await db.query(`DELETE FROM "Zone" WHERE id = 'aside'`);
    }
  });
});
