/** What every page needs to have something to show: a customer with a server that runs and one that is off, and staff. */
import { type Browser, type BrowserContextOptions, expect, type Page } from '@playwright/test';
import { type Ids, type Route, routes, type Seen } from '../scripts/shots/routes.ts';
import { type Customer, operationEnd, signInStaff, signUp, smallestOrder } from './customer.ts';
import { addKey } from './guest.ts';

export type Locale = 'ja' | 'en';
export type Theme = 'light' | 'dark';
export type Scene = { customer: Customer; staff: Customer; ids: Ids; clear: () => Promise<void> };

async function rent(who: Customer, name: string, sshKeyId: string) {
  const order = await smallestOrder(who, { name, sshKeyIds: [sshKeyId] });
  const { serverId, operationId } = await who.api.servers.order.mutate(order);
  expect((await operationEnd(who, operationId)).state).toBe('succeeded');
  return { serverId, operationId };
}

async function giveBack(who: Customer, serverId: string) {
  const { name: confirmName } = await who.api.servers.get.query({ serverId });
  const { operationId } = await who.api.servers.delete.mutate({ serverId, confirmName });
  expect((await operationEnd(who, operationId)).state).toBe('succeeded');
}

/** @param names of the server that is off and of the one that runs */
export async function setScene(name: string, names: [stopped: string, running: string]): Promise<Scene> {
  const customer = await signUp(name);
  const key = await addKey(customer);
  const stopped = (await rent(customer, names[0], key)).serverId;
  const off = await customer.api.servers.forceOff.mutate({ serverId: stopped });
  expect((await operationEnd(customer, off.operationId)).state).toBe('succeeded');
  const { serverId: running, operationId: operation } = await rent(customer, names[1], key);
  const staff = await signInStaff();
  const clear = async () => {
    await speak({ customer, staff }, 'ja');
    for (const serverId of [running, stopped]) await giveBack(customer, serverId);
  };
  return { customer, staff, ids: { running, stopped, operation }, clear };
}

/** From now on both of them are shown the panel in this language. */
export async function speak({ customer, staff }: Pick<Scene, 'customer' | 'staff'>, locale: Locale): Promise<void> {
  for (const who of [customer, staff]) await who.api.account.preferences.mutate({ locale });
}

/** Every address that somebody of this kind sees, with its name. */
export const addressesOf = (as: Seen, ids: Ids, among: Route[] = routes): [name: string, address: string][] =>
  among.filter((route) => route.as === as).flatMap((route) => Object.entries(route.addresses(ids)));

/** A page of a browser in which this person is signed in; its context is closed by the caller. */
export async function pageFor(
  browser: Browser,
  { customer, staff }: Scene,
  as: Seen,
  options: BrowserContextOptions & { locale: Locale; colorScheme: Theme },
): Promise<Page> {
  const context = await browser.newContext({ reducedMotion: 'reduce', ...options });
  await { visitor: undefined, customer, staff }[as]?.enter(context);
  return context.newPage();
}

/** Drawn, and nothing in it that is still to come. */
export async function settled(page: Page): Promise<void> {
  await expect(page.locator('h1').first()).toBeVisible();
  await expect(page.locator('[aria-busy="true"]')).toHaveCount(0);
  // Colours that fade in are no colours yet.
  await page.evaluate(() => Promise.all(document.getAnimations().map((each) => each.finished.catch(() => {}))));
}
