/**
 * A process's own certificate (the control plane's, a console-proxy's), as it lies in the PKI folder now. Root renews it there while we run
 * (scripts/renew.ts); its two files change one after the other, so a pair that does not fit yet is not taken.
 */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from '../log.ts';

type Pair = { caPem: string; certPem: string; keyPem: string };

/** @returns the identity to show at a handshake; costs three looks at files. @throws Error when the first is not whole */
export function identityIn(folder: string, bearer: 'control-plane' | 'console-proxy', log: Logger): () => Pair {
  const files = ['ca.crt', `${bearer}.crt`, `${bearer}.key`].map((name) => join(folder, name));
  const stamp = () =>
    files
      .map((file) => statSync(file, { bigint: true }))
      .map(({ ino, mtimeNs }) => `${ino}.${mtimeNs}`)
      .join();
  const read = (): Pair => {
    const [caPem, certPem, keyPem] = files.map((file) => readFileSync(file, 'utf8')) as [string, string, string];
    if (!new X509Certificate(certPem).checkPrivateKey(createPrivateKey(keyPem)))
      throw new Error(`${bearer}.crt is not for ${bearer}.key`);
    return { caPem, certPem, keyPem };
  };
  let seen = stamp();
  let pair = read();
  return () => {
    try {
      const now = stamp();
      if (now === seen) return pair;
      pair = read();
      seen = now;
      log.info({ until: new X509Certificate(pair.certPem).validTo }, `the ${bearer}'s new certificate is in use`);
    } catch (err) {
      log.warn({ err }, `the ${bearer}'s certificate cannot be read; the one before stays in use`);
    }
    return pair;
  };
}
