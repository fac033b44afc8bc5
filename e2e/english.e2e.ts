/** A customer whose language is English, in a browser that asks for Japanese. */
import { expect, test } from '@playwright/test';
import { signUp } from './customer.ts';
import { words } from './words.ts';

const english = (path: string) => words(path, {}, 'en');

test('the pages of a customer who reads English are in English, and say so', async ({ page, context }) => {
  await (await signUp('english', 'en')).enter(context);
  await page.goto('/servers');
  await expect(page.locator('html')).toHaveAttribute('lang', 'en');
  await expect(page.getByRole('heading', { name: english('servers.empty.title') })).toBeVisible();
  await expect(page.getByText(english('servers.empty.what'))).toBeVisible();

  await page
    .getByRole('link', { name: english('servers.add') })
    .first()
    .click();
  await expect(page.getByRole('heading', { name: english('order.title') })).toBeVisible();
  await expect(page).toHaveTitle(`${english('order.title')} | Tsubo`);
  await expect(page.getByText(words('order.title'))).toHaveCount(0);
  await expect(page.locator('html')).toHaveAttribute('lang', 'en');
});
