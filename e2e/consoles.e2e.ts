/** Both consoles on real guests: from the first line of the boot, through everything that may break under them. */
import { type BrowserContext, expect, type Page, test } from '@playwright/test';
import { CLOSE } from '../console-proxy/contract/socket.ts';
import { connect, dial, drawnPixels, kill, line, login, mark, rows, serialLog, type } from './console.ts';
import { type Customer, codeOf, operationEnd, signUp, smallestOrder, stack } from './customer.ts';
import { withDatabase } from './database.ts';
import { sshByPassword } from './guest.ts';
import { patience } from './patience.ts';
import { pattern, words } from './words.ts';

test.describe.configure({ mode: 'serial' });

let who: Customer;
let serverId: string;
let password: string;
let context: BrowserContext;
let serial: Page;
let screen: Page;
const errors: string[] = [];

const address = async () => (await who.api.servers.get.query({ serverId })).ipv4!;
const inGuest = async (command: string) => sshByPassword(await address(), password, command);

/** What [ログを保存] saves: byte for byte what the host wrote down, nothing lost, nothing twice. */
async function savedLog(page: Page): Promise<Buffer> {
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: words('console.term.saveLog') }).click();
  const chunks: Buffer[] = [];
  for await (const chunk of await (await download).createReadStream()) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

test.beforeAll(async ({ browser }) => {
  who = await signUp('consoles');
  context = await browser.newContext({ baseURL: stack.origin, locale: 'ja-JP', timezoneId: 'Asia/Tokyo' });
  await who.enter(context);
  [serial, screen] = [await context.newPage(), await context.newPage()];
  for (const page of [serial, screen]) {
    page.on('pageerror', (error) => errors.push(String(error)));
    page.on('console', (message) => {
      if (/Content Security Policy/.test(message.text())) errors.push(message.text());
    });
  }
});
test.afterAll(async () => {
  await context.close();
});

test('a server that is being made: its port is waited for, and seen from its first line', async () => {
  const placed = await who.api.servers.order.mutate(await smallestOrder(who, { name: 'con-1' }));
  [serverId, password] = [placed.serverId, placed.password!];
  await serial.goto(`/servers/${serverId}/serial`);
  await expect(serial.getByText(words('console.said.idle.serial'))).toBeVisible();
  await serial.getByRole('button', { name: words('console.act.connect'), exact: true }).click();
  await expect(serial.getByText(words('console.said.waiting'))).toBeVisible();
  await expect(mark(serial, 'on')).toBeVisible({ timeout: patience(120_000) });
  await expect(rows(serial)).toContainText('login:', { timeout: patience(90_000) });
  expect((await operationEnd(who, placed.operationId)).state).toBe('succeeded');
  expect((await savedLog(serial)).equals(serialLog(serverId))).toBe(true);
});

test('Japanese goes in and comes back, two cells each; who is signed in is told', async () => {
  await login(serial, password);
  await expect(serial.getByText(words('console.term.signedIn'))).toBeVisible();
  await line(serial, 'stty -icanon; cat > /tmp/typed; stty icanon');
  // Until it reads, the shell's own line editor has the port, and echoes nothing of what is typed ahead.
  await expect.poll(() => inGuest('ls /tmp'), { timeout: patience(20_000) }).toContain('typed');
  await line(serial, '日本語、漢字ｶﾅ');
  await serial.keyboard.press('Control+D');
  await serial.keyboard.press('Control+C');
  await expect.poll(() => inGuest('cat /tmp/typed'), { timeout: patience(20_000) }).toContain('日本語、漢字ｶﾅ');
  await expect(rows(serial)).toContainText('日本語、漢字ｶﾅ');
  await line(serial, 'cat /tmp/typed');
  await expect(rows(serial)).toContainText(/cat \/tmp\/typed\s*日本語、漢字ｶﾅ/);
  await expect.poll(async () => (await savedLog(serial)).equals(serialLog(serverId))).toBe(true);
});

