/**
 * One connection to the SSH door: who it is, by keys alone, and what it may ask for: one shell, with a window or
 * without. Nobody learns whether a server is somebody else's or none, whether a key is unknown or only not let in here:
 * all of that is one question to the database and one answer.
 */
import type { AuthContext, Connection, ServerChannel, Session } from 'ssh2';
import { newId } from '../../server/ids.ts';
import type { Gate } from './gate.ts';
import { type Place, placesOf } from './keys.ts';
import { fingerprintOf, isProven } from './proof.ts';
import { Terminal, type Window } from './terminal.ts';
import { Visit } from './visit.ts';
import type { VisitDeps } from './visitor.ts';
import { type Words, wordsOf } from './words.ts';

/** Keys that are offered: an agent may hold many. */
const OFFERS_MAX = 20;
const NAME_MAX = 200;
/** After the last shell a connection has nothing to do here. */
const LINGER_MS = 2_000;
const SHELL_MS = 30_000;

type Pass = NonNullable<ReturnType<Gate['enter']>>;
export type CallerOptions = {
  deps: VisitDeps;
  pass: Pass;
  ip: string;
  visits: Set<Visit>;
  /** Cuts the connection, whatever the other end does. */
  cut: () => void;
};

export function receive(connection: Connection, { deps, pass, ip, visits, cut }: CallerOptions): void {
  const requestId = newId('req');
  const log = deps.log.child({ requestId, ip });
  let offers = 0;
  let who: { user: string; places: Place[]; fingerprint: string; words: Words } | null = null;
  let shells = 0;
  let gone = false;
  let lingering: NodeJS.Timeout | undefined;
  const endSoon = (ms: number) => {
    clearTimeout(lingering);
    lingering = setTimeout(() => {
      connection.end();
      lingering = setTimeout(cut, LINGER_MS).unref();
    }, ms).unref();
  };

  connection.on('error', (err) => log.debug({ err }, 'ssh: a connection failed'));
  connection.on('close', () => {
    gone = true;
    clearTimeout(lingering);
  });

  connection.on('authentication', (context: AuthContext) => {
    if (context.method !== 'publickey') {
      if (context.method !== 'none') offers += 1;
      refuse();
      return;
    }
    const { key, username, signature, blob, hashAlgo } = context;
    offers += 1;
    const fingerprint = fingerprintOf(key.data);
    placesOf(deps.pool, fingerprint, serverNamedBy(username)).then(
      (places) => {
        if (gone) return;
        const first = places[0];
        if (offers > OFFERS_MAX || username.length > NAME_MAX || !first) return refuse();
        // Only asked whether this key would do.
        if (!signature || !blob) return context.accept();
        if (!isProven({ algo: key.algo, key: key.data, blob, signature, hashAlgo })) return refuse();
        who = { user: username, places, fingerprint, words: wordsOf(first.locale) };
        context.accept();
      },
      (err: unknown) => {
        log.warn({ err }, 'ssh: nobody could be asked who it is');
        connection.end();
      },
    );

    function refuse(): void {
      context.reject(['publickey']);
      if (offers > OFFERS_MAX) connection.end();
    }
  });

  connection.on('ready', () => {
    pass.known();
    log.info({ userId: who?.places[0]?.userId, fingerprint: who?.fingerprint }, 'ssh: somebody came');
    endSoon(SHELL_MS);
  });

  connection.on('session', (accept, reject) => {
    // One at a time: a second window is a second connection, with an end of its own.
    if (who === null || shells > 0) return void reject();
    shells += 1;
    clearTimeout(lingering);
    const { words, user, ...rest } = who;
    const session = accept();
    session.on('close', () => {
      shells -= 1;
      endSoon(LINGER_MS);
    });
    serve(session, words, (terminal, channel) => {
      const visit = new Visit(deps, { ...rest, ip, requestId, words }, terminal, channel);
      visits.add(visit);
      channel.on('close', () => endSoon(LINGER_MS));
      void visit.run(serverNamedBy(user) !== null).finally(() => {
        visits.delete(visit);
        endSoon(LINGER_MS);
      });
    });
  });
}

/** Any other name (the one at home, `menu`) asks for the list. */
function serverNamedBy(user: string): string | null {
  return /^[a-z2-7]{10}$/.test(user) ? user : null;
}

/** A shell is opened once; what else is asked for is refused, commands with a word. */
function serve(session: Session, words: Words, open: (terminal: Terminal, channel: ServerChannel) => void): void {
  let window: Window | null = null;
  let opened = false;
  session.on('pty', (accept, _, info) => {
    window = { rows: info.rows, cols: info.cols };
    accept?.();
  });
  // A serial port has no size; the guest is told by `stty`, as the greeting says.
  session.on('window-change', (accept) => accept?.());
  for (const kind of ['env', 'x11', 'auth-agent', 'signal'] as const)
    session.on(kind as 'env', (_, reject) => reject?.());
  session.on('shell', (accept, reject) => {
    if (opened) return void reject?.();
    opened = true;
    const channel = accept();
    open(new Terminal(channel, window), channel);
  });
  const refuse = (accept: () => ServerChannel) => {
    opened = true;
    const channel = accept();
    channel.on('error', () => {});
    channel.resume();
    channel.stderr.write(`${words.noCommands}\n`);
    channel.exit(1);
    channel.end();
  };
  session.on('exec', (accept) => refuse(accept));
  session.on('subsystem', (accept) => refuse(accept as () => ServerChannel));
}
