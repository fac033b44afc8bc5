/**
 * What is on one host, as plain data: what the rules of "nothing lost, nothing doubled, nothing left over" are held
 * against. The harness fills it from the simulated agent; the crash bench and e2e from libvirt, files and the kernel
 * (scripts/checker). A reader says what it looked for, since what nobody looked for is not missing.
 */

/**
 * A kind of thing that belongs to one server.
 *
 * process: a QEMU · disk, seed: files in the agent's folders · filter, binding: libvirt's nwfilter, defined and in
 * force · tap · chain, jump: libvirt's rules for a tap, and what leads into them · lease: dnsmasq's file · note, run,
 * tombstone: the agent's own records · serial folder, socket folder, socket · definition, runtime file: libvirt's own
 * about a domain · saved memory, nvram, autostart, tpm: what libvirt may keep beside a domain · cgroup · staged,
 * temporary: work that was not finished · pool: one of libvirt's that nobody uses, or with a list that only grows ·
 * address rule: a guest's address in an nft set, answered for by proxy, or pinned to a port · unknown: no rule knows it.
 */
export type Kind =
  | 'process'
  | 'disk'
  | 'seed'
  | 'filter'
  | 'binding'
  | 'tap'
  | 'chain'
  | 'jump'
  | 'lease'
  | 'note'
  | 'run'
  | 'tombstone'
  | 'serial folder'
  | 'socket folder'
  | 'socket'
  | 'definition'
  | 'runtime file'
  | 'saved memory'
  | 'nvram'
  | 'autostart'
  | 'tpm'
  | 'cgroup'
  | 'staged'
  | 'temporary'
  | 'pool'
  | 'address rule'
  | 'unknown';

export interface Thing {
  kind: Kind;
  /** What a person finds it by: a path, a name in the kernel. Of a disk: the volume's id. */
  name: string;
  /** null: it says of no server that it is its own. */
  serverId: string | null;
}

export interface DomainSeen {
  name: string;
  uuid: string;
  /** running, off, or libvirt's word for what is neither. */
  state: string;
  /** In its metadata; null where it carries none of ours. */
  generation: number | null;
}

/** A permanent entry on the guests' bridge. Addresses as the kernel writes them. */
export interface Neighbour {
  address: string;
  mac: string;
  /** Whether the address is the link-local one that is formed from this very MAC. */
  linkLocal: boolean;
}

export interface Machine {
  hostId: string;
  looked: ReadonlySet<Kind>;
  domains: readonly DomainSeen[];
  things: readonly Thing[];
  /** Per server: the addresses that its filter, and its lease, let it have. null: not looked. */
  addresses: readonly { in: 'filter' | 'lease'; serverId: string; addresses: readonly string[] }[] | null;
  neighbours: readonly Neighbour[] | null;
  /** Server → generation at which it was removed. */
  tombstones: ReadonlyMap<string, number>;
  /** dnsmasq processes of the guests' bridge; null: not looked. */
  leaseDaemons: number | null;
}
