/**
 * Who this agent is: its key, its certificate, the CA that it believes, and the host's id. The key is made
 * here and never leaves; certificates come from the panel by `join`.
 */
import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import { z } from 'zod';
import { readIfThere, removeDurably, writeDurably } from './durable.ts';

const KEY = { name: 'ECDSA', namedCurve: 'P-256' } as const;
const hostFile = z.object({ hostId: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/), name: z.string(), panel: z.string() });

export interface Identity {
  hostId: string;
  certPem: string;
  keyPem: string;
  caPem: string;
}

const paths = (dataDir: string) => ({
  key: join(dataDir, 'agent.key'),
  csr: join(dataDir, 'agent.csr'),
  cert: join(dataDir, 'agent.crt'),
  ca: join(dataDir, 'ca.crt'),
  host: join(dataDir, 'host.json'),
});

/** null where `join` has not been done. Throws where its files contradict each other or have run out. */
export async function loadIdentity(dataDir: string, now: number): Promise<Identity | null> {
  const path = paths(dataDir);
  const [keyPem, certPem, caPem, host] = await Promise.all([
    readIfThere(path.key),
    readIfThere(path.cert),
    readIfThere(path.ca),
    readIfThere(path.host),
  ]);
  if (keyPem === null || certPem === null || caPem === null || host === null) return null;
  const { hostId } = hostFile.parse(JSON.parse(host));
  checkCertificate({ certPem, keyPem, caPem, hostId, now });
  return { hostId, certPem, keyPem, caPem };
}

/** Makes sure that the certificate is for our key, by this CA, for this host, and good at `now`. Throws Error. */
export function checkCertificate(input: {
  certPem: string;
  keyPem: string;
  caPem: string;
  hostId: string;
  now: number;
}): void {
  const certificate = new X509Certificate(input.certPem);
  const ca = new X509Certificate(input.caPem);
  if (!certificate.checkIssued(ca) || !certificate.verify(ca.publicKey)) {
    throw new Error('the certificate was not issued by the CA that came with it');
  }
  const spki = { type: 'spki', format: 'der' } as const;
  const ours = createPublicKey(createPrivateKey(input.keyPem)).export(spki);
  if (!certificate.publicKey.export(spki).equals(ours)) throw new Error('the certificate is not for our key');
  const uris = (certificate.subjectAltName ?? '').split(', ').filter((name) => name.startsWith('URI:'));
  if (uris.length !== 1 || uris[0] !== `URI:tsubo://host/${input.hostId}`) {
    throw new Error(`the certificate is for ${uris.join(', ') || 'nobody'}, not for host ${input.hostId}`);
  }
  if (Date.parse(certificate.validFrom) > input.now || Date.parse(certificate.validTo) <= input.now) {
    throw new Error(`the certificate is good from ${certificate.validFrom} to ${certificate.validTo}, not now`);
  }
}

/** The same key and request at every try until one is signed, so that the panel sees one agent asking again. */
export async function prepareRequest(dataDir: string, name: string): Promise<{ csrPem: string; keyPem: string }> {
  await mkdir(dataDir, { recursive: true, mode: 0o711 });
  const path = paths(dataDir);
  const [oldKey, oldCsr] = await Promise.all([readIfThere(path.key), readIfThere(path.csr)]);
  if (oldKey !== null && oldCsr !== null) return { keyPem: oldKey, csrPem: oldCsr };
  const keys = await crypto.subtle.generateKey(KEY, true, ['sign', 'verify']);
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    keys,
    name: [{ CN: [`tsubo agent ${name}`] }],
    signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
  });
  const keyPem = x509.PemConverter.encode(await crypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY');
  const csrPem = request.toString('pem');
  await writeDurably(path.key, keyPem, 0o600);
  await writeDurably(path.csr, csrPem, 0o600);
  return { keyPem, csrPem };
}

/** host.json last: it says that the rest is there. */
export async function saveIdentity(
  dataDir: string,
  input: { certPem: string; caPem: string; hostId: string; name: string; panel: string },
): Promise<void> {
  const path = paths(dataDir);
  await writeDurably(path.ca, input.caPem, 0o644);
  await writeDurably(path.cert, input.certPem, 0o644);
  const host = { hostId: input.hostId, name: input.name, panel: input.panel };
  await writeDurably(path.host, `${JSON.stringify(host)}\n`, 0o644);
  await removeDurably(path.csr);
}
