/** The pages themselves: tabs, history, the list, sessions, narrow screens, and what is said when nobody answers. */
import { expect, type Page, test } from '@playwright/test';
import { type Customer, operationEnd, signUp, smallestOrder, stack } from './customer.ts';
import { addKey } from './guest.ts';
import { patience } from './patience.ts';
import { noteSecret } from './secrets.ts';
import { words } from './words.ts';

async function place(who: Customer, name: string, sshKeyId: string): Promise<string> {
  const order = await smallestOrder(who, { name, sshKeyIds: [sshKeyId] });
  const { serverId, operationId } = await who.api.servers.order.mutate(order);
  expect((await operationEnd(who, operationId)).state).toBe('succeeded');
  return serverId;
}

async function remove(who: Customer, serverId: string) {
  const { name: confirmName } = await who.api.servers.get.query({ serverId });
  const { operationId } = await who.api.servers.delete.mutate({ serverId, confirmName });
  expect((await operationEnd(who, operationId)).state).toBe('succeeded');
}

const sideways = (page: Page) =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

test('the list, a server’s tabs and its history, on a desk and on a phone', async ({ page, context }) => {
  const who = await signUp('pages');
  await who.enter(context);
  const key = await addKey(who);
  const first = await place(who, 'web-1', key);
  const second = await place(who, 'db-1', key);
  await who.api.servers.rename.mutate({ serverId: first, name: 'www-1' });

  // The list: what is typed is in the address, and stays over a reload.
  // The scripts are slow to come: what is typed before the page is alive counts.
  const scripts = '**/_next/static/**/*.js';
  await page.route(scripts, async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 1500));
    await route.continue();
  });
  await page.goto('/servers', { waitUntil: 'commit' });
  const row = (name: string) => page.getByRole('row').filter({ has: page.getByRole('link', { name, exact: true }) });
  await page.getByRole('searchbox', { name: words('servers.list.search') }).fill('ＷＷＷ');
  await expect(row('www-1')).toBeVisible();
  await expect(row('db-1')).toHaveCount(0);
  await page.unroute(scripts);
  await page.reload();
  await expect(row('db-1')).toHaveCount(0);
  await page.getByRole('button', { name: words('servers.list.clear') }).click();
  await expect(row('db-1')).toBeVisible();
  await page.getByRole('button', { name: words('servers.list.name') }).click();
  await page.getByRole('button', { name: words('servers.list.name') }).click();
  await expect(page).toHaveURL(/sort=-name/);
  await expect(page.getByRole('row').nth(1)).toContainText('www-1');

  // Two at once: the dialog says what will happen to each, then what did.
  await page.getByRole('checkbox', { name: words('servers.list.selectAll') }).check();
  await page.getByRole('button', { name: words('servers.action.stop'), exact: true }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByText(words('servers.bulk.will.stop'))).toHaveCount(2);
  await expect(page).toHaveURL(/do=bulk-stop/);
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();

  // The server's parts are pages of their own; the head stays.
  await page.getByRole('link', { name: 'www-1', exact: true }).first().click();
  const tabs = page.getByRole('navigation', { name: words('servers.tabs.label') });
  await tabs.getByRole('link', { name: words('servers.history.title') }).click();
  await expect(page).toHaveURL(`${stack.origin}/servers/${first}/history`);
  const rename = words('servers.history.setting.rename', { before: 'web-1', after: 'www-1' });
  await expect(page.getByText(rename)).toBeVisible();
  await expect(page.getByRole('link', { name: words('operations.kind.create') })).toBeVisible();
  // What comes while one reads is counted, and comes when it is asked for.
  await who.api.servers.protect.mutate({ serverId: first, on: true });
  const fresh = page.getByRole('button', { name: /1/ }).filter({ hasText: '新しい記録' });
  await expect(fresh).toBeVisible();
  await expect(page.getByText(words('servers.history.setting.protectOn'))).toHaveCount(0);
  await fresh.click();
  await expect(page.getByText(words('servers.history.setting.protectOn'))).toBeVisible();
  await tabs.getByRole('link', { name: words('servers.settings.title') }).click();
  await expect(page.getByRole('button', { name: words('servers.settings.turnOff') })).toBeVisible();

  // No page is wider than the narrowest phone; the list is cards, the menu is at the bottom.
  await page.setViewportSize({ width: 320, height: 640 });
  const paths = ['', '/history', '/settings'].map((part) => `/servers/${first}${part}`);
  const account = ['profile', 'security', 'ssh-keys'].map((part) => `/account/${part}`);
  for (const path of ['/servers', ...paths, '/servers/new', ...account]) {
    await page.goto(path);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    expect(await sideways(page), path).toBe(0);
  }
  await page.goto('/servers');
  await expect(page.getByRole('table')).toBeHidden();
  const cards = page.getByRole('list', { name: words('servers.list.caption') });
  await expect(cards.getByRole('link', { name: 'www-1' })).toBeVisible();
  const more = cards.getByRole('button', { name: words('servers.list.menuOf', { name: 'www-1' }) });
  const box = (await more.boundingBox())!;
  expect(Math.min(box.width, box.height)).toBeGreaterThanOrEqual(44);
  await more.click();
  await page.getByRole('menuitem', { name: new RegExp(`^${words('servers.action.rename')}`) }).click();
  await expect(page).toHaveURL(`${stack.origin}/servers/${first}?do=rename`);
  await expect(dialog).toBeVisible();

  await who.api.servers.protect.mutate({ serverId: first, on: false });
  await remove(who, first);
  await remove(who, second);
});

