import { createPublicKey, X509Certificate } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  type Authority,
  BadRequestError,
  createAuthority,
  fingerprintOf,
  issueCertificate,
  makeRequest,
} from './authority.ts';

const [CLIENT, SERVER] = ['1.3.6.1.5.5.7.3.2', '1.3.6.1.5.5.7.3.1'];
let authority: Authority;
beforeAll(async () => {
  authority = await createAuthority();
});

describe('createAuthority', () => {
  it('makes a self-signed CA of one level', () => {
    const ca = new X509Certificate(authority.certPem);
    expect(ca.ca).toBe(true);
    expect(ca.verify(ca.publicKey)).toBe(true);
    expect(authority.keyPem).toContain('BEGIN PRIVATE KEY');
  });
});

describe('issueCertificate', () => {
  it.each([
    ['tsubo://control-plane/w-1', CLIENT],
    ['tsubo://host/hst_2', SERVER],
    ['tsubo://origin/panel_example_jp', SERVER],
  ])('issues %s, for its one end of a connection only', async (uri, usage) => {
    const { csrPem } = await makeRequest('x');
    const certificate = new X509Certificate((await issueCertificate({ authority, csrPem, uri, days: 1 })).certPem);
    expect(certificate.subjectAltName).toBe(`URI:${uri}`);
    expect(certificate.keyUsage).toEqual([usage]);
  });

  it('binds the key of the request to the URI and addresses that the caller names', async () => {
    const { csrPem, keyPem } = await makeRequest('tsubo agent');
    const issued = await issueCertificate({
      authority,
      csrPem,
      uri: 'tsubo://host/hst_1',
      days: 30,
      addresses: ['127.0.0.1', 'fd77::1', 'node1.example'],
    });
    const certificate = new X509Certificate(issued.certPem);
    expect(certificate.verify(new X509Certificate(authority.certPem).publicKey)).toBe(true);
    expect(certificate.checkIssued(new X509Certificate(authority.certPem))).toBe(true);
    expect(certificate.ca).toBe(false);
    expect(certificate.subjectAltName).toBe(
      'URI:tsubo://host/hst_1, IP Address:127.0.0.1, IP Address:FD77:0:0:0:0:0:0:1, DNS:node1.example',
    );
    const spki = { type: 'spki', format: 'der' } as const;
    expect(certificate.publicKey.export(spki)).toEqual(createPublicKey(keyPem).export(spki));
    expect(new Date(certificate.validTo).getTime()).toBe(issued.expiresAt.getTime());
    expect(issued.fingerprint).toBe(certificate.fingerprint256.replaceAll(':', '').toLowerCase());
    expect(fingerprintOf(issued.certPem)).toBe(issued.fingerprint);
  });

  it('takes nothing but the key from the request', async () => {
    const { csrPem } = await makeRequest('tsubo://control-plane/main');
    const { certPem } = await issueCertificate({ authority, csrPem, uri: 'tsubo://host/hst_2', days: 1 });
    const certificate = new X509Certificate(certPem);
    expect(certificate.subjectAltName).toBe('URI:tsubo://host/hst_2');
    expect(certificate.subject).not.toContain('control-plane');
  });

  it('refuses a request that its key did not sign', async () => {
    const { csrPem } = await makeRequest('tsubo agent');
    const der = Buffer.from(csrPem.replaceAll(/-----[A-Z ]+-----|\s/g, ''), 'base64');
    // Inside the subject's common name: still a request, but no longer the signed one.
    der[der.indexOf('agent')] = 'A'.charCodeAt(0);
    const forged = `-----BEGIN CERTIFICATE REQUEST-----\n${der.toString('base64')}\n-----END CERTIFICATE REQUEST-----\n`;
    await expect(issueCertificate({ authority, csrPem: forged, uri: 'tsubo://host/hst_3', days: 1 })).rejects.toThrow(
      BadRequestError,
    );
  });

  it.each(['', 'nonsense', '-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n'])(
    'refuses what is not a request: %j',
    async (csrPem) => {
      await expect(issueCertificate({ authority, csrPem, uri: 'tsubo://host/x', days: 1 })).rejects.toThrow(
        BadRequestError,
      );
    },
  );

  it.each(['https://host/x', 'tsubo://root/x', 'tsubo://host/', 'tsubo://host/a b'])('issues no %s', async (uri) => {
    const { csrPem } = await makeRequest('x');
    await expect(issueCertificate({ authority, csrPem, uri, days: 1 })).rejects.toThrow('not one of our URIs');
  });
});
