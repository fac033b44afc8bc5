/** The agent's certificate through renewals that are cut off at every write. */
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  type Authority,
  createAuthority,
  fingerprintOf,
  issueCertificate,
  makeRequest,
} from '../server/pki/authority.ts';
import { joinAs } from '../server/testing/joined-agent.ts';
import { Certificates } from './certificates.ts';
import { systemClock } from './clock.ts';
import { type Identity, loadIdentity } from './identity.ts';
import { createLogger } from './log.ts';

/** The process dies before its n-th change of the disk; from then on it changes nothing. */
const disk = vi.hoisted(() => ({ changesLeft: Number.POSITIVE_INFINITY, changes: 0 }));
vi.mock('./durable.ts', async (original) => {
  const real = await original<typeof import('./durable.ts')>();
  const mortal = <A extends unknown[], R>(change: (...args: A) => Promise<R>) => {
    return async (...args: A): Promise<R> => {
      if (disk.changesLeft <= 0) throw new Error('killed');
      disk.changesLeft -= 1;
      disk.changes += 1;
      return change(...args);
    };
  };
  return {
    ...real,
    writeDurably: mortal(real.writeDurably),
    renameDurably: mortal(real.renameDurably),
    removeDurably: mortal(real.removeDurably),
  };
});

let authority: Authority;
let dataDir: string;
let first: Identity;
beforeAll(async () => {
  authority = await createAuthority();
});
beforeEach(async () => {
  disk.changesLeft = Number.POSITIVE_INFINITY;
  dataDir = join(await mkdtemp(join(tmpdir(), 'tsubo-renew-')), 'agent');
  first = await joinAs('hst_1', dataDir, authority);
});
afterEach(() => rm(join(dataDir, '..'), { recursive: true, force: true }));

/** A process that starts on the files as they are. */
async function start(): Promise<{ certificates: Certificates; identity: Identity }> {
  disk.changesLeft = Number.POSITIVE_INFINITY;
  const identity = await loadIdentity(dataDir, systemClock.now());
  if (!identity) throw new Error('no identity');
  return {
    identity,
    certificates: new Certificates({ dataDir, identity, clock: systemClock, log: createLogger('silent') }),
  };
}
const sign = async (csrPem: string, more: { uri?: string; by?: Authority; days?: number } = {}) => {
  const { uri = 'tsubo://host/hst_1', by = authority, days = 1 } = more;
  return (await issueCertificate({ authority: by, csrPem, uri, days })).certPem;
};
const names = async () => (await readdir(dataDir)).sort();

it('a renewal leaves the new pair and nothing else, and tells who serves', async () => {
  const { certificates } = await start();
  const served: Identity[] = [];
  certificates.onChange((identity) => served.push(identity));
  const certPem = await sign((await certificates.request()).csrPem);
  expect(await certificates.install(certPem)).toEqual({ fingerprint: fingerprintOf(certPem) });
  expect(served).toMatchObject([{ hostId: 'hst_1', certPem, caPem: authority.certPem }]);
  expect(served[0]?.keyPem).not.toBe(first.keyPem);
  expect(await names()).toEqual(['agent.crt', 'agent.key', 'ca.crt', 'host.json']);
  expect((await stat(join(dataDir, 'agent.key'))).mode & 0o777).toBe(0o600);
  expect(await loadIdentity(dataDir, systemClock.now())).toEqual(served[0]);
});

