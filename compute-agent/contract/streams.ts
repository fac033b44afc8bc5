/**
 * The agent's streams: what a call cannot carry. A stream begins as an HTTP/1.1 request on the agent's own port,
 *
 *     GET /stream/<kind>?server=<server id>[&…]
 *     Connection: Upgrade
 *     Upgrade: tsubo-stream
 *     X-Request-Id: …
 *
 * and after `101 Switching Protocols` the connection carries bytes both ways until one side closes it. Every refusal is
 * an ordinary answer (4xx, 5xx) whose body is that of a refused call, `{"error":{"message","data":{"agentCode"}}}`:
 * NO_SUCH_DOMAIN: no such domain · HYPERVISOR: it is off, its socket is not there · BAD_REQUEST · FORBIDDEN · BUSY.
 * There is no WebSocket on this hop: it is the price of a console (docs/decisions/0009-consoles.md).
 *
 * vnc     the bytes of RFB, between the viewer and QEMU's own VNC server (one connection of QEMU per stream).
 *         Backpressure is the connection's: who does not read is not read for.
 * serial  frames of 1 byte type, 4 bytes length (big endian), payload; see below. What comes from the port is read from
 *         virtlogd's log file, at the reader's own speed, so that no reader can slow the guest; what goes to the port
 *         goes through the one connection that the agent holds to its socket.
 */
import { z } from 'zod';
import { serverId } from './shapes.ts';

export const STREAM_PROTOCOL = 'tsubo-stream';
export const STREAM_PREFIX = '/stream/';

/**
 * A place in what a serial port has ever said: which log file, and how many bytes into it. `inode` is the agent's own
 * number for the file (of its inode and the time of its making, since inode numbers are used again); `0` is before
 * the first byte of all. Only the agent that said a position can read it.
 */
export const serialPosition = z.object({ inode: z.string().regex(/^\d{1,20}$/), offset: z.int().min(0) });
export type SerialPosition = z.infer<typeof serialPosition>;

/** Query of /stream/vnc. */
export const vncQuery = z.object({ server: serverId });

/**
 * Query of /stream/serial. `from`: `<inode>.<offset>`, to go on where an earlier stream ended; without it the last
 * SERIAL_REPLAY_BYTES are sent first. `writer`: who may claim the keyboard by it, an id of the control plane's choice,
 * and `label`, the words that others read about it; without `writer` the stream only listens. Streams with the same
 * `writer` hold the keyboard together, so that one who comes again has it while his old connection is dying; it is free
 * when the last of them ends. The port of a domain that is off can be opened as well.
 */
export const serialQuery = z.object({
  server: serverId,
  from: z
    .string()
    .regex(/^\d{1,20}\.\d{1,15}$/)
    .optional(),
  writer: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,64}$/)
    .optional(),
  label: z.string().min(1).max(200).optional(),
});

/** History that one who comes without a position is sent. */
export const SERIAL_REPLAY_BYTES = 65_536;
/** One who is further behind than this is moved to the last SERIAL_REPLAY_BYTES, with a mark. */
export const SERIAL_BEHIND_BYTES = 1_048_576;
/** Longest payload either way; a longer one ends the stream, as does a frame that cannot be read. */
export const SERIAL_FRAME_BYTES_MAX = 262_144;
/** Longest INPUT that one frame may carry. */
export const SERIAL_INPUT_BYTES_MAX = 65_536;

/** Frame types. Those of the agent are below 16, those of the control plane from 16 on. */
export const serialFrame = {
  /** Bytes of the port, which follow on the last position without a gap. */
  data: 0,
  /** JSON of `serialMark`: what comes next in the stream of bytes, and where it is. Always the first frame. */
  mark: 1,
  /** JSON of `serialPort`: how the port is; first after the first mark, then at every change. */
  port: 2,
  /** Bytes for the port. Dropped, with a `port` frame in answer, unless this stream holds the keyboard and the port is open. */
  input: 16,
  /** JSON of `serialClaim`: take or give back the keyboard. */
  claim: 17,
} as const;

/**
 * Why the position is said:
 * start     the stream's first, or the history's beginning
 * live      what was there when the stream began has been sent; from here on it is new
 * rotated   the log went on in a new file; nothing is missing
 * gap       the position that was asked for is no more (rotated away, deleted): `skipped` bytes are missing, null: unknown
 * behind    the reader was too slow and has been moved ahead by `skipped` bytes
 */
export const serialMark = z.object({
  why: z.enum(['start', 'live', 'rotated', 'gap', 'behind']),
  at: serialPosition,
  skipped: z.int().min(0).nullable(),
});
export type SerialMark = z.infer<typeof serialMark>;

/**
 * open: the guest runs and its port takes input. log: `silent` when virtlogd does not write this guest's log any more
 * (killed; only the guest's restart brings it back). writer: who holds the keyboard; null: nobody.
 */
export const serialPort = z.object({
  open: z.boolean(),
  log: z.enum(['ok', 'silent']),
  writer: z.object({ id: z.string(), label: z.string() }).nullable(),
});
export type SerialPort = z.infer<typeof serialPort>;

/** `take`: the keyboard if nobody has it; `force`: also from who has it; `release`: give it back. */
export const serialClaim = z.object({ what: z.enum(['take', 'force', 'release']) });
export type SerialClaim = z.infer<typeof serialClaim>;
