/**
 * Joining a panel: the one-time token says that the panel's operator invited this machine, the CA's fingerprint
 * inside the token says that it is that panel which answers (panel.ts, before the token is sent; the first contact
 * may go over plain HTTP on loopback). The agent makes its key, sends a request, and asks again until the panel has
 * signed or refused.
 */
import { createHash, X509Certificate } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Clock } from './clock.ts';
import { checkCertificate, loadIdentity, prepareRequest, saveIdentity } from './identity.ts';
import { NotThePanelError, Panel } from './panel.ts';

const ASK_EVERY_MS = 500;
const GIVE_UP_MS = 60_000;

const answer = z.discriminatedUnion('state', [
  z.object({ state: z.literal('waiting') }),
  z.object({ state: z.literal('refused'), why: z.string() }),
  z.object({
    state: z.literal('signed'),
    hostId: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/),
    certPem: z.string(),
    caPem: z.string(),
  }),
]);

/** A token that cannot be one, a refusal, a wrong answer, or none in time. The message is for the operator. */
class JoinError extends Error {
  override readonly name = 'JoinError';
}

/** `tsubo1.<token>.<SHA-256 of the CA certificate's DER, hex>` */
export function parseToken(text: string): { token: string; caFingerprint: string } {
  const match = /^tsubo1\.([A-Za-z0-9_-]{16,256})\.([0-9a-f]{64})$/.exec(text);
  if (!match) throw new JoinError('the token is not whole: copy it again, from "tsubo1." to the end');
  return { token: match[1] as string, caFingerprint: match[2] as string };
}

export interface JoinOptions {
  dataDir: string;
  /** Origin of the panel, e.g. http://localhost:8080 */
  panel: string;
  token: string;
  name: string;
  /** Under which the panel will dial this agent, e.g. https://127.0.0.1:9443 */
  agentUrl: string;
  /** Also where this machine has joined already, e.g. because its certificate was revoked. */
  again?: boolean;
  clock: Clock;
  say: (line: string) => void;
  giveUpMs?: number;
}

export async function joinPanel(options: JoinOptions): Promise<{ hostId: string; already: boolean }> {
  const { dataDir, panel, name, agentUrl, clock, say } = options;
  const known = await loadIdentity(dataDir, clock.now()).catch((error: Error) => {
    say(`What is here does not hold (${error.message}); joining anew.`);
    return null;
  });
  if (known && !options.again) {
    say(`This machine has joined already as host ${known.hostId}. If its certificate was revoked: join --again.`);
    return { hostId: known.hostId, already: true };
  }
  const { token, caFingerprint } = parseToken(options.token);
  const way = new Panel(panel, caFingerprint);
  const { csrPem, keyPem } = await prepareRequest(dataDir, name);
  const deadline = clock.monotonic() + (options.giveUpMs ?? GIVE_UP_MS);

  let last = 'no answer';
  while (clock.monotonic() < deadline) {
    const said = await ask(way, { token, csrPem, agentUrl, name }).catch((error: Error) => {
      if (error instanceof JoinError || error instanceof NotThePanelError) throw error;
      last = wordsOf(error);
      return null;
    });
    if (said?.state === 'refused') throw new JoinError(`the panel refused: ${said.why}`);
    if (said?.state === 'signed') {
      const { hostId, certPem, caPem } = said;
      if (fingerprint(caPem) !== caFingerprint) {
        throw new JoinError('the answer came from another CA than the token names: is this the right panel?');
      }
      try {
        checkCertificate({ certPem, keyPem, caPem, hostId, now: clock.now() });
      } catch (error) {
        throw new JoinError(`the panel's certificate is not usable: ${(error as Error).message}`, { cause: error });
      }
      await saveIdentity(dataDir, { certPem, caPem, hostId, name, panel });
      say(`Joined ${panel} as host ${hostId}.`);
      return { hostId, already: false };
    }
    if (said?.state === 'waiting') last = 'the panel has not signed yet';
    await sleep(ASK_EVERY_MS);
  }
  throw new JoinError(`not joined in time: ${last}`);
}

async function ask(panel: Panel, body: object): Promise<z.infer<typeof answer>> {
  const { status, text } = await panel.post('/api/agents/join', body);
  // While the panel starts, its front door answers with 502 and a page: ask again.
  if (status >= 500) throw new Error(`the panel answered ${status}`);
  const parsed = answer.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  throw new JoinError(`the panel answered ${status} with something else: ${text.slice(0, 200)}`);
}

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** Where a name has several addresses and none answered, the error has no words of its own. */
const wordsOf = (error: Error): string =>
  error instanceof AggregateError ? error.errors.map(({ message }) => message).join(', ') : error.message;

function fingerprint(caPem: string): string {
  try {
    return createHash('sha256').update(new X509Certificate(caPem).raw).digest('hex');
  } catch {
    return '';
  }
}
