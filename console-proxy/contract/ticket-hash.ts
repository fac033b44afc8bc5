/** What is stored of a console ticket: the panel writes it, the proxy finds the row by it. Lower-case hex. */
import { createHash } from 'node:crypto';

export const ticketHash = (ticket: string): string => createHash('sha256').update(ticket).digest('hex');
