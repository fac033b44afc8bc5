/** Guests have IPv6 addresses and the bridge routes them: without IPv6 in the kernel the agent never gets well. */
import { readIfThere } from './files.ts';
import { StepError } from './step.ts';

/** @throws StepError that says how to switch it on */
export function requireIpv6(addressesFile = '/proc/net/if_inet6'): void {
  const addresses = readIfThere(addressesFile);
  if (addresses === undefined)
    throw new StepError(
      'This machine’s kernel has no IPv6, which rented servers need.',
      'Take ipv6.disable=1 out of the kernel’s command line (/etc/default/grub, then update-grub) and reboot.',
    );
  // ::1 as the kernel writes it there.
  if (!/^0{31}1 .* lo$/m.test(addresses))
    throw new StepError(
      'IPv6 is switched off on this machine (the loopback has no ::1), and rented servers need it.',
      'sysctl -w net.ipv6.conf.all.disable_ipv6=0 net.ipv6.conf.default.disable_ipv6=0 net.ipv6.conf.lo.disable_ipv6=0, ' +
        'and take out of /etc/sysctl.d what switches it off. Of a container: start it with these as --sysctl.',
    );
}
