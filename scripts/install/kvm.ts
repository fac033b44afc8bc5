/**
 * /dev/kvm for QEMU's user. udev gives it to the group kvm; where there is no udev it stays root's. Then libvirtd,
 * which probes QEMU as root and asks for access as QEMU's user, finds every probe outdated and repeats it: 10 s for
 * each define.
 */
import { chmodSync, chownSync, readFileSync, statSync } from 'node:fs';

/** @param gid of the group kvm. @returns whether anything had to be changed */
export function openKvm(device = '/dev/kvm', gid = groupId('kvm')): boolean {
  const there = statSync(device, { throwIfNoEntry: false });
  if (!there || gid === undefined) return false;
  const forOthers = (there.mode & 0o006) === 0o006;
  const forGroup = there.gid === gid && (there.mode & 0o060) === 0o060;
  if (forOthers || forGroup) return false;
  chownSync(device, there.uid, gid);
  chmodSync(device, 0o660);
  return true;
}

function groupId(name: string): number | undefined {
  const line = readFileSync('/etc/group', 'utf8')
    .split('\n')
    .find((entry) => entry.startsWith(`${name}:`));
  const gid = line?.split(':')[2];
  return gid ? Number(gid) : undefined;
}
