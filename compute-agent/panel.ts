/**
 * The way to a panel that this machine does not know yet. What is sent there is a secret, so first a handshake is made
 * that sends nothing: either this machine's own roots vouch for the panel (a public certificate, or one of the
 * company's CA), or the panel's chain holds the CA whose fingerprint the token brought. Then a second connection,
 * which believes nothing else, carries the request.
 */
import { createHash, type X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { type RequestOptions, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP } from 'node:net';
import { checkServerIdentity, connect, getCACertificates, type PeerCertificate, type TLSSocket } from 'node:tls';

const ANSWER_MS = 10_000;
const ANSWER_CHARACTERS_MAX = 1024 * 1024;
/** A root may be its own issuer. */
const CHAIN_MAX = 10;

/** Asking again is of no use: it is not the panel, or none that could be asked safely. The message is for the operator. */
export class NotThePanelError extends Error {
  override readonly name = 'NotThePanelError';
}

type Trust = { ca: string[]; checkServerIdentity: typeof checkServerIdentity };

export class Panel {
  readonly #origin: URL;
  readonly #caFingerprint: string;
  #trust: Trust | undefined;

  /** @throws NotThePanelError for an address to which a secret must not be sent */
  constructor(origin: string, caFingerprint: string) {
    const url = URL.canParse(origin) ? new URL(origin) : null;
    if (!url || !['http:', 'https:'].includes(url.protocol))
      throw new NotThePanelError(`"${origin}" is no address of a panel: it is like https://panel.example`);
    if (url.protocol === 'http:' && !/^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname))
      throw new NotThePanelError(`${origin} would carry the token for all to read: use https`);
    this.#origin = url;
    this.#caFingerprint = caFingerprint;
  }

  /** @throws NotThePanelError; any other Error where asking again may help */
  async post(path: string, body: object): Promise<{ status: number; text: string }> {
    const options = {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      agent: false,
      signal: AbortSignal.timeout(ANSWER_MS),
    };
    const url = new URL(path, this.#origin);
    if (url.protocol === 'http:') return send(requestHttp, url, options, body);
    this.#trust ??= await this.#findTrust();
    return send(requestHttps, url, { ...options, ...this.#trust }, body);
  }

  async #findTrust(): Promise<Trust> {
    const ca = [...getCACertificates('default'), ...getCACertificates('system')];
    const host = this.#origin.hostname.replace(/^\[|\]$/g, '');
    const port = Number(this.#origin.port || 443);
    const name = isIP(host) ? {} : { servername: host };
    const socket = connect({ host, port, ca, ...name, checkServerIdentity: whyNotThePanel, rejectUnauthorized: false });
    socket.on('error', () => {});
    try {
      await once(socket, 'secureConnect', { signal: AbortSignal.timeout(ANSWER_MS) });
      if (socket.authorized) return { ca, checkServerIdentity: whyNotThePanel };
      for (const certificate of chainOf(socket))
        if (createHash('sha256').update(certificate.raw).digest('hex') === this.#caFingerprint)
          return { ca: [certificate.toString()], checkServerIdentity: whyNotThePanel };
      throw new NotThePanelError(
        `${this.#origin.origin} shows a certificate of which neither this machine (${socket.authorizationError}) nor the token knows the CA: is this the right panel?`,
      );
    } finally {
      socket.destroy();
    }
  }
}

/** Hosts have certificates of the same CA, for names that they chose: they are no panel. */
function whyNotThePanel(host: string, certificate: PeerCertificate): Error | undefined {
  const ours = (certificate.subjectaltname ?? '').split(', ').filter((name) => name.startsWith('URI:tsubo:'));
  if (ours.some((uri) => !uri.startsWith('URI:tsubo://origin/')))
    return new Error(`it is for ${ours.join(', ')}, which is no panel`);
  return checkServerIdentity(host, certificate);
}

function send(
  request: typeof requestHttps | typeof requestHttp,
  url: URL,
  options: RequestOptions,
  body: object,
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const sent = request(url, options, async (response) => {
      let text = '';
      try {
        for await (const part of response.setEncoding('utf8')) {
          text += part;
          if (text.length > ANSWER_CHARACTERS_MAX) throw new NotThePanelError('the answer has no end');
        }
        resolve({ status: response.statusCode ?? 0, text });
      } catch (error) {
        reject(error);
      }
    });
    sent.on('error', (error) => {
      const refused = (sent.socket as TLSSocket | null)?.authorizationError;
      const words = `${url.origin} shows a certificate that does not hold: ${error.message}`;
      reject(refused ? new NotThePanelError(words, { cause: error }) : error);
    });
    sent.end(JSON.stringify(body));
  });
}

/** As it was sent, the leaf first. */
function* chainOf(socket: TLSSocket): Generator<X509Certificate> {
  let certificate = socket.getPeerX509Certificate();
  for (let depth = 0; certificate && depth < CHAIN_MAX; depth++) {
    yield certificate;
    certificate = certificate.issuerCertificate;
  }
}
