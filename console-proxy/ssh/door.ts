/**
 * The SSH door: `ssh -p 2222 <server id>@<panel>` opens a server's serial port, by the keys of its members. It lives in
 * the console-proxy, beside the browsers' consoles; nginx has no part in it. Once a second everybody who is in is looked
 * at: without the key, the membership or the server nobody stays.
 */
import { createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import ssh2 from 'ssh2';
import { keepAlive } from '../permission.ts';
import { receive } from './caller.ts';
import { Gate, type GateLimits } from './gate.ts';
import { guestStandings } from './keys.ts';
import type { Visit } from './visit.ts';
import type { VisitDeps } from './visitor.ts';

/** Until somebody has proven a key. */
const LOGIN_MS = 30_000;
const LOOK_MS = 1_000;
const KEEP_EVERY = 10;
const CLOSE_MS = 1_000;
/** A client that went away without a word is noticed after three of these. */
const PING_MS = 15_000;

/** Of what the database knows nothing. */
const GONE = { standing: 'permissionGone', ending: null } as const;

export type DoorOptions = VisitDeps & {
  listen: { host: string; port: number };
  /** Private keys as OpenSSH writes them: whoever knows the fingerprints knows whom they talk to. */
  hostKeys: (Buffer | string)[];
  limits?: GateLimits;
  loginMs?: number;
};
export type SshDoor = { port: number; close: () => Promise<void> };

export async function startSshDoor(options: DoorOptions): Promise<SshDoor> {
  const { listen, hostKeys, limits, loginMs = LOGIN_MS, ...deps } = options;
  const { log, pool } = deps;
  const gate = new Gate(limits);
  const visits = new Set<Visit>();
  const sockets = new Map<Socket, { ip: string; pass: NonNullable<ReturnType<Gate['enter']>> }>();
  const stopping = new AbortController();

  const ssh = new ssh2.Server({
    hostKeys,
    ident: 'Tsubo',
    keepaliveInterval: PING_MS,
    keepaliveCountMax: 3,
    algorithms: {
      cipher: [
        'aes128-gcm@openssh.com',
        'aes256-gcm@openssh.com',
        'chacha20-poly1305@openssh.com',
        'aes128-ctr',
        'aes256-ctr',
      ],
      compress: ['none'],
    },
  });
  ssh.on('error', (err: Error) => log.warn({ err }, 'ssh: the door failed'));
  ssh.on('connection', (connection, info) => {
    const found = [...sockets].find(([socket]) => socket.remotePort === info.port && socket.remoteAddress === info.ip);
    if (!found) return void connection.end();
    const [socket, { ip, pass }] = found;
    const known = {
      ...pass,
      known: () => {
        clearTimeout(timers.get(socket));
        pass.known();
      },
    };
    receive(connection, { deps, pass: known, ip, visits, cut: () => socket.destroy() });
  });

  const timers = new Map<Socket, NodeJS.Timeout>();
  const net = createServer((socket) => {
    const ip = socket.remoteAddress ?? '';
    socket.on('error', () => {});
    const pass = stopping.signal.aborted ? null : gate.enter(ip, performance.now());
    if (!pass) {
      log.debug({ ip }, 'ssh: turned away');
      socket.destroy();
      return;
    }
    // Answers to single keys must not wait for each other (Nagle), nor a dead peer be waited for.
    socket.setNoDelay(true).setKeepAlive(true, 30_000);
    sockets.set(socket, { ip, pass });
    timers.set(
      socket,
      setTimeout(() => socket.destroy(), loginMs),
    );
    socket.on('close', () => {
      clearTimeout(timers.get(socket));
      timers.delete(socket);
      sockets.delete(socket);
      pass.leave();
    });
    ssh.injectSocket(socket);
  });

  const look = async (round: number): Promise<void> => {
    const inside = [...visits].flatMap((visit) => (visit.guest ? [{ visit, guest: visit.guest }] : []));
    const found = await guestStandings(
      pool,
      inside.map(({ guest }) => guest),
    );
    for (const { visit, guest } of inside) visit.looked(found.get(guest.id) ?? GONE);
    const admitted = inside.flatMap(({ visit }) => visit.admittedId ?? []);
    if (round % KEEP_EVERY === 0 && admitted.length > 0) await keepAlive(pool, admitted);
  };
  const loop = async (): Promise<void> => {
    for (let round = 1; !stopping.signal.aborted; round++) {
      await look(round).catch((err: unknown) => log.warn({ err }, 'ssh: nobody could be looked at'));
      await sleep(LOOK_MS, undefined, { signal: stopping.signal }).catch(() => {});
    }
  };

  await new Promise<void>((resolve, reject) => {
    net.once('error', reject);
    net.listen(listen.port, listen.host, () => {
      net.off('error', reject);
      resolve();
    });
  });
  net.on('error', (err) => log.warn({ err }, 'ssh: the door failed'));
  const looking = loop();
  const address = net.address();
  return {
    port: typeof address === 'object' && address ? address.port : listen.port,
    close: async () => {
      stopping.abort();
      const closed = new Promise<void>((resolve) => net.close(() => resolve()));
      for (const visit of visits) visit.end('restarting');
      for (const [socket] of sockets) if (visits.size === 0) socket.end();
      await Promise.race([Promise.all([closed, looking]), sleep(CLOSE_MS)]);
      for (const [socket] of sockets) socket.destroy();
    },
  };
}
