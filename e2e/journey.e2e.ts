/** The main job, in a browser, on a real guest: rent a server, reach it, stop it, start it, give it back. */
import { randomBytes } from 'node:crypto';
import { expect, type Page, test } from '@playwright/test';
import { publicKey, ssh, sshUp } from './guest.ts';
import { patience } from './patience.ts';
import { pattern, words } from './words.ts';

const badge = (page: Page, state: string) => page.getByText(words(`servers.state.${state}`), { exact: true }).first();

async function confirmInDialog(page: Page, open: string, verb: string) {
  await page
    .getByRole('button', { name: open, exact: true })
    .or(page.getByRole('link', { name: open, exact: true }))
    .first()
    .click();
  await page.getByRole('dialog').getByRole('button', { name: verb, exact: true }).click();
}

test('sign up → order → ssh → file → stop → start → file is there → restart → force off → delete', async ({ page }) => {
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));

  // Sign up, and meet the empty state that leads to the first order.
  await page.goto('/signup');
  await page.getByLabel(words('auth.fields.name')).fill('山田 太郎');
  await page.getByLabel(words('auth.fields.email')).fill(`yamada-${randomBytes(4).toString('hex')}@example.com`);
  await page.getByLabel(words('auth.fields.password')).fill('correct horse battery');
  await page.getByRole('button', { name: words('auth.signup.submit') }).click();
  await expect(page.getByRole('heading', { name: words('servers.empty.title') })).toBeVisible();
  await page
    .getByRole('link', { name: words('servers.add') })
    .first()
    .click();

  // Order: every default is valid, without a key by a password; this customer has a key.
  await expect(page.getByRole('heading', { name: words('order.title') })).toBeVisible();
  await expect(page).toHaveTitle(`${words('order.title')} | Tsubo`);
  await expect(page.getByText(words('order.noPayment'))).toBeVisible();
  await expect(page.getByLabel(words('order.signIn.password'))).toBeChecked();
  await page.getByText(words('order.signIn.keys'), { exact: true }).click();
  await page.getByLabel(words('order.signIn.keyText')).fill(publicKey);
  await expect(page.getByText(/ssh-ed25519.*SHA256:|ed25519.*SHA256:/i).first()).toBeVisible();
  await page.getByRole('button', { name: words('order.signIn.add') }).click();
  await expect(page.getByText(words('order.summary.signInKeys', { count: '1' })).first()).toBeVisible();
  await expect(page.getByText(/円（税込）/).first()).toBeVisible();
  await page
    .getByRole('button', { name: words('order.summary.next') })
    .first()
    .click();

  // Confirm: the price stands in the button; two clicks are one order.
  await expect(page.getByRole('heading', { name: words('order.confirm.title') })).toBeVisible();
  await page.getByRole('button', { name: pattern('order.confirm.submit') }).dblclick();

  // The operation runs live, without a reload, and ends with a running server.
  await page.waitForURL(/\/servers\/[a-z2-7]{10}/);
  await expect(page).toHaveTitle('web-1 | Tsubo');
  await expect(badge(page, 'running')).toBeVisible({ timeout: patience(60_000) });
  await expect(page.getByText(words('servers.detail.signInKeys'), { exact: true })).toBeVisible();
  const address = (await page
    .getByText(/^10\.\d+\.\d+\.\d+$/)
    .first()
    .textContent())!.trim();
  await sshUp(address);
  await ssh(address, 'echo kept-over-the-stop > /root/file; sync');

  // Stop, and start again: disk and address stay.
  await confirmInDialog(page, words('servers.action.stop'), words('servers.dialog.stop.confirm'));
  await expect(badge(page, 'stopped')).toBeVisible({ timeout: patience(90_000) });
  await page
    .getByRole('button', { name: words('servers.action.start'), exact: true })
    .first()
    .click();
  await expect(badge(page, 'running')).toBeVisible({ timeout: patience(60_000) });
  await sshUp(address);
  expect(await ssh(address, 'cat /root/file')).toBe('kept-over-the-stop\n');

  // Restart: one operation, another boot.
  const boot = await ssh(address, 'cat /proc/sys/kernel/random/boot_id');
  await page
    .getByRole('button', { name: words('servers.action.restart'), exact: true })
    .first()
    .click();
  // The deadline is the installation's own: this stack waits a minute.
  await expect(page.getByText(words('servers.dialog.restart.onTimeout', { limit: '1分' }))).toBeVisible();
  await page.keyboard.press('Escape');
  await confirmInDialog(page, words('servers.action.restart'), words('servers.dialog.restart.confirm'));
  await expect(page.getByText(pattern('operations.done.restart')).first()).toBeVisible({ timeout: patience(120_000) });
  await sshUp(address);
  expect(await ssh(address, 'cat /proc/sys/kernel/random/boot_id')).not.toBe(boot);

  // Force off says what may be lost.
  await page.goto(`${new URL(page.url()).pathname}?do=force-off`);
  await expect(page.getByRole('dialog').getByText(words('servers.dialog.force-off.body'))).toBeVisible();
  await page
    .getByRole('dialog')
    .getByRole('button', { name: words('servers.dialog.force-off.confirm'), exact: true })
    .click();
  await expect(badge(page, 'stopped')).toBeVisible({ timeout: patience(60_000) });

  // Delete protection, on since the order: the menu's dialog says why it refuses and leads to the switch.
  await page.getByRole('button', { name: words('servers.action.more') }).click();
  await page.getByRole('menuitem', { name: new RegExp(`^${words('servers.action.delete')}`) }).click();
  const refusal = page.getByRole('dialog');
  await expect(refusal.getByText(words('servers.dialog.protected.how'))).toBeVisible();
  await expect(refusal.getByRole('textbox')).toHaveCount(0);
  await refusal.getByRole('button', { name: words('servers.dialog.protected.toSettings') }).click();
  const turnOff = page.getByRole('button', { name: words('servers.settings.turnOff') });
  await expect(turnOff).toBeFocused();
  await turnOff.press('Enter');
  await expect(page.getByRole('button', { name: words('servers.settings.turnOn') })).toBeVisible();

  // Delete asks for the name; a wrong one is told, the right one (full-width, as an IME types it) is taken.
  await page.goto(`${new URL(page.url()).pathname}?do=delete`);
  const dialog = page.getByRole('dialog');
  const name = (await page.getByRole('heading', { level: 1 }).textContent())!.trim();
  await dialog.getByRole('textbox').fill('something-else');
  await dialog.getByRole('button', { name: words('servers.dialog.delete.confirm'), exact: true }).click();
  await expect(dialog.getByText(words('servers.dialog.delete.mismatch', { name }))).toBeVisible();
  await dialog
    .getByRole('textbox')
    .fill(name.replace(/[!-~]/g, (c) => String.fromCodePoint(c.codePointAt(0)! + 0xfee0)));
  await dialog.getByRole('button', { name: words('servers.dialog.delete.confirm'), exact: true }).click();
  await expect(
    badge(page, 'deleted').or(page.getByRole('heading', { name: words('servers.empty.title') })),
  ).toBeVisible({ timeout: patience(60_000) });
  await page.goto('/servers');
  await expect(page.getByRole('heading', { name: words('servers.empty.title') })).toBeVisible();

  expect(errors).toEqual([]);
});
