/** Two customers: neither sees nor touches what is the other's, by any procedure or stream. Staff's doors stay shut. */
import { expect, test } from '@playwright/test';
import { type Customer, codeOf, operationEnd, signInStaff, signUp, smallestOrder, stack } from './customer.ts';

/** What arrives on a customer's event stream until `stop` is called. */
function listen(who: Customer) {
  const controller = new AbortController();
  let text = '';
  const done = (async () => {
    const response = await fetch(`${stack.origin}/api/trpc/events.stream?input=${encodeURIComponent('{}')}`, {
      headers: { cookie: who.cookie, accept: 'text/event-stream' },
      signal: controller.signal,
    });
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

test('another customer’s server does not exist, whatever is asked', async () => {
  const owner = await signUp('owner');
  const other = await signUp('other');
  const mine = listen(owner);
  const theirs = listen(other);
  const order = await smallestOrder(owner, { name: 'mine-1' });
  const { serverId, operationId } = await owner.api.servers.order.mutate(order);

  const attempts: Record<string, () => Promise<unknown>> = {
    'servers.get': () => other.api.servers.get.query({ serverId }),
    'servers.start': () => other.api.servers.start.mutate({ serverId }),
    'servers.stop': () => other.api.servers.stop.mutate({ serverId }),
    'servers.restart': () => other.api.servers.restart.mutate({ serverId, onTimeout: 'force-off' }),
    'servers.forceOff': () => other.api.servers.forceOff.mutate({ serverId }),
    'servers.delete': () => other.api.servers.delete.mutate({ serverId, confirmName: 'mine-1' }),
    'servers.rename': () => other.api.servers.rename.mutate({ serverId, name: 'yours-1' }),
    'operations.get': () => other.api.operations.get.query({ operationId }),
    'operations.listForServer': () => other.api.operations.listForServer.query({ serverId }),
  };
  for (const [name, attempt] of Object.entries(attempts)) expect(await codeOf(attempt()), name).toBe('NOT_FOUND');
  expect(await other.api.servers.list.query()).toEqual([]);

  // A denial counts only with its success: the owner may do what the other may not.
  expect((await operationEnd(owner, operationId)).state).toBe('succeeded');
  expect((await owner.api.servers.get.query({ serverId })).name).toBe('mine-1');
  expect((await owner.api.servers.list.query()).map((server) => server.id)).toEqual([serverId]);

  await expect.poll(mine.text).toContain(serverId);
  // The other's stream is alive: it tells of the other's own server.
  const own = await other.api.servers.order.mutate(await smallestOrder(other, { name: 'theirs-1' }));
  await expect.poll(theirs.text).toContain(own.serverId);
  expect((await operationEnd(other, own.operationId)).state).toBe('succeeded');
  const returned = await other.api.servers.delete.mutate({ serverId: own.serverId, confirmName: 'theirs-1' });
  expect((await operationEnd(other, returned.operationId)).state).toBe('succeeded');
  expect(await theirs.stop()).not.toContain(serverId);
  await mine.stop();

  const removal = await owner.api.servers.delete.mutate({ serverId, confirmName: 'mine-1' });
  expect((await operationEnd(owner, removal.operationId)).state).toBe('succeeded');
});

test('staff’s procedures and pages are not there for customers, and are for staff', async ({ page, context }) => {
  const who = await signUp('curious');
  for (const attempt of [() => who.api.staff.hosts.list.query(), () => who.api.staff.operations.list.query({})])
    expect(await codeOf(attempt())).toBe('NOT_FOUND');
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
