/** Every page, in both languages and both themes, with real data: what axe can find, is not there. */
import { AxeBuilder } from '@axe-core/playwright';
import { expect, test } from '@playwright/test';
import { patience } from './patience.ts';
import { addressesOf, pageFor, setScene, settled, speak } from './scene.ts';

test('axe finds nothing on any page, in either language and theme', async ({ browser }) => {
  // Some eighty pages.
  test.setTimeout(patience(480_000));
  const scene = await setScene('axe', ['stopped-1', 'running-1']);
  const found: string[] = [];
  for (const locale of ['ja', 'en'] as const) {
    await speak(scene, locale);
    for (const colorScheme of ['light', 'dark'] as const) {
      for (const as of ['visitor', 'customer', 'staff'] as const) {
        const page = await pageFor(browser, scene, as, { locale, colorScheme });
        for (const [name, address] of addressesOf(as, scene.ids)) {
          await page.goto(address);
          await settled(page);
          await expect(page.locator('html')).toHaveAttribute('lang', locale);
          const { violations } = await new AxeBuilder({ page }).analyze();
          for (const { id, help, nodes } of violations)
            found.push(
              `${name} ${locale} ${colorScheme}: ${id} (${help}): ${nodes.map(({ html }) => html).join(' | ')}`,
            );
        }
        await page.context().close();
      }
    }
  }
  await scene.clear();
  expect(found).toEqual([]);
});
