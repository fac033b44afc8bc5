/**
 * The agent's certificate while it runs: renewed by the control plane, or replaced under its feet by
 * `agent join --again`. The control plane asks for a request, signs it, and hands the certificate back; the key
 * never leaves. Killed at any point, the agent starts with the old pair or the new one, both of which the control
 * plane accepts until it has heard which it is.
 */
import { createHash, X509Certificate } from 'node:crypto';
import type { Clock } from './clock.ts';
import { AgentError } from './contract/errors.ts';
import { checkCertificate, type Identity, loadIdentity, pendingKey, prepareRequest, switchPair } from './identity.ts';
import type { Logger } from './log.ts';

type Options = { dataDir: string; identity: Identity; clock: Clock; log: Logger };

export class Certificates {
  readonly #options: Options;
  #identity: Identity;
  /** One change at a time. */
  #turn: Promise<unknown> = Promise.resolve();
  #serve: (identity: Identity) => void = () => {};

  constructor(options: Options) {
    this.#options = options;
    this.#identity = options.identity;
  }

  /** What to do with a new pair: serve with it. */
  onChange(serve: (identity: Identity) => void): void {
    this.#serve = serve;
  }

  request(): Promise<{ csrPem: string }> {
    return this.#next(async () => {
      const { csrPem } = await prepareRequest(this.#options.dataDir, this.#identity.hostId);
      return { csrPem };
    });
  }

  /** @throws AgentError BAD_REQUEST */
  install(certPem: string): Promise<{ fingerprint: string }> {
    return this.#next(async () => {
      const { dataDir, clock, log } = this.#options;
      const { hostId, caPem } = this.#identity;
      const fingerprint = fingerprintOf(certPem);
      if (fingerprint === fingerprintOf(this.#identity.certPem)) return { fingerprint };
      const keyPem = await pendingKey(dataDir);
      if (keyPem === null) throw new AgentError('BAD_REQUEST', 'no certificate was asked for');
      try {
        checkCertificate({ certPem, keyPem, caPem, hostId, now: clock.now() });
      } catch (error) {
        throw new AgentError('BAD_REQUEST', (error as Error).message, { cause: error });
      }
      await switchPair(dataDir, certPem);
      this.#take({ ...this.#identity, certPem, keyPem });
      log.info({ fingerprint, until: new X509Certificate(certPem).validTo }, 'a new certificate is in use');
      return { fingerprint };
    });
  }

  /**
   * Whether the files say something else than what is served, after `agent join --again`. A new pair of the same
   * host is taken; another host's needs a new process.
   */
  reread(): Promise<'same' | 'renewed' | 'another host'> {
    return this.#next(async () => {
      const { dataDir, clock, log } = this.#options;
      const there = await loadIdentity(dataDir, clock.now()).catch(() => null);
      if (there === null || there.certPem === this.#identity.certPem) return 'same';
      if (there.hostId !== this.#identity.hostId) return 'another host';
      this.#take(there);
      log.info({ fingerprint: fingerprintOf(there.certPem) }, 'this machine has joined again');
      return 'renewed';
    });
  }

  #take(identity: Identity): void {
    this.#identity = identity;
    this.#serve(identity);
  }

  #next<T>(change: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(change);
    this.#turn = done.catch(() => {});
    return done;
  }
}

/** @throws AgentError BAD_REQUEST when it is no certificate */
function fingerprintOf(certPem: string): string {
  try {
    return createHash('sha256').update(new X509Certificate(certPem).raw).digest('hex');
  } catch (error) {
    throw new AgentError('BAD_REQUEST', 'not a certificate', { cause: error });
  }
}
