/**
 * What a call can end in. Three outcomes must never be taken for one another:
 * the daemon refused (`LibvirtError`: known, nothing or something definite happened), and
 * the outcome is unknown (`LibvirtTimeoutError`, `LibvirtDisconnectedError` with `sent`), and
 * the call never left (`LibvirtDisconnectedError` without `sent`, `LibvirtBusyError`).
 */

/** virErrorNumber values that callers decide by. */
export const LibvirtErrorCode = {
  internalError: 1,
  noSupport: 3,
  invalidArg: 8,
  operationFailed: 9,
  /** Well-formed, but not what it should describe. */
  xmlError: 27,
  /** A domain with that name or uuid exists; more often libvirt says operationFailed for it. */
  domExist: 28,
  /** Not well-formed. */
  xmlDetail: 35,
  systemError: 38,
  rpc: 39,
  noDomain: 42,
  noStoragePool: 49,
  noStorageVol: 50,
  operationInvalid: 55,
  noNwfilter: 62,
  configUnsupported: 67,
  operationTimeout: 68,
  argumentUnsupported: 74,
  agentUnresponsive: 86,
  storageVolExist: 90,
} as const;

/** libvirt answered with an error. `code` is virErrorNumber, `domain` virErrorDomain, `level` virErrorLevel. */
export class LibvirtError extends Error {
  override readonly name = 'LibvirtError';
  readonly code: number;
  readonly domain: number;
  readonly level: number;
  /** The procedure that was refused, e.g. `domainCreate`; empty where it is not known. */
  readonly procedure: string;

  constructor(message: string, fields: { code: number; domain: number; level: number; procedure?: string }) {
    super(message);
    this.code = fields.code;
    this.domain = fields.domain;
    this.level = fields.level;
    this.procedure = fields.procedure ?? '';
  }
}

/** The deadline passed after the call was sent: the outcome is unknown and the daemon still holds the call. */
export class LibvirtTimeoutError extends Error {
  override readonly name = 'LibvirtTimeoutError';
  readonly procedure: string;
  readonly deadlineMs: number;
  /** False: it waited in the queue all the time and was never sent, so it did not happen. */
  readonly sent: boolean;

  constructor(procedure: string, deadlineMs: number, sent: boolean) {
    super(
      sent
        ? `${procedure}: no answer from libvirt within ${deadlineMs} ms; whether it happened is unknown`
        : `${procedure}: not sent within ${deadlineMs} ms, since earlier calls hold the connection`,
    );
    this.procedure = procedure;
    this.deadlineMs = deadlineMs;
    this.sent = sent;
  }
}

/** No connection, or it broke while the call was under way. */
export class LibvirtDisconnectedError extends Error {
  override readonly name = 'LibvirtDisconnectedError';
  /** False: the call was never sent. True: the outcome is unknown. */
  readonly sent: boolean;

  constructor(message: string, sent: boolean, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.sent = sent;
  }
}

/** The queue of waiting calls is full: the call was not sent. */
export class LibvirtBusyError extends Error {
  override readonly name = 'LibvirtBusyError';
}

/** Bytes that are not the protocol, or go beyond its limits. The connection they came over is closed. */
export class LibvirtProtocolError extends Error {
  override readonly name = 'LibvirtProtocolError';
}
