/** Reads one OpenSSH public key as people paste it: `type base64 comment`. */
import { createHash } from 'node:crypto';

export type SshKeyFault = 'empty' | 'ssh-key-format' | 'ssh-key-private' | 'ssh-key-weak';
export type SshKeyRead =
  | { ok: true; type: string; fingerprint: string; comment: string /** One clean line. */; publicKey: string }
  | { ok: false; code: SshKeyFault };

const fault = (code: SshKeyFault): SshKeyRead => ({ ok: false, code });

const MAX_LENGTH = 16_384;
const COMMENT_MAX = 200;

export function readSshKey(pasted: string): SshKeyRead {
  const text = pasted.trim();
  if (text === '') return fault('empty');
  if (/PRIVATE KEY-----|^PuTTY-User-Key-File-/m.test(text)) return fault('ssh-key-private');
  if (text.length > MAX_LENGTH || /[\r\n]/.test(text)) return fault('ssh-key-format');
  const match = /^(\S+)[ \t]+([A-Za-z0-9+/]+={0,2})(?:[ \t]+(.*))?$/.exec(text);
  const [, type, base64, rest = ''] = match ?? [];
  if (!type || !base64) return fault('ssh-key-format');
  if (type === 'ssh-dss') return fault('ssh-key-weak');
  const blob = Buffer.from(base64, 'base64');
  const verdict = judge(type, blob);
  if (verdict !== 'good') return fault(verdict);
  const comment = rest
    .replaceAll(/\p{Cc}/gu, '')
    .trim()
    .slice(0, COMMENT_MAX);
  const canonical = blob.toString('base64');
  return {
    ok: true,
    type,
    fingerprint: `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`,
    comment,
    publicKey: comment === '' ? `${type} ${canonical}` : `${type} ${canonical} ${comment}`,
  };
}

const RSA_BITS_MIN = 2048;
/** Curve → bytes of an uncompressed point. */
const curves: Record<string, number> = { nistp256: 65, nistp384: 97, nistp521: 133 };

/** The blob must be a whole key of exactly the type that the line names (RFC 4253 6.6, 5656 3.1, 8709). */
function judge(type: string, blob: Buffer): 'good' | 'ssh-key-format' | 'ssh-key-weak' {
  const fields = split(blob);
  const [name, first, second, third] = fields ?? [];
  if (!fields || name?.toString('latin1') !== type) return 'ssh-key-format';
  const good = (isGood: boolean) => (isGood ? 'good' : 'ssh-key-format');
  switch (type) {
    case 'ssh-ed25519':
      return good(fields.length === 2 && first?.length === 32);
    case 'sk-ssh-ed25519@openssh.com':
      return good(fields.length === 3 && first?.length === 32 && isApplication(second));
    case 'ssh-rsa': {
      if (fields.length !== 3 || !first || !second) return 'ssh-key-format';
      return bits(second) < RSA_BITS_MIN ? 'ssh-key-weak' : 'good';
    }
    case 'ecdsa-sha2-nistp256':
    case 'ecdsa-sha2-nistp384':
    case 'ecdsa-sha2-nistp521':
      return good(fields.length === 3 && isPoint(type.slice('ecdsa-sha2-'.length), first, second));
    case 'sk-ecdsa-sha2-nistp256@openssh.com':
      return good(fields.length === 4 && isPoint('nistp256', first, second) && isApplication(third));
    default:
      return 'ssh-key-format';
  }
}

const isPoint = (curve: string, named: Buffer | undefined, point: Buffer | undefined): boolean =>
  named?.toString('latin1') === curve && point?.length === curves[curve] && point?.[0] === 4;

const isApplication = (field: Buffer | undefined): boolean => field !== undefined && field.length > 0;

/** Length-prefixed strings up to the last byte; null when they do not end there. */
function split(blob: Buffer): Buffer[] | null {
  const fields: Buffer[] = [];
  for (let at = 0; at < blob.length; ) {
    if (at + 4 > blob.length) return null;
    const end = at + 4 + blob.readUInt32BE(at);
    if (end > blob.length || fields.length === 4) return null;
    fields.push(blob.subarray(at + 4, end));
    at = end;
  }
  return fields;
}

/** Of an mpint, without its leading zeros. */
function bits(mpint: Buffer): number {
  const start = mpint.findIndex((byte) => byte !== 0);
  const top = mpint[start];
  return top === undefined ? 0 : (mpint.length - start) * 8 - (Math.clz32(top) - 24);
}
