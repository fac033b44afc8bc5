/**
 * What nobody asked for: a guest that its host has paused, workers of which none lives, a session that is over. The
 * pages say so by themselves, and staff see what customers are told that they look at.
 */
import { execFileSync } from 'node:child_process';
import { type BrowserContext, expect, test } from '@playwright/test';
import { readPidFile } from '../scripts/supervise/pid-file.ts';
import { operationEnd, signInStaff, signUp, smallestOrder, stack } from './customer.ts';
import { withDatabase } from './database.ts';
import { patience } from './patience.ts';
import { words } from './words.ts';

const contexts: BrowserContext[] = [];
const frozen = new Set<number>();
const thaw = () => {
  for (const pid of frozen) process.kill(pid, 'SIGCONT');
  frozen.clear();
};
test.afterEach(async () => {
  thaw();
  await Promise.all(contexts.splice(0).map((context) => context.close()));
});

const virsh = (...args: string[]) =>
  execFileSync('/usr/bin/virsh', ['-c', 'qemu:///system', ...args], { timeout: 20_000 });

test('a paused guest is on the list of staff; without a worker its page turns to unknown by itself', async ({
  browser,
}) => {
  test.setTimeout(patience(240_000) + 180_000);
  const who = await signUp('paused');
  const { serverId, operationId } = await who.api.servers.order.mutate(await smallestOrder(who, { name: 'paused-1' }));
  expect((await operationEnd(who, operationId)).state).toBe('succeeded');
  const pageOf = async (person: typeof who) => {
    const context = await browser.newContext();
    contexts.push(context);
    await person.enter(context);
    return context.newPage();
  };
  const page = await pageOf(who);
  await page.goto(`/servers/${serverId}`);
  const badge = (state: string) => page.getByText(words(`servers.state.${state}`), { exact: true }).first();
  await expect(badge('running')).toBeVisible();
  const staff = await pageOf(await signInStaff());
  await staff.goto('/staff/operations?state=stuck');
  const list = staff.getByRole('region', { name: words('staff.attention.title') });
  await expect(list.getByText(words('staff.attention.none'))).toBeVisible();

  virsh('suspend', serverId);
  await expect(badge('needs-attention')).toBeVisible({ timeout: patience(60_000) });
  await expect(page.getByText(words('servers.attention.paused'))).toBeVisible();
  const card = list.getByRole('region', { name: 'paused-1' });
  await expect(card.getByText(words('staff.attention.why.paused'))).toBeVisible();
  await expect(card.getByText('paused (none)', { exact: true })).toBeVisible();
  await expect(card.getByText(stack.hostName, { exact: true })).toBeVisible();
  await expect(card.getByText(`npm run -s explain ${serverId}`, { exact: true })).toBeVisible();

  virsh('resume', serverId);
  await expect(badge('running')).toBeVisible({ timeout: patience(60_000) });
  await expect(card).toBeHidden();

  for (const [name, file] of Object.entries(stack.pidFiles)) {
    if (!name.startsWith('worker')) continue;
    const { pid } = readPidFile(file)!;
    process.kill(pid, 'SIGSTOP');
    frozen.add(pid);
  }
  expect(frozen.size).toBeGreaterThan(0);
  // Nobody is left who would tell the page: a minute of silence, and the reading after it.
  await expect(badge('unknown')).toBeVisible({ timeout: 150_000 });
  thaw();
  await expect(badge('running')).toBeVisible({ timeout: patience(60_000) });
  const removal = await who.api.servers.delete.mutate({ serverId, confirmName: 'paused-1' });
  expect((await operationEnd(who, removal.operationId)).state).toBe('succeeded');
});

test('a session that is over leads to the sign-in page, and from there back to the page', async ({ page, context }) => {
  const who = await signUp('expired');
  await who.enter(context);
  const address = '/servers/new?from=mail';
  await page.goto(address);
  await withDatabase((db) =>
    db.query(`DELETE FROM "Session" s USING "User" u WHERE u.id = s."userId" AND u.email = $1`, [who.email]),
  );
  await page.goto(address);
  await expect(page).toHaveURL(`/login?next=${encodeURIComponent(address)}`);
  await page.getByLabel(words('auth.fields.email'), { exact: true }).fill(who.email);
  await page.getByLabel(words('auth.fields.password'), { exact: true }).fill(who.password);
  await page.getByRole('button', { name: words('auth.login.submit'), exact: true }).click();
  await expect(page).toHaveURL(address);
});
