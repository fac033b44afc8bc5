/** Two customers: neither sees nor touches what is the other's, by any procedure or stream. Staff's doors stay shut. */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { type Customer, codeOf, operationEnd, signInStaff, signUp, smallestOrder, stack } from './customer.ts';
import { addKey, publicKey } from './guest.ts';

/** What arrives on a customer's event stream until `stop` is called; from a cursor on, if one is given. */
function listen(who: Customer, lastEventId?: string) {
  const controller = new AbortController();
  let text = '';
  const done = (async () => {
    const response = await fetch(
      `${stack.origin}/api/trpc/events.stream?input=${encodeURIComponent(JSON.stringify({ lastEventId }))}`,
      {
        headers: { cookie: who.cookie, accept: 'text/event-stream' },
        signal: controller.signal,
      },
    );
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    const decoder = new TextDecoder();
    for await (const chunk of response.body!) text += decoder.decode(chunk, { stream: true });
  })().catch((error: unknown) => {
    if (!controller.signal.aborted) throw error;
  });
  return {
    text: () => text,
    async stop() {
      controller.abort();
      await done;
      return text;
    },
  };
}

/** The names of the golden table (server/trpc/authorisation.test.ts): all procedures that there are. */
const procedures = [
  ...readFileSync(join(import.meta.dirname, '../server/trpc/authorisation.test.ts'), 'utf8').matchAll(
    /^ {2}'([A-Za-z]+(?:\.[A-Za-z]+)+)': \{/gm,
  ),
].map(([, name]) => name!);

/** Those that take no id of an account's row; what they answer is the asker's own, as the other tests here see. */
const aboutOneself = [
  ...['account.me', 'account.preferences', 'account.sessions', 'account.endOtherSessions', 'account.changePassword'],
  ...['sshKeys.list', 'sshKeys.read', 'sshKeys.add', 'userKeys.list', 'userKeys.add'],
  ...['catalog.installation', 'catalog.orderOptions', 'servers.list', 'events.stream'],
];

test('another customer’s server does not exist, whatever is asked', async () => {
  const owner = await signUp('owner');
  const other = await signUp('other');
  const mine = listen(owner);
  const theirs = listen(other);
  const sshKeyId = await addKey(owner);
  const userKeyId = (await owner.api.userKeys.add.mutate({ name: 'door', publicKey })).id;
  const order = await smallestOrder(owner, { name: 'mine-1', sshKeyIds: [sshKeyId] });
  const { serverId, operationId } = await owner.api.servers.order.mutate(order);
  const staff = await signInStaff();
  const hostId = (await staff.api.staff.hosts.list.query())[0]!.id;

  const [session] = await owner.api.account.sessions.query();

  const { api } = other;
  const decision = { operationId, attempt: 1, reason: 'mine now' };
  const foreignKey = { ...order, clientKey: randomUUID(), name: 'yours-1' };
  const attempts: Record<string, () => Promise<unknown>> = {
    'account.endSession': () => api.account.endSession.mutate({ id: session!.id }),
    'servers.get': () => api.servers.get.query({ serverId }),
    'servers.history': () => api.servers.history.query({ serverId }),
    'servers.checkOrder': () => api.servers.checkOrder.query(foreignKey),
    'servers.order': () => api.servers.order.mutate(foreignKey),
    'servers.start': () => api.servers.start.mutate({ serverId }),
    'servers.stop': () => api.servers.stop.mutate({ serverId }),
    'servers.restart': () => api.servers.restart.mutate({ serverId, onTimeout: 'force-off' }),
    'servers.forceOff': () => api.servers.forceOff.mutate({ serverId }),
    'servers.delete': () => api.servers.delete.mutate({ serverId, confirmName: 'mine-1' }),
    'servers.rename': () => api.servers.rename.mutate({ serverId, name: 'yours-1' }),
    'servers.protect': () => api.servers.protect.mutate({ serverId, on: true }),
    'consoles.open': () => api.consoles.open.mutate({ serverId, kind: 'serial' }),
    'consoles.who': () => api.consoles.who.query({ serverId }),
    'consoles.end': () => api.consoles.end.mutate({ serverId, consoleId: 'con_none' }),
    'userKeys.remove': () => api.userKeys.remove.mutate({ id: userKeyId }),
    'sshKeys.remove': () => api.sshKeys.remove.mutate({ id: sshKeyId }),
    'operations.get': () => api.operations.get.query({ operationId }),
    'operations.listForServer': () => api.operations.listForServer.query({ serverId }),
    'staff.search': () => api.staff.search.query({ query: 'web' }),
    'staff.images.list': () => api.staff.images.list.query(),
    'staff.hosts.list': () => api.staff.hosts.list.query(),
    'staff.hosts.setAcceptsNew': () => api.staff.hosts.setAcceptsNew.mutate({ hostId, acceptsNew: false }),
    'staff.consoles.list': () => api.staff.consoles.list.query({ serverId }),
    'staff.consoles.end': () => api.staff.consoles.end.mutate({ consoleId: 'con_none', reason: 'mine now' }),
    'staff.operations.list': () => api.staff.operations.list.query({}),
    'staff.operations.get': () => api.staff.operations.get.query({ operationId }),
    'staff.operations.retry': () => api.staff.operations.retry.mutate(decision),
    'staff.operations.undo': () => api.staff.operations.undo.mutate(decision),
    'staff.servers.attention': () => api.staff.servers.attention.query(),
  };
  // A procedure that comes is tried here, or said to name nobody's row.
  expect(Object.keys(attempts).concat(aboutOneself).sort()).toEqual(procedures.sort());
  const tryAll = async (when: string) => {
    for (const [name, attempt] of Object.entries(attempts))
      expect(await codeOf(attempt()), `${name} ${when}`).toBe('NOT_FOUND');
  };
  await tryAll('while it is made');
  expect(await api.servers.list.query()).toEqual([]);
  expect(await api.sshKeys.list.query()).toEqual([]);
  expect(await api.userKeys.list.query()).toEqual([]);

  // A denial counts only with its success: the owner may do what the other may not.
  expect((await operationEnd(owner, operationId)).state).toBe('succeeded');
  await tryAll('while it runs');
  expect(await owner.api.servers.get.query({ serverId })).toMatchObject({ name: 'mine-1', state: 'running' });
  expect((await owner.api.servers.list.query()).map((server) => server.id)).toEqual([serverId]);
  expect((await owner.api.sshKeys.list.query()).map((key) => key.id)).toEqual([sshKeyId]);
  expect((await owner.api.userKeys.list.query()).map((key) => key.id)).toEqual([userKeyId]);
  expect((await owner.api.operations.listForServer.query({ serverId })).map((one) => one.id)).toEqual([operationId]);
  await owner.api.servers.checkOrder.query({ ...foreignKey, name: 'mine-2' });
  expect((await staff.api.staff.hosts.list.query())[0]!.acceptsNew).toBe(true);

  await expect.poll(mine.text).toContain(serverId);
  // The other's stream is alive: it tells of the other's own server.
  const own = await api.servers.order.mutate(await smallestOrder(other, { name: 'theirs-1' }));
  await expect.poll(theirs.text).toContain(own.serverId);
  expect((await operationEnd(other, own.operationId)).state).toBe('succeeded');
  const returned = await api.servers.delete.mutate({ serverId: own.serverId, confirmName: 'theirs-1' });
  expect((await operationEnd(other, returned.operationId)).state).toBe('succeeded');

  const removal = await owner.api.servers.delete.mutate({ serverId, confirmName: 'mine-1' });
  expect((await operationEnd(owner, removal.operationId)).state).toBe('succeeded');
  await tryAll('after it is gone');
  await expect.poll(mine.text).toContain(removal.operationId);

  // Whoever begins with the owner's own cursors, or before all, hears of the owner's no more than live.
  const cursors = [...mine.text().matchAll(/^id: ?(.+)$/gm)].map(([, cursor]) => cursor!);
  expect(cursors.length).toBeGreaterThan(1);
  const later = listen(other, cursors[0]);
  await expect.poll(later.text).toContain(returned.operationId);
  const heard = [await later.stop(), await theirs.stop()];
  for (const text of heard) {
    for (const secret of [serverId, operationId, removal.operationId, hostId]) expect(text).not.toContain(secret);
  }
  await mine.stop();
});

test('staff’s pages are not there for customers, and are for staff', async ({ page, context }) => {
  const who = await signUp('curious');
  await who.enter(context);
  // Sent home: that there is such a page is not their business.
  for (const path of ['/staff/hosts', '/staff/operations']) {
    await page.goto(path);
    await expect(page).toHaveURL(/\/servers$/);
  }

  const staff = await signInStaff();
  const hosts = await staff.api.staff.hosts.list.query();
  expect(hosts.map((host) => host.name)).toContain(stack.hostName);
});

test('nobody signed in gets nothing', async () => {
  const response = await fetch(`${stack.origin}/api/trpc/servers.list`);
  expect(response.status).toBe(401);
  const elsewhere = await fetch(`${stack.origin}/api/trpc/servers.order`, {
    method: 'POST',
    headers: { origin: 'http://evil.example', 'content-type': 'application/json' },
    body: '{}',
  });
  expect([401, 403]).toContain(elsewhere.status);
});

test('a mutation from another origin is refused, also with the right cookie', async () => {
  const who = await signUp('origin');
  const response = await fetch(`${stack.origin}/api/trpc/account.preferences`, {
    method: 'POST',
    headers: { origin: 'http://evil.example', 'content-type': 'application/json', cookie: who.cookie },
    body: JSON.stringify({ locale: 'en' }),
  });
  expect(response.status).toBe(403);
  await who.api.account.preferences.mutate({ locale: 'en' });
  expect((await who.api.account.me.query()).user.locale).toBe('en');
});
