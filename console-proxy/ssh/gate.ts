/**
 * Who may knock: how many connections at once, of one address and of all, how many of them unknown, and how often. An
 * IPv6 address counts by its /64, which is what one person has. Knows no sockets; times are milliseconds of any clock.
 */
import { isIPv6 } from 'node:net';

export type GateLimits = {
  all: number;
  /** Of all, those that have not proven a key yet: each may cost a handshake. */
  unknown: number;
  perAddress: number;
  unknownPerAddress: number;
  /** New ones of an address within WINDOW_MS. */
  often: number;
};

const GATE: GateLimits = { all: 500, unknown: 60, perAddress: 30, unknownPerAddress: 12, often: 90 };

const WINDOW_MS = 60_000;

type Address = { known: number; unknown: number; since: number; came: number };

/** One connection that was let in. */
export type Pass = { /** It has proven a key. */ known: () => void; leave: () => void };

export class Gate {
  readonly #limits: GateLimits;
  readonly #addresses = new Map<string, Address>();
  #known = 0;
  #unknown = 0;

  constructor(limits: GateLimits = GATE) {
    this.#limits = limits;
  }

  /** Null: turned away. */
  enter(ip: string, now: number): Pass | null {
    const name = networkOf(ip);
    if (this.#addresses.size > 10_000) this.#forget(now);
    const address = this.#addresses.get(name) ?? { known: 0, unknown: 0, since: now, came: 0 };
    if (now - address.since >= WINDOW_MS) Object.assign(address, { since: now, came: 0 });
    this.#addresses.set(name, address);
    address.came += 1;
    const { all, unknown, perAddress, unknownPerAddress, often } = this.#limits;
    if (
      this.#known + this.#unknown >= all ||
      this.#unknown >= unknown ||
      address.known + address.unknown >= perAddress ||
      address.unknown >= unknownPerAddress ||
      address.came > often
    )
      return null;
    address.unknown += 1;
    this.#unknown += 1;
    let as: 'unknown' | 'known' | 'gone' = 'unknown';
    return {
      known: () => {
        if (as !== 'unknown') return;
        as = 'known';
        this.#unknown -= 1;
        this.#known += 1;
        address.unknown -= 1;
        address.known += 1;
      },
      leave: () => {
        if (as === 'gone') return;
        address[as] -= 1;
        if (as === 'known') this.#known -= 1;
        else this.#unknown -= 1;
        as = 'gone';
      },
    };
  }

  #forget(now: number): void {
    for (const [name, { known, unknown, since }] of this.#addresses)
      if (known + unknown === 0 && now - since >= WINDOW_MS) this.#addresses.delete(name);
  }
}

/** An IPv4 address as it is, of an IPv6 one the first 64 bits. */
function networkOf(ip: string): string {
  const v4 = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(ip);
  if (v4) return v4[1] as string;
  if (!isIPv6(ip)) return ip;
  const [head = '', tail] = (ip.split('%')[0] as string).split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const groups = [...left, ...Array(Math.max(0, 8 - left.length - right.length)).fill('0'), ...right];
  return groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':');
}
