/**
 * What an operation is made of. A definition is data: its steps in order, each with its undo beside it, so
 * that the runner, the harness and the panel's list of steps read the same thing.
 *
 * What every `run` and `undo` must keep:
 * - it may be made twice, one after the other, and also at the same time by a worker that woke up late;
 * - so it asks the host by generation and step (step-order.ts), and writes rows on the condition of what it expects
 *   to find there;
 * - it returns what later steps decide by, and nothing secret: DBOS stores it in clear.
 */
import type { AgentApi } from '../../compute-agent/contract/contract.ts';
import type { Target } from '../../compute-agent/contract/shapes.ts';
import type { Tx } from '../db.ts';
import type { AgentAddress, WorkerDeps } from '../deps.ts';
import type { OperationKind } from '../generated/prisma/enums.ts';
import type { StepName } from '../servers/schema.ts';
import type { Body } from './body.ts';
import type { FailureCode } from './failure.ts';

export type OperationSettings = {
  /** How long a guest may take to answer the power button. */
  stopTimeoutMs: number;
  /** How long a step asks again after BUSY, UNKNOWN_OUTCOME and HYPERVISOR_AWAY before it gives up. */
  stepBudgetMs: number;
  /** First pause between two tries; it doubles up to 16 times this. */
  retryMs: number;
  /** How long an operation that took over waits for the other's attempt to end. */
  takeoverMs: number;
  /** How often a wait looks again. */
  lookMs: number;
};

export const defaultSettings: OperationSettings = {
  stopTimeoutMs: 120_000,
  stepBudgetMs: 120_000,
  retryMs: 250,
  takeoverMs: 30_000,
  lookMs: 250,
};

export type OperationDeps = WorkerDeps & { settings: OperationSettings };

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** The operation as it was when this attempt began. */
export type OperationFacts = {
  id: string;
  kind: OperationKind;
  accountId: string;
  serverId: string;
  generation: number;
  attempt: number;
  input: Json;
};

export type Results = Partial<Record<StepName, Json>>;

export type StepContext = {
  deps: OperationDeps;
  operation: OperationFacts;
  step: StepName;
  /** When this step of this attempt began for the first time, also if another worker began it. */
  startedAt: Date;
  /** What the steps before it returned. */
  results: Results;
  /** Whose, at which generation and step: of every changing call. */
  target: Target;
  /** The same, for a call that must not come any more once another execution of this step has used `target`. */
  preparing: Target;
  /** The body's rows as the agent wants them. Read once per attempt. */
  body: () => Promise<Body>;
  /** The host of the open placement; null where there is none (a create that was undone). */
  host: () => Promise<AgentAddress | null>;
  /** The agent there; answers that hold an observation are applied on the way. */
  agent: () => Promise<AgentApi>;
  /** Throws Superseded when another operation took over. */
  stillMine: () => Promise<void>;
};

export type Step = {
  name: StepName;
  run: (context: StepContext) => Promise<Json>;
  /** Absent: nothing to undo, or another step's undo covers it; a comment says which. */
  undo?: (context: StepContext) => Promise<void>;
  /** Decided by recorded results alone, so that every execution decides alike. */
  when?: (results: Results, input: Json) => boolean;
};

export type Definition = {
  kind: OperationKind;
  /** DBOS's name. A changed list of steps is a new one (`create-2`), and the old one stays until it has drained. */
  workflow: string;
  locks: { power: boolean; disk: boolean; config: boolean };
  steps: Step[];
  /** Only forward: what fails is stuck until staff try again. */
  forwardOnly?: true;
  /** In the transaction that ends it without its goal: puts the intent back, marks what people must look at. */
  onFailure?: (tx: Tx, operation: OperationFacts, code: FailureCode) => Promise<void>;
  /** In the transaction that ends it well. */
  onSuccess?: (tx: Tx, operation: OperationFacts, results: Results, now: Date) => Promise<void>;
};

/** Another operation took over: this one ends without a further word to the host. */
export class Superseded extends Error {
  override readonly name = 'Superseded';
}
