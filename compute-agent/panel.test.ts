import type { IncomingMessage } from 'node:http';
import { createServer, type Server } from 'node:https';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  type Authority,
  createAuthority,
  fingerprintOf,
  issueCertificate,
  makeRequest,
} from '../server/pki/authority.ts';
import { Panel } from './panel.ts';

const ORIGIN = 'tsubo://origin/localhost';
let authority: Authority;
let server: Server | undefined;
/** What came of a caller; a token that was sent to the wrong one is in it. */
const heard: string[] = [];

beforeAll(async () => {
  authority = await createAuthority();
});
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  heard.length = 0;
});

type Shown = { by?: Authority; uri?: string; name?: string; days?: number; withAuthority?: boolean };

/** A front door with such a certificate. @returns its port */
async function listen({ by = authority, uri = ORIGIN, name = 'localhost', days = 1, withAuthority = true }: Shown) {
  const { csrPem, keyPem: key } = await makeRequest('origin');
  const { certPem } = await issueCertificate({ authority: by, csrPem, uri, days, addresses: [name] });
  const answer = async (request: IncomingMessage) => {
    let text = '';
    for await (const part of request) text += part;
    heard.push(`${request.method} ${request.url} ${text}`);
  };
  server = createServer({ key, cert: withAuthority ? `${certPem}\n${by.certPem}` : certPem }, (request, response) =>
    answer(request).then(() => response.writeHead(202).end('answered')),
  );
  await new Promise<void>((resolve) => server?.listen(0, 'localhost', resolve));
  const address = server.address();
  return typeof address === 'object' ? address?.port : undefined;
}
const post = (origin: string) => new Panel(origin, fingerprintOf(authority.certPem)).post('/join', { token: 'secret' });

describe('a panel whose certificate is of the CA that the token names', () => {
  it('is asked, though this machine does not know that CA', async () => {
    const port = await listen({});
    expect(await post(`https://localhost:${port}`)).toEqual({ status: 202, text: 'answered' });
    expect(heard).toEqual(['POST /join {"token":"secret"}']);
  });

  it('is asked by its address, where that is what the certificate says', async () => {
    const port = await listen({ name: '127.0.0.1' });
    expect((await post(`https://127.0.0.1:${port}`)).status).toBe(202);
  });

  it.each<[string, Shown, RegExp]>([
    ['another CA', {}, /of which neither this machine \(SELF_SIGNED_CERT_IN_CHAIN\) nor the token knows the CA/],
    ['no CA beside it', { withAuthority: false }, /of which neither this machine \(UNABLE_TO_VERIFY_LEAF_SIGNATURE\)/],
    ['another name', { name: 'panel.example' }, /does not hold: .*localhost/],
    ["a host's role", { uri: 'tsubo://host/hst_1' }, /does not hold: it is for URI:tsubo:\/\/host\/hst_1/],
    ['an end that has come', { days: -0.001 }, /does not hold: certificate has expired/],
  ])('is told nothing where its certificate has %s', async (what, shown, words) => {
    const port = await listen({ ...shown, ...(what === 'another CA' && { by: await createAuthority() }) });
    await expect(post(`https://localhost:${port}`)).rejects.toThrow(words);
    expect(heard).toEqual([]);
  });
});

it.each(['http://panel.example', 'http://192.0.2.7:8080', 'http://127.0.0.1.example', 'ftp://localhost', 'panel'])(
  'sends no token to %s',
  (origin) => {
    expect(() => new Panel(origin, 'x')).toThrow(/use https|no address of a panel/);
  },
);
