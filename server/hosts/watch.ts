/**
 * Listens to one host: an inventory to begin with, then a long poll of its changes, and every 15 s what the
 * host says of itself. Pushes may get lost with an agent that restarts; it says `reset` then, and once a minute
 * an inventory is taken anyway.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { AgentApi } from '../../compute-agent/contract/contract.ts';
import type { HostDescription } from '../../compute-agent/contract/shapes.ts';
import type { AgentAddress, WorkerDeps } from '../deps.ts';
import { isSilent } from '../servers/state.ts';
import { applyInventory, applyObservations } from './observe.ts';
import { tellHost } from './tell.ts';

const POLL_MS = 20_000;
const DESCRIBE_MS = 15_000;
/** As long as the agent's first probe of the accelerator goes on. */
const DESCRIBE_SOON_MS = 2_000;
const INVENTORY_MS = 60_000;
/** A long poll that took this much longer than asked was read by a process that slept: its words are old. */
const LATE_MS = 5_000;
/** How a complaint of ours begins; the others are the host's own. */
const NO_ANSWER = 'no answer';
const PAUSE_FIRST_MS = 500;
const PAUSE_LAST_MS = 5_000;

/** Until `signal`; never throws. */
export async function watchHost(deps: WorkerDeps, host: AgentAddress, signal: AbortSignal): Promise<void> {
  /** Domains on the host that no placement knows; what they are is for people to find out. */
  const strangers = new Set<string>();
  await Promise.all([
    repeat(deps, host, signal, () => follow(deps, host, strangers, signal)),
    repeat(deps, host, signal, async () => {
      const description = await deps.agents(host).describeHost({}, { signal });
      await noteDescription(deps, host.id, description, strangers);
      await pause(description.accelerator.attempts.length > 0 ? DESCRIBE_MS : DESCRIBE_SOON_MS, signal);
    }),
  ]);
}

async function repeat(
  deps: WorkerDeps,
  host: AgentAddress,
  signal: AbortSignal,
  work: () => Promise<void>,
): Promise<void> {
  for (let wait = PAUSE_FIRST_MS; !signal.aborted; ) {
    try {
      await work();
      wait = PAUSE_FIRST_MS;
    } catch (error) {
      if (signal.aborted) return;
      deps.log.warn({ hostId: host.id, err: error }, 'host: no answer');
      await noteSilence(deps, host.id, error).catch((err: unknown) => deps.log.warn({ err }, 'host: not noted'));
      await pause(wait, signal);
      wait = Math.min(wait * 2, PAUSE_LAST_MS);
    }
  }
}

async function follow(
  deps: WorkerDeps,
  host: AgentAddress,
  strangers: Set<string>,
  signal: AbortSignal,
): Promise<void> {
  const api = deps.agents(host);
  let { epoch, seq } = await takeInventory(deps, host.id, api, strangers, signal);
  let inventoryDue = deps.clock.now().getTime() + INVENTORY_MS;
  while (!signal.aborted) {
    const asked = deps.clock.now();
    const told = await api.changes({ epoch, after: seq, waitMs: POLL_MS }, { signal });
    const at = deps.clock.now();
    const late = at.getTime() - asked.getTime() > POLL_MS + LATE_MS;
    if (told.reset || late || at.getTime() >= inventoryDue) {
      ({ epoch, seq } = await takeInventory(deps, host.id, api, strangers, signal));
      inventoryDue = deps.clock.now().getTime() + INVENTORY_MS;
      continue;
    }
    seq = told.seq;
    await touch(deps, host.id, told.bootId, at);
    await applyObservations(deps, { hostId: host.id, bootId: told.bootId, at, observations: told.observations });
  }
}

