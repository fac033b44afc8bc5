/** Every page, in both languages, with real data: what axe can find is not there, and nothing needs a wide window. */
import { AxeBuilder } from '@axe-core/playwright';
import { expect, type Page, test } from '@playwright/test';
import { patience } from './patience.ts';
import { addressesOf, pageFor, type Scene, setScene, settled, speak } from './scene.ts';

test.describe.configure({ mode: 'serial' });

const everybody = ['visitor', 'customer', 'staff'] as const;
let scene: Scene;
test.beforeAll(async () => {
  scene = await setScene('axe', ['stopped-1', 'running-1']);
});
test.afterAll(() => scene.clear());

test('axe finds nothing on any page, in either language and theme', async ({ browser }) => {
  // Some eighty pages.
  test.setTimeout(patience(480_000));
  const found: string[] = [];
  for (const locale of ['ja', 'en'] as const) {
    await speak(scene, locale);
    for (const colorScheme of ['light', 'dark'] as const) {
      for (const as of everybody) {
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
  expect(found).toEqual([]);
});

/** What reaches over the window's edge where nobody can scroll to it, by its beginning. */
const cutOff = (page: Page) =>
  page.evaluate(() => {
    // Or lies in what is for screen readers alone, a pixel wide.
    const scrolls = (element: Element | null): boolean =>
      element !== null &&
      (/auto|scroll/.test(getComputedStyle(element).overflowX) ||
        element.getBoundingClientRect().width <= 1 ||
        scrolls(element.parentElement));
    const wide = [...document.querySelectorAll('body *')].filter((element) => {
      const { right, left, width } = element.getBoundingClientRect();
      return width > 1 && (right > window.innerWidth + 1 || left < -1) && !scrolls(element.parentElement);
    });
    const all = wide.map((element) => element.outerHTML.slice(0, 120));
    return document.documentElement.scrollWidth > window.innerWidth ? ['the page scrolls sideways', ...all] : all;
  });

test('at 320 pixels, as wide as a page at four times its size, nothing is cut and nothing scrolls sideways', async ({
  browser,
}) => {
  test.setTimeout(patience(240_000));
  const found: string[] = [];
  for (const locale of ['ja', 'en'] as const) {
    await speak(scene, locale);
    for (const as of everybody) {
      const viewport = { width: 320, height: 640 };
      const page = await pageFor(browser, scene, as, { locale, colorScheme: 'light', viewport });
      for (const [name, address] of addressesOf(as, scene.ids)) {
        await page.goto(address);
        await settled(page);
        for (const each of await cutOff(page)) found.push(`${name} ${locale}: ${each}`);
      }
      await page.context().close();
    }
  }
  expect(found).toEqual([]);
});

test('letters of twice their size, and in forced colours what has the focus is seen', async ({ browser }) => {
  test.setTimeout(patience(240_000));
  const found: string[] = [];
  for (const as of everybody) {
    const viewport = { width: 1_280, height: 800 };
    const page = await pageFor(browser, scene, as, {
      ...{ locale: 'en', colorScheme: 'light', viewport, forcedColors: 'active' },
    });
    // As a person sets it in the browser; 16 is what it has else.
    const settings = await page.context().newCDPSession(page);
    await settings.send('Page.setFontSizes', { fontSizes: { standard: 32, fixed: 26 } });
    for (const [name, address] of addressesOf(as, scene.ids)) {
      await page.goto(address);
      await settled(page);
      const size = await page.evaluate(() => Number.parseFloat(getComputedStyle(document.body).fontSize));
      if (size < 2 * 14) found.push(`${name}: letters do not grow`);
      for (const each of await cutOff(page)) found.push(`${name}: ${each}`);
      for (let n = 0; n < 6; n++) {
        await page.keyboard.press('Tab');
        const bare = await page.evaluate(() => {
          const { activeElement } = document;
          if (activeElement === null || activeElement === document.body) return null;
          const { outlineStyle, outlineWidth } = getComputedStyle(activeElement);
          return outlineStyle === 'none' || outlineWidth === '0px' ? activeElement.outerHTML.slice(0, 120) : null;
        });
        if (bare !== null) found.push(`${name}: no ring around ${bare}`);
      }
    }
    await page.context().close();
  }
  expect(found).toEqual([]);
});
