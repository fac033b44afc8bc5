import type { Deps } from './deps.ts';

/** True if the database answers within the connection's own deadlines. Never throws. */
export async function databaseAnswers({ db, log }: Deps): Promise<boolean> {
  try {
    await db.$queryRaw`SELECT 1`;
    return true;
  } catch (err) {
    log.warn({ err }, 'the database does not answer');
    return false;
  }
}
