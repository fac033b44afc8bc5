/** The host's agent, frozen as under a machine that swaps itself to death, and let go again. */
import { readPidFile } from '../scripts/supervise/pid-file.ts';
import { stack } from './customer.ts';

const frozen = new Set<number>();

export const agentPid = () => readPidFile(stack.pidFiles.agent!)!.pid;

export function freezeAgent(): void {
  const pid = agentPid();
  process.kill(pid, 'SIGSTOP');
  frozen.add(pid);
}

/** Lets go whatever is frozen; a spec calls it after each test as well. */
export function thawAgent(): void {
  for (const pid of frozen) process.kill(pid, 'SIGCONT');
  frozen.clear();
}
