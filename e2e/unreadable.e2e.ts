/** What a page cannot read, it says, with a way to try again that works; nothing is blank, and nobody is sent away. */
import { expect, test } from '@playwright/test';
import { withDatabase } from './database.ts';
import { patience } from './patience.ts';
import { addressesOf, pageFor, setScene, settled } from './scene.ts';
import { words } from './words.ts';

/** What the panel reads of each page; workers go on, they are other users of the database. */
const TABLES = ['Server', 'Operation', 'Host', 'Plan', 'SshKey'].map((name) => `"${name}"`).join(', ');
const mayRead = (may: boolean) =>
  withDatabase((db) => db.query(`${may ? 'GRANT' : 'REVOKE'} SELECT ON ${TABLES} ${may ? 'TO' : 'FROM'} tsubo_app`));

/** These read nothing of it. */
const OTHERS = ['not-found', 'profile', 'security'];

test.afterEach(() => mayRead(true));

test('each page says that it cannot be read, and comes when it can', async ({ browser }) => {
  test.setTimeout(patience(300_000));
  const scene = await setScene('unreadable', ['off-1', 'on-1']);
  const found: string[] = [];
  for (const as of ['customer', 'staff'] as const) {
    const page = await pageFor(browser, scene, as, { locale: 'ja', colorScheme: 'light' });
    for (const [name, address] of addressesOf(as, scene.ids).filter(([name]) => !OTHERS.includes(name))) {
      await mayRead(false);
      await page.goto(address);
      const failed = page.getByRole('heading', { name: words('common.crash.title') }).first();
      const again = page.getByRole('button', { name: words('common.reload'), exact: true }).first();
      const said = await expect(failed)
        .toBeVisible({ timeout: patience(10_000) })
        .then(() => true)
        .catch(() => false);
      await mayRead(true);
      if (!said) {
        found.push(`${name}: says nothing`);
        continue;
      }
      await again.click();
      await expect(failed, name).toBeHidden({ timeout: patience(15_000) });
      await settled(page);
    }
    await page.context().close();
  }
  await scene.clear();
  expect(found).toEqual([]);
});
