import { expect, it } from 'vitest';
import { signedIn } from './signed-in.ts';

it.each([
  [['Debian GNU/Linux 12 web-1 ttyS0', '', 'web-1 login: '], 'no'],
  [['web-1 login: root', 'Password: '], 'no'],
  [['web-1 login: root', 'Password: ', 'Linux web-1 6.1.0', 'root@web-1:~# '], 'yes'],
  [['root@web-1:~# ls', 'a  b', ''], 'yes'],
  [['root@web-1:~# exit', 'logout', '', 'Debian GNU/Linux 12 web-1 ttyS0', '', 'web-1 login:'], 'no'],
  [['[root@web-1 ~]# '], 'yes'],
  [['[taro@web-1 log]$ tail -f syslog', 'Nov 25 05:00:00 web-1 cron: x'], 'yes'],
  [['/ # '], 'yes'],
  [['~ $ '], 'yes'],
  [['# '], 'yes'],
  [['root@web-1:~# reboot', '[   12.3] reboot: Restarting system'], 'no'],
  [['root@web-1:~# ', '[    0.000000] Linux version 6.1.0 (debian)', '[    0.1] x'], 'no'],
  [['root@web-1:/var/log# cat 日本語.txt', '100$ のお支払い'], 'yes'],
  [['Booting from Hard Disk...', 'Total: 100 $'], 'unknown'],
  [[], 'unknown'],
  [['', '   '], 'unknown'],
] as const)('%j: %s', (lines, answer) => {
  expect(signedIn(lines)).toBe(answer);
});
