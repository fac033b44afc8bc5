/** The main job without a mouse: every control is reached with Tab, dialogs keep and give back the focus. */
import { expect, test } from '@playwright/test';
import { drawnPixels, mark } from './console.ts';
import { signUp } from './customer.ts';
import { isFocused, press, tabTo } from './keyboard.ts';
import { patience } from './patience.ts';
import { noteSecret } from './secrets.ts';
import { pattern, words } from './words.ts';

test('order, confirm, tabs, search, stop and delete by the keyboard alone', async ({ page, context }) => {
  const who = await signUp('keyboard');
  await who.enter(context);
  const button = (name: string | RegExp) => page.getByRole('button', { name, exact: true }).first();
  const dialog = page.getByRole('dialog');

  // From the empty list to the order, past the skip link.
  await page.goto('/servers');
  await expect(page.getByRole('heading', { name: words('servers.empty.title') })).toBeVisible();
  await press(page, page.getByRole('link', { name: words('servers.add') }).first());
  await expect(page.getByRole('heading', { name: words('order.title') })).toBeVisible();

  // A group of choices is one stop; the arrows choose in it.
  const method = (key: string) => page.getByRole('radio', { name: words(`order.signIn.${key}`) });
  const chosen = (await method('password').isChecked()) ? method('password') : method('keys');
  await tabTo(page, chosen);
  if (!(await method('password').isChecked())) await page.keyboard.press('ArrowDown');
  await expect(method('password')).toBeChecked();
  const name = page.getByLabel(words('order.name.label'), { exact: true });
  await tabTo(page, name, 'Shift+Tab');
  await page.keyboard.press('Control+A');
  await page.keyboard.type('keys-1');
  // What is wrong is told, and the focus is where it can be put right.
  await page.keyboard.press('Control+A');
  await page.keyboard.type('keys_1');
  await press(page, button(words('order.summary.next')));
  await expect(name).toHaveAttribute('aria-invalid', 'true');
  await tabTo(page, name);
  await page.keyboard.press('Control+A');
  await page.keyboard.type('keys-1');
  await press(page, button(words('order.summary.next')));

  await expect(page.getByRole('heading', { name: words('order.confirm.title') })).toBeVisible();
  await press(page, page.getByRole('button', { name: pattern('order.confirm.submit') }));
  await page.waitForURL(/\/servers\/[a-z2-7]{10}/);
  const [server] = await who.api.servers.list.query();
  expect(server).toMatchObject({ name: 'keys-1' });

  // The password is there once; it goes when the person says so.
  const password = (await page.getByText(/^[A-Za-z0-9-]{12,}$/).allTextContents()).find(
    (text) => !text.includes(server!.id),
  );
  expect(password).toBeDefined();
  noteSecret(password!.trim());
  await press(page, button(words('servers.login.saved')));
  await expect(page.getByText(words('servers.login.once'))).toBeHidden();
  await expect(page.getByText(words('servers.state.running'), { exact: true }).first()).toBeVisible({
    timeout: patience(60_000),
  });

  // The tabs are links: the focus stays on the one that was followed, and the title says where one is.
  const tab = (key: string) =>
    page.getByRole('navigation', { name: words('servers.tabs.label') }).getByRole('link', { name: words(key) });
  await press(page, tab('servers.history.title'));
  await expect(page).toHaveURL(/\/history$/);
  await expect(tab('servers.history.title')).toHaveAttribute('aria-current', 'page');
  await expect(page).toHaveTitle(`keys-1 · ${words('servers.history.title')} | Tsubo`);
  expect(await isFocused(tab('servers.history.title'))).toBe(true);

  // Into the machine's screen, and out again: keys that the guest gets, and the ones that lead away from it.
  await press(page, page.getByRole('link', { name: words('console.open.screen') }).first());
  await page.waitForURL('**/screen');
  await press(page, button(words('console.act.connect')));
  await expect(mark(page, 'on')).toBeVisible({ timeout: patience(30_000) });
  await expect.poll(() => drawnPixels(page), { timeout: patience(60_000) }).toBeGreaterThan(200);
  const before = await drawnPixels(page);
  await page.keyboard.type('abcdefgh');
  await expect.poll(() => drawnPixels(page), { timeout: patience(30_000) }).toBeGreaterThan(before + 50);
  await page.keyboard.press('Control+Alt+Shift');
  const toolbar = page.getByRole('toolbar');
  await expect(toolbar.getByRole('button', { name: words('console.vnc.ctrlAltDel') })).toBeFocused();
  await press(page, toolbar.getByRole('button', { name: words('console.act.disconnect') }));
  await expect(mark(page, 'off')).toBeVisible();
  await tabTo(page, page.getByRole('link', { name: words('console.back') }), 'Shift+Tab');
  await page.keyboard.press('Enter');
  await press(page, tab('servers.history.title'));
  await expect(page).toHaveURL(/\/history$/);

  // The search: what this page can do stands first and opens its dialog; Enter of an input method chooses nothing.
  const search = page.getByRole('combobox', { name: words('common.search.label') });
  await page.keyboard.press('Control+K');
  await expect.poll(() => isFocused(search)).toBe(true);
  await page.keyboard.press('Escape');
  await expect(search).toBeHidden();
  expect(await isFocused(tab('servers.history.title'))).toBe(true);
  await page.keyboard.press('Control+K');
  await page.keyboard.type('さいきどう');
  await expect(page.getByText(words('common.search.none', { query: 'さいきどう' }))).toBeVisible();
  await page.keyboard.press('Control+A');
  await page.keyboard.type('再起動');
  const restart = page.getByRole('option', { name: words('common.search.do.restart', { name: 'keys-1' }) });
  await expect(restart).toHaveAttribute('aria-selected', 'true');
  await search.dispatchEvent('keydown', { key: 'Enter', isComposing: true, bubbles: true });
  await expect(search).toBeVisible();
  await page.keyboard.press('Enter');
  await expect(dialog).toBeVisible();
  await expect(page).toHaveURL(/\/history\?do=restart$/);
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  // A page by the first kana of its name, half-width.
  await page.keyboard.press('Control+K');
  await page.keyboard.type('ｾｷｭﾘﾃｨ');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Enter');
  const security = page.getByRole('heading', { level: 1, name: words('account.security.title') });
  await expect.poll(() => isFocused(security)).toBe(true);
  // A server by its address, full-width.
  await page.keyboard.press('Control+K');
  await page.keyboard.type('ｋｅｙｓ－１');
  await page.keyboard.press('Enter');
  await page.waitForURL(`**/servers/${server!.id}`);

  // Stop: the safe way out has the focus, Esc is no, and the focus comes back to where it was.
  const stop = button(words('servers.action.stop'));
  await press(page, stop);
  await expect(dialog).toBeVisible();
  await expect.poll(() => isFocused(dialog.getByRole('button', { name: words('common.goBack') }))).toBe(true);
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  await expect.poll(() => isFocused(stop)).toBe(true);
  await page.keyboard.press('Enter');
  await expect(dialog).toBeVisible();
  // The focus stays in the dialog, however often Tab is pressed.
  for (let stops = 0; stops < 8; stops++) {
    await page.keyboard.press('Tab');
    expect(await dialog.evaluate((element) => element.contains(document.activeElement))).toBe(true);
  }
  await press(page, dialog.getByRole('button', { name: words('servers.dialog.stop.confirm'), exact: true }));
  await expect(dialog).toBeHidden();
  await expect
    .poll(async () => (await who.api.servers.get.query({ serverId: server!.id })).state)
    .toMatch(/^(shutting-down|stopped)$/);

  // Delete, out of the menu: arrows in it, Esc gives the focus back.
  const more = page.getByRole('button', { name: words('servers.action.more') });
  await press(page, more);
  await expect(page.getByRole('menu')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('menu')).toBeHidden();
  await expect.poll(() => isFocused(more)).toBe(true);
  const item = page.getByRole('menuitem', { name: new RegExp(`^${words('servers.action.delete')}`) });
  const chooseDelete = async () => {
    await page.keyboard.press('Enter');
    await expect(item).toBeVisible();
    for (let stops = 0; stops < 8 && !(await isFocused(item)); stops++) await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await expect(dialog).toBeVisible();
  };
  // It is protected, as every order from the form: the dialog leads to the switch.
  await chooseDelete();
  await press(page, dialog.getByRole('button', { name: words('servers.dialog.protected.toSettings') }));
  const turnOff = button(words('servers.settings.turnOff'));
  await expect.poll(() => isFocused(turnOff)).toBe(true);
  await page.keyboard.press('Enter');
  await expect(button(words('servers.settings.turnOn'))).toBeVisible();
  await tabTo(page, more, 'Shift+Tab');
  await chooseDelete();
  await tabTo(page, dialog.getByRole('textbox'));
  await page.keyboard.type('keys-1');
  await press(page, dialog.getByRole('button', { name: words('servers.dialog.delete.confirm'), exact: true }));
  await expect.poll(() => who.api.servers.list.query(), { timeout: patience(60_000) }).toEqual([]);
});
