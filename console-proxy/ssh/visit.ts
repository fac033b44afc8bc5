/**
 * One shell of the SSH door: the menu where no server was named, then the server's serial port, over whatever happens to
 * the host or the agent, until somebody leaves or may not stay. It counts as one of the account's consoles.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ServerChannel } from 'ssh2';
import { AgentError } from '../../compute-agent/contract/errors.ts';
import type { SerialMark, SerialPort } from '../../compute-agent/contract/streams.ts';
import { errorId, newId } from '../../server/ids.ts';
import type { Logger } from '../../server/log.ts';
import { dialStream } from '../agent-stream.ts';
import type { ConsoleEnding } from '../contract/messages.ts';
import { isLost } from '../database.ts';
import { hostRecord } from '../hosts.ts';
import { IdleClock } from '../idle.ts';
import { leave } from '../permission.ts';
import { Absence } from './absence.ts';
import { enter } from './entry.ts';
import { Keyboard, type Told } from './keyboard.ts';
import { type Guest, type GuestFound, hostOf } from './keys.ts';
import { type Choice, choicesIn } from './menu.ts';
import { MenuScreen } from './menu-screen.ts';
import { Scrollback } from './scrollback.ts';
import { SerialLine } from './serial-line.ts';
import type { Terminal } from './terminal.ts';
import type { Leaving, VisitDeps, Visitor } from './visitor.ts';
import type { Words } from './words.ts';

export class Visit {
  readonly #deps: VisitDeps;
  readonly #visitor: Visitor;
  readonly #terminal: Terminal;
  readonly #scrollback: Scrollback;
  readonly #channel: ServerChannel;
  readonly #id = newId('con');
  readonly #over = new AbortController();
  readonly #absence = new Absence();
  #log: Logger;
  #menu: MenuScreen | null = null;
  #choice: Choice | null = null;
  #keyboard: Keyboard | null = null;
  #line: SerialLine | null = null;
  #from: string | undefined;
  readonly #idle: IdleClock;
  #admitted = false;

  constructor(deps: VisitDeps, visitor: Visitor, terminal: Terminal, channel: ServerChannel) {
    this.#deps = deps;
    this.#visitor = visitor;
    this.#terminal = terminal;
    this.#scrollback = new Scrollback(terminal);
    this.#channel = channel;
    this.#log = deps.log.child({ consoleId: this.#id, requestId: visitor.requestId });
    this.#idle = new IdleClock(deps.idleMs, (closesInMs) => {
      if (closesInMs !== null) terminal.say(this.#words.idleSoon(closesInMs));
    });
    channel.on('data', (bytes: Buffer) => this.#typed(bytes));
    channel.on('close', () => this.gone());
    channel.on('error', () => this.gone());
    channel.pause();
    terminal.onDrained(() => this.#line?.resume());
  }

  /** What must hold for it to stay; null: it is over. */
  get guest(): Guest | null {
    const who = this.#choice ?? this.#visitor.places[0];
    if (this.#over.signal.aborted || who === undefined) return null;
    const { keyId, userId, viewOnly } = who;
    return { id: this.#id, keyId, userId, serverId: this.#choice?.server.id ?? null, viewOnly };
  }

  get admittedId(): string | null {
    return this.#admitted ? this.#id : null;
  }

  looked({ standing, ending }: GuestFound): void {
    if (standing === 'ended') this.#end(standing, this.#words.ended(ending as ConsoleEnding));
    else if (standing !== 'good') this.end(standing);
    else if (this.#idle.look()) this.end('idle');
  }

  end(why: Leaving): void {
    this.#end(why, why === 'idle' ? this.#words.idle(this.#deps.idleMs) : this.#words[why]);
  }

  #end(why: string, sentence: string): void {
    if (this.#over.signal.aborted) return;
    this.#log.info({ why }, 'ssh: ended');
    this.#terminal.end(1, sentence);
    this.gone();
  }

  /** The other end is closed, or will be. */
  gone(): void {
    if (this.#over.signal.aborted) return;
    this.#over.abort();
    this.#menu?.leave();
    this.#line?.close();
    if (this.#admitted)
      // Where that fails the others stop counting it in 30 s.
      leave(this.#deps.pool, [this.#id]).catch((err: unknown) => this.#log.warn({ err }, 'ssh: its row stays'));
  }

  async run(serverNamed: boolean): Promise<void> {
    try {
      const choice = await this.#choose(serverNamed);
      if (choice === null) {
        this.#terminal.end(0);
        this.gone();
        return;
      }
      this.#choice = choice;
      this.#keyboard = new Keyboard(this.#id, choice.viewOnly);
      const { userId, server, viewOnly } = choice;
      this.#log = this.#log.child({ serverId: server.id, userId, viewOnly });
      const entered = await this.#enter(choice);
      if (entered !== 'in') {
        if (entered !== 'left') this.end(entered === 'signedOut' ? 'permissionGone' : entered);
        return;
      }
      this.#admitted = true;
      this.#greet(choice);
      while (!this.#over.signal.aborted) await this.#once(choice);
    } catch (err) {
      if (this.#over.signal.aborted) return;
      if (isLost(err)) this.end('database');
      else {
        const id = errorId();
        this.#log.error({ err, errorId: id }, 'ssh: failed');
        this.#terminal.end(1, this.#words.failed(id));
        this.gone();
      }
    }
  }

  #enter(choice: Choice): ReturnType<typeof enter> {
    const { ip, fingerprint } = this.#visitor;
    const onWaiting = () => this.#terminal.say(this.#words.noBody);
    const { signal } = this.#over;
    return enter(this.#deps.pool, { id: this.#id, choice, ip, fingerprint, signal, onWaiting });
  }

  get #words(): Words {
    return this.#visitor.words;
  }

  async #choose(serverNamed: boolean): Promise<Choice | null> {
    const choices = choicesIn(this.#visitor.places);
    if (serverNamed) return choices[0] ?? null;
    this.#menu = new MenuScreen(choices, this.#terminal, this.#words);
    this.#channel.resume();
    const choice = await this.#menu.chosen;
    this.#menu = null;
    if (!this.#over.signal.aborted) this.#channel.pause();
    return choice;
  }

  #greet({ server, viewOnly }: Choice): void {
    const { window } = this.#terminal;
    this.#terminal.say(this.#words.hello(server.name, server.observed));
    if (viewOnly) this.#terminal.say(this.#words.viewOnly);
    else if (window && window.rows > 0 && window.cols > 0)
      this.#terminal.say(this.#words.size(window.rows, window.cols));
  }

  /** One stream of the agent, or one try to get it. */
  async #once(choice: Choice): Promise<void> {
    const openedAt = performance.now();
    const ended = await this.#stream(choice);
    if (this.#over.signal.aborted) return;
    this.#keyboard?.lost();
    this.#line = null;
    const now = performance.now();
    const next = this.#absence.next({ ended, livedMs: now - openedAt, now });
    if (next.is === 'failed') throw ended;
    if (ended instanceof Error) this.#log.info({ err: ended }, 'ssh: the host opens no stream');
    if (next.is === 'gaveUp') {
      this.end('gaveUp');
      return;
    }
    if (next.say) this.#terminal.say(this.#words[next.say]);
    await sleep(next.ms, undefined, { signal: this.#over.signal }).catch(() => {});
  }

  async #stream({ server, userName, viewOnly }: Choice): Promise<'ended' | Error> {
    const { pool, identity } = this.#deps;
    const { signal } = this.#over;
    const hostId = await hostOf(pool, server.id);
    if (hostId === null) return new AgentError('NO_SUCH_DOMAIN', 'it has no place');
    try {
      const target = { host: await hostRecord(pool, hostId), identity };
      const writer = viewOnly ? {} : { writer: this.#id, label: userName.slice(0, 200) || this.#id };
      const query = { server: server.id, from: this.#from, ...writer };
      const stream = await dialStream(target, 'serial', query, { requestId: this.#visitor.requestId, signal });
      if (signal.aborted) {
        stream.on('error', () => {}).destroy();
        return 'ended';
      }
      return await new Promise((resolve) => {
        const line = new SerialLine(stream, {
          data: (bytes) => this.#scrollback.data(bytes),
          mark: (mark) => this.#marked(mark),
          port: (port) => this.#heard(port, line),
          ended: (error) => {
            if (this.#scrollback.held) this.#scrollback.live(null);
            if (line.position) this.#from = `${line.position.inode}.${line.position.offset}`;
            resolve(error ?? 'ended');
          },
        });
        this.#line = line;
        line.onDrained(() => this.#channel.resume());
      });
    } catch (error) {
      if (error instanceof AgentError) return error;
      throw error;
    }
  }

  #marked({ why, skipped }: SerialMark): void {
    if (why === 'live') {
      const { live, again } = this.#words;
      const wasAway = this.#absence.over();
      this.#scrollback.live(this.#scrollback.held ? live : wasAway ? again : null);
    } else if (why === 'gap' || why === 'behind') this.#scrollback.mark(this.#words[why](skipped));
  }

  #heard(port: SerialPort, line: SerialLine): void {
    const keyboard = this.#keyboard as Keyboard;
    const { tell, claim } = keyboard.heard(port);
    for (const told of tell) this.#scrollback.say(this.#sentenceOf(told));
    if (claim) line.claim(claim);
    if (keyboard.settled) this.#channel.resume();
  }

  #sentenceOf(told: Told | 'viewOnly' | 'hostAway'): string {
    return typeof told === 'string' ? this.#words[told] : this.#words.otherTypes(told.otherTypes);
  }

  #typed(bytes: Buffer): void {
    this.#idle.acted();
    if (this.#menu) this.#menu.type(bytes);
    const outcome = this.#keyboard?.typed(bytes, performance.now()) ?? 'drop';
    if (outcome === 'send') {
      if (this.#line?.type(bytes) === false) this.#channel.pause();
    } else if (outcome === 'take-over') this.#line?.claim('force');
    else if (outcome === 'hint' && this.#keyboard) this.#terminal.say(this.#sentenceOf(this.#keyboard.hint));
  }
}
