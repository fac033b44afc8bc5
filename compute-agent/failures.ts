/**
 * From what libvirt, the file system and programs say to the contract's codes. Known, unknown and not-sent must
 * stay apart: only a refusal says that nothing happened.
 */
import { AgentError } from './contract/errors.ts';
import { MetadataError } from './domains/parse.ts';
import { ExecError } from './exec.ts';
import {
  LibvirtBusyError,
  LibvirtDisconnectedError,
  LibvirtError,
  LibvirtErrorCode,
  LibvirtTimeoutError,
} from './libvirt/errors.ts';

const NO_SPACE = /No space left on device|Disk quota exceeded/i;

/** An AgentError where we know what it means; anything else comes back as it is and counts as a defect. */
export function toAgentError(error: unknown): unknown {
  if (error instanceof AgentError) return error;
  if (error instanceof LibvirtDisconnectedError) {
    return new AgentError(error.sent ? 'UNKNOWN_OUTCOME' : 'HYPERVISOR_AWAY', error.message, { cause: error });
  }
  if (error instanceof LibvirtTimeoutError) {
    return new AgentError(error.sent ? 'UNKNOWN_OUTCOME' : 'BUSY', error.message, { cause: error });
  }
  if (error instanceof MetadataError) return new AgentError('HYPERVISOR', error.message, { cause: error });
  if (error instanceof LibvirtBusyError) return new AgentError('BUSY', error.message, { cause: error });
  if (error instanceof LibvirtError) {
    if (error.code === LibvirtErrorCode.noDomain)
      return new AgentError('NO_SUCH_DOMAIN', error.message, { cause: error });
    return new AgentError(NO_SPACE.test(error.message) ? 'NO_SPACE' : 'HYPERVISOR', libvirtWords(error), {
      cause: error,
    });
  }
  if (error instanceof ExecError) {
    if (NO_SPACE.test(error.message)) return new AgentError('NO_SPACE', error.message, { cause: error });
    return error.timedOut ? new AgentError('UNKNOWN_OUTCOME', error.message, { cause: error }) : error;
  }
  const code = (error as NodeJS.ErrnoException | null)?.code;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new AgentError('NO_SPACE', (error as Error).message, { cause: error });
  }
  return error;
}

export const libvirtWords = (error: LibvirtError): string =>
  `libvirt ${error.code}${error.procedure ? ` (${error.procedure})` : ''}: ${error.message}`;

export const isLibvirtError = (error: unknown, code: number): boolean =>
  error instanceof LibvirtError && error.code === code;
