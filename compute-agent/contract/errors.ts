/**
 * What an agent can answer besides success. One closed list; the control plane decides by the code,
 * the message is for staff and logs.
 */
export const agentErrorCodes = [
  /** Only this one means that the domain does not exist on this host. */
  'NO_SUCH_DOMAIN',
  /** The call carries an older generation than the agent holds, or a lower step within it. */
  'STALE_GENERATION',
  /** Same generation, different content. */
  'SPEC_CONFLICT',
  /** The server was removed at this or a later generation (tombstone). */
  'GONE',
  /** Another changing call on this server is under way; try again. */
  'BUSY',
  'IMAGE_MISSING',
  'NO_SPACE',
  /** The guest or its hypervisor did not start (e.g. `paused (unknown)` after an emulation failure). */
  'START_FAILED',
  /** libvirt said no; the message holds its code and words. */
  'HYPERVISOR',
  /** A deadline passed; whether it happened is not known. */
  'UNKNOWN_OUTCOME',
  /** libvirtd cannot be reached; nothing is known about the guests. */
  'HYPERVISOR_AWAY',
  'BAD_REQUEST',
  'FORBIDDEN',
  'INTERNAL',
] as const;

export type AgentErrorCode = (typeof agentErrorCodes)[number];

/** Thrown by an agent's handler and by the client alike, so that callers need not know the transport. */
export class AgentError extends Error {
  readonly code: AgentErrorCode;
  constructor(code: AgentErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'AgentError';
    this.code = code;
  }
}

/** Codes after which the same call may simply be made again. */
export const retryableAgentCodes: ReadonlySet<AgentErrorCode> = new Set(['BUSY', 'UNKNOWN_OUTCOME', 'HYPERVISOR_AWAY']);
