/**
 * A real Debian 12: prepared while the panel is in use, ordered with a key by the smallest plan that it fits, reached
 * by SSH, whole inside, told apart from an impostor by its host keys, and shut down by its own means.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import { connect, drawnPixels, mark, rows, serialLog } from './console.ts';
import { operationEnd, signInStaff, signUp, stack } from './customer.ts';
import { withDatabase } from './database.ts';
import { addKey, publicKey, ssh, sshUp } from './guest.ts';
import { leftoversOf } from './leftovers.ts';
import { patience } from './patience.ts';
import { pattern, words } from './words.ts';

/** What quickstart's supervisor starts once the panel is up. `builders`: the folder of the builders. */
function prepareImages(builders: string): { ended: Promise<number | null>; stop: () => void } {
  const current = join(stack.data, 'current');
  const child = spawn(
    join(current, 'node/bin/node'),
    [`--env-file=${join(stack.data, 'etc/admin.env')}`, join(current, 'daemons/prepare-images.mjs'), builders],
    { cwd: stack.data, stdio: ['ignore', 'inherit', 'inherit'], detached: true },
  );
  return { ended: once(child, 'exit').then(([code]) => code as number | null), stop: () => void child.kill('SIGTERM') };
}

/** A builder that ends as one without a way to the mirror does. */
function brokenBuilder(): string {
  const folder = join(stack.data, 'broken-images');
  mkdirSync(join(folder, 'debian12'), { recursive: true });
  writeFileSync(join(folder, 'debian12/build'), '#!/bin/sh\necho "E: the mirror does not answer" >&2\nexit 1\n', {
    mode: 0o755,
  });
  return folder;
}

test.afterAll(() =>
  // The other journeys order what is first in the list.
  withDatabase((db) => db.query(`UPDATE "Image" SET state = 'withdrawn' WHERE family = 'debian12'`)),
);

const debian = (page: Page) => page.getByRole('radio', { name: /^Debian 12/ });

