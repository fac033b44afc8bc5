/** The two consoles as a person meets them, and the processes under them. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, type Page } from '@playwright/test';
import { WebSocket } from 'ws';
import { CONSOLE_PATH, PROTOCOL, TICKET_PREFIX } from '../console-proxy/contract/socket.ts';
import { readPidFile } from '../scripts/supervise/pid-file.ts';
import { stack } from './customer.ts';
import { patience } from './patience.ts';
import { words } from './words.ts';

export const mark = (page: Page, key: 'on' | 'off' | 'busy') =>
  page.getByRole('banner').getByText(words(`console.mark.${key}`), { exact: true });

export async function connect(page: Page): Promise<void> {
  await page.getByRole('button', { name: words('console.act.connect'), exact: true }).click();
  await expect(mark(page, 'on')).toBeVisible({ timeout: patience(30_000) });
}

/** What the terminal shows. Its rows are drawn as text. */
export const rows = (page: Page) => page.locator('.xterm-rows');

/** Types into the terminal as a keyboard does; `日本` as an input method hands it over. */
export async function type(page: Page, text: string): Promise<void> {
  await page.locator('.xterm-screen').click();
  await page.keyboard.insertText(text);
}

export async function line(page: Page, text: string): Promise<void> {
  await type(page, text);
  await page.keyboard.press('Enter');
}

/** Signs in at the port's `login:`. */
export async function login(page: Page, password: string): Promise<void> {
  await expect(rows(page)).toContainText('login:', { timeout: patience(60_000) });
  await line(page, 'root');
  await expect(rows(page)).toContainText('assword:', { timeout: patience(30_000) });
  await line(page, password);
  await expect(rows(page)).toContainText('#', { timeout: patience(30_000) });
}

/** How many pixels of the machine's picture are not of its most common colour. */
export function drawnPixels(page: Page): Promise<number> {
  return page.evaluate(() => {
    const canvas = [...document.querySelectorAll('canvas')].find((one) => !one.hidden && one.width > 0);
    const context = canvas?.getContext('2d');
    if (!canvas || !context) return 0;
    const pixels = new Uint32Array(context.getImageData(0, 0, canvas.width, canvas.height).data.buffer);
    const counts = new Map<number, number>();
    for (const pixel of pixels) counts.set(pixel, (counts.get(pixel) ?? 0) + 1);
    return pixels.length - Math.max(0, ...counts.values());
  });
}

/** Kills a daemon of the stack; its supervisor starts it again. */
export function kill(name: 'console-proxy' | 'agent' | 'nginx' | 'app'): void {
  const file = stack.pidFiles[name];
  const leader = file === undefined ? undefined : readPidFile(file);
  if (leader === undefined) throw new Error(`${name} has no pid file`);
  process.kill(leader.pid, 'SIGKILL');
}

/** What the guest's serial port has ever said, from the host's own file. */
export function serialLog(serverId: string): Buffer {
  const found = execFileSync('/usr/bin/find', [stack.data, '-path', `*/serial/${serverId}/serial.log`], {
    encoding: 'utf8',
  });
  const path = found.trim();
  if (path === '') throw new Error(`no serial log of ${serverId} among ${readdirSync(join(stack.data, 'agent'))}`);
  return readFileSync(path);
}

/** A socket to the proxy as a browser would open it. */
export function dial(ticket: string, origin = stack.origin): { opened: Promise<boolean>; closed: Promise<number> } {
  const socket = new WebSocket(
    new URL(CONSOLE_PATH, stack.origin.replace('http', 'ws')),
    [PROTOCOL, `${TICKET_PREFIX}${ticket}`],
    { origin },
  );
  let admitted = false;
  socket.on('message', () => {
    admitted = true;
  });
  const closed = new Promise<number>((resolve) => {
    socket.on('close', resolve);
    socket.on('error', () => resolve(-1));
  });
  const opened = Promise.race([
    new Promise<boolean>((resolve) => socket.once('message', () => resolve(true))),
    closed.then(() => admitted),
  ]);
  return { opened, closed };
}
