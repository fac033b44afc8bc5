/** Support is told a name, an address, an e-mail or an id over the telephone, and is there by the keyboard alone. */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@playwright/test';
import { operationEnd, signInStaff, signUp, smallestOrder, stack } from './customer.ts';
import { patience } from './patience.ts';
import { pattern, words } from './words.ts';

test('a server, its address, its account, its operation and a host are found and lead on', async ({
  page,
  context,
}) => {
  const who = await signUp('found');
  const name = `found-${randomBytes(3).toString('hex')}`;
  const { serverId, operationId } = await who.api.servers.order.mutate(await smallestOrder(who, { name }));
  expect((await operationEnd(who, operationId)).state).toBe('succeeded');
  const { ipv4 } = await who.api.servers.get.query({ serverId });
  await (await signInStaff()).enter(context);

  await page.goto('/staff/hosts');
  const heading = page.getByRole('heading', { level: 1 });
  await expect(heading).toHaveText(words('common.nav.staffHosts'));
  const find = async (query: string, option: string | RegExp) => {
    await page.keyboard.press('Control+k');
    await expect(page.getByRole('combobox')).toBeFocused();
    await page.keyboard.insertText(query);
    await expect(page.getByRole('option', { name: option })).toHaveAttribute('aria-selected', 'true');
    await page.keyboard.press('Enter');
    await expect(page.getByRole('combobox')).toHaveCount(0);
  };
  const ofServer = words('staff.operations.of.server', { name });

  await find(name.slice(0, -1).toUpperCase(), `${name} found · ${ipv4}`);
  await expect(heading).toHaveText(ofServer);
  await expect(page.getByRole('list', { name: words('staff.operations.captionRecent') })).toContainText(
    words('operations.kind.create'),
  );
  await page.reload();
  await expect(heading).toHaveText(ofServer);

  await find(who.email, `found ${who.email}`);
  await expect(heading).toHaveText(words('staff.operations.of.account', { name: 'found' }));
  await find(ipv4!, new RegExp(`^${name} `));
  await expect(heading).toHaveText(ofServer);
  await find(operationId, new RegExp(`^${words('operations.kind.create')} `));
  await expect(heading).toHaveText(words('staff.operations.of.id', { name: operationId }));
  await find(stack.hostName, stack.hostName);
  await expect(page.getByRole('region', { name: stack.hostName })).toBeInViewport();

  // What nobody has is said so, and Escape goes back to where one was.
  await page.keyboard.press('Control+k');
  await expect(page.getByRole('combobox')).toBeFocused();
  await page.keyboard.insertText('nobody has this');
  await expect(page.getByText(pattern('common.search.none'))).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('combobox')).toHaveCount(0);

  // While an answer is on its way, what another query found is not opened by Enter.
  const late = '**/api/trpc/*staff.search*';
  await page.route(late, async (route) => {
    await sleep(1_500);
    // By then nobody may wait for it any more.
    await route.continue().catch(() => undefined);
  });
  const title = await heading.textContent();
  await page.keyboard.press('Control+k');
  await expect(page.getByRole('combobox')).toBeFocused();
  await page.keyboard.insertText(name);
  await expect(page.getByText(words('common.search.looking')).first()).toBeVisible();
  await expect(page.getByRole('option', { name: new RegExp(`^${name} `) })).toBeVisible();
  await page.keyboard.press('Control+A');
  await page.keyboard.insertText('somebody else');
  await page.keyboard.press('Enter');
  await page.waitForTimeout(300);
  await expect(page.getByRole('combobox')).toBeVisible();
  await expect(heading).toHaveText(title ?? '');
  await page.unroute(late);
  await page.route(late, (route) => route.abort());
  await page.keyboard.press('Control+A');
  await page.keyboard.insertText('and another');
  await expect(page.getByText(words('common.search.failed')).first()).toBeVisible({ timeout: patience(30_000) });
  await page.unroute(late);
  await page.keyboard.press('Escape');

  // Given back, it is found still: questions come afterwards.
  const gone = await who.api.servers.delete.mutate({ serverId, confirmName: name });
  expect((await operationEnd(who, gone.operationId)).state).toBe('succeeded');
  await find(name, `${name} found · ${words('common.search.givenBack')}`);
  await expect(heading).toHaveText(ofServer);
});
