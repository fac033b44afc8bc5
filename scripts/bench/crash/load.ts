/**
 * Customers who go through a server's whole life over and over while processes die under them. They behave as the
 * panel does: the same order key on every attempt, a look at the operation instead of a second request. And they
 * are suspicious: after each operation the server must be what the operation said, and a file written before a
 * stop must be there after the start.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { TRPCClientError } from '@trpc/client';
import { type Customer, signUp, smallestOrder } from '../../../e2e/customer.ts';
import { addKey, ssh, sshUp } from '../../../e2e/guest.ts';

export interface Tally {
  operations: number;
  /** kind.state → how often. */
  ends: Record<string, number>;
  violations: string[];
}

type Ended = { kind: string; state: string; failure: { code: string } | null };

const codeIn = (error: unknown): string | undefined =>
  error instanceof TRPCClientError ? (error.data as { tsubo?: { code: string } } | undefined)?.tsubo?.code : undefined;

/** True where a repetition may help: the door was shut for a moment. */
const passing = (error: unknown): boolean => {
  const code = codeIn(error);
  return code === undefined || code === 'INTERNAL';
};

async function insist<T>(what: string, call: () => Promise<T>, deadlineMs = 120_000): Promise<T> {
  for (const until = Date.now() + deadlineMs; ; await sleep(300)) {
    try {
      return await call();
    } catch (error) {
      if (!passing(error) || Date.now() > until) throw new Error(`${what}: ${String(error)}`, { cause: error });
    }
  }
}

class Life {
  readonly #who: Customer;
  readonly #tally: Tally;
  readonly #serverId: string;

  constructor(who: Customer, serverId: string, tally: Tally) {
    this.#who = who;
    this.#serverId = serverId;
    this.#tally = tally;
  }

  /** Waits for the operation's end, however often the door is shut meanwhile. */
  async ended(operationId: string): Promise<Ended> {
    for (const until = Date.now() + 300_000; ; await sleep(250)) {
      const view = await insist('operations.get', () => this.#who.api.operations.get.query({ operationId }));
      if (!['queued', 'running'].includes(view.state)) {
        const key = `${view.kind}.${view.state}`;
        this.#tally.operations++;
        this.#tally.ends[key] = (this.#tally.ends[key] ?? 0) + 1;
        if (view.state === 'stuck') this.#tally.violations.push(`${view.kind} ${operationId} is stuck`);
        return view;
      }
      if (Date.now() > until)
        throw new Error(`operation ${operationId} (${view.kind}) does not end: ${JSON.stringify(view.steps)}`);
    }
  }

  view() {
    return insist('servers.get', () => this.#who.api.servers.get.query({ serverId: this.#serverId }));
  }

  /** Asks for an action and waits; where the answer was lost, the request may have been taken all the same. */
  async act(kind: string, call: () => Promise<{ operationId: string }>): Promise<Ended> {
    let asked = 0;
    const operationId = await insist(kind, async () => {
      asked++;
      try {
        return (await call()).operationId;
      } catch (error) {
        const code = codeIn(error) ?? '';
        if (asked === 1 || !['OPERATION_RUNNING', 'NOT_POSSIBLE', 'NOT_FOUND'].includes(code)) throw error;
        const [last] = await this.#who.api.operations.listForServer.query({ serverId: this.#serverId });
        if (last?.kind !== kind)
          throw new Error(`${code} for a repeated ${kind}, but the last operation is ${last?.kind}`, { cause: error });
        return last.id;
      }
    });
    return this.ended(operationId);
  }

  /** After an operation that succeeded the server must be what it says, as soon as the host has been heard again. */
  async mustBe(state: string, after: Ended): Promise<void> {
    if (after.state !== 'succeeded') return;
    let seen = '';
    for (const until = Date.now() + 30_000; Date.now() < until; await sleep(500)) {
      seen = (await this.view()).state;
      if (seen === state) return;
    }
    this.#tally.violations.push(`server ${this.#serverId} is ${seen} after a ${after.kind} that succeeded`);
  }

  async forceOff(): Promise<void> {
    const serverId = this.#serverId;
    await this.mustBe(
      'stopped',
      await this.act('force_off', () => this.#who.api.servers.forceOff.mutate({ serverId })),
    );
  }

  async start(): Promise<void> {
    const serverId = this.#serverId;
    await this.mustBe('running', await this.act('start', () => this.#who.api.servers.start.mutate({ serverId })));
  }

  /** ACPI; a guest that was too busy to answer is told about, which is no fault. Ends stopped all the same. */
  async stop(): Promise<void> {
    const serverId = this.#serverId;
    const end = await this.act('stop', () => this.#who.api.servers.stop.mutate({ serverId }));
    await this.mustBe('stopped', end);
    if (end.state !== 'succeeded' && (await this.view()).state === 'running') await this.forceOff();
  }

  async restart(): Promise<void> {
    const serverId = this.#serverId;
    const call = () => this.#who.api.servers.restart.mutate({ serverId, onTimeout: 'force-off' });
    await this.mustBe('running', await this.act('restart', call));
  }

  async giveBack(confirmName: string): Promise<void> {
    const serverId = this.#serverId;
    await this.act('delete', () => this.#who.api.servers.delete.mutate({ serverId, confirmName }));
  }

  /** The file that was written before is on the disk: it is the same disk. */
  async mustRemember(mark: string): Promise<void> {
    const { ipv4 } = await this.view();
    await sshUp(ipv4!, 240_000);
    const found = await ssh(ipv4!, 'cat /root/mark').catch((error: unknown) => String(error));
    if (found.trim() !== mark) this.#tally.violations.push(`server ${this.#serverId} lost its file: ${found}`);
  }

  async write(mark: string): Promise<void> {
    const { ipv4 } = await this.view();
    await sshUp(ipv4!, 240_000);
    await ssh(ipv4!, `echo ${mark} > /root/mark; sync`);
  }
}

/**
 * One customer: lives until `over()` says so. Careful ones use their guests; hasty ones never wait for one, so
 * that operations follow each other closely.
 */
export async function liveUntil(name: string, careful: boolean, over: () => boolean, tally: Tally): Promise<void> {
  const who = await insist('sign-up', () => signUp(name));
  const keyId = await insist('key', () => addKey(who));
  for (let round = 1; !over(); round++) {
    const serverName = `${name}-${round}`;
    const order = await insist('options', () => smallestOrder(who, { name: serverName, sshKeyIds: [keyId] }));
    const { serverId, operationId } = await insist('order', () => who.api.servers.order.mutate(order));
    const life = new Life(who, serverId, tally);
    const created = await life.ended(operationId);
    await life.mustBe('running', created);
    if (created.state === 'succeeded') {
      if (careful) {
        const mark = randomUUID();
        await life.write(mark);
        await life.stop();
        await life.start();
        await life.mustRemember(mark);
        await life.restart();
        await life.forceOff();
      } else {
        await life.forceOff();
        await life.start();
        await life.forceOff();
        await life.start();
      }
    }
    // Every third server stays, so that the checker has living ones to look at, running and at rest.
    if (round % 3 !== 0) await life.giveBack(serverName);
  }
}
