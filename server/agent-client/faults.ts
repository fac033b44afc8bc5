/** Failures that a test injects into the simulated agent's calls. */
import type { AgentCall } from '../../compute-agent/contract/contract.ts';
import type { AgentError } from '../../compute-agent/contract/errors.ts';

export type Fault = {
  call: AgentCall;
  /** before: nothing happened; after: it happened, but the answer is lost. */
  when: 'before' | 'after';
  error: AgentError;
  /** How often; default once. */
  times?: number;
};

export function createFaults() {
  const faults: Fault[] = [];
  return {
    inject: (fault: Fault): void => void faults.push({ ...fault }),
    clear: (): void => {
      faults.length = 0;
    },
    take: (call: AgentCall, when: Fault['when']): AgentError | undefined => {
      const index = faults.findIndex((fault) => fault.call === call && fault.when === when);
      const fault = faults[index];
      if (!fault) return undefined;
      fault.times = (fault.times ?? 1) - 1;
      if (fault.times <= 0) faults.splice(index, 1);
      return fault.error;
    },
  };
}
