// Says by its exit status whether node_modules is what the lockfile names (0) or not (1).
// Runs on whatever Node the machine has: scripts/setup asks it before the project's own Node is there.
import { readFileSync } from 'node:fs';

function packages(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8')).packages;
  } catch {
    return undefined;
  }
}

const wanted = packages('package-lock.json');
// npm writes this one last, so an interrupted installation has none.
const installed = packages('node_modules/.package-lock.json');
const same = ([path, { version, optional, devOptional, peer }]) =>
  path === '' || installed[path]?.version === version || (!(path in installed) && (optional || devOptional || peer));
process.exitCode = wanted && installed && Object.entries(wanted).every(same) ? 0 : 1;
