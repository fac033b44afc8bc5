/** Three leaks planted by hand, one after the other: a domain, a disk, an address. The checker must see each. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { readStack } from '../../../e2e/stack.ts';

const ORPHAN = 'zzzzzzzzz7';

const virsh = (...args: string[]) =>
  execFileSync('/usr/bin/virsh', ['-q', '-c', 'qemu:///system', ...args], { stdio: 'pipe' });

/** Answers the names of the leaks that `look` did not report. */
export async function plantedLeaks(look: () => Promise<string[]>): Promise<string[]> {
  const stack = readStack();
  const missed: string[] = [];
  const expectSeen = async (leak: string, mark: string) => {
    if (!(await look()).some((violation) => violation.includes(mark))) missed.push(leak);
  };

  const xml = join(stack.data, 'planted.xml');
  writeFileSync(
    xml,
    `<domain type='qemu'><name>${ORPHAN}</name><memory unit='MiB'>64</memory><os><type arch='x86_64' machine='pc'>hvm</type></os></domain>`,
  );
  virsh('define', xml);
  await expectSeen('domain', `domain ${ORPHAN} is nobody's`);
  virsh('undefine', ORPHAN);
  rmSync(xml);

  const folder = join(stack.data, 'agent', 'volumes', ORPHAN);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'vol_aaaaaaaaaaaaaaaa.qcow2'), 'left over');
  await expectSeen('disk', `disk vol_aaaaaaaaaaaaaaaa is nobody's (of ${ORPHAN})`);
  rmSync(folder, { recursive: true });

  const db = new Client({ connectionString: stack.ownerUrl });
  await db.connect();
  try {
    const gone = await plantGoneServer(db);
    await expectSeen('address', `server ${ORPHAN} (gone): still holds ${gone.address}`);
    await gone.remove();
  } finally {
    await db.end();
  }
  return missed;
}

/** A row of a deleted server that still holds an address. */
async function plantGoneServer(db: Client): Promise<{ address: string; remove(): Promise<void> }> {
  const holdId = 'hold_planted';
  await db.query(`INSERT INTO "Account" (id, name, "createdAt") VALUES ('acc_planted', 'planted', now())`);
  await db.query(
    `INSERT INTO "Server" (id, "accountId", name, hostname, "zoneId", "planId", "imageId", "domainUuid", intended, "intendedDeleted", "sshKeys", "createdAt", "deletedAt")
     SELECT $1, 'acc_planted', 'planted', 'planted', z.id, p.id, i.id, gen_random_uuid()::text, 'stopped', true, '[]', now(), now()
       FROM "Zone" z, "Plan" p, "Image" i LIMIT 1`,
    [ORPHAN],
  );
  await db.query(
    `INSERT INTO "AddressHold" (id, "addressId", "serverId", family, "from")
     SELECT $1, a.id, $2, a.family, now() FROM "Address" a WHERE NOT EXISTS
       (SELECT 1 FROM "AddressHold" h WHERE h."addressId" = a.id AND h."until" IS NULL) LIMIT 1`,
    [holdId, ORPHAN],
  );
  const held = `SELECT a.address FROM "Address" a JOIN "AddressHold" h ON h."addressId" = a.id WHERE h.id = $1`;
  return {
    address: (await db.query<{ address: string }>(held, [holdId])).rows[0]?.address ?? 'none was free',
    async remove() {
      await db.query(`DELETE FROM "AddressHold" WHERE id = $1`, [holdId]);
      await db.query(`DELETE FROM "Server" WHERE id = $1`, [ORPHAN]);
      await db.query(`DELETE FROM "Account" WHERE id = 'acc_planted'`);
    },
  };
}