async function takeInventory(
  deps: WorkerDeps,
  hostId: string,
  api: AgentApi,
  strangers: Set<string>,
  signal: AbortSignal,
): Promise<{ epoch: string; seq: number }> {
  const at = deps.clock.now();
  const { bootId, epoch, seq, observations } = await api.inventory({}, { signal });
  await touch(deps, hostId, bootId, deps.clock.now());
  const unknown = await applyInventory(deps, { hostId, bootId, at, observations });
  strangers.clear();
  for (const id of unknown) strangers.add(id);
  if (unknown.length > 0) deps.log.error({ hostId, serverIds: unknown }, 'host: domains that no placement knows');
  return { epoch, seq };
}

/** The host was heard; a revoked one never is, also where its answer was under way. Pages are told when it was silent before, or has booted. */
async function touch(deps: WorkerDeps, hostId: string, bootId: string, at: Date): Promise<void> {
  await deps.db.$transaction(async (tx) => {
    const before = await tx.host.findUniqueOrThrow({
      where: { id: hostId },
      select: { lastContactAt: true, bootId: true, lastError: true, revokedAt: true },
    });
    if (before.revokedAt) return;
    const complained = before.lastError?.startsWith(NO_ANSWER) ?? false;
    await tx.host.updateMany({
      where: { id: hostId, revokedAt: null, OR: [{ lastContactAt: null }, { lastContactAt: { lt: at } }] },
      data: { lastContactAt: at, bootId, ...(complained && { lastError: null }) },
    });
    if (before.bootId !== bootId && before.bootId !== null) deps.log.warn({ hostId, bootId }, 'host: booted');
    if (isSilent(before.lastContactAt, at) || before.bootId !== bootId || complained)
      await tellHost(tx, hostId, 'contact', deps.clock.now());
  });
}

async function noteDescription(
  deps: WorkerDeps,
  hostId: string,
  said: HostDescription,
  strangers: ReadonlySet<string>,
): Promise<void> {
  const complaints = [
    ...said.warnings,
    ...(strangers.size > 0 ? [`unknown domains: ${[...strangers].join(', ')}`] : []),
  ];
  const lastError = complaints.join(' · ') || null;
  await deps.db.$transaction(async (tx) => {
    const before = await tx.host.findUniqueOrThrow({ where: { id: hostId }, select: { lastError: true } });
    const { count } = await tx.host.updateMany({
      where: { id: hostId, revokedAt: null },
      data: {
        agentVersion: said.agentVersion,
        contractVersion: said.contractVersion,
        libvirtVersion: said.libvirtVersion,
        qemuVersion: said.qemuVersion,
        kernelVersion: said.kernelVersion,
        vcpuTotal: said.vcpuTotal,
        memoryMiBTotal: said.memoryMiBTotal,
        diskGiBTotal: said.diskGiBTotal,
        accelerator: said.accelerator,
        lacks: said.lacks,
        lastError,
      },
    });
    if (count > 0 && before.lastError !== lastError) await tellHost(tx, hostId, 'described', deps.clock.now());
  });
}

async function noteSilence(deps: WorkerDeps, hostId: string, error: unknown): Promise<void> {
  const lastError = (error instanceof Error ? error.message : String(error)).slice(0, 500);
  await deps.db.$transaction(async (tx) => {
    const now = deps.clock.now();
    const before = await tx.host.findUniqueOrThrow({
      where: { id: hostId },
      select: { lastContactAt: true, revokedAt: true },
    });
    if (before.revokedAt) return;
    // Once, and once more when it falls silent: both loops go on failing, each with words of its own.
    const mark = `${NO_ANSWER}${isSilent(before.lastContactAt, now) ? ' for a minute' : ''}: `;
    const { count } = await tx.host.updateMany({
      where: { id: hostId, OR: [{ lastError: null }, { lastError: { not: { startsWith: mark } } }] },
      data: { lastError: mark + lastError },
    });
    if (count === 0) return;
    await tellHost(tx, hostId, 'no-contact', now);
  });
}

const pause = (ms: number, signal: AbortSignal): Promise<void> => sleep(ms, undefined, { signal }).catch(() => {});
