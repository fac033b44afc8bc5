/** Passwords of the database roles. PostgreSQL is given the SCRAM verifier: the password itself stays out of its logs. */
import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';
import pg from 'pg';

const ITERATIONS = 4096;

/** RFC 5802 and 7677, in the form of pg_authid. The password must be ASCII: no SASLprep here. */
export function scramVerifier(password: string, salt = randomBytes(16)): string {
  if (!/^[\x21-\x7e]+$/.test(password))
    throw new Error('A database password must be of ASCII letters, digits and signs.');
  const salted = pbkdf2Sync(password, salt, ITERATIONS, 32, 'sha256');
  const key = (name: string) => createHmac('sha256', salted).update(name).digest();
  const stored = createHash('sha256').update(key('Client Key')).digest('base64');
  const server = key('Server Key').toString('base64');
  return `SCRAM-SHA-256$${ITERATIONS}:${salt.toString('base64')}$${stored}:${server}`;
}

/** @param url the owner's */
export async function setRolePasswords(url: string, passwords: Record<string, string>): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    for (const [role, password] of Object.entries(passwords)) {
      const [name, verifier] = [client.escapeIdentifier(role), client.escapeLiteral(scramVerifier(password))];
      await client.query(`ALTER ROLE ${name} WITH LOGIN PASSWORD ${verifier}`);
    }
  } finally {
    await client.end();
  }
}
