/**
 * The one checker of "nothing lost, nothing doubled, nothing left over" (DESIGN 2): holds what is on the hosts
 * against the database's rows. A pure function over plain data, for the harness, the crash bench and e2e alike; who
 * reads the data is server/operations/leftovers.ts and scripts/checker. Meant for a quiet moment: no operation runs.
 *
 * Every server is either whole (one place, one address of each family, one disk, one domain on that one host, and
 * each kind of thing as often as things.ts says) or gone from both sides. What belongs to no server is left over.
 */
import type { Kind, Machine, Thing } from './machine.ts';
import { rowViolations } from './row-rules.ts';
import type { Rows, ServerRow } from './rows.ts';
import { type Condition, counts, shared } from './things.ts';
import type { Say, Violation } from './violation.ts';

export function findViolations(machines: readonly Machine[], rows: Rows): Violation[] {
  const found: Violation[] = [];
  for (const server of rows.servers) {
    const say: Say = (kind, sentence) =>
      found.push({ kind, id: server.id, sentence: `server ${server.id}${server.alive ? '' : ' (gone)'}: ${sentence}` });
    if (server.alive) livingRules(server, machines, say);
    else goneRules(server, machines, say);
  }
  found.push(...strangers(machines, rows));
  for (const machine of machines) found.push(...machineRules(machine));
  found.push(...rowViolations(rows));
  return found;
}

// ------------------------------------------------------------------ a living server

function livingRules(server: ServerRow, machines: readonly Machine[], say: Say): void {
  const places = server.placements.map(({ hostId }) => hostId);
  const bodies = machines.flatMap((machine) =>
    machine.domains.filter(({ name }) => name === server.id).map((domain) => ({ ...domain, hostId: machine.hostId })),
  );
  const [body] = bodies;
  if (bodies.length === 0) say('domain', 'its domain is lost');
  if (bodies.length > 1) say('domain', `${bodies.length} domains, on ${bodies.map((one) => one.hostId).join(' and ')}`);
  for (const { hostId, uuid, generation, state } of bodies) {
    if (!places.includes(hostId))
      say('domain', `its domain is on ${hostId}, its place is ${places.join() || 'nowhere'}`);
    if (uuid !== server.domainUuid) say('domain', `its domain has another uuid, ${uuid}`);
    if (generation === null) say('domain', 'its domain carries no metadata');
    else if (generation > server.generation)
      say('domain', `its domain is of generation ${generation}, the server of ${server.generation}`);
    stateRules(server, state, say);
  }
  const condition: Condition = body?.state === 'running' ? 'running' : 'off';
  countRules(server, condition, machines, say);
  addressRules(server, machines, say);

  const disks = thingsOf(server.id, machines).filter(({ kind }) => kind === 'disk');
  for (const { name } of disks) if (!server.volumes.includes(name)) say('disk', `no row knows of its disk ${name}`);
  if (looked(machines, 'disk'))
    for (const id of server.volumes)
      if (!disks.some(({ name }) => name === id)) say('disk', `volume ${id} has no disk`);
  for (const { tombstones } of machines) {
    const buried = tombstones.get(server.id);
    if (buried !== undefined && buried >= server.generation)
      say('tombstone', `buried at generation ${buried}, it lives at ${server.generation}`);
  }

  const exactly = (kind: string, what: string, actual: number) => {
    if (actual !== 1) say(kind, `${actual} ${what}, should be 1`);
  };
  exactly('placement', 'open placements', server.placements.length);
  exactly('volume', 'volume rows', server.volumes.length);
  exactly('hold', 'IPv4 addresses', server.v4.length);
  exactly('hold', 'IPv6 addresses', server.v6.length);
  exactly('vif', 'interfaces', server.macs.length);
  if (server.subscription !== 'active') say('subscription', `its subscription is ${server.subscription}`);
}

function stateRules(server: ServerRow, state: string, say: Say): void {
  if (state !== 'running' && state !== 'off') say('state', `its domain is ${state}`);
  const [place] = server.placements;
  // Observed and intended differ by right only where its guest went by itself, or a person must look.
  const mayBeOff = server.needsAttention || place?.reason === 'guest-shutdown';
  if (place !== undefined && place.observed !== state)
    say('observed', `the database says ${place.observed}, the host ${state}`);
  if (server.intended === 'stopped' && state === 'running') say('intended', 'should be stopped, and is running');
  if (server.intended === 'running' && state === 'off' && !mayBeOff) say('intended', 'should be running, and is off');
}

