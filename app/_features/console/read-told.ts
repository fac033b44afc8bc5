import { type ControlTold, controlTold } from '../../../console-proxy/contract/messages.ts';

/** @returns null for what is said to others: a port's text, or a newer proxy's to a newer page */
export function readTold(text: string): ControlTold | null {
  try {
    return controlTold.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}
