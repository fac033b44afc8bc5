/**
 * What the control plane's services need of the world, handed in by each process's entry. Services hold no
 * clients of their own, so a whole control plane can run under a test's clock, random numbers and network.
 */
import type { AgentApi } from '../compute-agent/contract/contract.ts';
import { type Clock, systemClock } from './clock.ts';
import type { Db } from './db.ts';
import { type Random, systemRandom } from './ids.ts';
import type { Logger } from './log.ts';

export type Deps = {
  db: Db;
  /** The system clock. Business dates: `businessNow(db, clock)`. */
  clock: Clock;
  random: Random;
  log: Logger;
};

/** Whose agent is meant. Where it is dialled and which certificate it must show is read at each call (agents.ts). */
export type AgentAddress = { id: string };
export type Agents = (host: AgentAddress) => AgentApi;

/** Only the worker dials hosts. */
export type WorkerDeps = Deps & { agents: Agents };

export const createDeps = (db: Db, log: Logger): Deps => ({ db, log, clock: systemClock, random: systemRandom });