describe('killed before any change of the disk', () => {
  it('starts with the old pair or the new one, and the renewal is ended by doing it again', async () => {
    let survived = 0;
    for (let n = 0; ; n++) {
      await rm(dataDir, { recursive: true });
      first = await joinAs('hst_1', dataDir, authority);
      const { certificates } = await start();
      // As the control plane does: what it signed it keeps, and hands over again.
      let signed: string | undefined;
      const renewal = async (agent: Certificates) => {
        signed ??= await sign((await agent.request()).csrPem);
        return agent.install(signed);
      };
      disk.changes = 0;
      disk.changesLeft = n;
      const killed = await renewal(certificates).then(
        () => false,
        (error: Error) => error.message === 'killed',
      );
      const again = await start();
      expect([first.certPem, signed]).toContain(again.identity.certPem);
      if (!killed) {
        expect(again.identity.certPem).toBe(signed);
        expect(n).toBeGreaterThanOrEqual(6);
        break;
      }
      survived += 1;
      expect(await renewal(again.certificates)).toEqual({ fingerprint: fingerprintOf(signed as string) });
      expect((await start()).identity.certPem).toBe(signed);
      expect(await names(), `killed before change ${n + 1}`).toEqual(['agent.crt', 'agent.key', 'ca.crt', 'host.json']);
    }
    expect(survived).toBe(disk.changes);
  });

  it('also while the switch that was cut off is ended at the next start', async () => {
    const { certificates } = await start();
    const certPem = await sign((await certificates.request()).csrPem);
    // The certificate is written, nothing is renamed yet.
    disk.changesLeft = 1;
    await expect(certificates.install(certPem)).rejects.toThrow('killed');
    // Each start gets one rename further.
    for (const changes of [0, 1, 1]) {
      disk.changesLeft = changes;
      await expect(loadIdentity(dataDir, systemClock.now())).rejects.toThrow('killed');
    }
    expect((await start()).identity.certPem).toBe(certPem);
  });
});

describe('what is not taken', () => {
  it.each([
    ['another key', async () => sign((await makeRequest('x')).csrPem), 'not for our key'],
    ['another host', (csr: string) => sign(csr, { uri: 'tsubo://host/hst_2' }), 'not for host hst_1'],
    ['a control plane', (csr: string) => sign(csr, { uri: 'tsubo://control-plane/hst_1' }), 'not for host hst_1'],
    ['another CA', async (csr: string) => sign(csr, { by: await createAuthority() }), 'not issued by the CA'],
    ['a time that is over', (csr: string) => sign(csr, { days: -1 }), 'not now'],
    ['nothing', async () => 'no certificate', 'not a certificate'],
  ])('a certificate for %s', async (_what, make, words) => {
    const { certificates } = await start();
    const { csrPem } = await certificates.request();
    const wrong = certificates.install(await make(csrPem));
    await expect(wrong).rejects.toMatchObject({ code: 'BAD_REQUEST', message: expect.stringContaining(words) });
    expect((await start()).identity).toEqual(first);
    // The pending key still waits for its own.
    await certificates.install(await sign(csrPem));
  });

  it('one that was not asked for', async () => {
    const { certificates } = await start();
    const certPem = await sign((await makeRequest('x')).csrPem);
    await expect(certificates.install(certPem)).rejects.toMatchObject({ message: 'no certificate was asked for' });
  });
});

it('two renewals at once have one request, and the second certificate is refused', async () => {
  const { certificates } = await start();
  const [one, two] = await Promise.all([certificates.request(), certificates.request()]);
  expect(one).toEqual(two);
  const [a, b] = [await sign(one.csrPem), await sign(two.csrPem)];
  const done = await Promise.allSettled([certificates.install(a), certificates.install(b)]);
  expect(done.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
  expect((await start()).identity.certPem).toBe(a);
});

describe('joined again while it runs', () => {
  it('takes the new pair of the same host from the files', async () => {
    const { certificates } = await start();
    const served: Identity[] = [];
    certificates.onChange((identity) => served.push(identity));
    expect(await certificates.reread()).toBe('same');
    const again = await joinAs('hst_1', dataDir, authority);
    expect(await certificates.reread()).toBe('renewed');
    expect(served).toEqual([again]);
    expect(await certificates.reread()).toBe('same');
  });

  it('says when it is another host now, and does not mind files that do not hold', async () => {
    const { certificates } = await start();
    await joinAs('hst_2', dataDir, authority);
    expect(await certificates.reread()).toBe('another host');
    await rm(join(dataDir, 'agent.key'));
    expect(await certificates.reread()).toBe('same');
    expect(await readFile(join(dataDir, 'host.json'), 'utf8')).toContain('hst_2');
  });
});
