/**
 * What a viewer says in RFB 3.7 and 3.8, cut into messages: enough to know where each begins and ends, whether a
 * person did something, and what one who only looks may say. Bytes may come however they are cut; no message is held
 * back longer than until its length is known, so memory does not depend on what is sent.
 */

/** Not RFB, or a message that no viewer of ours sends: where the next one begins cannot be known. */
export class BadMessageError extends Error {
  override readonly name = 'BadMessageError';
}

const LONGEST_HEAD = 12;
/** QEMU refuses a longer one as well. */
const CUT_TEXT_BYTES_MAX = 1_048_576;

/** In bytes, the head included; undefined: more of the head must come first. */
type Size = (head: Buffer) => number | undefined;
/** `looks`: changes nothing for the guest, and passes for one who only looks. `acts`: a person did it. */
type Message = { size: Size; looks?: boolean; acts?: boolean };

const fixed =
  (bytes: number): Size =>
  () =>
    bytes;
const after =
  (bytes: number, size: (head: Buffer) => number): Size =>
  (head) =>
    head.length < bytes ? undefined : size(head);
const bad = (what: string): never => {
  throw new BadMessageError(what);
};

/** What comes before the messages: the version, how to prove who one is, whether to share. */
const handshake: Message[] = [
  {
    looks: true,
    size: after(12, (head) =>
      /^RFB 003\.00[78]\n$/.test(head.toString('latin1')) ? 12 : bad('not a version of RFB that we know'),
    ),
  },
  // 1: nothing to prove. QEMU offers nothing else: who may look was settled by the ticket.
  { looks: true, size: after(1, (head) => (head[0] === 1 ? 1 : bad(`security type ${head[0]}`))) },
  { looks: true, size: fixed(1) },
];

const messages: Partial<Record<number, Message>> = {
  // SetPixelFormat, SetEncodings, FramebufferUpdateRequest
  0: { looks: true, size: fixed(20) },
  2: { looks: true, size: after(4, (head) => 4 + 4 * head.readUInt16BE(2)) },
  3: { looks: true, size: fixed(10) },
  // KeyEvent, PointerEvent (with more than seven buttons it is one byte longer, and says so), ClientCutText
  4: { acts: true, size: fixed(8) },
  5: { acts: true, size: after(2, (head) => ((head[1] as number) & 0x80 ? 7 : 6)) },
  // A negative length: the extended clipboard.
  6: {
    acts: true,
    size: after(8, (head) => {
      const length = Math.abs(head.readInt32BE(4));
      return length <= CUT_TEXT_BYTES_MAX ? 8 + length : bad(`${length} bytes of text`);
    }),
  },
  // EnableContinuousUpdates, ClientFence, xvp (power buttons), SetDesktopSize
  150: { size: fixed(10) },
  248: { size: after(9, (head) => 9 + (head[8] as number)) },
  250: { size: fixed(4) },
  251: { size: after(8, (head) => 8 + 16 * (head[6] as number)) },
  // QEMU's own: a key with its scan code; sound
  255: { acts: true, size: after(2, (head) => (head[1] === 0 ? 12 : bad(`QEMU's message ${head[1]}`))) },
};

export class ClientMessages {
  readonly #viewOnly: boolean;
  readonly #head = Buffer.alloc(LONGEST_HEAD);
  #have = 0;
  /** Of the message under way. */
  #left = 0;
  #passes = false;
  #stage = 0;

  constructor(viewOnly: boolean) {
    this.#viewOnly = viewOnly;
  }

  /** @returns what may go on to QEMU, and whether a person did something. @throws BadMessageError */
  push(chunk: Buffer): { pass: Buffer; acted: boolean } {
    const passed: Buffer[] = [];
    let acted = false;
    for (let at = 0; at < chunk.length; ) {
      if (this.#left > 0) {
        const bytes = Math.min(this.#left, chunk.length - at);
        if (this.#passes) passed.push(chunk.subarray(at, at + bytes));
        this.#left -= bytes;
        at += bytes;
        continue;
      }
      this.#head[this.#have++] = chunk[at++] as number;
      const head = this.#head.subarray(0, this.#have);
      const message = handshake[this.#stage] ?? messages[head[0] as number] ?? bad(`message type ${head[0]}`);
      const size = message.size(head);
      if (size === undefined) continue;
      this.#passes = message.looks === true;
      if (message.acts) acted = true;
      if (this.#passes) passed.push(Buffer.from(head));
      this.#left = size - this.#have;
      this.#have = 0;
      if (this.#stage < handshake.length) this.#stage += 1;
    }
    return { pass: this.#viewOnly ? Buffer.concat(passed) : chunk, acted };
  }
}
