/** Inputs and answers of the `consoles` router. Times are ISO 8601 strings in UTC. */
import { z } from 'zod';
import { ticketText } from '../../console-proxy/contract/messages.ts';

export const consoleKind = z.enum(['vnc', 'serial']);
export type ConsoleKind = z.infer<typeof consoleKind>;

export const openInput = z.object({ kind: consoleKind, viewOnly: z.boolean().default(false) });
export const openOutput = z.object({
  /** For the WebSocket's list of subprotocols, within TICKET_LIFETIME_MS, once. */
  ticket: ticketText,
  /** What was asked, or more: a role that may not operate only looks. */
  viewOnly: z.boolean(),
});
export type OpenOutput = z.infer<typeof openOutput>;

/** One console that is open now. */
const openConsole = z.object({
  kind: consoleKind,
  serverId: z.string(),
  serverName: z.string(),
  userId: z.string(),
  userName: z.string(),
  viewOnly: z.boolean(),
  openedAt: z.iso.datetime(),
});
export type OpenConsole = z.infer<typeof openConsole>;

export const whoOutput = z.object({
  /** Of this server; the longest open first. */
  here: z.array(openConsole),
  /** Names of the account's servers that have one open, for who has reached the limit. */
  servers: z.array(z.string()),
});
export type WhoOutput = z.infer<typeof whoOutput>;
