/** Frames of libvirt 9.0, one of each kind (program/procedure/type/status); record.ts wrote them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

export function readRecorded(): Map<string, Buffer> {
  const file = readFileSync(join(import.meta.dirname, 'recorded.json'), 'utf8');
  const texts = z.record(z.string(), z.base64()).parse(JSON.parse(file));
  return new Map(Object.entries(texts).map(([kind, text]) => [kind, Buffer.from(text, 'base64')]));
}
