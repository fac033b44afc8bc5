/**
 * The host's network for guests: one bridge whose ports are isolated, NAT, rules, addresses by static leases,
 * anti-spoofing per server. Every function may be repeated and may follow on one that a crash cut short.
 *
 * What is kept where: filters in libvirt, leases in dnsmasq's folder (the record of a server's addresses), the rest
 * in the kernel, made again from these by `prepare` and `check`.
 *
 * `put` has to end before the domain starts; `remove` comes after the domain is gone, since libvirt keeps a filter
 * that is in use. `check` returns codes of what it found, most of it put right: `bridge-restored`,
 * `rules-restored`, `neighbours-restored`, `dnsmasq-restarted`, `taps-restored`, `filters-flushed`; and what could not
 * be: `taps-adrift`, and `filters-missing` where libvirt did not make them again. `close` ends the watching only: dnsmasq and all rules stay, the guests go on.
 */
import { vifName } from '../contract/shapes.ts';
import type { HostNetwork } from '../driver.ts';
import type { LibvirtClient } from '../libvirt/api.ts';
import type { Logger } from '../log.ts';
import { type Bridge, missingNeighbours, putBridge, putNeighbours, type Run, removeNeighbours } from './bridge.ts';
import { Dnsmasq } from './dnsmasq.ts';
import { filterName, putCommonFilters, putFilter, removeFilter, serverFilter } from './filters.ts';
import { type Lease, leaseOf } from './leases.ts';
import { removeOrphanedRules } from './orphaned-rules.ts';
import { reloadLibvirt, unfilteredTaps, untilFiltered } from './presence.ts';
import { Tables } from './tables.ts';
import { restoreTaps, tapsOn } from './taps.ts';

export interface HostNetworkOptions {
  /** Its name, and the addresses with prefix that guests have as their gateway. */
  bridge: string;
  v4: string;
  v6: string;
  mac: string;
  /** Interface for NAT; none: whichever the route says. */
  uplink?: string | undefined;
  /** TCP port of the public panel, if guests may reach it on this host. */
  panelPort?: number | undefined;
  /** The agent's folder. */
  dataDir: string;
  libvirt: LibvirtClient;
  run: Run;
  log: Pick<Logger, 'info' | 'warn' | 'error'>;
  /** How often dnsmasq is looked after, milliseconds; default 5000. */
  watchMs?: number;
}

/** libvirt made 18 rules in well under a second; a loaded host with many guests takes longer. */
const FILTERS_DEADLINE_MS = 10_000;
/** A tap exists for a moment before its rules do. */
const SECOND_LOOK_MS = 2_000;

