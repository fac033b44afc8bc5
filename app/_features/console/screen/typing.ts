/** Sends strokes to a guest, at a pace that its keyboard can follow: QEMU's holds 16 codes, and drops the rest. */
import { modifiers } from './keys.ts';
import type { Stroke } from './layouts.ts';

/** For one key, down and up. */
export const STROKE_MS = 40;

export type SendKey = (keysym: number, code: string, down: boolean) => void;

export function sendStroke(send: SendKey, { code, keysym, shift }: Stroke): void {
  const { Shift } = modifiers;
  if (shift) send(Shift.keysym, Shift.code, true);
  send(keysym, code, true);
  send(keysym, code, false);
  if (shift) send(Shift.keysym, Shift.code, false);
}

/**
 * @param onProgress how many were sent
 * @returns how many were sent when it ended or was stopped
 */
export async function typeStrokes(
  send: SendKey,
  strokes: Stroke[],
  { stop, onProgress }: { stop: AbortSignal; onProgress: (done: number) => void },
): Promise<number> {
  let done = 0;
  for (const stroke of strokes) {
    if (stop.aborted) break;
    sendStroke(send, stroke);
    done++;
    onProgress(done);
    await new Promise((resolve) => setTimeout(resolve, STROKE_MS));
  }
  return done;
}
