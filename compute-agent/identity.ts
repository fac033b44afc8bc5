/**
 * Who this agent is: its key, its certificate, the CA that it believes, and the host's id. Keys are made here and
 * never leave; certificates come from the panel, the first by `join`, the others by renewal (certificates.ts).
 *
 * A new pair grows beside the old one, which stays whole and in use:
 *   agent.next.key, agent.next.csr   the key and its request, the same until a certificate for it has come
 *   agent.next.crt                   the certificate, checked: from here on the new pair is the one
 * Key and certificate are two files, so the switch is two renames; whoever reads them next ends one that was cut off.
 */
import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import { z } from 'zod';
import { readIfThere, removeDurably, renameDurably, writeDurably } from './durable.ts';

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
  cert: join(dataDir, 'agent.crt'),
  nextKey: join(dataDir, 'agent.next.key'),
  nextCsr: join(dataDir, 'agent.next.csr'),
  nextCert: join(dataDir, 'agent.next.crt'),
  ca: join(dataDir, 'ca.crt'),
  host: join(dataDir, 'host.json'),
});

/** null where `join` has not been done. Throws where its files contradict each other or have run out. */
export async function loadIdentity(dataDir: string, now: number): Promise<Identity | null> {
  const path = paths(dataDir);
  await endSwitch(dataDir);
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
  if (!isForKey(input.certPem, input.keyPem)) throw new Error('the certificate is not for our key');
  const uris = (certificate.subjectAltName ?? '').split(', ').filter((name) => name.startsWith('URI:'));
  if (uris.length !== 1 || uris[0] !== `URI:tsubo://host/${input.hostId}`) {
    throw new Error(`the certificate is for ${uris.join(', ') || 'nobody'}, not for host ${input.hostId}`);
  }
  if (Date.parse(certificate.validFrom) > input.now || Date.parse(certificate.validTo) <= input.now) {
    throw new Error(`the certificate is good from ${certificate.validFrom} to ${certificate.validTo}, not now`);
  }
}

function isForKey(certPem: string, keyPem: string): boolean {
  const spki = { type: 'spki', format: 'der' } as const;
  const ours = createPublicKey(createPrivateKey(keyPem)).export(spki);
  return new X509Certificate(certPem).publicKey.export(spki).equals(ours);
}

/** The same key and request at every call until a certificate is installed, so that one agent asks again. */
export async function prepareRequest(dataDir: string, name: string): Promise<{ csrPem: string; keyPem: string }> {
  await mkdir(dataDir, { recursive: true, mode: 0o711 });
  await endSwitch(dataDir);
  const path = paths(dataDir);
  const [oldKey, oldCsr] = [await readIfThere(path.nextKey), await readIfThere(path.nextCsr)];
  if (oldKey !== null && oldCsr !== null) return { keyPem: oldKey, csrPem: oldCsr };
  const keys = await crypto.subtle.generateKey(KEY, true, ['sign', 'verify']);
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    keys,
    name: [{ CN: [`tsubo agent ${name}`] }],
    signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
  });
  const keyPem = x509.PemConverter.encode(await crypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY');
  const csrPem = request.toString('pem');
  // The request of a key that is no more must not survive beside the new one.
  await removeDurably(path.nextCsr);
  await writeDurably(path.nextKey, keyPem, 0o600);
  await writeDurably(path.nextCsr, csrPem, 0o600);
  return { keyPem, csrPem };
}

/** The key that waits for its certificate; null where none was asked for. */
export const pendingKey = (dataDir: string): Promise<string | null> => readIfThere(paths(dataDir).nextKey);

/** Makes the pending key and a certificate that was checked against it the agent's pair. */
export async function switchPair(dataDir: string, certPem: string): Promise<void> {
  await writeDurably(paths(dataDir).nextCert, certPem, 0o644);
  await endSwitch(dataDir);
}

/** From the moment that the next certificate stands beside its key there is only forward. May run twice at once. */
async function endSwitch(dataDir: string): Promise<void> {
  const path = paths(dataDir);
  const certPem = await readIfThere(path.nextCert);
  if (certPem === null) return;
  // In this order: where the pending key is gone, it is by now the agent's.
  const pending = await readIfThere(path.nextKey);
  const key = await readIfThere(path.key);
  if (pending !== null && isForKey(certPem, pending)) await renameDurably(path.nextKey, path.key);
  else if (key === null || !isForKey(certPem, key)) {
    await removeDurably(path.nextCert);
    return;
  }
  await removeDurably(path.nextCsr);
  await renameDurably(path.nextCert, path.cert);
}

/** The certificate last: it says that the rest is there. */
export async function saveIdentity(
  dataDir: string,
  input: { certPem: string; caPem: string; hostId: string; name: string; panel: string },
): Promise<void> {
  const path = paths(dataDir);
  await writeDurably(path.ca, input.caPem, 0o644);
  const host = { hostId: input.hostId, name: input.name, panel: input.panel };
  await writeDurably(path.host, `${JSON.stringify(host)}\n`, 0o644);
  await switchPair(dataDir, input.certPem);
}
