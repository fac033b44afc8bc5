/**
 * The architecture's rules (DESIGN, docs/architecture.md), each a function from the sources to what breaks it.
 * A rule that has an exception names it here, with the reason.
 */
import type { Import, SourceFile } from './source-files.ts';

export type Violation = { path: string; line?: number; rule: string; message: string };

const inside = (path: string, ...folders: string[]): boolean => folders.some((folder) => path.startsWith(`${folder}/`));

/** app → server → contract ← agent; libvirt and the contract know nobody. Of the console-proxy, too, others see its contract. */
export function arrows(files: SourceFile[]): Violation[] {
  return files
    .filter((file) => !file.isTest && !inside(file.path, 'scripts'))
    .flatMap((file) =>
      file.imports.flatMap((each) => {
        const why = each.target ? forbidden(file.path, each.target) : undefined;
        return why ? [{ path: file.path, rule: 'arrows', message: `imports ${each.specifier}: ${why}` }] : [];
      }),
    );
}

function forbidden(from: string, to: string): string | undefined {
  if (inside(to, 'scripts', 'e2e')) return 'nothing that runs imports scripts or e2e';
  if (inside(to, 'server/testing') || /\.test\.tsx?$/.test(to)) return 'tests are imported by tests only';
  if (inside(from, 'compute-agent/contract'))
    return inside(to, 'compute-agent/contract') ? undefined : 'the contract imports nothing else';
  if (inside(from, 'compute-agent/libvirt'))
    return inside(to, 'compute-agent/libvirt') ? undefined : 'the binding knows nothing of Tsubo';
  if (inside(from, 'compute-agent'))
    return inside(to, 'compute-agent') ? undefined : 'the agent knows nothing of the control plane';
  if (inside(from, 'server')) {
    if (inside(to, 'app')) return 'the server knows nothing of the panel';
    if (inside(to, 'compute-agent'))
      return inside(to, 'compute-agent/contract') ? undefined : 'of the agent, only its contract';
  }
  if (inside(from, 'console-proxy')) {
    if (inside(to, 'app')) return 'the proxy knows nothing of the panel';
    if (inside(to, 'compute-agent') && !inside(to, 'compute-agent/contract')) return 'of the agent, only its contract';
  }
  if (inside(to, 'console-proxy') && !inside(from, 'console-proxy')) {
    if (!inside(to, 'console-proxy/contract')) return 'of the proxy, only its contract';
  }
  if (inside(from, 'app') && inside(to, 'compute-agent') && !inside(to, 'compute-agent/contract'))
    return 'of the agent, only its contract';
  return undefined;
}

/** Groups of files that import each other in a ring (types count: they tie meanings together just as well). */
export function cycles(files: SourceFile[]): Violation[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const done = new Set<string>();
  const trail: string[] = [];
  const found: Violation[] = [];
  const visit = (path: string): void => {
    const at = trail.indexOf(path);
    if (at >= 0) {
      found.push({ path, rule: 'cycles', message: [...trail.slice(at), path].join(' → ') });
      return;
    }
    if (done.has(path)) return;
    trail.push(path);
    for (const { target } of byPath.get(path)?.imports ?? []) if (target) visit(target);
    trail.pop();
    done.add(path);
  };
  for (const file of files) visit(file.path);
  return found;
}

type Ban = { rule: string; pattern: RegExp; message: string; allowed: (file: SourceFile) => boolean };

const BANS: Ban[] = [
  {
    rule: 'clock',
    pattern: /\bDate\.now\(|\bnew Date\(\s*\)|(?<!new )\bDate\(\s*\)/g,
    message: 'the time comes from a clock (server/clock.ts, compute-agent/clock.ts)',
    allowed: (file) =>
      /(^|\/)clock\.ts$/.test(file.path) ||
      inside(file.path, 'scripts') ||
      file.isTest ||
      // What a person is shown in the browser: how long ago.
      ['app/_ui/TimeText.tsx', 'app/_lib/live/Live.tsx'].includes(file.path),
  },
  {
    rule: 'random',
    pattern: /\bMath\.random\(/g,
    message: 'ids and secrets come from server/ids.ts or node:crypto',
    // In the browser it spreads reconnections and nothing else.
    allowed: (file) => inside(file.path, 'scripts', 'app') || file.isTest,
  },
  {
    rule: 'console',
    pattern: /\bconsole\.(log|info|debug)\(/g,
    message: 'processes log by pino',
    // The operator's commands speak to a person.
    allowed: (file) =>
      inside(file.path, 'scripts', 'prisma') || file.isTest || /(^|\/)(admin|main)\.ts$/.test(file.path),
  },
];

export function bannedCalls(files: SourceFile[]): Violation[] {
  return files.flatMap((file) =>
    BANS.filter((ban) => !ban.allowed(file)).flatMap((ban) =>
      [...file.code.matchAll(ban.pattern)].map((match) => ({
        path: file.path,
        line: file.code.slice(0, match.index).split('\n').length,
        rule: ban.rule,
        message: ban.message,
      })),
    ),
  );
}

/** Starting programs: with fixed paths, argument arrays and a deadline, in one place. */
export function childProcess(files: SourceFile[]): Violation[] {
  const allowed = (file: SourceFile) =>
    file.isTest || inside(file.path, 'scripts') || file.path === 'compute-agent/exec.ts';
  const isIt = (each: Import) => /^(node:)?child_process$/.test(each.specifier);
  return files
    .filter((file) => !allowed(file) && file.imports.some(isIt))
    .map((file) => ({
      path: file.path,
      rule: 'child_process',
      message: 'programs are started by compute-agent/exec.ts',
    }));
}

/** Prisma's client in services; not in routers, schemas, pure modules, React or the agent. */
export function prismaInServices(files: SourceFile[]): Violation[] {
  // Types of its enums say what a column may hold; they carry no client.
  const isPrisma = (each: Import) =>
    (each.target?.startsWith('server/generated/') && !(each.typeOnly && each.target.endsWith('/enums.ts'))) ||
    each.specifier.startsWith('@prisma/');
  const allowed = (file: SourceFile) =>
    file.isTest ||
    inside(file.path, 'prisma', 'scripts') ||
    (inside(file.path, 'server') && !/\/(router|schema|state)\.ts$/.test(file.path));
  return files
    .filter((file) => !allowed(file) && file.imports.some(isPrisma))
    .map((file) => ({ path: file.path, rule: 'prisma', message: 'Prisma belongs in services' }));
}

/** A file that only passes on what others export hides where things are. */
export function barrels(files: SourceFile[]): Violation[] {
  return files
    .filter((file) => {
      const rest = file.code.replace(/^export\s+(type\s+)?(\*|\{[^}]*\})[^;]*;/gm, '').trim();
      return rest === '' && /^export\s/m.test(file.code);
    })
    .map((file) => ({ path: file.path, rule: 'barrel', message: 'import from the file that defines it' }));
}