/** The same person in another browser. */
async function elsewhere(who: Customer): Promise<string> {
  const response = await fetch(`${stack.origin}/api/auth/sign-in/email`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      origin: stack.origin,
      'user-agent': 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:132.0) Gecko/20100101 Firefox/132.0',
    },
    body: JSON.stringify({ email: who.email, password: who.password }),
  });
  expect(response.status).toBe(200);
  const cookie = response.headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ');
  for (const [, token] of cookie.matchAll(/session_token=([^.;]+)/g)) if (token) noteSecret(token);
  return cookie;
}
const isSignedIn = async (cookie: string) =>
  (await fetch(`${stack.origin}/api/trpc/account.me`, { headers: { cookie } })).status === 200;

test('a browser elsewhere is seen and signed out; a new password signs out the rest', async ({ page, context }) => {
  const who = await signUp('sessions');
  await who.enter(context);
  const [one, two] = [await elsewhere(who), await elsewhere(who)];
  await page.goto('/account/security');
  const rows = page.getByRole('listitem').filter({ hasText: words('account.security.lastUsed') });
  await expect(rows).toHaveCount(3);
  await expect(rows.first()).toContainText(words('account.security.thisOne'));
  const firefox = words('account.security.device', { browser: 'Firefox', system: 'Windows' });
  await rows
    .filter({ hasText: firefox })
    .first()
    .getByRole('button', { name: words('account.security.endOf', { device: firefox }) })
    .click();
  await page
    .getByRole('dialog')
    .getByRole('button', { name: words('account.security.endConfirm'), exact: true })
    .click();
  await expect(rows).toHaveCount(2);
  expect([await isSignedIn(one), await isSignedIn(two)].filter(Boolean)).toHaveLength(1);

  const changed = `${who.password}-and-more`;
  noteSecret(changed);
  await page.getByLabel(words('account.security.current'), { exact: true }).fill('not the password');
  await page.getByLabel(words('account.security.new'), { exact: true }).fill(changed);
  await page.getByRole('button', { name: words('account.security.changePassword') }).click();
  await expect(page.getByLabel(words('account.security.current'), { exact: true })).toHaveAttribute(
    'aria-invalid',
    'true',
  );
  await page.getByLabel(words('account.security.current'), { exact: true }).fill(who.password);
  await page.getByRole('button', { name: words('account.security.changePassword') }).click();
  await expect(rows).toHaveCount(1);
  expect(await isSignedIn(one)).toBe(false);
  expect(await isSignedIn(two)).toBe(false);
  expect(await isSignedIn(who.cookie)).toBe(true);
});

test('without contact the page says since when, and shows the last words as the last', async ({ page, context }) => {
  const who = await signUp('stale');
  await who.enter(context);
  const serverId = await place(who, 'quiet-1', await addKey(who));
  // The page comes, and then nothing any more: neither the stream nor an answer.
  const cut = '**/api/trpc/**';
  await page.route(cut, (route) => route.abort());
  await page.goto(`/servers/${serverId}`);
  const badge = page.getByText(words('servers.state.running')).first();
  await expect(badge).toBeVisible();
  const said = page.getByText(new RegExp(words('common.live.stale').replace('{time}', '\\d{2}:\\d{2}:\\d{2}')));
  await expect(said).toHaveCount(0);
  await expect(said).toBeVisible({ timeout: patience(40_000) });
  // On a phone it is a strip above the page, and covers nothing of it.
  const wide = page.viewportSize()!;
  await page.setViewportSize({ width: 390, height: 844 });
  const strip = (await page.getByRole('banner').getByRole('status').boundingBox())!;
  const first = (await page.locator('#content a, #content h1').first().boundingBox())!;
  expect(first.y).toBeGreaterThanOrEqual(strip.y + strip.height);
  await page.setViewportSize(wide);
  const asOf = new RegExp(words('servers.stateAsOf').replace('{time}', '\\d{2}:\\d{2}'));
  await expect(page.getByText(asOf).first()).toBeVisible({ timeout: patience(90_000) });
  await expect(badge).toBeVisible();
  await page.unroute(cut);
  await expect(said).toHaveCount(0, { timeout: patience(60_000) });
  await expect(page.getByText(asOf)).toHaveCount(0);
  await remove(who, serverId);
});