function countRules(server: ServerRow, condition: Condition, machines: readonly Machine[], say: Say): void {
  const things = thingsOf(server.id, machines);
  for (const kind of Object.keys(counts) as Kind[]) {
    if (!looked(machines, kind)) continue;
    const there = things.filter((thing) => thing.kind === kind);
    const [least, most] = condition === 'gone' ? (counts[kind].gone ?? [0, 0]) : counts[kind][condition];
    if (there.length >= least && there.length <= most) continue;
    const names = there.length > 0 ? `: ${there.map(({ name }) => name).join(', ')}` : '';
    if (condition === 'gone') say(kind, `${kind} still there${names}`);
    else say(kind, `${there.length} × ${kind} while ${condition}${names}`);
  }
}

function addressRules(server: ServerRow, machines: readonly Machine[], say: Say): void {
  const held = [...server.v4, ...server.v6];
  for (const { addresses, neighbours } of machines) {
    for (const record of addresses?.filter(({ serverId }) => serverId === server.id) ?? []) {
      const missing = held.filter((address) => !record.addresses.includes(address));
      const foreign = record.addresses.filter((address) => !held.includes(address));
      if (missing.length > 0) say(record.in, `its ${record.in} does not name ${missing.join(', ')}`);
      if (foreign.length > 0) say(record.in, `its ${record.in} names ${foreign.join(', ')}, which it does not hold`);
    }
    const mine = neighbours?.filter(({ mac }) => server.macs.includes(mac));
    if (mine === undefined) continue;
    for (const address of held)
      if (!mine.some((entry) => entry.address === address)) say('neighbour', `no neighbour entry for ${address}`);
    for (const mac of server.macs)
      if (!mine.some((entry) => entry.mac === mac && entry.linkLocal))
        say('neighbour', `no neighbour entry for the link-local address of ${mac}`);
    for (const entry of mine)
      if (!entry.linkLocal && !held.includes(entry.address))
        say('neighbour', `a neighbour entry for ${entry.address}, which it does not hold`);
  }
}

// ------------------------------------------------------------------ one that is gone, and nobody's

function goneRules(server: ServerRow, machines: readonly Machine[], say: Say): void {
  for (const { domains, hostId, tombstones } of machines) {
    for (const { name, state } of domains)
      if (name === server.id) say('domain', `its domain is still there, ${state}, on ${hostId}`);
    const buried = tombstones.get(server.id);
    if (buried !== undefined && buried > server.generation)
      say('tombstone', `buried at generation ${buried}, it came to ${server.generation}`);
  }
  const buried = thingsOf(server.id, machines).some(({ kind }) => kind === 'tombstone');
  if (server.removed && looked(machines, 'tombstone') && !buried)
    say('tombstone', 'it was removed and has no tombstone: a late call could bring it back');
  countRules(server, 'gone', machines, say);
  const held = [...server.v4, ...server.v6];
  if (held.length > 0) say('hold', `still holds ${held.join(', ')}`);
  if (server.placements.length > 0) say('placement', `still has a place on ${server.placements[0]?.hostId}`);
  if (server.volumes.length > 0) say('volume', `still has the volume rows ${server.volumes.join(', ')}`);
  if (server.subscription === 'active') say('subscription', 'its subscription is still active');
}

function strangers(machines: readonly Machine[], rows: Rows): Violation[] {
  const known = new Set(rows.servers.map(({ id }) => id));
  const living = new Set(rows.servers.filter(({ alive }) => alive).flatMap(({ macs }) => macs));
  return machines.flatMap(({ domains, things, neighbours }) => [
    ...domains
      .filter(({ name }) => !known.has(name))
      .map(({ name }) => ({ kind: 'domain', id: name, sentence: `domain ${name} is nobody's` })),
    ...things
      .filter(({ kind, serverId }) => !shared.has(kind) && (serverId === null || !known.has(serverId)))
      .map(({ kind, name, serverId }) => ({
        kind,
        id: serverId ?? name,
        sentence: `${kind} ${name} is nobody's${serverId === null || name.includes(serverId) ? '' : ` (of ${serverId})`}`,
      })),
    ...(neighbours ?? [])
      .filter(({ mac }) => !living.has(mac))
      .map(({ address, mac }) => ({
        kind: 'neighbour',
        id: address,
        sentence: `neighbour entry ${address} at ${mac} is nobody's`,
      })),
  ]);
}

function machineRules({ hostId, leaseDaemons }: Machine): Violation[] {
  if (leaseDaemons === null || leaseDaemons === 1) return [];
  return [
    { kind: 'dnsmasq', id: hostId, sentence: `${leaseDaemons} dnsmasq for the guests of ${hostId}, should be 1` },
  ];
}

const thingsOf = (id: string, machines: readonly Machine[]): Thing[] =>
  machines.flatMap(({ things }) => things.filter(({ serverId }) => serverId === id));
const looked = (machines: readonly Machine[], kind: Kind): boolean =>
  machines.some((machine) => machine.looked.has(kind));
