/** What stands around a serial console: each tool is used, and its effect is read where it must arrive. */
import { expect, type Page, test } from '@playwright/test';
import { connect, line, login, mark, rows } from './console.ts';
import { type ConsoleGuest, rentForConsole, tool } from './console-guest.ts';
import { signInStaff, stack } from './customer.ts';
import { patience } from './patience.ts';
import { pattern, words } from './words.ts';

test.describe.configure({ mode: 'serial' });

let guest: ConsoleGuest;
let page: Page;
test.beforeAll(async ({ browser }) => {
  guest = await rentForConsole(browser, 'tools-2');
  page = guest.page;
});
test.afterAll(() => guest.context.close());

test('the terminal: its size told to the guest, search, copy by selecting, pastes with a look at them first', async () => {
  await page.goto(`/servers/${guest.serverId}/serial`);
  await connect(page);
  await login(page, guest.password);
  const stty = /stty rows (\d+) cols (\d+)/.exec((await page.getByRole('contentinfo').textContent()) ?? '')!;
  await line(page, stty[0]);
  await line(page, 'stty size');
  await expect(rows(page)).toContainText(`${stty[1]} ${stty[2]}`);

  await line(page, 'echo needle-$((40 + 2))');
  await expect(rows(page)).toContainText('needle-42');
  await tool(page, 'console.term.search').click();
  const search = page.getByLabel(words('console.term.searchLabel'));
  await search.fill('needle-42');
  await expect(page.getByText(words('console.term.noMatch'))).toBeHidden();
  await search.fill('no such words');
  await expect(page.getByText(words('console.term.noMatch'))).toBeVisible();
  await search.press('Escape');
  await expect(search).toHaveCount(0);

  // Selected is copied: Ctrl+C is the guest's.
  const needle = (await rows(page)
    .locator('> div', { hasText: /^needle-42/ })
    .boundingBox())!;
  await page.mouse.dblclick(needle.x + 20, needle.y + needle.height / 2);
  await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toMatch(/needle/);

  // One line is pasted as it is, in brackets where the guest wants them.
  const paste = async (text: string) => {
    await page.evaluate((words) => navigator.clipboard.writeText(words), text);
    await page.locator('.xterm-screen').click();
    await page.keyboard.press('Control+Shift+V');
  };
  await line(page, "printf '\\033[?2004h'; cat -v");
  await paste('one-line');
  await page.keyboard.press('Enter');
  await expect(rows(page)).toContainText('^[[200~one-line^[[201~');
  await page.keyboard.press('Control+C');
  await line(page, "printf '\\033[?2004l'");

  // Several are shown first, and can be changed.
  await paste('echo first-$((40 + 2))\necho second-$((40 + 2))');
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByText(words('console.term.pasteBody'))).toBeVisible();
  expect(await rows(page).textContent()).not.toContain('first-');
  await dialog.getByLabel(words('console.term.pasteLabel')).fill('echo first-$((40 + 2))\necho third-$((40 + 2))\n');
  await dialog.getByRole('button', { name: words('console.term.pasteConfirm'), exact: true }).click();
  await expect(rows(page)).toContainText('first-42');
  await expect(rows(page)).toContainText('third-42');

  // As text, for who cannot read a terminal.
  await tool(page, 'console.term.more').click();
  await tool(page, 'console.term.openText').click();
  await expect(dialog).toContainText('needle-42');
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();

  await page.locator('.xterm-screen').click();
  await page.keyboard.press('Control+Alt+Shift');
  await expect(page.getByRole('toolbar').getByRole('button').first()).toBeFocused();
});

test('on a phone: it fits, its keyboard writes, and what opens stays in the window', async ({ browser }) => {
  const phone = await browser.newContext({
    ...{
      baseURL: stack.origin,
      locale: 'ja-JP',
      viewport: { width: 390, height: 844 },
      hasTouch: true,
      isMobile: true,
    },
  });
  await guest.who.enter(phone);
  const small = await phone.newPage();
  await small.goto(`/servers/${guest.serverId}/serial`);
  await connect(small);
  await expect(rows(small)).toContainText('third-42');
  expect(await small.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true);
  // Another holds the keyboard, and is told who took it.
  await tool(small, 'console.term.takeOver').tap();
  await small.locator('.xterm-screen').tap();
  await small.keyboard.insertText('echo phone-$((40 + 2))-日本');
  await small.keyboard.press('Enter');
  await expect(rows(small)).toContainText('phone-42-日本');
  const more = tool(small, 'console.term.more');
  await more.tap();
  const opened = (await more.locator('xpath=following-sibling::div').boundingBox())!;
  expect([opened.x >= 0, opened.y >= 0, opened.x + opened.width <= 390]).toEqual([true, true, true]);
  await phone.close();
});

test('who is there is listed; one’s own is ended from elsewhere, and support ends it with a reason', async () => {
  const second = await guest.context.newPage();
  await second.goto(`/servers/${guest.serverId}/serial`);
  await connect(second);
  await page.bringToFront();
  await page.getByRole('button', { name: pattern('console.watching') }).click();
  const list = page.getByRole('list', { name: words('console.watchers') });
  await expect(list.getByRole('listitem')).toHaveCount(2);
  await list.getByRole('button', { name: words('console.endOf', { name: words('console.you') }) }).click();
  await expect(second.getByText(pattern('console.said.endedByPerson'))).toBeVisible({ timeout: patience(5_000) });
  await expect(mark(second, 'off')).toBeVisible();
  await expect(list.getByRole('listitem')).toHaveCount(1);
  await second.close();

  const staff = await signInStaff();
  const [open] = await staff.api.staff.consoles.list.query({ serverId: guest.serverId });
  const reason = 'メンテナンスのため';
  await staff.api.staff.consoles.end.mutate({ consoleId: open!.id, reason });
  await expect(page.getByText(pattern('console.said.endedByStaff'))).toContainText(reason, {
    timeout: patience(5_000),
  });
  await expect(mark(page, 'off')).toBeVisible();
});
