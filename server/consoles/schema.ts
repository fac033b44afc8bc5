/** Inputs and answers of the `consoles` router. Times are ISO 8601 strings in UTC. */
import { z } from 'zod';
import { ticketText } from '../../console-proxy/contract/messages.ts';
import { idText, text } from '../text.ts';

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
  id: z.string(),
  kind: consoleKind,
  /** By the SSH door. */
  ssh: z.boolean(),
  serverId: z.string(),
  serverName: z.string(),
  userId: z.string(),
  /** Null: one of the staff, who are here as the company and not by name. */
  userName: z.string().nullable(),
  viewOnly: z.boolean(),
  openedAt: z.iso.datetime(),
});
export type OpenConsole = z.infer<typeof openConsole>;

/** The same for staff, who see the names of their own, too. */
export const staffConsoleView = openConsole.extend({
  userName: z.string(),
  isStaff: z.boolean(),
  accountId: z.string(),
  accountName: z.string(),
});
export type StaffConsoleView = z.infer<typeof staffConsoleView>;

export const endInput = z.object({ consoleId: idText });
export const staffEndInput = endInput.extend({
  /** The one who is thrown out reads it. */
  reason: text(500).trim().min(1, 'empty'),
});
/** False: it was over before. */
export const endOutput = z.object({ ended: z.boolean() });

export const whoOutput = z.object({
  /** Of this server; the longest open first. */
  here: z.array(openConsole),
  /** Names of the account's servers that have one open, for who has reached the limit. */
  servers: z.array(z.string()),
});
export type WhoOutput = z.infer<typeof whoOutput>;
