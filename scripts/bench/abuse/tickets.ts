/** Pairs of sockets with one ticket at once: of each pair one gets the console, and the other is told why not. */
import { setTimeout as sleep } from 'node:timers/promises';
import { CLOSE } from '../../../console-proxy/contract/socket.ts';
import { handshake, type Seen, Wire } from './wire.ts';
import { GREETING, type World } from './world.ts';

/** An agent opens no more streams than 64 for one server. */
const AT_ONCE = 50;

export type Pairs = { pairs: number; accepted_once: number; accepted_twice: number; told_why: number };

const isIn = ({ binary }: Seen) => binary >= GREETING.length;

export async function raceForTickets(world: World, pairs: number): Promise<Pairs> {
  const counts: Pairs = { pairs, accepted_once: 0, accepted_twice: 0, told_why: 0 };
  for (let done = 0; done < pairs; done += AT_ONCE) {
    const tickets = await world.tickets(Math.min(AT_ONCE, pairs - done), 'vnc');
    const all = await Promise.all(tickets.map((ticket) => race(world, ticket)));
    for (const pair of all) {
      const accepted = pair.filter(isIn).length;
      if (accepted === 1) counts.accepted_once += 1;
      if (accepted > 1) counts.accepted_twice += 1;
      counts.told_why += pair.filter(({ close }) => close === CLOSE.ticket).length;
    }
    while ((await world.open()) > 0) await sleep(10);
  }
  return counts;
}

async function race(world: World, ticket: string): Promise<Seen[]> {
  const wires = [new Wire(world.port), new Wire(world.port)];
  await Promise.all(wires.map(({ socket }) => new Promise((resolve) => socket.once('connect', resolve))));
  // Both lie in the proxy's socket before it reads either.
  for (const { socket } of wires) socket.write(handshake(world.port, ticket));
  const seen = await Promise.all(wires.map((wire) => wire.until((so) => isIn(so) || so.close !== null)));
  for (const { socket } of wires) socket.destroy();
  return seen;
}
