import { type Logger, pino } from 'pino';

export type { Logger };

/** JSON lines on standard output, every one with `process`. */
export function createLogger(level: string): Logger {
  return pino({
    level,
    base: { process: 'agent' },
    messageKey: 'msg',
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
  });
}
