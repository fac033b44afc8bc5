/**
 * What a browser loads of scripts before a page can be used, read from what Next wrote beside each built page: the
 * runtime's files, and those of the page, its layouts and its error pages. What is imported when it is needed is not
 * among them.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { gzipSync } from 'node:zlib';
import { z } from 'zod';

/** Page (Next's folder below app/) → KiB of scripts, compressed file by file as nginx does. */
export type FirstLoad = Record<string, number>;

const buildManifest = z.object({ rootMainFiles: z.array(z.string()).min(1) });
const pageManifest = z.object({ entryJSFiles: z.record(z.string(), z.array(z.string())) });

const MANIFEST = '/page_client-reference-manifest.js';

/** @param app a built app: dist/<digest>/app */
export function firstLoad(app: string): FirstLoad {
  const built = join(app, '.next');
  const { rootMainFiles } = buildManifest.parse(JSON.parse(readFileSync(join(built, 'build-manifest.json'), 'utf8')));
  const sizes = new Map<string, number>();
  const size = (file: string): number => {
    const known = sizes.get(file) ?? gzipSync(readFileSync(join(built, file))).length;
    sizes.set(file, known);
    return known;
  };
  const pages = join(built, 'server/app');
  const entries = readdirSync(pages, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith(MANIFEST) && !path.startsWith('_'))
    .sort()
    .map((path): [string, number] => {
      const files = new Set([...rootMainFiles, ...Object.values(entryFiles(join(pages, path))).flat()]);
      return [path.slice(0, -MANIFEST.length), [...files].reduce((sum, file) => sum + size(file), 0) / 1024];
    });
  if (entries.length === 0) throw new Error(`no page in ${pages}: does this Next write its manifests elsewhere?`);
  return Object.fromEntries(entries.map(([page, kib]) => [page, Math.round(kib * 10) / 10]));
}

/** The manifest is a script that puts itself into a global. */
function entryFiles(path: string): Record<string, string[]> {
  const sandbox: { __RSC_MANIFEST: Record<string, unknown> } = { __RSC_MANIFEST: {} };
  runInNewContext(readFileSync(path, 'utf8'), { globalThis: sandbox });
  return pageManifest.parse(JSON.parse(JSON.stringify(Object.values(sandbox.__RSC_MANIFEST)[0]))).entryJSFiles;
}
