/** What stands around a screen: each tool is used, and its effect is read where it must arrive. */
import { expect, type Page, test } from '@playwright/test';
import { connect, drawnPixels, mark } from './console.ts';
import { type ConsoleGuest, rentForConsole, tool } from './console-guest.ts';
import { operationEnd, stack } from './customer.ts';
import { patience } from './patience.ts';
import { pattern, words } from './words.ts';

test.describe.configure({ mode: 'serial' });

let guest: ConsoleGuest;
let page: Page;
test.beforeAll(async ({ browser }) => {
  guest = await rentForConsole(browser, 'tools-1');
  page = guest.page;
});
test.afterAll(() => guest.context.close());

test('view only: the picture, and no key of it arrives', async () => {
  await page.goto(`/servers/${guest.serverId}/screen`);
  await page.getByLabel(words('console.vnc.viewOnly')).check();
  await tool(page, 'console.act.connect').click();
  await expect(page.getByRole('banner').getByText(words('console.mark.viewOnly'))).toBeVisible({
    timeout: patience(30_000),
  });
  await expect(tool(page, 'console.vnc.ctrlAltDel')).toHaveCount(0);
  await expect.poll(() => drawnPixels(page), { timeout: patience(30_000) }).toBeGreaterThan(200);
  const arrived = await guest.keysFromNow();
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
  let arrived = await guest.keysFromNow();
  await tool(page, 'console.vnc.keys').click();
  await page.getByRole('button', { name: 'Alt', exact: true }).click();
  await expect.poll(arrived).toMatch(/ 56 1/);
  await page.getByRole('button', { name: 'Esc', exact: true }).click();
  await page.keyboard.press('Escape');
  await page.getByRole('toolbar').getByRole('button', { name: 'Alt', exact: true }).last().click();
  await expect.poll(arrived).toMatch(/ 56 1[\s\S]* 1 1[\s\S]* 1 0[\s\S]* 56 0/);

  // Nobody who looks over one's shoulder reads it. 31: s, 4: 3.
  arrived = await guest.keysFromNow();
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
  await guest.who.enter(phone);
  const small = await phone.newPage();
  const sent: Buffer[] = [];
  small.on('websocket', (socket) =>
    socket.on('framesent', ({ payload }) => {
      if (typeof payload !== 'string') sent.push(payload);
    }),
  );
  await small.goto(`/servers/${guest.serverId}/screen`);
  await connect(small);
  await expect.poll(() => drawnPixels(small), { timeout: patience(30_000) }).toBeGreaterThan(200);
  expect(await small.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true);

  // What opens stays in the window.
  for (const name of [words('console.vnc.keys'), pattern('console.watching')]) {
    const opener = small.getByRole('button', { name, exact: true }).first();
    await opener.tap();
    await expect(opener).toHaveAttribute('aria-expanded', 'true');
    const opened = opener.locator('xpath=following-sibling::div');
    const { x, y, width, height } = (await opened.boundingBox())!;
    expect([x >= 0, y >= 0, x + width <= 390, y + height <= 844]).toEqual([true, true, true, true]);
    await small.keyboard.press('Escape');
    await expect(opened).toHaveCount(0);
  }

  const arrived = await guest.keysFromNow();
  await tool(small, 'console.vnc.softKeyboard').tap();
  await expect(small.getByLabel(words('console.vnc.softKeyboardLabel'))).toBeFocused();
  await small.keyboard.insertText('ls');
  await small.keyboard.press('Backspace');
  // 38: l, 31: s, 14: Backspace.
  await expect.poll(arrived, { timeout: patience(20_000) }).toMatch(/ 38 1[\s\S]* 31 1[\s\S]* 14 1/);

  // A pinch is a wheel turned under Ctrl, which is what programs with a mouse know it as. 29: Ctrl.
  const pinched = await guest.keysFromNow();
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

  // Two that go the same way turn the wheel: RFB's message 5, with the bit of button 4 or 5.
  sent.splice(0);
  const both = (type: 'touchStart' | 'touchMove', down: number) =>
    touch.send('Input.dispatchTouchEvent', {
      type,
      touchPoints: [-40, 40].map((beside, id) => ({ x: middle.x + beside, y: middle.y + down, id })),
    });
  await both('touchStart', 0);
  for (let down = 5; down <= 150; down += 5) await both('touchMove', -down);
  await fingers('touchEnd', 0);
  await expect.poll(() => sent.some((frame) => frame[0] === 5 && ((frame[1] ?? 0) & 0b11000) !== 0)).toBe(true);
  await phone.close();
});

test('Ctrl+Alt+Del restarts it; deleted, the console closes within 2 seconds and says so', async () => {
  await page.goto(`/servers/${guest.serverId}/screen`);
  await connect(page);
  const before = await guest.inGuest('cat /proc/sys/kernel/random/boot_id');
  await tool(page, 'console.vnc.ctrlAltDel').click();
  await expect(async () => expect(await guest.inGuest('cat /proc/sys/kernel/random/boot_id')).not.toBe(before)).toPass({
    timeout: patience(120_000),
  });
  await expect(mark(page, 'on')).toBeVisible({ timeout: patience(30_000) });
  const gone = await guest.who.api.servers.delete.mutate({ serverId: guest.serverId, confirmName: 'tools-1' });
  await expect(page.getByText(words('console.said.deleted'))).toBeVisible({ timeout: 2_500 });
  expect((await operationEnd(guest.who, gone.operationId)).state).toBe('succeeded');
});
