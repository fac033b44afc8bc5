/** A guest for one file of tests about consoles, and a browser of its owner's. */

import type { Browser } from '@playwright/test';
import { type BrowserContext, expect, type Page } from '@playwright/test';
import { type Customer, operationEnd, signUp, smallestOrder, stack } from './customer.ts';
import { sshByPassword } from './guest.ts';
import { patience } from './patience.ts';
import { words } from './words.ts';

export type ConsoleGuest = {
  who: Customer;
  serverId: string;
  password: string;
  context: BrowserContext;
  page: Page;
  inGuest: (command: string) => Promise<string>;
  /** What arrives at the guest's keyboard from now on: lines of key code and 1 for down. */
  keysFromNow: () => Promise<() => Promise<string>>;
};

export const tool = (on: Page, path: string) => on.getByRole('button', { name: words(path), exact: true });

export async function rentForConsole(browser: Browser, name: string): Promise<ConsoleGuest> {
  const who = await signUp('tools');
  const { serverId, operationId, password } = await who.api.servers.order.mutate(await smallestOrder(who, { name }));
  const context = await browser.newContext({
    ...{ baseURL: stack.origin, locale: 'ja-JP', timezoneId: 'Asia/Tokyo', viewport: { width: 1280, height: 800 } },
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  await who.enter(context);
  expect((await operationEnd(who, operationId)).state).toBe('succeeded');
  const { ipv4 } = await who.api.servers.get.query({ serverId });
  const inGuest = (command: string) => sshByPassword(ipv4!, password!, command);
  await expect(async () => void (await inGuest('true'))).toPass({ timeout: patience(90_000) });
  const keysFromNow = async () => {
    const from = Number(await inGuest('wc -l < /var/log/input.log')) + 1;
    return () => inGuest(`tail -n +${from} /var/log/input.log`);
  };
  return { ...{ who, serverId, password: password!, context }, page: await context.newPage(), inGuest, keysFromNow };
}
