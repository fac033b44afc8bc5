/** What stands around a console's picture and terminal: each tool is used, and its effect is read where it must arrive. */
import { type BrowserContext, expect, type Page, test } from '@playwright/test';
import { connect, drawnPixels, line, login, mark, rows } from './console.ts';
import { type Customer, operationEnd, signInStaff, signUp, smallestOrder, stack } from './customer.ts';
import { sshByPassword } from './guest.ts';
import { patience } from './patience.ts';
import { pattern, words } from './words.ts';

test.describe.configure({ mode: 'serial' });

let who: Customer;
let serverId: string;
let password: string;
let context: BrowserContext;
let page: Page;

const tool = (on: Page, path: string) => on.getByRole('button', { name: words(path), exact: true });
const inGuest = async (command: string) =>
  sshByPassword((await who.api.servers.get.query({ serverId })).ipv4!, password, command);

/** What arrives at the guest's keyboard from now on: lines of key code and 1 for down. */
async function keysFromNow(): Promise<() => Promise<string>> {
  const from = Number(await inGuest('wc -l < /var/log/input.log')) + 1;
  return () => inGuest(`tail -n +${from} /var/log/input.log`);
}

test.beforeAll(async ({ browser }) => {
  who = await signUp('tools');
  const placed = await who.api.servers.order.mutate(await smallestOrder(who, { name: 'tools-1' }));
  [serverId, password] = [placed.serverId, placed.password!];
  context = await browser.newContext({
    ...{ baseURL: stack.origin, locale: 'ja-JP', timezoneId: 'Asia/Tokyo', viewport: { width: 1280, height: 800 } },
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  await who.enter(context);
  page = await context.newPage();
  expect((await operationEnd(who, placed.operationId)).state).toBe('succeeded');
  await expect(async () => void (await inGuest('true'))).toPass({ timeout: patience(90_000) });
});
test.afterAll(() => context.close());

test('view only: the picture, and no key of it arrives', async () => {
  await page.goto(`/servers/${serverId}/screen`);
  await page.getByLabel(words('console.vnc.viewOnly')).check();
  await connect(page);
  await expect(page.getByRole('banner').getByText(words('console.mark.viewOnly'))).toBeVisible();
  await expect(tool(page, 'console.vnc.ctrlAltDel')).toHaveCount(0);
  await expect.poll(() => drawnPixels(page), { timeout: patience(30_000) }).toBeGreaterThan(200);
  const arrived = await keysFromNow();
  await page.locator('canvas').last().click();
  await page.keyboard.type('xyz');
  await page.waitForTimeout(1_500);
  expect(await arrived()).toBe('');
  await tool(page, 'console.act.disconnect').click();
});

test('the screen: its size, a picture of it, keys that browsers swallow, a hidden paste, full screen', async () => {
  await page.getByLabel(words('console.vnc.viewOnly')).uncheck();
  await connect(page);
  await expect.poll(() => drawnPixels(page), { timeout: patience(30_000) }).toBeGreaterThan(200);

  // One pixel is one pixel, or all of it fits.
  const sizes = () =>
    page.evaluate(() => {
      const canvas = [...document.querySelectorAll('canvas')].find((one) => !one.hidden && one.width > 0)!;
      return { drawn: canvas.width, tall: canvas.height, shown: canvas.getBoundingClientRect().width };
    });
  const fit = await sizes();
  expect(fit.shown).toBeLessThanOrEqual(1_280);
  expect(fit.shown).not.toBe(fit.drawn);
  await tool(page, 'console.vnc.actual').click();
  await expect.poll(async () => (await sizes()).shown).toBe(fit.drawn);
  await tool(page, 'console.vnc.fit').click();
  await expect.poll(async () => (await sizes()).shown).toBe(fit.shown);

  const download = page.waitForEvent('download');
  await tool(page, 'console.vnc.screenshot').click();
  expect((await download).suggestedFilename()).toMatch(/^tools-1-screen-.*\.png$/);
  const chunks: Buffer[] = [];
  for await (const chunk of await (await download).createReadStream()) chunks.push(chunk as Buffer);
  const png = Buffer.concat(chunks);
  expect(png.toString('latin1', 1, 4)).toBe('PNG');
  expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([fit.drawn, fit.tall]);

  // Alt is held, a key is pressed under it, and Alt is let go of beside the menu. 56: Alt, 59: F1, 29: Ctrl, 1: Esc.
  let arrived = await keysFromNow();
  await tool(page, 'console.vnc.keys').click();
  await page.getByRole('button', { name: 'Alt', exact: true }).click();
  await expect.poll(arrived).toMatch(/ 56 1/);
  await page.getByRole('button', { name: 'Esc', exact: true }).click();
  await page.keyboard.press('Escape');
  await page.getByRole('toolbar').getByRole('button', { name: 'Alt', exact: true }).last().click();
  await expect.poll(arrived).toMatch(/ 56 1[\s\S]* 1 1[\s\S]* 1 0[\s\S]* 56 0/);

  // Nobody who looks over one's shoulder reads it. 31: s, 4: 3.
  arrived = await keysFromNow();
  await tool(page, 'console.paste.open').click();
  await page.getByLabel(words('console.paste.password')).check();
  const field = page.getByLabel(words('console.paste.label'));
  await expect(field).toHaveAttribute('type', 'password');
  await field.fill('s3');
  await tool(page, 'console.paste.confirm').click();
  await expect(page.getByRole('dialog')).toBeHidden();
  await expect.poll(arrived).toMatch(/ 31 1[\s\S]* 4 1/);

  await tool(page, 'console.act.fullScreen').click();
  await expect.poll(() => page.evaluate(() => document.fullscreenElement !== null)).toBe(true);
  await tool(page, 'console.act.leaveFullScreen').click();
  await expect.poll(() => page.evaluate(() => document.fullscreenElement === null)).toBe(true);
});

test('in a window of its own, which connects by itself', async () => {
  const opened = page.waitForEvent('popup');
  await tool(page, 'console.act.ownWindow').click();
  const own = await opened;
  await expect(mark(own, 'on')).toBeVisible({ timeout: patience(30_000) });
  await expect(mark(page, 'off')).toBeVisible();
  await expect.poll(() => drawnPixels(own), { timeout: patience(30_000) }).toBeGreaterThan(200);
  await own.close();
});

test('on a phone: its keyboard writes, two fingers scroll and pinch', async ({ browser }) => {
  const phone = await browser.newContext({
    ...{
      baseURL: stack.origin,
      locale: 'ja-JP',
      viewport: { width: 390, height: 844 },
      hasTouch: true,
      isMobile: true,
    },
  });
  await who.enter(phone);
  const small = await phone.newPage();
  await small.goto(`/servers/${serverId}/screen`);
  await connect(small);
  await expect.poll(() => drawnPixels(small), { timeout: patience(30_000) }).toBeGreaterThan(200);
  expect(await small.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true);

  const arrived = await keysFromNow();
  await tool(small, 'console.vnc.softKeyboard').tap();
  await expect(small.getByLabel(words('console.vnc.softKeyboardLabel'))).toBeFocused();
  await small.keyboard.insertText('ls');
  await small.keyboard.press('Backspace');
  // 38: l, 31: s, 14: Backspace.
  await expect.poll(arrived, { timeout: patience(20_000) }).toMatch(/ 38 1[\s\S]* 31 1[\s\S]* 14 1/);

  // A pinch is a wheel turned under Ctrl, which is what programs with a mouse know it as. 29: Ctrl.
  const pinched = await keysFromNow();
  const stage = (await small.locator('canvas').last().boundingBox())!;
  const middle = { x: stage.x + stage.width / 2, y: stage.y + stage.height / 2 };
  const touch = await phone.newCDPSession(small);
  const fingers = (type: 'touchStart' | 'touchMove' | 'touchEnd', apart: number) =>
    touch.send('Input.dispatchTouchEvent', {
      type,
      touchPoints:
        type === 'touchEnd'
          ? []
          : [
              { x: middle.x - apart, y: middle.y, id: 0 },
              { x: middle.x + apart, y: middle.y, id: 1 },
            ],
    });
  await fingers('touchStart', 30);
  for (let apart = 35; apart <= 150; apart += 5) await fingers('touchMove', apart);
  await fingers('touchEnd', 0);
  await expect.poll(pinched, { timeout: patience(20_000) }).toMatch(/ 29 1[\s\S]* 29 0/);
  await phone.close();
});

test('the terminal: its size told to the guest, search, copy by selecting, pastes with a look at them first', async () => {
  await page.goto(`/servers/${serverId}/serial`);
  await connect(page);
  await login(page, password);
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
  await rows(page)
    .locator('> div', { hasText: /^needle-42/ })
    .dblclick({ position: { x: 20, y: 5 } });
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

test('who is there is listed; one’s own is ended from elsewhere, and support ends it with a reason', async () => {
  const second = await context.newPage();
  await second.goto(`/servers/${serverId}/serial`);
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
  const [open] = await staff.api.staff.consoles.list.query({ serverId });
  const reason = 'メンテナンスのため';
  await staff.api.staff.consoles.end.mutate({ consoleId: open!.id, reason });
  await expect(page.getByText(pattern('console.said.endedByStaff'))).toContainText(reason, {
    timeout: patience(5_000),
  });
  await expect(mark(page, 'off')).toBeVisible();
});

test('Ctrl+Alt+Del restarts it; deleted, the console closes within 2 seconds and says so', async () => {
  await page.goto(`/servers/${serverId}/screen`);
  await connect(page);
  const before = await inGuest('cat /proc/sys/kernel/random/boot_id');
  await tool(page, 'console.vnc.ctrlAltDel').click();
  await expect(async () => expect(await inGuest('cat /proc/sys/kernel/random/boot_id')).not.toBe(before)).toPass({
    timeout: patience(120_000),
  });
  await expect(mark(page, 'on')).toBeVisible({ timeout: patience(30_000) });
  const gone = await who.api.servers.delete.mutate({ serverId, confirmName: 'tools-1' });
  await expect(page.getByText(words('console.said.deleted'))).toBeVisible({ timeout: 2_500 });
  expect((await operationEnd(who, gone.operationId)).state).toBe('succeeded');
});
