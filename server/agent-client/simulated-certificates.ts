/** The simulated agent's certificate: the rules of compute-agent/certificates.ts, without files. */
import { createPublicKey, X509Certificate } from 'node:crypto';
import { AgentError } from '../../compute-agent/contract/errors.ts';
import { fingerprintOf, makeRequest } from '../pki/authority.ts';

/** `caPem`: whom the agent believes. */
export function createSimulatedCertificates(hostId: string, caPem: string | undefined) {
  let pending: { csrPem: string; keyPem: string } | null = null;
  let inUse: string | null = null;

  const whyNot = (certificate: X509Certificate): string | undefined => {
    const ca = caPem ? new X509Certificate(caPem) : null;
    if (!ca || !certificate.checkIssued(ca) || !certificate.verify(ca.publicKey)) return 'not of our CA';
    if (!pending) return 'no certificate was asked for';
    const spki = { type: 'spki', format: 'der' } as const;
    const ours = createPublicKey(pending.keyPem).export(spki);
    if (!certificate.publicKey.export(spki).equals(ours)) return 'not for our key';
    const uris = (certificate.subjectAltName ?? '').split(', ').filter((name) => name.startsWith('URI:'));
    return uris.length === 1 && uris[0] === `URI:tsubo://host/${hostId}` ? undefined : 'for somebody else';
  };
  const parse = (certPem: string): X509Certificate => {
    try {
      return new X509Certificate(certPem);
    } catch (cause) {
      throw new AgentError('BAD_REQUEST', 'not a certificate', { cause });
    }
  };

  return {
    requestCertificate: async () => {
      pending ??= await makeRequest('simulated');
      return { csrPem: pending.csrPem };
    },
    installCertificate: ({ certPem }: { certPem: string }) => {
      const certificate = parse(certPem);
      const fingerprint = fingerprintOf(certPem);
      if (fingerprint === inUse) return { fingerprint };
      const why = whyNot(certificate);
      if (why) throw new AgentError('BAD_REQUEST', why);
      inUse = fingerprint;
      pending = null;
      return { fingerprint };
    },
  };
}
