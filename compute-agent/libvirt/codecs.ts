/**
 * Codecs: how one value is written to and read from XDR. Small ones are put together to the arguments and answers in
 * procedures.ts, and the TypeScript types come out of the same expression.
 */
import type { DomainRef, NwfilterRef, PoolRef, VolRef } from './api.ts';
import type { XdrReader, XdrWriter } from './xdr.ts';

export interface Codec<T> {
  write(writer: XdrWriter, value: T): void;
  read(reader: XdrReader): T;
}

export type ValueOf<C> = C extends Codec<infer T> ? T : never;

export const int32: Codec<number> = { write: (w, v) => w.int32(v), read: (r) => r.int32() };
export const uint32: Codec<number> = { write: (w, v) => w.uint32(v), read: (r) => r.uint32() };
export const uint64: Codec<bigint> = { write: (w, v) => w.uint64(v), read: (r) => r.uint64() };
export const string: Codec<string> = { write: (w, v) => w.string(v), read: (r) => r.string() };

/** No bytes at all. */
export const nothing: Codec<void> = { write: () => {}, read: () => {} };

/** A presence word, then the value: libvirt's NULL-able things. */
export function optional<T>(codec: Codec<T>): Codec<T | null> {
  return {
    write(w, value) {
      w.uint32(value === null ? 0 : 1);
      if (value !== null) codec.write(w, value);
    },
    read: (r) => (r.uint32() === 0 ? null : codec.read(r)),
  };
}

/** `elementBytesMin`: the fewest bytes that one element takes, at least 4. It bounds a hostile count by the message. */
export function array<T>(codec: Codec<T>, max: number, elementBytesMin = 4): Codec<T[]> {
  return {
    write(w, values) {
      if (values.length > max) throw new RangeError(`${values.length} elements are more than libvirt takes (${max})`);
      w.uint32(values.length);
      for (const value of values) codec.write(w, value);
    },
    read(r) {
      const count = r.count(max, elementBytesMin);
      const values: T[] = [];
      for (let i = 0; i < count; i++) values.push(codec.read(r));
      return values;
    },
  };
}

/** Fields in the order in which they are written here. */
// biome-ignore lint/suspicious/noExplicitAny: a codec is invariant in its value; only `any` lets one of each kind in
export function struct<F extends Record<string, Codec<any>>>(fields: F): Codec<{ [K in keyof F]: ValueOf<F[K]> }> {
  type Value = { [K in keyof F]: ValueOf<F[K]> };
  const entries = Object.entries(fields) as [keyof F, Codec<unknown>][];
  return {
    write(w, value) {
      for (const [name, codec] of entries) codec.write(w, value[name]);
    },
    read(r) {
      const value: Partial<Record<keyof F, unknown>> = {};
      for (const [name, codec] of entries) value[name] = codec.read(r);
      return value as Value;
    },
  };
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** 16 bytes on the wire; lower case with hyphens here. */
export const uuid: Codec<string> = {
  write(w, value) {
    if (!UUID.test(value)) throw new TypeError(`not a UUID: ${JSON.stringify(value)}`);
    w.fixed(Buffer.from(value.replaceAll('-', ''), 'hex'));
  },
  read(r) {
    const hex = r.fixed(16).toString('hex');
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  },
};

export const domain: Codec<DomainRef> = struct({ name: string, uuid, id: int32 });
export const storagePool: Codec<PoolRef> = struct({ name: string, uuid });
export const storageVol: Codec<VolRef> = struct({ pool: string, name: string, key: string });
export const nwfilter: Codec<NwfilterRef> = struct({ name: string, uuid });

/** The payload of every reply with the status `error`. */
export const remoteError = struct({
  code: int32,
  domain: int32,
  message: optional(string),
  level: int32,
  dom: optional(domain),
  str1: optional(string),
  str2: optional(string),
  str3: optional(string),
  int1: int32,
  int2: int32,
  net: optional(struct({ name: string, uuid })),
});
