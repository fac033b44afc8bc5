/** What is one's own without a mouse: an account made, its language and colours, a key, who is signed in, out and in again. */
import { randomBytes } from 'node:crypto';
import { expect, test } from '@playwright/test';
import { signIn } from './customer.ts';
import { publicKey } from './guest.ts';
import { press, tabTo } from './keyboard.ts';
import { noteSecret } from './secrets.ts';
import { pattern, words } from './words.ts';

test('sign up, language, theme, a key, a session, a new password, sign out and in by the keyboard alone', async ({
  page,
}) => {
  const email = `keys-${randomBytes(4).toString('hex')}@example.com`;
  const password = `pw-${randomBytes(9).toString('base64url')}`;
  noteSecret(password);
  const write = async (label: string, text: string) => {
    await tabTo(page, page.getByLabel(label, { exact: true }).first());
    await page.keyboard.type(text);
  };
  await page.goto('/signup');
  await write(words('auth.fields.name'), '佐藤 花子');
  await write(words('auth.fields.email'), email);
  await write(words('auth.fields.password'), password);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: words('servers.empty.title') })).toBeVisible();

  // A group of choices is one stop, and acts at once.
  await page.goto('/account/profile');
  const radio = (path: string, locale: 'ja' | 'en' = 'ja') =>
    page.getByRole('radio', { name: words(path, {}, locale) });
  await tabTo(page, radio('common.menu.system'));
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await expect(radio('common.menu.dark')).toBeChecked();
  await expect.poll(() => page.evaluate(() => getComputedStyle(document.documentElement).colorScheme)).toBe('dark');
  await tabTo(page, radio('common.menu.ja'), 'Shift+Tab');
  await page.keyboard.press('ArrowDown');
  await expect(page.locator('html')).toHaveAttribute('lang', 'en');
  await tabTo(page, radio('common.menu.en', 'en'), 'Shift+Tab');
  await page.keyboard.press('ArrowUp');
  await expect(page.locator('html')).toHaveAttribute('lang', 'ja');

  await press(page, page.getByRole('link', { name: words('account.sshKeys.title') }).first());
  await page.waitForURL('**/account/ssh-keys');
  await tabTo(page, page.getByRole('textbox').first());
  await page.keyboard.insertText(publicKey);
  await press(page, page.getByRole('button', { name: words('account.sshKeys.submit') }).first());
  const server = page.getByRole('region', { name: words('account.sshKeys.kinds.server.title') });
  await expect(server.getByText(/SHA256:/)).toBeVisible();

  // Taken away again: the dialog has the focus, and says what stays.
  const dialog = page.getByRole('dialog');
  await press(page, server.getByRole('button', { name: pattern('account.sshKeys.removeOf') }));
  await expect(dialog.getByText(words('account.sshKeys.kinds.server.removeKeeps'))).toBeVisible();
  await press(page, dialog.getByRole('button', { name: words('account.sshKeys.remove'), exact: true }));
  await expect(server.getByText(words('account.sshKeys.kinds.server.emptyTitle'))).toBeVisible();

  // A browser elsewhere is signed out, and the password changed.
  await signIn(email, password);
  await page.goto('/account/security');
  const elsewhere = page
    .getByRole('listitem')
    .filter({ hasText: words('account.security.lastUsed'), hasNotText: words('account.security.thisOne') });
  await expect(elsewhere).toHaveCount(1);
  await press(page, elsewhere.getByRole('button'));
  await press(page, dialog.getByRole('button', { name: words('account.security.endConfirm'), exact: true }));
  await expect(elsewhere).toHaveCount(0);
  const changed = `${password}-and-more`;
  noteSecret(changed);
  await write(words('account.security.current'), password);
  await write(words('account.security.new'), changed);
  await page.keyboard.press('Enter');
  await expect(page.getByText(words('account.security.passwordChanged').match(/=0 \{(.*?)\}/)![1]!)).toBeVisible();

  await tabTo(page, page.getByRole('button', { name: '佐藤 花子' }), 'Shift+Tab');
  await page.keyboard.press('Enter');
  const out = page.getByRole('menuitem', { name: words('common.menu.signOut') });
  await expect(out).toBeVisible();
  for (let n = 0; n < 12 && !(await out.evaluate((element) => element === document.activeElement)); n++)
    await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.waitForURL('**/login**');
  await write(words('auth.fields.email'), email);
  await write(words('auth.fields.password'), changed);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: words('servers.empty.title') })).toBeVisible();
});
