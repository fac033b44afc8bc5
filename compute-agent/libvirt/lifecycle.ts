/** libvirt's numbers for what happened to a domain, and why it is off. */

/** virDomainEventType: `event` of a LifecycleEvent. */
export const LifecycleEventType = {
  defined: 0,
  undefined: 1,
  started: 2,
  suspended: 3,
  resumed: 4,
  stopped: 5,
  shutdown: 6,
  pmsuspended: 7,
  crashed: 8,
} as const;

/** virDomainEventStoppedDetailType: `detail` of `stopped`. */
export const StoppedDetail = {
  shutdown: 0,
  destroyed: 1,
  crashed: 2,
  migrated: 3,
  saved: 4,
  failed: 5,
  fromSnapshot: 6,
  recreated: 7,
} as const;

/** virDomainEventShutdownDetailType: `detail` of `shutdown`. `host`: QEMU got a signal, which destroy sends too. */
export const ShutdownDetail = { finished: 0, guest: 1, host: 2 } as const;

/** virDomainShutoffReason: `reason` of domainGetState when the state is `shutoff`. */
export const ShutoffReason = {
  unknown: 0,
  shutdown: 1,
  destroyed: 2,
  crashed: 3,
  migrated: 4,
  saved: 5,
  failed: 6,
  fromSnapshot: 7,
  /** The daemon ended it while it was reconnecting to it after a restart of its own: no `stopped` event is sent then. */
  daemon: 8,
} as const;
