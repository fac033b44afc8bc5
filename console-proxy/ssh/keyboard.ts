/**
 * Who types at a serial port, and what becomes of a key here. Whoever has the keyboard has all of it: every byte goes to
 * the guest, so there is no key of ours. Who has it not sends nothing anyway, so one key can mean "take over": Ctrl+].
 */
import type { SerialClaim, SerialPort } from '../../compute-agent/contract/streams.ts';

const TAKE_OVER = 0x1d;
/** Between two hints that nothing is sent. */
const HINT_MS = 5_000;

export type Told = 'youType' | 'notRunning' | 'runs' | 'silent' | { otherTypes: string };
export type Heard = { tell: Told[]; claim: SerialClaim['what'] | null };
export type Typed = 'send' | 'drop' | 'take-over' | 'hint';

export class Keyboard {
  readonly #me: string;
  readonly #viewOnly: boolean;
  #port: SerialPort | null = null;
  #other: string | null = null;
  #hintedAt = Number.NEGATIVE_INFINITY;

  constructor(me: string, viewOnly: boolean) {
    this.#me = me;
    this.#viewOnly = viewOnly;
  }

  /** Whether it is known what becomes of a key. Until then none is read. */
  get settled(): boolean {
    return this.#port !== null && (this.#viewOnly || this.#port.writer !== null || !this.#port.open);
  }

  heard(port: SerialPort): Heard {
    const before = this.#port;
    this.#port = port;
    const tell: Told[] = [];
    if (!port.open && before?.open !== false) tell.push('notRunning');
    if (port.open && before?.open === false) tell.push('runs');
    if (port.log === 'silent' && before?.log !== 'silent') tell.push('silent');
    const other = port.writer !== null && port.writer.id !== this.#me ? port.writer.id : null;
    if (!this.#viewOnly && other !== this.#other) {
      if (other !== null) tell.push({ otherTypes: port.writer?.label ?? '' });
      else if (port.writer !== null) tell.push('youType');
    }
    // Free: it is not announced before it is ours.
    if (other !== null || port.writer !== null) this.#other = other;
    return { tell, claim: port.writer === null && !this.#viewOnly ? 'take' : null };
  }

  /** The stream ended: nothing is known any more. */
  lost(): void {
    this.#port = null;
  }

  typed(bytes: Buffer, now: number): Typed {
    const mine = this.#port?.writer?.id === this.#me;
    if (mine && this.#port?.open) return 'send';
    if (this.#port?.writer && !mine && !this.#viewOnly && bytes.includes(TAKE_OVER)) return 'take-over';
    if (now - this.#hintedAt < HINT_MS) return 'drop';
    this.#hintedAt = now;
    return 'hint';
  }

  /** Why nothing is sent. */
  get hint(): Told | 'viewOnly' | 'hostAway' {
    if (this.#viewOnly) return 'viewOnly';
    if (this.#port === null) return 'hostAway';
    return this.#port.open ? { otherTypes: this.#port.writer?.label ?? '' } : 'notRunning';
  }
}
