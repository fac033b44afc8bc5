/**
 * Prisma's schema engine as WebAssembly: the migrations' SQL is made by it, without the native binary that
 * Prisma's CLI would download. It can compare schema files; it cannot read a live database through the
 * pg adapter (measured: "Column type 'char' could not be deserialized"), so migrations are differences
 * between two versions of schema.prisma.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { PrismaPg } from '@prisma/adapter-pg';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';

type Filters = { externalTables: string[]; externalEnums: string[] };
type DiffTarget = { tag: 'empty' } | { tag: 'schemaDatamodel'; files: { path: string; content: string }[] };
export type MigrationsList = {
  baseDir: string;
  lockfile: { path: string; content: string | null };
  shadowDbInitScript: string;
  migrationDirectories: {
    path: string;
    migrationFile: { path: string; content: { tag: 'ok'; value: string } };
  }[];
};
type Engine = {
  diff(params: {
    from: DiffTarget;
    to: DiffTarget;
    script: boolean;
    exitCode: boolean | null;
    shadowDatabaseUrl: string | null;
    filters: Filters;
  }): Promise<{ stdout: string | null }>;
  diagnoseMigrationHistory(params: {
    migrationsList: MigrationsList;
    optInToShadowDatabase: boolean;
    filters: Filters;
  }): Promise<{ editedMigrationNames: string[]; failedMigrationNames: string[]; history: unknown }>;
};

const noFilters: Filters = { externalTables: [], externalEnums: [] };

type Glue = {
  __wbg_set_wasm: (wasm: WebAssembly.Exports) => void;
  SchemaEngine: { new: (...params: unknown[]) => Promise<Engine> };
};
let glue: Promise<Glue> | undefined;

/** Once per process: the generated glue holds its one WebAssembly instance in a global of its own. */
async function loadGlue(): Promise<Glue> {
  const loaded = (await import('@prisma/schema-engine-wasm/schema_engine_bg')) as unknown as Glue;
  // The package's `exports` hide the .wasm file, so its folder is found through the entry that they show.
  const folder = dirname(createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm'));
  const module = new WebAssembly.Module(readFileSync(join(folder, 'schema_engine_bg.wasm')));
  const wasm = new WebAssembly.Instance(module, {
    './schema_engine_bg.js': loaded as unknown as WebAssembly.ModuleImports,
  });
  loaded.__wbg_set_wasm(wasm.exports);
  (wasm.exports.__wbindgen_start as () => void)();
  return loaded;
}

/** `url`: a database that answers; the engine dials it when it is made, also for a mere difference. */
async function openEngine(schema: string, url: string): Promise<Engine> {
  glue ??= loadGlue();
  const factory = bindMigrationAwareSqlAdapterFactory(new PrismaPg({ connectionString: url }));
  return (await glue).SchemaEngine.new({ datamodels: [['schema.prisma', schema]] }, () => {}, factory);
}

const target = (schema: string | null): DiffTarget =>
  schema === null ? { tag: 'empty' } : { tag: 'schemaDatamodel', files: [{ path: 'schema.prisma', content: schema }] };

/**
 * The SQL that leads from one schema (null: an empty database) to another; empty when nothing changes.
 * `url` is a PostgreSQL that answers; nothing in it is read or changed.
 */
export async function diffSchemas(from: string | null, to: string, url: string): Promise<string> {
  const engine = await openEngine(to, url);
  const { stdout } = await engine.diff({
    from: target(from),
    to: target(to),
    script: true,
    exitCode: null,
    shadowDatabaseUrl: null,
    filters: noFilters,
  });
  const sql = (stdout ?? '').trim();
  return sql === '' || sql === '-- This is an empty migration.' ? '' : `${sql}\n`;
}

/** What Prisma itself thinks of a database's migration table; all empty and null means "up to date". */
export async function diagnoseHistory(url: string, schema: string, migrationsList: MigrationsList) {
  const engine = await openEngine(schema, url);
  return engine.diagnoseMigrationHistory({ migrationsList, optInToShadowDatabase: false, filters: noFilters });
}
