/** One authority, as the panel's, and what both ends of the inner hop show: ours and nginx's the same. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createAuthority, fingerprintOf, issueCertificate, makeRequest } from '../../../server/pki/authority.ts';

export const HOST_ID = 'hst_1';
/** nginx looks for a name, not for an address. */
export const HOST_NAME = 'host.bench';

export type Certificates = Awaited<ReturnType<typeof makeCertificates>>;

/** Writes ca.crt, console-proxy.crt and .key, host.crt and .key. */
export async function makeCertificates(folder: string) {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const authority = await createAuthority();
  const issue = async (name: string, uri: string, addresses: string[]) => {
    const { csrPem, keyPem } = await makeRequest('bench');
    const { certPem } = await issueCertificate({ authority, csrPem, uri, days: 1, addresses });
    writeFileSync(join(folder, `${name}.crt`), certPem);
    writeFileSync(join(folder, `${name}.key`), keyPem, { mode: 0o600 });
    return { certPem, keyPem, caPem: authority.certPem };
  };
  writeFileSync(join(folder, 'ca.crt'), authority.certPem);
  await issue('console-proxy', 'tsubo://console-proxy/main', []);
  const host = await issue('host', `tsubo://host/${HOST_ID}`, ['127.0.0.1', HOST_NAME]);
  return { folder, host, hostFingerprint: fingerprintOf(host.certPem) };
}
