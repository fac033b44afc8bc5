/** The CA, made once, and the control plane's certificate, made anew 30 days before it runs out. */

import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Authority, createAuthority, issueCertificate, makeRequest } from '../../server/pki/authority.ts';
import { putFile, readIfThere } from './files.ts';
import type { Layout } from './layout.ts';
import { originOf, type Settings } from './settings.ts';
import type { Users } from './users.ts';

const DAYS = 365;
const RENEW_BEFORE_MS = 30 * 86_400_000;

/** @returns whether anything was made */
export async function ensureCertificates(layout: Layout, users: Users): Promise<boolean> {
  const path = (name: string) => join(layout.pki, name);
  const worker = users['tsubo-worker'];
  let made = false;
  if (!existsSync(path('ca.crt'))) {
    const authority = await createAuthority();
    putFile(path('ca.key'), authority.keyPem, 0o600, worker);
    putFile(path('ca.crt'), authority.certPem);
    made = true;
  }
  if (expiresSoon(readIfThere(path('control-plane.crt')))) {
    const { csrPem, keyPem } = await makeRequest('tsubo control plane');
    const issued = await issueCertificate({
      authority: readAuthority(layout),
      csrPem,
      uri: 'tsubo://control-plane/worker',
      days: DAYS,
    });
    putFile(path('control-plane.key'), keyPem, 0o600, worker);
    putFile(path('control-plane.crt'), issued.certPem);
    made = true;
  }
  return made;
}

/** Paths of nginx's certificate and key. */
export type Tls = { certificate: string; key: string };

/** The operator's own, or one of Tsubo's CA; none where the origin is http. */
export async function ensureOriginCertificate(
  layout: Layout,
  settings: Settings,
  users: Users,
): Promise<Tls | undefined> {
  const origin = new URL(originOf(settings));
  if (origin.protocol !== 'https:') return undefined;
  const { TSUBO_TLS_CERT: certificate, TSUBO_TLS_KEY: key } = settings;
  if (certificate && key) return { certificate, key };
  const own = { certificate: join(layout.pki, 'origin.crt'), key: join(layout.pki, 'origin.key') };
  const there = readIfThere(own.certificate);
  if (expiresSoon(there) || !new X509Certificate(there!).checkHost(origin.hostname)) {
    const { csrPem, keyPem } = await makeRequest('tsubo origin');
    const uri = `tsubo://origin/${origin.hostname.replaceAll('.', '_')}`;
    const issued = await issueCertificate({
      authority: readAuthority(layout),
      csrPem,
      uri,
      days: DAYS,
      addresses: [origin.hostname],
    });
    putFile(own.key, keyPem, 0o600, users['tsubo-web']);
    putFile(own.certificate, issued.certPem);
  }
  return own;
}

function readAuthority(layout: Layout): Authority {
  const read = (name: string) => readFileSync(join(layout.pki, name), 'utf8');
  return { certPem: read('ca.crt'), keyPem: read('ca.key') };
}

function expiresSoon(certPem: string | undefined): boolean {
  return !certPem || Date.parse(new X509Certificate(certPem).validTo) - Date.now() < RENEW_BEFORE_MS;
}
