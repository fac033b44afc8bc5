import { expect, it } from 'vitest';
import { AgentError } from './contract/errors.ts';
import { ExecError } from './exec.ts';
import { toAgentError } from './failures.ts';
import { LibvirtBusyError, LibvirtDisconnectedError, LibvirtError, LibvirtTimeoutError } from './libvirt/errors.ts';

const libvirt = (code: number, message = 'words') =>
  new LibvirtError(message, { code, domain: 10, level: 2, procedure: 'p' });
const program = (stderr: string, timedOut = false) =>
  new ExecError('qemu-img', [], { code: 1, stdout: '', stderr, timedOut, why: 'x' });

it.each([
  ['no domain', libvirt(42), 'NO_SUCH_DOMAIN'],
  ['a refusal', libvirt(1), 'HYPERVISOR'],
  ['a full disk, in libvirt', libvirt(38, 'cannot write: No space left on device'), 'NO_SPACE'],
  ['a full disk, in a file', Object.assign(new Error('x'), { code: 'ENOSPC' }), 'NO_SPACE'],
  ['a full disk, in a program', program('qemu-img: No space left on device'), 'NO_SPACE'],
  ['cut before it was sent', new LibvirtDisconnectedError('x', false), 'HYPERVISOR_AWAY'],
  ['cut while under way', new LibvirtDisconnectedError('x', true), 'UNKNOWN_OUTCOME'],
  ['no answer', new LibvirtTimeoutError('p', 1, true), 'UNKNOWN_OUTCOME'],
  ['never its turn', new LibvirtTimeoutError('p', 1, false), 'BUSY'],
  ['too many waiting', new LibvirtBusyError('x'), 'BUSY'],
  ['a program that hung', program('', true), 'UNKNOWN_OUTCOME'],
  ['an own word', new AgentError('GONE', 'x'), 'GONE'],
])('%s', (_, error, code) => {
  expect(toAgentError(error)).toMatchObject({ code, message: expect.any(String) });
});

it('leaves a defect a defect', () => {
  const defect = new TypeError('undefined is not a function');
  expect(toAgentError(defect)).toBe(defect);
});

it("tells libvirt's code and words", () => {
  expect(toAgentError(libvirt(55))).toMatchObject({ message: 'libvirt 55 (p): words' });
});
