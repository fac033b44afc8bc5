/** JSON lines on standard output: `time`, `level`, `process`, `msg`, and `requestId`, `operationId` where there is one. */
import { type DestinationStream, type Logger, pino } from 'pino';

export type { Logger };

/** Keys whose values never reach a log, at the top or up to two levels down. */
const secret = [
  'password',
  'passwordHash',
  'newPassword',
  'currentPassword',
  'token',
  'tokenHash',
  'secret',
  'authorization',
  'cookie',
  'privateKey',
  'csrPem',
  'DATABASE_URL',
  'databaseUrl',
];
const redactedPaths = secret.flatMap((key) => [key, `*.${key}`, `*.*.${key}`, `*["set-cookie"]`]);

export function createLogger(process: string, level: string, destination?: DestinationStream): Logger {
  return pino(
    {
      level,
      base: { process },
      messageKey: 'msg',
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: [...new Set(redactedPaths)], censor: '[removed]' },
      serializers: { err: errorChain },
    },
    destination,
  );
}

type LoggedError = { type: string; message: string; code?: string; stack?: string; cause?: LoggedError };

/**
 * An error and its causes, each with its own words. Only what is named here: libraries hang whole requests,
 * queries and connection settings on their errors.
 */
function errorChain(error: unknown, depth = 0): LoggedError {
  if (!(error instanceof Error)) return { type: typeof error, message: String(error) };
  const code = 'code' in error && typeof error.code === 'string' ? { code: error.code } : {};
  return {
    type: error.name,
    message: withoutPasswords(error.message),
    ...code,
    stack: withoutPasswords(error.stack ?? ''),
    ...(error.cause !== undefined && depth < 8 ? { cause: errorChain(error.cause, depth + 1) } : {}),
  };
}

/** Connection URLs turn up in the words of database errors. */
const withoutPasswords = (text: string): string => text.replaceAll(/(\w+:\/\/[^\s:/@]+):[^\s@]+@/g, '$1:[removed]@');
