/**
 * The block in which cloud-init (and the small image) says on the serial console which SSH host keys it made:
 *
 *     <14>Nov 25 05:04:27 cloud-init: -----BEGIN SSH HOST KEY FINGERPRINTS-----
 *     <14>Nov 25 05:04:27 cloud-init: 256 SHA256:Yv0… root@web1 (ED25519)
 *     <14>Nov 25 05:04:27 cloud-init: -----END SSH HOST KEY FINGERPRINTS-----
 *
 * What stands in front of each line is a logger's. The guest writes this text, and may write anything: only what has
 * exactly this form is taken, and not much of it. A block that has no end is still being written, or never will be.
 */
import type { HostKeys } from '../contract/shapes.ts';
import { HOST_KEYS_MAX, hostKeyTypes } from '../contract/shapes.ts';

const BEGIN = '-----BEGIN SSH HOST KEY FINGERPRINTS-----';
const END = '-----END SSH HOST KEY FINGERPRINTS-----';
/** A block of every kind of key, with long comments and loggers' prefixes. */
const BLOCK_MAX = 8_192;
const LINE = new RegExp(`(?:^|\\s)\\d{3,5} SHA256:([A-Za-z0-9+/]{43}) .{0,512}\\((${hostKeyTypes.join('|')})\\)$`);

/** So many ends are looked at: a guest that floods its port with them costs no more. */
const TRIES_MAX = 100;

/** Of the last whole block in the text; null where there is none, or none of its lines can be read. */
export function lastFingerprints(text: string): HostKeys['fingerprints'] | null {
  let end = text.lastIndexOf(END);
  for (let tries = 0; end !== -1 && tries < TRIES_MAX; tries += 1) {
    const before = text.slice(Math.max(0, end - BLOCK_MAX), end);
    const begin = before.lastIndexOf(BEGIN);
    const found = begin === -1 ? [] : fingerprintsIn(before.slice(begin + BEGIN.length));
    if (found.length > 0) return found;
    end = end === 0 ? -1 : text.lastIndexOf(END, end - 1);
  }
  return null;
}

function fingerprintsIn(block: string): HostKeys['fingerprints'] {
  const found = new Map<string, HostKeys['fingerprints'][number]>();
  for (const line of block.split(/[\r\n]+/)) {
    const match = LINE.exec(line.trimEnd());
    if (match) found.set(match[2] as string, { type: match[2] as never, sha256: match[1] as string });
  }
  return [...found.values()].slice(0, HOST_KEYS_MAX);
}