test('the screen: nothing before a click, then a picture; keys arrive in the guest', async () => {
  const sockets: string[] = [];
  screen.on('websocket', (socket) => sockets.push(socket.url()));
  await screen.goto(`/servers/${serverId}/screen`);
  await expect(screen.getByText(words('console.said.idle.vnc'))).toBeVisible();
  await screen.waitForTimeout(500);
  expect(sockets).toEqual([]);
  await connect(screen);
  await expect.poll(() => drawnPixels(screen), { timeout: patience(30_000) }).toBeGreaterThan(200);
  expect(sockets).toHaveLength(1);
  expect(sockets[0]).not.toContain('ticket');
  const before = await drawnPixels(screen);
  const log = await inGuest('wc -l < /var/log/input.log');
  await screen.keyboard.type('abc');
  await expect.poll(() => drawnPixels(screen), { timeout: patience(20_000) }).toBeGreaterThan(before + 20);
  // 30, 48, 46: KEY_A, KEY_B, KEY_C; 1 is down.
  const arrived = () => inGuest(`tail -n +$((${Number(log)} + 1)) /var/log/input.log`);
  await expect.poll(arrived, { timeout: patience(20_000) }).toMatch(/ 30 1[\s\S]* 48 1[\s\S]* 46 1/);

  // Pasted as keystrokes, with Shift where it is needed.
  await screen.getByRole('button', { name: words('console.paste.open') }).click();
  await screen.getByLabel(words('console.paste.label')).fill('A_¥');
  await expect(screen.getByText(pattern('console.paste.cannot'))).toBeVisible();
  await screen.getByLabel(words('console.paste.label')).fill('A_');
  await screen.getByRole('button', { name: words('console.paste.confirm'), exact: true }).click();
  await expect(screen.getByRole('dialog')).toBeHidden();
  // 42 is Shift, 12 is minus.
  await expect.poll(arrived, { timeout: patience(20_000) }).toMatch(/ 42 1[\s\S]* 30 1[\s\S]* 42 1[\s\S]* 12 1/);

  // By keys in, and by keys out again.
  await screen.keyboard.press('Control+Alt+Shift');
  await expect(screen.getByRole('button', { name: words('console.vnc.ctrlAltDel') })).toBeFocused();
});

for (const name of ['console-proxy', 'agent', 'nginx'] as const) {
  test(`${name} is killed under both: they come back by themselves, and nothing is missing`, async () => {
    await line(serial, `echo before-$((1000 + 1))-${name}`);
    await expect(rows(serial)).toContainText(`before-1001-${name}`);
    kill(name);
    await expect(mark(serial, 'on')).toBeHidden({ timeout: patience(20_000) });
    await inGuest(`echo meanwhile-${name} > /dev/ttyS0`).catch(() => '');
    for (const page of [serial, screen]) await expect(mark(page, 'on')).toBeVisible({ timeout: patience(60_000) });
    await line(serial, `echo after-$((1000 + 1))-${name}`);
    await expect(rows(serial)).toContainText(`after-1001-${name}`, { timeout: patience(20_000) });
    const text = (await rows(serial).textContent()) ?? '';
    expect(text.split(`before-1001-${name}`)).toHaveLength(2);
    await expect.poll(() => drawnPixels(screen)).toBeGreaterThan(200);
  });
}

test('the panel is killed with the proxy: nobody gives tickets meanwhile, and both come back all the same', async () => {
  await line(serial, 'echo before-$((1000 + 1))-app');
  await expect(rows(serial)).toContainText('before-1001-app');
  // Alone it is not missed: what is open stays open.
  kill('app');
  await line(serial, 'echo without-$((1000 + 1))-app');
  await expect(rows(serial)).toContainText('without-1001-app');
  // Its supervisor has started it again by now, or is about to.
  await expect(async () => kill('app')).toPass({ timeout: patience(20_000) });
  kill('console-proxy');
  await expect(mark(serial, 'on')).toBeHidden({ timeout: patience(20_000) });
  for (const page of [serial, screen]) await expect(mark(page, 'on')).toBeVisible({ timeout: patience(60_000) });
  await line(serial, 'echo after-$((1000 + 1))-app');
  await expect(rows(serial)).toContainText('after-1001-app', { timeout: patience(20_000) });
});

test('two at one port: one types, the other is told who, and takes over', async ({ browser }) => {
  const elsewhere = await browser.newContext({ baseURL: stack.origin, locale: 'ja-JP' });
  await who.enter(elsewhere);
  const second = await elsewhere.newPage();
  await second.goto(`/servers/${serverId}/serial`);
  await connect(second);
  await expect(second.getByText(pattern('console.term.replayed'))).toBeVisible();
  await expect(second.getByText(pattern('console.term.writer'))).toBeVisible();
  await line(second, 'echo not-$((1000 + 1))-mine');
  await line(serial, 'echo still-$((1000 + 1))-mine');
  await expect(rows(second)).toContainText('still-1001-mine');
  expect(await rows(serial).textContent()).not.toContain('not-');
  await second.getByRole('button', { name: words('console.term.takeOver') }).click();
  await expect(serial.getByText(pattern('console.term.takenOver'))).toBeVisible();
  await line(second, 'echo now-$((1000 + 1))-mine');
  await expect(rows(serial)).toContainText('now-1001-mine');
  await serial.getByRole('button', { name: words('console.term.takeBack') }).click();
  await expect(second.getByText(pattern('console.term.takenOver'))).toBeVisible();
  await elsewhere.close();
});

