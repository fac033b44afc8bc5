import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { routes, unseen } from './routes.ts';

const app = join(import.meta.dirname, '../../app');
const pages = readdirSync(app, { recursive: true, encoding: 'utf8' })
  .filter((path) => /(^|\/)page\.tsx$/.test(path))
  .map((path) => path.replace(/\/?page\.tsx$/, ''));

test('every page of app/ is listed once, and nothing that is none', () => {
  expect([...routes.map(({ page }) => page), ...Object.keys(unseen)].sort()).toEqual(pages.sort());
});

test.each(routes)('an address of $page is of that page', ({ page, addresses }) => {
  const segments = page.split('/').filter((part) => !/^\(.*\)$/.test(part));
  const pattern = segments.map((part) => (part.startsWith('[...') ? '.+' : part.startsWith('[') ? '[^/]+' : part));
  for (const address of Object.values(addresses({ running: 'r', stopped: 's', operation: 'o' })))
    expect(address).toMatch(new RegExp(`^/${pattern.join('/')}$`));
});

test('no two addresses have one name', () => {
  const names = routes.flatMap(({ addresses }) =>
    Object.keys(addresses({ running: 'r', stopped: 's', operation: 'o' })),
  );
  expect(new Set(names).size).toBe(names.length);
});
