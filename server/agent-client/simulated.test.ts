import { describe } from 'vitest';
import { createAuthority } from '../pki/authority.ts';
import { contractSuite } from './contract-suite.ts';
import { createSimulatedAgent } from './simulated.ts';

describe('the simulated agent keeps the contract', () => {
  contractSuite(async () => {
    const digest = 'a'.repeat(64);
    const [hostId, authority] = ['h_simulated', await createAuthority()];
    return {
      api: createSimulatedAgent({ hostId, images: [[digest, 1000]], caPem: authority.certPem }).api,
      hostId,
      authority,
      digestOfAnImage: digest,
      bytes: 1000,
      address: (n) => ({
        index: 0,
        mac: `52:54:00:00:00:${n.toString(16).padStart(2, '0')}`,
        ipv4: { address: `10.77.0.${10 + n}`, prefix: 24, gateway: '10.77.0.1' },
        ipv6: { address: `fd77::${(10 + n).toString(16)}`, gateway: 'fd77::1' },
      }),
    };
  });
});
