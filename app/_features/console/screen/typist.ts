/**
 * Keys of one's own keyboard on their way to noVNC: those whose place is right go on, the others are sent from here as
 * strokes. Shift may be down meanwhile, held by a finger or by the menu; a stroke is sent as if it were not, and
 * afterwards it is as before.
 */
import { type Key, shiftKeys } from './keys.ts';
import type { LayoutName, Stroke } from './layouts.ts';
import { type OwnLayout, type Press, sendingOf } from './own-keyboard.ts';
import { type SendKey, sendStroke } from './typing.ts';

/** In the place of a key's code. */
const BY_MENU = 'menu';

export class Typist {
  own: OwnLayout = 'auto';
  guest: LayoutName = 'us';
  readonly #send: SendKey;
  readonly #shifts = new Map<string, Key>();

  constructor(send: SendKey) {
    this.#send = send;
  }

  /** @returns whether it was dealt with: then nobody else may hear of it */
  keyDown(press: Press): boolean {
    const shift = shiftKeys[press.code];
    if (shift !== undefined) this.#shifts.set(press.code, shift);
    const sending = sendingOf(this.own, this.guest, { ...press, shiftKey: press.shiftKey || this.#shifts.size > 0 });
    if (sending.how === 'place') return false;
    if (sending.how === 'stroke') this.#strike(sending.stroke);
    return true;
  }

  keyUp({ code }: Pick<Press, 'code'>): void {
    this.#shifts.delete(code);
  }

  /** The menu's Shift, which no event tells of. */
  hold(code: string, down: boolean): void {
    const shift = shiftKeys[code];
    if (shift === undefined) return;
    if (down) this.#shifts.set(BY_MENU, shift);
    else this.#shifts.delete(BY_MENU);
  }

  /** The keyboard went elsewhere; noVNC lets go of the keys under fingers then, and the menu's stay. */
  blur(): void {
    for (const code of this.#shifts.keys()) if (code !== BY_MENU) this.#shifts.delete(code);
  }

  /** The connection ended, and with it all that was held. */
  forget(): void {
    this.#shifts.clear();
  }

  #strike(stroke: Stroke): void {
    const held = [...this.#shifts.values()];
    if (stroke.shift && held.length > 0) {
      sendStroke(this.#send, { ...stroke, shift: false });
      return;
    }
    if (stroke.shift) {
      sendStroke(this.#send, stroke);
      return;
    }
    for (const { keysym, code } of held) this.#send(keysym, code, false);
    sendStroke(this.#send, stroke);
    for (const { keysym, code } of held) this.#send(keysym, code, true);
  }
}
