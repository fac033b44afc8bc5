/**
 * What a browser and the console-proxy say to each other. One WebSocket per console, at CONSOLE_PATH; the ticket
 * (server/consoles issues it) travels in the list of subprotocols, never in the address, and PROTOCOL is the one chosen.
 *
 * vnc     binary messages are RFB's bytes, wherever they are cut.
 * serial  binary messages are the port's bytes, both ways. Text messages are JSON: from the browser `serialSaid`, the
 *         first of which must be `open`; from the proxy `serialTold` (messages.ts).
 * both    text messages about the console itself, once it is open: from the browser `controlSaid`, from the proxy
 *         `controlTold`. On a screen there is no other text.
 *
 * A socket ends with one of CLOSE and a reason: empty, or an error id to tell support (`E-…`).
 *
 * The shapes stand apart: a page that shows no console yet loads nothing that checks them.
 */
export const CONSOLE_PATH = '/ws/console';
export const PROTOCOL = 'tsubo.console.1';
/** The other entry of the list: this and the ticket. */
export const TICKET_PREFIX = 'ticket.';
export const TICKET_LIFETIME_MS = 30_000;

/** Consoles that an account may have open at once, of both kinds. */
export const CONSOLES_PER_ACCOUNT = 5;
/** Without a key or a click of the viewer for so long it is closed, where the installation says nothing else. */
export const IDLE_MS = 30 * 60_000;

/** Close codes; the sentences are the panel's (ui.md 4). 1000: ended by who opened it. */
export const CLOSE = {
  /** The proxy ends or restarts: come again with a fresh ticket. */
  restarting: 1012,
  /** Unknown, used or expired ticket: come again with a fresh one. */
  ticket: 4001,
  /** The session ended. */
  signedOut: 4002,
  /** No longer allowed to see this server. */
  permissionGone: 4003,
  /** The server is being deleted, or gone. */
  deleted: 4004,
  /** The guest is off: come again when it runs. */
  off: 4005,
  /** Nothing typed or clicked for the limit, which `idle` has told before. */
  idle: 4006,
  /** CONSOLES_PER_ACCOUNT are open. */
  tooMany: 4007,
  /** The host or its agent does not answer: come again. */
  hostAway: 4008,
  /** What the browser sent is not what this page describes. */
  protocol: 4009,
  /** A defect or a refusal of the host; the reason is the error id. */
  failed: 4010,
  /** A person of the account, or staff, ended it: `ended` has told before who. */
  endedByPerson: 4011,
} as const;
export type CloseCode = (typeof CLOSE)[keyof typeof CLOSE];

/** Codes after which the panel tries again by itself. */
export const RESUMES: ReadonlySet<number> = new Set([1001, 1005, 1006, CLOSE.restarting, CLOSE.ticket, CLOSE.hostAway]);
