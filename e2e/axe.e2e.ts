/** Every page, in both languages and both themes, with real data: what axe can find, is not there. */
import { AxeBuilder } from '@axe-core/playwright';
import { type Browser, expect, type Page, test } from '@playwright/test';
import { type Ids, routes, type Seen } from '../scripts/shots/routes.ts';
import { type Customer, operationEnd, signInStaff, signUp, smallestOrder } from './customer.ts';
import { addKey } from './guest.ts';
import { patience } from './patience.ts';

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

async function people(): Promise<{ customer: Customer; staff: Customer; ids: Ids }> {
  const customer = await signUp('axe');
  const key = await addKey(customer);
  const stopped = (await rent(customer, 'stopped-1', key)).serverId;
  const off = await customer.api.servers.forceOff.mutate({ serverId: stopped });
  expect((await operationEnd(customer, off.operationId)).state).toBe('succeeded');
  const { serverId: running, operationId: operation } = await rent(customer, 'running-1', key);
  return { customer, staff: await signInStaff(), ids: { running, stopped, operation } };
}

/** Drawn, and nothing in it that is still to come. */
async function settled(page: Page): Promise<void> {
  await expect(page.locator('h1').first()).toBeVisible();
  await expect(page.locator('[aria-busy="true"]')).toHaveCount(0);
  // Colours that fade in are no colours yet.
  await page.evaluate(() => Promise.all(document.getAnimations().map((each) => each.finished.catch(() => {}))));
}

async function pageOf(browser: Browser, who: Customer | undefined, locale: string, theme: 'light' | 'dark') {
  const context = await browser.newContext({ locale, colorScheme: theme, reducedMotion: 'reduce' });
  await who?.enter(context);
  return context.newPage();
}

test('axe finds nothing on any page, in either language and theme', async ({ browser }) => {
  // Some eighty pages.
  test.setTimeout(patience(480_000));
  const { customer, staff, ids } = await people();
  const found: string[] = [];
  for (const locale of ['ja', 'en'] as const) {
    for (const who of [customer, staff]) await who.api.account.preferences.mutate({ locale });
    for (const theme of ['light', 'dark'] as const) {
      for (const as of ['visitor', 'customer', 'staff'] satisfies Seen[]) {
        const page = await pageOf(browser, { visitor: undefined, customer, staff }[as], locale, theme);
        for (const [name, address] of routes
          .filter((route) => route.as === as)
          .flatMap((route) => Object.entries(route.addresses(ids)))) {
          await page.goto(address);
          await settled(page);
          await expect(page.locator('html')).toHaveAttribute('lang', locale);
          const { violations } = await new AxeBuilder({ page }).analyze();
          for (const { id, help, nodes } of violations)
            found.push(`${name} ${locale} ${theme}: ${id} (${help}): ${nodes.map(({ html }) => html).join(' | ')}`);
        }
        await page.context().close();
      }
    }
  }
  await staff.api.account.preferences.mutate({ locale: 'ja' });
  for (const serverId of [ids.running, ids.stopped]) await giveBack(customer, serverId);
  expect(found).toEqual([]);
});
