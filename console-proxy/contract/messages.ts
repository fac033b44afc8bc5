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
