/** What there is to see besides the pages as they open: dialogs, menus, what a click away is, and what fails. */
import { expect, type Page } from '@playwright/test';
import { patience } from '../../e2e/patience.ts';
import { type Locale, settled } from '../../e2e/scene.ts';
import { pattern, words } from '../../e2e/words.ts';
import { type Ids, routes, type Seen } from './routes.ts';

export type View = {
  name: string;
  as: Seen | 'newcomer';
  address: string;
  /** A layer over the page: what one sees without scrolling, since the layer ends there. */
  layer?: true;
  /** From the opened address to what is to be seen. */
  act?: (page: Page, locale: Locale) => Promise<void>;
};

const button = (path: string) => async (page: Page, locale: Locale) =>
  page
    .getByRole('button', { name: words(path, {}, locale), exact: true })
    .first()
    .click();

const connected = async (page: Page, locale: Locale) => {
  await button('console.act.connect')(page, locale);
  const on = words('console.mark.on', {}, locale);
  await expect(page.getByRole('banner').getByText(on, { exact: true })).toBeVisible({ timeout: patience(30_000) });
  // What the guest says arrives after the connection.
  await page.waitForTimeout(1_000);
};

/** Nobody answers any more: what is shown is of a while ago, and says so. */
const cutOff = async (page: Page, locale: Locale) => {
  await page.route('**/api/**', (route) => route.abort());
  await page.reload();
  await expect(page.getByText(pattern('common.live.stale', locale))).toBeVisible({ timeout: patience(40_000) });
};

export function viewsOf(ids: Ids): View[] {
  const server = `/servers/${ids.running}`;
  const asTheyOpen = routes.flatMap(({ as, addresses }) =>
    Object.entries(addresses(ids)).map(([name, address]): View => ({ name, as, address })),
  );
  const dialogs = ['stop', 'restart', 'force-off', 'rename', 'delete', 'shortcuts'].map(
    (verb): View => ({ name: `dialog-${verb}`, as: 'customer', address: `${server}?do=${verb}`, layer: true }),
  );
  return [
    ...asTheyOpen,
    ...dialogs,
    { name: 'servers-empty', as: 'newcomer', address: '/servers' },
    { name: 'search', as: 'customer', address: '/servers', layer: true, act: search('web') },
    { name: 'staff-search', as: 'staff', address: '/staff/hosts', layer: true, act: search('web') },
    { name: 'confirm-filled', as: 'customer', address: '/servers/new', act: toConfirm },
    { name: 'login-refused', as: 'visitor', address: '/login', act: wrongLogin },
    { name: 'order-wrong', as: 'customer', address: '/servers/new', act: wrongName },
    { name: 'screen-connected', as: 'customer', address: `${server}/screen`, act: connected },
    { name: 'serial-connected', as: 'customer', address: `${server}/serial`, act: connected },
    { name: 'servers-stale', as: 'customer', address: '/servers', act: cutOff },
    { name: 'server-stale', as: 'customer', address: server, act: cutOff },
  ];
}

function search(query: string) {
  return async (page: Page) => {
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox').fill(query);
    await page.waitForTimeout(500);
  };
}

async function toConfirm(page: Page, locale: Locale): Promise<void> {
  await page.getByLabel(words('order.signIn.password', {}, locale)).check();
  await button('order.summary.next')(page, locale);
  await page.waitForURL('**/confirm');
  await settled(page);
}

async function wrongLogin(page: Page, locale: Locale): Promise<void> {
  await page.getByLabel(words('auth.fields.email', {}, locale)).fill('nobody@example.com');
  await page.getByLabel(words('auth.fields.password', {}, locale)).fill('not the password');
  await button('auth.login.submit')(page, locale);
  const sentences = ['auth.login.wrongPair', 'auth.login.tooMany'].map((path) => pattern(path, locale));
  await expect(page.getByText(sentences[0]!).or(page.getByText(sentences[1]!)).first()).toBeVisible();
}

async function wrongName(page: Page, locale: Locale): Promise<void> {
  await page.getByLabel(words('order.name.label', {}, locale)).fill('-');
  await button('order.summary.next')(page, locale);
  await page.waitForTimeout(500);
}
