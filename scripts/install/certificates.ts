/**
 * The CA, made once; the certificates of the control plane, the console-proxy and the front door, made anew 30 days
 * before they run out: by quickstart, and once a day while all runs (scripts/renew.ts). They need the CA's key and files
 * of several users, so it is root who does it. Workers and proxies see the new file by themselves; nginx is told.
 */
import { createHash, createPrivateKey, X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { type Authority, createAuthority, issueCertificate, makeRequest, usageOf } from '../../server/pki/authority.ts';
import { foreignLeader } from '../supervise/pid-file.ts';
import { putFile, readIfThere } from './files.ts';
import type { Layout } from './layout.ts';
import { originOf, type Settings } from './settings.ts';
import type { Users } from './users.ts';

const DAYS = 365;
const RENEW_BEFORE_MS = 30 * 86_400_000;

/** Who dials hosts, and so shows them a certificate. */
const DIALLERS = [
  { file: 'control-plane', uri: 'tsubo://control-plane/worker', user: 'tsubo-worker' },
  { file: 'console-proxy', uri: 'tsubo://console-proxy/main', user: 'tsubo-console' },
] as const;

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
  for (const { file, uri, user } of DIALLERS) {
    if (isGood(path(`${file}.crt`), path(`${file}.key`), uri)) continue;
    const { csrPem, keyPem } = await makeRequest(`tsubo ${file}`);
    const issued = await issueCertificate({ authority: readAuthority(layout), csrPem, uri, days: DAYS });
    putFile(path(`${file}.key`), keyPem, 0o600, users[user]);
    putFile(path(`${file}.crt`), issued.certPem);
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
  if (certificate && key) {
    tellNginx(layout, { certificate });
    return { certificate, key };
  }
  const own = { certificate: join(layout.pki, 'origin.crt'), key: join(layout.pki, 'origin.key') };
  const name = origin.hostname.replace(/^\[|\]$/g, '');
  const uri = `tsubo://origin/${name.replaceAll(/[^\w-]/g, '_').slice(0, 64)}`;
  const authority = readAuthority(layout);
  if (!isGood(own.certificate, own.key, uri, name) || !readIfThere(own.certificate)?.endsWith(authority.certPem)) {
    const { csrPem, keyPem } = await makeRequest('tsubo origin');
    const issued = await issueCertificate({
      authority,
      csrPem,
      uri,
      days: DAYS,
      addresses: [name],
    });
    putFile(own.key, keyPem, 0o600, users['tsubo-web']);
    // With the CA: a machine that is to join knows its fingerprint only (compute-agent/panel.ts).
    putFile(own.certificate, `${issued.certPem.trimEnd()}\n${authority.certPem}`);
  }
  tellNginx(layout, own);
  return own;
}

function readAuthority(layout: Layout): Authority {
  const read = (name: string) => readFileSync(join(layout.pki, name), 'utf8');
  return { certPem: read('ca.crt'), keyPem: read('ca.key') };
}

/**
 * Not about to run out, for this key (a crash may have come between the two files), for this bearer's end of a
 * connection and no other, and for this name.
 */
function isGood(certificateFile: string, keyFile: string, uri: string, name?: string): boolean {
  const [certPem, keyPem] = [readIfThere(certificateFile), readIfThere(keyFile)];
  if (!certPem || !keyPem) return false;
  try {
    const certificate = new X509Certificate(certPem);
    if (Date.parse(certificate.validTo) - Date.now() < RENEW_BEFORE_MS) return false;
    if (!certificate.checkPrivateKey(createPrivateKey(keyPem))) return false;
    // What Node calls keyUsage is the extended one.
    if (certificate.keyUsage?.join() !== usageOf(uri)) return false;
    return !name || !!(isIP(name) ? certificate.checkIP(name) : certificate.checkHost(name));
  } catch {
    return false;
  }
}

/**
 * nginx reads its certificate when it starts and at SIGHUP; connections that are open stay. Also for a certificate
 * of the operator's own, which something else renews. @returns whether it was told
 */
export function tellNginx(layout: Layout, tls: Pick<Tls, 'certificate'>): boolean {
  const mark = join(layout.run, 'nginx.certificate');
  const digest = createHash('sha256').update(readFileSync(tls.certificate)).digest('hex');
  const before = readIfThere(mark);
  const running = foreignLeader(join(layout.run, 'nginx/nginx.pid'), 'nginx');
  const tell = running !== undefined && before !== undefined && before !== digest;
  if (tell) process.kill(running.pid, 'SIGHUP');
  putFile(mark, digest);
  return tell;
}
