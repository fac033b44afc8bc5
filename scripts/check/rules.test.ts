import { expect, test } from 'vitest';
import { arrows, bannedCalls, barrels, childProcess, cycles, prismaInServices } from './rules.ts';
import { parseSource } from './source-files.ts';

const messages = (
  rule: (files: ReturnType<typeof parseSource>[]) => { path: string }[],
  ...files: [string, string][]
) => rule(files.map(([path, text]) => parseSource(path, text))).map((violation) => violation.path);

test.each([
  ['server/servers/service.ts', "import { x } from '../../app/_lib/paths.ts';\n"],
  ['server/worker.ts', "import { x } from '../compute-agent/driver.ts';\n"],
  ['compute-agent/main.ts', "import type { Db } from '../server/db.ts';\n"],
  ['compute-agent/contract/shapes.ts', "import { x } from '../clock.ts';\n"],
  ['compute-agent/libvirt/client.ts', "const x = await import('../clock.ts');\n"],
  ['app/page.tsx', "import {\n  x,\n} from '../scripts/build.ts';\n"],
  ['server/servers/service.ts', "import { x } from '../testing/database.ts';\n"],
])('an arrow the wrong way is found: %s', (path, text) => {
  expect(messages(arrows, [path, text])).toEqual([path]);
});

test('arrows the right way pass', () => {
  expect(
    messages(
      arrows,
      ['server/agent-client/client.ts', "import { x } from '../../compute-agent/contract/contract.ts';\n"],
      ['app/page.tsx', "import type { R } from '../server/trpc/root.ts';\n"],
      ['server/servers/service.test.ts', "import { x } from '../testing/database.ts';\n"],
    ),
  ).toEqual([]);
});

test('a ring of imports is found, types included', () => {
  const ring: [string, string][] = [
    ['server/a.ts', "import { b } from './b.ts';\n"],
    ['server/b.ts', "import type { C } from './c.ts';\n"],
    ['server/c.ts', "export { a } from './a.ts';\n"],
  ];
  expect(messages(cycles, ...ring)).toHaveLength(1);
  expect(messages(cycles, ...ring.slice(0, 2))).toEqual([]);
});

test('banned calls are found in code, not in comments or strings, nor where they belong', () => {
  expect(messages(bannedCalls, ['server/x.ts', 'const at = Date.now();\n'])).toEqual(['server/x.ts']);
  expect(messages(bannedCalls, ['server/x.ts', 'const at = new Date();\n'])).toEqual(['server/x.ts']);
  expect(messages(bannedCalls, ['server/x.ts', 'const id = Math.random();\n'])).toEqual(['server/x.ts']);
  expect(messages(bannedCalls, ['server/x.ts', "console.log('x');\n"])).toEqual(['server/x.ts']);
  expect(messages(bannedCalls, ['server/x.ts', "// Date.now()\nconst s = 'Date.now()';\nnew Date(0);\n"])).toEqual([]);
  expect(messages(bannedCalls, ['server/clock.ts', 'const at = new Date();\n'])).toEqual([]);
});

test('programs are started in one place', () => {
  const text = "import { spawn } from 'node:child_process';\n";
  expect(messages(childProcess, ['server/x.ts', text])).toEqual(['server/x.ts']);
  expect(messages(childProcess, ['compute-agent/exec.ts', text], ['scripts/x.ts', text])).toEqual([]);
});

test('Prisma stays in services', () => {
  const client = "import { Prisma } from '../generated/prisma/client.ts';\n";
  expect(messages(prismaInServices, ['server/servers/router.ts', client])).toEqual(['server/servers/router.ts']);
  expect(messages(prismaInServices, ['app/page.tsx', "import { x } from '@prisma/client';\n"])).toEqual([
    'app/page.tsx',
  ]);
  expect(messages(prismaInServices, ['server/servers/service.ts', client])).toEqual([]);
  expect(
    messages(prismaInServices, ['server/servers/state.ts', "import type { A } from '../generated/prisma/enums.ts';\n"]),
  ).toEqual([]);
});

test('a file that only passes on is a barrel', () => {
  expect(
    messages(barrels, ['app/_ui/all.ts', "/** All. */\nexport { A } from './A.tsx';\nexport * from './B.tsx';\n"]),
  ).toEqual(['app/_ui/all.ts']);
  expect(messages(barrels, ['app/x.ts', "export { A } from './A.tsx';\nexport const b = 1;\n"])).toEqual([]);
});
