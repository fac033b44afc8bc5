/**
 * Ids are made here, before the first side effect, from RFC 4648's base32 letters in lower case (a-z2-7):
 * safe in file names, domain names and addresses, and without upper and lower case to mix up.
 */
import { randomBytes } from 'node:crypto';

/** Random bytes; a test may hand in its own. */
export type Random = (bytes: number) => Uint8Array;
export const systemRandom: Random = (bytes) => randomBytes(bytes);

const letters = 'abcdefghijklmnopqrstuvwxyz234567';

/** 5 random bits per letter; 256 is a multiple of 32, so no letter is likelier than another. */
const base32 = (length: number, random: Random): string =>
  Array.from(random(length), (byte) => letters[byte % 32]).join('');

/** 50 bits. Also the name of the domain, its folder and, between `v` and `-0`, its network interface. */
export const serverId = (random: Random = systemRandom): string => base32(10, random);

export type IdKind =
  | 'acc' // account
  | 'adr' // address
  | 'aud' // entry of the audit log
  | 'con' // open console
  | 'crd' // credential
  | 'hld' // hold of an address
  | 'hst' // host
  | 'img' // image
  | 'iso'
  | 'jn' // join of a host
  | 'key' // SSH key
  | 'op' // operation
  | 'plc' // placement
  | 'pol' // pool of addresses
  | 'req' // request that came without an id
  | 'ses' // session
  | 'sub' // subscription
  | 'ukey' // a user's own key
  | 'usr' // user
  | 'vfn' // verification
  | 'vif'
  | 'vol'; // volume

/** `op_` and 16 letters: 80 bits. */
export const newId = (kind: IdKind, random: Random = systemRandom): string => `${kind}_${base32(16, random)}`;

/** What a person reads out to support, e.g. `E-7Q2KX4`. The log has the whole story under it. */
export const errorId = (random: Random = systemRandom): string => `E-${base32(6, random).toUpperCase()}`;
