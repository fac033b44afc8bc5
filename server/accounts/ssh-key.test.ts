import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readSshKey } from './ssh-key.ts';

/** SSH's wire form: length, bytes. */
const field = (value: Buffer | string): Buffer => {
  const bytes = Buffer.from(value as string);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
};
const line = (type: string, ...rest: (Buffer | string)[]): string =>
  `${type} ${Buffer.concat([field(type), ...rest.map(field)]).toString('base64')}`;
const rsa = (bits: number): string => {
  const modulus = Buffer.alloc(bits / 8, 0xab);
  return line('ssh-rsa', Buffer.from([1, 0, 1]), Buffer.concat([Buffer.from([0]), modulus]));
};
const ed25519 = line('ssh-ed25519', Buffer.alloc(32, 7));
const point = (bytes: number): Buffer => Buffer.concat([Buffer.from([4]), Buffer.alloc(bytes - 1, 9)]);

describe('a public key', () => {
  // Made by `ssh-keygen -t ed25519 -C "taro@desk"`, fingerprint by `ssh-keygen -l`.
  it('is read as ssh-keygen reads it', () => {
    const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDL/sJkmvQVWpyKyrQGEpShlVtXJ1HQOJ4JNyI/7CyQ1 taro@desk';
    const blob = Buffer.from(key.split(' ')[1] ?? '', 'base64');
    const fingerprint = `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`;
    expect(readSshKey(`  ${key}\n`)).toEqual({
      ok: true,
      type: 'ssh-ed25519',
      comment: 'taro@desk',
      fingerprint,
      publicKey: key,
    });
  });

  it.each([
    ['ed25519', ed25519],
    ['RSA 2048', rsa(2048)],
    ['RSA 4096', rsa(4096)],
    ['P-256', line('ecdsa-sha2-nistp256', 'nistp256', point(65))],
    ['P-384', line('ecdsa-sha2-nistp384', 'nistp384', point(97))],
    ['P-521', line('ecdsa-sha2-nistp521', 'nistp521', point(133))],
    ['ed25519 on a security key', line('sk-ssh-ed25519@openssh.com', Buffer.alloc(32), 'ssh:')],
    ['P-256 on a security key', line('sk-ecdsa-sha2-nistp256@openssh.com', 'nistp256', point(65), 'ssh:')],
  ])('is taken: %s', (_, key) => {
    expect(readSshKey(key)).toMatchObject({ ok: true, comment: '' });
  });

  it.each([
    ['nothing', ' \n', 'empty'],
    ['words', 'my key please', 'ssh-key-format'],
    [
      'an OpenSSH private key',
      '-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNz\n-----END OPENSSH PRIVATE KEY-----',
      'ssh-key-private',
    ],
    ['a PEM private key', '-----BEGIN RSA PRIVATE KEY-----\nMIIE', 'ssh-key-private'],
    ['a PuTTY private key', 'PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none', 'ssh-key-private'],
    ['two keys', `${ed25519}\n${ed25519}`, 'ssh-key-format'],
    ['options in front', `command="true" ${ed25519}`, 'ssh-key-format'],
    ['RSA 1024', rsa(1024), 'ssh-key-weak'],
    ['DSA', line('ssh-dss', Buffer.alloc(128, 1), Buffer.alloc(20, 1), Buffer.alloc(128, 1)), 'ssh-key-weak'],
    ['a short ed25519 key', line('ssh-ed25519', Buffer.alloc(31)), 'ssh-key-format'],
    ['another type inside', `ssh-rsa ${ed25519.split(' ')[1]}`, 'ssh-key-format'],
    ['the wrong curve', line('ecdsa-sha2-nistp256', 'nistp384', point(97)), 'ssh-key-format'],
    [
      'something behind the key',
      `ssh-ed25519 ${Buffer.concat([Buffer.from(ed25519.split(' ')[1] ?? '', 'base64'), Buffer.from([0])]).toString('base64')}`,
      'ssh-key-format',
    ],
    ['an unknown type', line('ssh-banana', Buffer.alloc(32)), 'ssh-key-format'],
  ])('is judged: %s', (_, key, code) => {
    expect(readSshKey(key)).toMatchObject(code === null ? { ok: true } : { ok: false, code });
  });

  it('counts the bits of a modulus, not its bytes', () => {
    // 256 bytes whose first is 0x01: 2041 bits.
    const modulus = Buffer.concat([Buffer.from([1]), Buffer.alloc(255, 0xff)]);
    expect(readSshKey(line('ssh-rsa', Buffer.from([1, 0, 1]), modulus))).toEqual({ ok: false, code: 'ssh-key-weak' });
  });

  it('has a comment without control characters', () => {
    expect(readSshKey(`${ed25519} a\u0007b\tc`)).toMatchObject({ ok: true, comment: 'abc' });
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 400 }), fc.uint8Array({ maxLength: 200 }), (text, bytes) => {
        readSshKey(text);
        readSshKey(`ssh-rsa ${Buffer.from(bytes).toString('base64')}`);
      }),
    );
  });
});
