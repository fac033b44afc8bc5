/** The head of a qcow2 file, as far as we decide by it (QEMU's docs/interop/qcow2.txt). */
import { open } from 'node:fs/promises';

export interface Qcow2Head {
  version: number;
  /** Size that the guest sees, bytes. */
  virtualBytes: number;
  /** As written in the file; null where it stands alone. */
  backingFile: string | null;
}

const MAGIC = 0x514649fb;
const HEAD_BYTES = 4096;

/** null where the file is no qcow2 (or was cut before its head was whole). Throws where it cannot be read. */
export async function readQcow2Head(path: string): Promise<Qcow2Head | null> {
  const handle = await open(path, 'r');
  try {
    const buffer = Buffer.alloc(HEAD_BYTES);
    const { bytesRead } = await handle.read(buffer, 0, HEAD_BYTES, 0);
    return parseQcow2Head(buffer.subarray(0, bytesRead));
  } finally {
    await handle.close();
  }
}

export function parseQcow2Head(head: Buffer): Qcow2Head | null {
  if (head.length < 72 || head.readUInt32BE(0) !== MAGIC) return null;
  const version = head.readUInt32BE(4);
  if (version !== 2 && version !== 3) return null;
  const backingOffset = Number(head.readBigUInt64BE(8));
  const backingBytes = head.readUInt32BE(16);
  const virtualBytes = Number(head.readBigUInt64BE(24));
  if (backingOffset === 0) return { version, virtualBytes, backingFile: null };
  if (backingBytes > 1023 || backingOffset + backingBytes > head.length) return null;
  return { version, virtualBytes, backingFile: head.toString('utf8', backingOffset, backingOffset + backingBytes) };
}