test('the server restarts, stops and starts under both: what is true is said, and they connect by themselves', async () => {
  await line(serial, 'exit');
  const restart = await who.api.servers.restart.mutate({ serverId, onTimeout: 'force-off' });
  expect((await operationEnd(who, restart.operationId)).state).toBe('succeeded');
  for (const page of [serial, screen]) await expect(mark(page, 'on')).toBeVisible({ timeout: patience(60_000) });
  await expect.poll(() => drawnPixels(screen), { timeout: patience(60_000) }).toBeGreaterThan(200);

  const stop = await who.api.servers.forceOff.mutate({ serverId });
  expect((await operationEnd(who, stop.operationId)).state).toBe('succeeded');
  await expect(screen.getByText(words('console.said.stopped'))).toBeVisible({ timeout: patience(20_000) });
  await expect(serial.getByText(words('console.said.stoppedSerial'))).toBeVisible({ timeout: patience(20_000) });
  for (const page of [serial, screen]) await expect(mark(page, 'on')).toBeHidden();

  await screen.getByRole('button', { name: words('console.act.start'), exact: true }).click();
  for (const page of [serial, screen]) await expect(mark(page, 'on')).toBeVisible({ timeout: patience(90_000) });
  await expect.poll(() => drawnPixels(screen), { timeout: patience(60_000) }).toBeGreaterThan(200);
  await type(serial, '\r');
  await expect(rows(serial)).toContainText('login:', { timeout: patience(60_000) });
});

test('a ticket opens one console once, in its time, for who asked', async () => {
  const ask = () => who.api.consoles.open.mutate({ serverId, kind: 'vnc', viewOnly: true });
  const { ticket } = await ask();
  const [first, second] = [dial(ticket), dial(ticket)];
  const codes = await Promise.race([first.closed, second.closed]);
  expect(codes).toBe(CLOSE.ticket);
  expect((await Promise.all([first.opened, second.opened])).filter(Boolean)).toHaveLength(1);

  const old = await ask();
  await withDatabase((db) =>
    db.query(`UPDATE "Ticket" SET "expiresAt" = now() AT TIME ZONE 'UTC' - interval '1 second'`),
  );
  expect(await dial(old.ticket).closed).toBe(CLOSE.ticket);
  expect(await dial('x'.repeat(43)).closed).toBe(CLOSE.ticket);
  expect(await dial((await ask()).ticket, 'http://evil.example').closed).toBe(-1);
  const stranger = await signUp('stranger');
  expect(await codeOf(stranger.api.consoles.open.mutate({ serverId, kind: 'vnc' }))).toBe('NOT_FOUND');
  const picture = await fetch(`${stack.origin}/api/servers/${serverId}/screen`, {
    headers: { cookie: stranger.cookie },
  });
  expect(picture.status).toBe(404);
});

test('disconnected, the last picture stands behind the button, with its age', async () => {
  // The proxy keeps no picture of a console that was open for a moment only.
  await screen.waitForTimeout(3_500);
  await screen.getByRole('button', { name: words('console.act.disconnect'), exact: true }).click();
  await expect(mark(screen, 'off')).toBeVisible();
  await expect
    .poll(async () => (await who.api.servers.get.query({ serverId })).screen, { timeout: patience(20_000) })
    .not.toBeNull();
  await screen.reload();
  await expect(screen.getByText(pattern('console.lastPicture'))).toBeVisible();
  const response = await screen.request.get(`/api/servers/${serverId}/screen`);
  expect(response.headers()).toMatchObject({ 'content-type': 'image/png', 'cache-control': 'private, no-store' });
  await connect(screen);
});

test('signing out closes both within 2 seconds, and says so', async () => {
  const response = await context.request.post('/api/auth/sign-out', { headers: { origin: stack.origin }, data: {} });
  expect(response.ok()).toBe(true);
  for (const page of [serial, screen])
    await expect(page.getByText(words('console.said.signedOut'))).toBeVisible({ timeout: 2_500 });
  expect(errors).toEqual([]);
});
