/** For tests: certificates as hosts have them that joined before each was for one end of a connection only. */
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import type { Authority } from '../server/pki/authority.ts';

const KEY = { name: 'ECDSA', namedCurve: 'P-256' } as const;
const pem = x509.PemConverter;

export async function certificateForBoth({ certPem, keyPem }: Authority, uri: string) {
  const keys = await crypto.subtle.generateKey(KEY, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.create({
    publicKey: keys.publicKey,
    signingKey: await crypto.subtle.importKey('pkcs8', pem.decodeFirst(keyPem), KEY, false, ['sign']),
    signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
    issuer: new x509.X509Certificate(certPem).subjectName,
    extensions: [
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth, x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension([
        { type: 'url', value: uri },
        { type: 'ip', value: '127.0.0.1' },
      ]),
    ],
  });
  const key = pem.encode(await crypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY');
  return { cert: certificate.toString('pem'), key };
}
