/**
 * npm run -s bench NAME [-- ARGS]: runs scripts/bench/NAME/main.ts. A bench that needs the whole service gets one of
 * its own in namespaces (scripts/stack/run), unless TSUBO_STACK already names one; the others bring what they need.
 * Last line: JSON.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** They need no panel. */
const BY_THEMSELVES = ['abuse', 'console', 'fuzz', 'libvirt'];
const root = join(import.meta.dirname, '../..');
const [name = '', ...args] = process.argv.slice(2);
const main = join(import.meta.dirname, name, 'main.ts');
if (name === '' || !existsSync(main)) {
  const names = readdirSync(import.meta.dirname, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  process.stderr.write(`Which bench? ${names.map((entry) => entry.name).join(', ')}\n`);
  process.exit(2);
}
const command = [process.execPath, main, ...args];
const result =
  process.env.TSUBO_STACK === undefined && !BY_THEMSELVES.includes(name)
    ? spawnSync(join(root, 'scripts/stack/run'), ['--', ...command], { stdio: 'inherit', cwd: root })
    : spawnSync(command[0]!, command.slice(1), { stdio: 'inherit', cwd: root });
process.exit(result.status ?? 1);