export function createNetwork(options: HostNetworkOptions): HostNetwork {
  const { run, libvirt, log } = options;
  const bridge: Bridge = { name: options.bridge, v4: options.v4, v6: options.v6, mac: options.mac };
  const dnsmasq = new Dnsmasq(run, options.dataDir, bridge);
  const tables = new Tables(run, bridge, { uplink: options.uplink, panelPort: options.panelPort });
  let commonFilters: Promise<void> | undefined;
  let watch: NodeJS.Timeout | undefined;
  let swept = false;

  const restoreNeighbours = async (): Promise<boolean> => {
    const missing = await missingNeighbours(run, bridge.name, await dnsmasq.leasesExcept(null));
    await putNeighbours(run, bridge.name, missing);
    return missing.length > 0;
  };

  /** Once per connection to libvirt's state: they only change with the agent's version. Tried again if it fails. */
  const ensureCommonFilters = (): Promise<void> => {
    commonFilters ??= putCommonFilters(libvirt).catch((error: unknown) => {
      commonFilters = undefined;
      throw error;
    });
    return commonFilters;
  };
  const forgetFilters = libvirt.onConnected(() => {
    commonFilters = undefined;
  });

  const watchDnsmasq = async (): Promise<void> => {
    try {
      if (await dnsmasq.ensure()) log.warn({ bridge: bridge.name }, 'dnsmasq was away and is started again');
    } catch (error) {
      log.error({ err: error, bridge: bridge.name }, 'dnsmasq cannot be started');
    }
  };

  const heal = async (taps: readonly string[]): Promise<string[]> => {
    await reloadLibvirt();
    return await untilFiltered(run, taps, FILTERS_DEADLINE_MS);
  };

  const network: HostNetwork = {
    filterName,

    async prepare() {
      await putBridge(run, bridge);
      await tables.put();
      // Again after libvirt was away, while calls may be putting their leases: only the first one may sweep.
      if (!swept) await dnsmasq.sweep();
      swept = true;
      await dnsmasq.ensure();
      await restoreNeighbours();
      watch ??= setInterval(() => void watchDnsmasq(), options.watchMs ?? 5_000).unref();
    },

    async put({ serverId, vifs }) {
      const leases = vifs.map(leaseOf);
      const before = await dnsmasq.leasesOf(serverId);
      // The record first: what a crash leaves half-made can then be found and taken back.
      await dnsmasq.putLeases(serverId, union(before, leases));
      await removeNeighbours(run, bridge.name, without(before, leases));
      await putNeighbours(run, bridge.name, leases);
      await ensureCommonFilters();
      await putFilter(libvirt, serverFilter(serverId, vifs));
      await dnsmasq.putLeases(serverId, leases);
    },

    async attached(serverId, vifs) {
      const taps = vifs.map((vif) => vifName(serverId, vif.index));
      for (const tap of taps) await run('bridge', ['link', 'set', 'dev', tap, 'isolated', 'on']);
      if ((await unfilteredTaps(run, taps)).length === 0) return;
      const left = await heal(taps);
      if (left.length > 0) throw new Error(`libvirt made no filter rules for ${left.join(', ')}`);
    },

    async remove(serverId) {
      const removed: string[] = [];
      // An address that another server has by now stays that one's.
      const others = await dnsmasq.leasesExcept(serverId);
      const taken = new Set(others.flatMap(({ v4, v6 }) => [v4, v6]));
      const leases = (await dnsmasq.leasesOf(serverId)).filter(({ v4, v6 }) => !taken.has(v4) && !taken.has(v6));
      if (await removeFilter(libvirt, serverId)) removed.push(`filter ${filterName(serverId)}`);
      for (const address of await removeNeighbours(run, bridge.name, leases)) removed.push(`neighbour ${address}`);
      if (await removeOrphanedRules(run, serverId)) removed.push('rules');
      if (await dnsmasq.removeLeases(serverId)) removed.push('leases');
      return removed;
    },

    clear: (serverId) => removeOrphanedRules(run, serverId),

    async check() {
      const found: string[] = [];
      const note = (code: string, fields: Record<string, unknown> = {}): void => {
        found.push(code);
        log.warn({ code, bridge: bridge.name, ...fields }, 'the network was not as it should be');
      };
      const gone = (await run('ip', ['link', 'show', 'dev', bridge.name], { ok: [0, 1] })).code !== 0;
      if (gone) note('bridge-restored');
      await putBridge(run, bridge);
      const { restored, failed } = await restoreTaps(run, bridge.name, await dnsmasq.servers());
      if (restored.length > 0) note('taps-restored', { taps: restored });
      if (failed.length > 0) note('taps-adrift', { taps: failed });
      if (await tables.put()) note('rules-restored');
      if (await dnsmasq.ensure()) note('dnsmasq-restarted');
      if (await restoreNeighbours()) note('neighbours-restored');

      const taps = await tapsOn(run, bridge.name);
      let bare = await unfilteredTaps(run, taps);
      if (bare.length > 0) bare = await untilFiltered(run, bare, SECOND_LOOK_MS);
      if (bare.length > 0) {
        note('filters-flushed', { taps: bare });
        const left = await heal(bare);
        // A tap may have gone with its guest in the meantime.
        const live = await tapsOn(run, bridge.name);
        const still = left.filter((tap) => live.includes(tap));
        if (still.length > 0) note('filters-missing', { taps: still });
      }
      return found;
    },

    close() {
      clearInterval(watch);
      watch = undefined;
      forgetFilters();
    },
  };
  return network;
}

const same = (a: Lease, b: Lease): boolean => a.mac === b.mac && a.v4 === b.v4 && a.v6 === b.v6;
const without = (all: readonly Lease[], other: readonly Lease[]): Lease[] =>
  all.filter((lease) => !other.some((kept) => same(kept, lease)));
const union = (a: readonly Lease[], b: readonly Lease[]): Lease[] => [...without(a, b), ...b];
