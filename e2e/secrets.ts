/**
 * The secrets that the run made up or was given: noted as they come, because a spec's process may end before the
 * last spec looks for them where they must not be.
 */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readStack } from './stack.ts';

const file = join(readStack().data, 'e2e-secrets.json-lines');

export function noteSecret(secret: string): void {
  appendFileSync(file, `${JSON.stringify(secret)}\n`, { mode: 0o600 });
}

export const notedSecrets = (): string[] =>
  existsSync(file)
    ? readFileSync(file, 'utf8')
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as string)
    : [];
