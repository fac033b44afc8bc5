/**
 * npm run shots: every page, dialog and menu with real data on a real guest, × (ja, en) × (desktop, phone) × (light,
 * dark), into shots/ with one contact sheet (shots/index.html).
 *
 * `SHOTS=server,dialog` takes those alone whose name begins so.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Browser, test } from '@playwright/test';
import { signUp } from '../../e2e/customer.ts';
import { type Locale, pageFor, type Scene, setScene, settled, speak, type Theme } from '../../e2e/scene.ts';
import { contactSheet, type Shot } from './sheet.ts';
import { type View, viewsOf } from './views.ts';

const out = join(import.meta.dirname, '../../shots');
const sizes = {
  desktop: { viewport: { width: 1280, height: 800 } },
  phone: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true },
};
const wanted = process.env.SHOTS?.split(',') ?? [''];
const shots: Shot[] = [];
const failed: string[] = [];

test('a picture of everything', async ({ browser }) => {
  test.setTimeout(0);
  const scene = await setScene('shots', ['db-1', 'web-1']);
  const newcomer = await signUp('newcomer');
  const views = viewsOf(scene.ids).filter(({ name }) => wanted.some((start) => name.startsWith(start)));
  rmSync(out, { recursive: true, force: true });
  for (const locale of ['ja', 'en'] as const) {
    await speak(scene, locale);
    await newcomer.api.account.preferences.mutate({ locale });
    for (const width of ['desktop', 'phone'] as const)
      for (const theme of ['light', 'dark'] as const)
        for (const view of views)
          await take(browser, view.as === 'newcomer' ? { ...scene, customer: newcomer } : scene, view, {
            locale,
            width,
            theme,
          });
  }
  shots.sort((a, b) => views.findIndex(({ name }) => name === a.view) - views.findIndex(({ name }) => name === b.view));
  writeFileSync(join(out, 'index.html'), contactSheet(shots));
  await scene.clear();
  if (failed.length > 0) throw new Error(failed.join('\n'));
});

type Look = { locale: Locale; width: keyof typeof sizes; theme: Theme };

async function take(browser: Browser, scene: Scene, view: View, { locale, width, theme }: Look): Promise<void> {
  const file = join(view.name, `${locale}-${width}-${theme}.png`);
  const as = view.as === 'newcomer' ? 'customer' : view.as;
  const page = await pageFor(browser, scene, as, { locale, colorScheme: theme, ...sizes[width] });
  try {
    await page.goto(view.address);
    await settled(page);
    await view.act?.(page, locale);
  } catch (error) {
    // What can be seen of it is taken all the same.
    failed.push(`${file}: ${error}`);
  }
  mkdirSync(dirname(join(out, file)), { recursive: true });
  await page.screenshot({ path: join(out, file), fullPage: !view.layer });
  shots.push({ view: view.name, locale, width, theme, file });
  await page.context().close();
}
