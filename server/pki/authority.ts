/**
 * Tsubo's own certificate authority: EC P-256, one level. A certificate says who its bearer is by exactly one URI in
 * its alternative names – `tsubo://control-plane/<name>`, `tsubo://console-proxy/<name>`, `tsubo://host/<host id>`, or
 * `tsubo://origin/<name>` for the panel's own front door – and both sides decide by that URI, never by the subject's
 * words. Each is good for one end of a connection only. Keys never travel: the bearer makes its key and sends a request.
 */
import { createHash } from 'node:crypto';
import { isIP } from 'node:net';
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import { systemClock } from '../clock.ts';

const KEY = { name: 'ECDSA', namedCurve: 'P-256' } as const;
const SIGNATURE = { name: 'ECDSA', hash: 'SHA-256' } as const;
const DAY_MS = 86_400_000;
const AUTHORITY_DAYS = 3650;
/** Clocks of hosts differ: a certificate is good a little before it was made. */
const SKEW_MS = 5 * 60_000;

export interface Authority {
  certPem: string;
  /** PKCS #8. */
  keyPem: string;
}

export async function createAuthority(): Promise<Authority> {
  const keys = await makeKeys();
  const now = systemClock.now();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    keys,
    name: 'CN=Tsubo CA',
    serialNumber: serialNumber(),
    notBefore: new Date(now.getTime() - SKEW_MS),
    notAfter: new Date(now.getTime() + AUTHORITY_DAYS * DAY_MS),
    signingAlgorithm: SIGNATURE,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey, false),
    ],
  });
  return { certPem: certificate.toString('pem'), keyPem: await privateKeyPem(keys.privateKey) };
}

/** Which end of a connection a bearer is: control planes and console-proxies dial, hosts and the front door answer. */
export const usageOf = (uri: string): string =>
  /^tsubo:\/\/(control-plane|console-proxy)\//.test(uri)
    ? x509.ExtendedKeyUsage.clientAuth
    : x509.ExtendedKeyUsage.serverAuth;

/** A new key and a request for it. */
export async function makeRequest(commonName: string): Promise<{ csrPem: string; keyPem: string }> {
  const keys = await makeKeys();
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    keys,
    name: [{ CN: [commonName] }],
    signingAlgorithm: SIGNATURE,
  });
  return { csrPem: request.toString('pem'), keyPem: await privateKeyPem(keys.privateKey) };
}

/** A request that is not one, not signed by its own key, or not for an EC P-256 key. */
export class BadRequestError extends Error {
  override readonly name = 'BadRequestError';
}

/**
 * Signs a request. Of the request only the public key is taken: what its bearer may call itself is `uri`,
 * which the caller decides. `addresses` are the IP addresses or names under which it is dialled.
 * Throws BadRequestError.
 */
export async function issueCertificate(input: {
  authority: Authority;
  csrPem: string;
  uri: string;
  days: number;
  addresses?: string[];
}): Promise<{ certPem: string; fingerprint: string; expiresAt: Date }> {
  const { authority, csrPem, uri, days, addresses = [] } = input;
  if (!/^tsubo:\/\/(control-plane|console-proxy|host|origin)\/[A-Za-z0-9_-]{1,64}$/.test(uri))
    throw new Error(`not one of our URIs: ${uri}`);
  const publicKey = await publicKeyOf(csrPem);
  const issuer = new x509.X509Certificate(authority.certPem);
  const signingKey = await crypto.subtle.importKey(
    'pkcs8',
    x509.PemConverter.decodeFirst(authority.keyPem),
    KEY,
    false,
    ['sign'],
  );
  const now = systemClock.now();
  const expiresAt = new Date(Math.floor((now.getTime() + days * DAY_MS) / 1000) * 1000);
  const certificate = await x509.X509CertificateGenerator.create({
    publicKey,
    signingKey,
    signingAlgorithm: SIGNATURE,
    issuer: issuer.subjectName,
    subject: [{ CN: [uri.slice('tsubo://'.length)] }],
    serialNumber: serialNumber(),
    notBefore: new Date(now.getTime() - SKEW_MS),
    notAfter: expiresAt,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([usageOf(uri)]),
      new x509.SubjectAlternativeNameExtension([
        { type: 'url', value: uri },
        ...addresses.map((value) => ({ type: isIP(value) ? ('ip' as const) : ('dns' as const), value })),
      ]),
      await x509.AuthorityKeyIdentifierExtension.create(issuer, false),
      await x509.SubjectKeyIdentifierExtension.create(publicKey, false),
    ],
  });
  const certPem = certificate.toString('pem');
  return { certPem, fingerprint: fingerprintOf(certPem), expiresAt };
}

/** SHA-256 of the certificate's DER, lower-case hex. */
export function fingerprintOf(certPem: string): string {
  return createHash('sha256')
    .update(new Uint8Array(x509.PemConverter.decodeFirst(certPem)))
    .digest('hex');
}

async function publicKeyOf(csrPem: string): Promise<x509.PublicKey> {
  let request: x509.Pkcs10CertificateRequest;
  let proven: boolean;
  try {
    request = new x509.Pkcs10CertificateRequest(csrPem);
    const algorithm = request.publicKey.algorithm as { name: string; namedCurve?: string };
    if (algorithm.name !== KEY.name || algorithm.namedCurve !== KEY.namedCurve) {
      throw new BadRequestError('the key of the request is not EC P-256');
    }
    proven = await request.verify();
  } catch (error) {
    if (error instanceof BadRequestError) throw error;
    throw new BadRequestError('not a certificate request', { cause: error });
  }
  if (!proven) throw new BadRequestError('the request is not signed by its own key');
  return request.publicKey;
}

const makeKeys = (): Promise<CryptoKeyPair> => crypto.subtle.generateKey(KEY, true, ['sign', 'verify']);

async function privateKeyPem(key: CryptoKey): Promise<string> {
  return x509.PemConverter.encode(await crypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY');
}

/** 127 random bits with the top bit clear and the next set: positive, and of one length. */
function serialNumber(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[0] = ((bytes[0] as number) & 0x7f) | 0x40;
  return Buffer.from(bytes).toString('hex');
}
