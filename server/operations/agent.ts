/** The agent as a step sees it: calls carry the operation's id, and answers that observe are applied on the way. */
import { type AgentApi, type AgentCall, agentContract } from '../../compute-agent/contract/contract.ts';
import { AgentError } from '../../compute-agent/contract/errors.ts';
import type { Observation } from '../../compute-agent/contract/shapes.ts';
import type { AgentAddress } from '../deps.ts';
import { applyObservations } from '../hosts/observe.ts';
import type { OperationDeps } from './definition.ts';

const observing: ReadonlySet<AgentCall> = new Set<AgentCall>(['observe', 'power']);

export function agentForStep(deps: OperationDeps, host: AgentAddress, requestId: string): AgentApi {
  const api = deps.agents(host);
  const call = async (name: AgentCall, input: { serverId?: string }) => {
    const at = deps.clock.now();
    const apply = (observation: Observation) =>
      applyObservations(deps, { hostId: host.id, bootId: null, at, observations: [observation] });
    try {
      const answer = await (api[name] as (input: object, options: object) => Promise<unknown>)(input, { requestId });
      if (observing.has(name)) await apply(answer as Observation);
      return answer;
    } catch (error) {
      if (error instanceof AgentError && error.code === 'NO_SUCH_DOMAIN' && input.serverId) {
        await apply({ serverId: input.serverId, state: 'absent', reason: 'none', generation: 0 });
      }
      throw error;
    }
  };
  const names = Object.keys(agentContract) as AgentCall[];
  return Object.fromEntries(names.map((name) => [name, (input: object) => call(name, input)])) as unknown as AgentApi;
}
