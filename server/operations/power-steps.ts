/** The steps that start, stop, restart and force off share. */
import type { AgentApi } from '../../compute-agent/contract/contract.ts';
import type { Tx } from '../db.ts';
import type { Intended } from '../generated/prisma/enums.ts';
import type { OperationFacts, Step, StepContext } from './definition.ts';
import { StepFailed } from './failure.ts';

/**
 * Puts the wanted spec at this operation's generation and step. From here on the host refuses whatever an older
 * operation, or another execution of an earlier step, still has under way: so it comes before the power is touched,
 * and before anything is said for good about what the host is now.
 */
export async function fence({ agent, body, target }: StepContext): Promise<AgentApi> {
  const api = await agent();
  await api.putDomain({ ...target, spec: (await body()).spec });
  return api;
}

/** Filters, lease, neighbour entries: a host that was booted has lost them. */
export const putNetwork: Step = {
  name: 'network',
  run: async ({ agent, body, target }) => {
    await (await agent()).putNetwork({ ...target, vifs: (await body()).vifs });
    return null;
  },
  // No undo: they belong to the server as long as it exists.
};

export const define: Step = {
  name: 'define',
  run: async (context) => {
    await fence(context);
    return null;
  },
  // No undo: the spec is what is wanted, running or not.
};

export const start: Step = {
  name: 'start',
  run: async ({ agent, target, preparing }) => {
    const api = await agent();
    const seen = await api.observe({ serverId: target.serverId });
    // After an emulation failure QEMU sits there paused; resuming it would only show the same again.
    const stands = seen.state === 'crashed' || (seen.state === 'paused' && seen.reason !== 'booted');
    if (stands) await api.power({ ...preparing, action: 'destroy' });
    await api.power({ ...target, action: 'start' });
    return null;
  },
};

/** libvirt is asked itself: the observed row may be a push behind. */
export const confirmRunning: Step = {
  name: 'confirm',
  run: async (context) => {
    // A start or an undo that comes after this would change what was confirmed.
    const api = await fence(context);
    const { state, reason } = await api.observe({ serverId: context.target.serverId });
    if (state !== 'running') throw new StepFailed('START_FAILED', `after the start the domain is ${state} (${reason})`);
    return null;
  },
};

export const confirmOff: Step = {
  name: 'confirm',
  run: async ({ agent, target }) => {
    const seen = await (await agent()).observe({ serverId: target.serverId });
    if (seen.state !== 'off') throw new StepFailed('OTHER', `after cutting the power the domain is ${seen.state}`);
    return null;
  },
};

/** The power button, once. A worker that died in here may press it a second time; guests take that as the same wish. */
export const ask: Step = {
  name: 'ask',
  run: async (context) => {
    const api = await fence(context);
    await api.power({ ...context.target, action: 'shutdown' });
    return null;
  },
  // No undo: a button cannot be unpressed.
};

export const cut: Step = {
  name: 'cut',
  run: async (context) => {
    const api = await fence(context);
    await api.power({ ...context.target, action: 'destroy' });
    return null;
  },
  // No undo: what the guest had not written is lost; the customer was told before.
};

export const cutIfAsked: Step = { ...cut, when: (results) => results.wait === 'force' };

/** After an operation that failed: the intent that holds, unless the customer wants something newer. */
export async function putIntentBack(
  tx: Tx,
  { serverId, generation }: OperationFacts,
  intended: Intended,
): Promise<void> {
  await tx.server.updateMany({ where: { id: serverId, generation }, data: { intended } });
}

export async function needsAttention(tx: Tx, { serverId }: OperationFacts, reason: string): Promise<void> {
  await tx.server.updateMany({ where: { id: serverId, deletedAt: null }, data: { needsAttention: reason } });
}
