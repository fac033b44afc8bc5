/**
 * `node renew.mjs TSUBO_DATA`: renews the installation's own certificates where they are about to run out. The
 * supervisor runs it once a day, as root: only root may read the CA's key and write files of several users.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ensureCertificates, ensureOriginCertificate } from './install/certificates.ts';
import { layoutOf } from './install/layout.ts';
import { readSettings, savedInstallation } from './install/settings.ts';
import { ensureUsers } from './install/users.ts';

const data = process.argv[2];
if (!data?.startsWith('/')) {
  console.error('usage: renew TSUBO_DATA (an absolute path)');
  process.exit(64);
}

const saved = savedInstallation(data);
if (!saved) {
  console.error(`there is no installation in ${data}`);
  process.exit(66);
}
const layout = layoutOf(data);
if (!existsSync(join(layout.pki, 'ca.crt'))) {
  // Nobody would believe a new one: not something to be made at night.
  console.error(`the CA is not in ${layout.pki}: bring it back from a backup`);
  process.exit(66);
}
const users = ensureUsers();
const renewed = await ensureCertificates(layout, users);
await ensureOriginCertificate(layout, readSettings({}, saved.settings), users);
console.log(renewed ? 'certificates are renewed' : 'the certificates are good');
