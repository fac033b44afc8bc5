/** Progress, step by step with times, and failures that say what to do. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { interruption } from './interruption.ts';

/** A failure whose reason and way out are known: printed without a stack. */
export class StepError extends Error {
  override readonly name = 'StepError';
  readonly advice: string;

  constructor(message: string, advice: string, options?: ErrorOptions) {
    super(message, options);
    this.advice = advice;
  }
}

/** What a step did, in a word or two; shown beside its time. */
export type Step = <T>(title: string, work: () => Promise<T>, words?: (result: T) => string) => Promise<T>;

/** Prints each step when it begins and completes its line when it has ended. */
export function createSteps(write: (text: string) => void): Step {
  return async (title, work, words = () => '') => {
    interruption.throwIfAborted();
    const startedAt = performance.now();
    write(`  ${title.padEnd(44, ' ')} `);
    try {
      const result = await work();
      await seenSignals();
      const seconds = (performance.now() - startedAt) / 1000;
      write(`${seconds.toFixed(1).padStart(6)} s  ${words(result)}`.trimEnd());
      write('\n');
      return result;
    } catch (error) {
      await seenSignals().catch((interrupted: unknown) => {
        write('interrupted\n');
        throw interrupted;
      });
      write('failed\n');
      throw error;
    }
  };
}

/** A signal that came during a synchronous call is told in the next turn only. @throws Interrupted */
async function seenSignals(): Promise<void> {
  await nextTurn();
  interruption.throwIfAborted();
}

/** The lines for the terminal: what failed, then what to do. */
export function explainFailure(error: unknown): string {
  if (error instanceof StepError) return `\n${error.message}\n\nWhat to do: ${error.advice}\n`;
  return `\n${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`;
}
