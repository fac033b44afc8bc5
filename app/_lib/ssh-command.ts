import type { SshDoorView } from '../../server/ssh-door.ts';

/** How one comes in by the SSH door: as `menu`, or with a server's id straight to its serial port. */
export const sshCommand = (door: SshDoorView, user: string): string =>
  `ssh ${door.port === 22 ? '' : `-p ${door.port} `}${user}@${door.host}`;