test('prepared → ordered with a key → ssh → cloud-init done → grown root → host keys → shut down → deleted', async ({
  browser,
  page,
  context,
}) => {
  test.setTimeout(patience(600_000));
  const who = await signUp('debian');
  await who.enter(context);
  await addKey(who);

  // The page is open before the image is there, and nobody loads it again.
  await page.goto('/servers/new');
  await expect(page.getByRole('radio', { name: /Small/ })).toBeVisible();
  await expect(debian(page)).toHaveCount(0);

  // It does not succeed: customers see that it is not there yet, staff why.
  const broken = prepareImages(brokenBuilder());
  await expect(debian(page)).toHaveAttribute('aria-disabled', 'true');
  await expect(page.getByText(words('order.image.preparing'))).toBeVisible();
  const office = await browser.newContext({ baseURL: stack.origin, locale: 'ja-JP' });
  await (await signInStaff()).enter(office);
  const hosts = await office.newPage();
  await hosts.goto('/staff/hosts');
  const ofDebian = hosts.getByRole('listitem').filter({ hasText: /^Debian 12/ });
  await expect(ofDebian).toContainText(words('staff.images.state.failed'));
  await expect(ofDebian).toContainText('E: the mirror does not answer');
  broken.stop();
  await broken.ended;

  // Now it does, and nobody loads either page again. The build itself is kept (npm test's part "images").
  expect(await prepareImages(join(stack.data, 'current/images')).ended).toBe(0);
  await expect(ofDebian).toContainText(words('staff.images.state.ready'));
  await expect(ofDebian).not.toContainText('E: the mirror');
  await office.close();

  // The smallest plan is too small, and says by how much; the next one does.
  await page.getByRole('radio', { name: /^256 MB/ }).check();
  await expect(debian(page)).toHaveAttribute('aria-disabled', 'true');
  await expect(
    page.getByText(words('order.image.tooSmall', { memory: '512 MB', disk: '10' }), { exact: true }),
  ).toBeVisible();
  await page.getByRole('radio', { name: /^512 MB/ }).check();
  await debian(page).check();
  await page.getByLabel(words('order.name.label')).fill('deb-1');
  await page.getByText(words('order.signIn.keys'), { exact: true }).click();
  await page.getByRole('checkbox', { name: /e2e/ }).check();
  await page
    .getByRole('button', { name: words('order.summary.next') })
    .first()
    .click();
  await page.getByRole('button', { name: pattern('order.confirm.submit') }).click();
  await page.waitForURL(/\/servers\/[a-z2-7]{10}$/);
  const serverId = new URL(page.url()).pathname.split('/').at(-1)!;
  await expect(page.getByText(words('servers.state.running'), { exact: true }).first()).toBeVisible({
    timeout: patience(120_000),
  });
  const { ipv4, ipv6 } = await who.api.servers.get.query({ serverId });

  // The firmware and the kernel speak to both consoles.
  const [screen, serial] = [await context.newPage(), await context.newPage()];
  await screen.goto(`/servers/${serverId}/screen`);
  await connect(screen);
  await serial.goto(`/servers/${serverId}/serial`);
  await connect(serial);
  await expect(rows(serial)).toContainText('deb-1 login:', { timeout: patience(240_000) });
  await expect.poll(() => drawnPixels(screen), { timeout: patience(60_000) }).toBeGreaterThan(500);

  // With the ordered key, and with that alone.
  await sshUp(ipv4!, patience(120_000));
  const guest = (command: string) => ssh(ipv4!, command);
  expect(await guest('cloud-init status --wait')).toContain('status: done');
  expect(await guest('cat /etc/hostname')).toBe('deb-1\n');
  expect(await guest('cat /root/.ssh/authorized_keys')).toContain(publicKey.split(' ')[1]!);
  expect(await guest('getent shadow root | cut -d: -f2')).toMatch(/^[!*]/);
  const addresses = await guest('ip -brief address show scope global');
  for (const address of [ipv4!, ipv6!]) expect(addresses).toContain(`${address}/`);
  // The plan's 25 GB, less what a file system takes for itself.
  expect(Number(await guest('df --output=size -BG / | tail -1 | tr -dc 0-9'))).toBeGreaterThanOrEqual(23);
  expect(await guest('systemctl is-active qemu-guest-agent')).toBe('active\n');
  expect(await guest('ls -d /sys/block/vda /sys/bus/acpi/devices/QEMUVGID:00 | wc -l')).toBe('2\n');
  expect(await guest('systemctl --failed --no-legend --plain')).toBe('');

  // What the guest made is what the page shows.
  const made = await guest('for key in /etc/ssh/ssh_host_*_key.pub; do ssh-keygen -lf $key; done');
  const fingerprints = [...made.matchAll(/SHA256:\S+/g)].map(([fingerprint]) => fingerprint);
  expect(fingerprints.length).toBeGreaterThanOrEqual(2);
  for (const fingerprint of fingerprints)
    await expect(page.getByText(fingerprint, { exact: true })).toBeVisible({ timeout: patience(30_000) });

  // Its own shutdown, seen on the port; nothing is cut off.
  const stop = await who.api.servers.stop.mutate({ serverId });
  const stopped = await operationEnd(who, stop.operationId, patience(180_000));
  expect(stopped.state).toBe('succeeded');
  expect(serialLog(serverId).toString()).toMatch(/Power down|System Power Off|Reached target.*(power-off|Power Off)/i);
  await expect(mark(screen, 'on')).toBeHidden();

  const off = await who.api.servers.get.query({ serverId });
  if (off.deleteProtection) await who.api.servers.protect.mutate({ serverId, on: false });
  const gone = await who.api.servers.delete.mutate({ serverId, confirmName: 'deb-1' });
  expect((await operationEnd(who, gone.operationId)).state).toBe('succeeded');
  expect(await leftoversOf(serverId)).toEqual([]);
});
