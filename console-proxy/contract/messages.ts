/** The shapes of what is said over the socket (socket.ts). */
import { z } from 'zod';
import { serialClaim, serialMark, serialPort, serialPosition } from '../../compute-agent/contract/streams.ts';

/** 256 bits in base64url. */
export const ticketText = z.string().regex(/^[A-Za-z0-9_-]{43}$/);

/** From the browser, serial. `from`: the position after the last byte that it has; null: with history. */
export const serialSaid = z.discriminatedUnion('t', [
  z.object({ t: z.literal('open'), from: serialPosition.nullable() }),
  serialClaim.extend({ t: z.literal('claim') }),
]);
export type SerialSaid = z.infer<typeof serialSaid>;

/** To the browser, serial. `you`: the id under which this socket is the writer. */
export const serialTold = z.discriminatedUnion('t', [
  serialMark.extend({ t: z.literal('mark') }),
  serialPort.extend({ t: z.literal('port'), you: z.string() }),
]);
export type SerialTold = z.infer<typeof serialTold>;

/** From the browser. `ping` counts as nobody's act, `stay` as one. */
export const controlSaid = z.discriminatedUnion('t', [
  z.strictObject({ t: z.literal('ping'), n: z.int().min(0) }),
  z.strictObject({ t: z.literal('stay') }),
]);
export type ControlSaid = z.infer<typeof controlSaid>;

/** Who ended a console: one of the staff, who say why, or a person by name (null: who is no user any more). */
export const consoleEnding = z.object({
  at: z.iso.datetime(),
  byStaff: z.boolean(),
  name: z.string().nullable(),
  reason: z.string().nullable(),
});
export type ConsoleEnding = z.infer<typeof consoleEnding>;

/** To the browser. */
export const controlTold = z.discriminatedUnion('t', [
  /** `you`: the console's id, as `consoles.who` lists it. A ping that comes before the last was answered is not. */
  z.object({ t: z.literal('pong'), n: z.int(), you: z.string() }),
  /** It closes in so long unless somebody does something; null: somebody did. */
  z.object({ t: z.literal('idle'), closesInMs: z.number().nullable(), limitMs: z.number() }),
  consoleEnding.extend({ t: z.literal('ended') }),
]);
export type ControlTold = z.infer<typeof controlTold>;
