import { expect, it } from 'vitest';
import { DomainState } from '../libvirt/api.ts';
import { LifecycleEventType, ShutoffReason, StoppedDetail } from '../libvirt/lifecycle.ts';
import { seenFromEvent, seenFromState } from './observed.ts';

it.each([
  ['running', DomainState.running, 1, 'running', 'booted'],
  ['on its way down', DomainState.shutdown, 1, 'running', 'booted'],
  ['paused (unknown), as after an emulation failure', DomainState.paused, 0, 'paused', 'failed-start'],
  ['paused by a person', DomainState.paused, 1, 'paused', 'none'],
  ['paused on an I/O error', DomainState.paused, 5, 'paused', 'none'],
  ['paused because the guest crashed', DomainState.paused, 10, 'crashed', 'crashed'],
  ['paused while it starts: no longer off', DomainState.paused, 11, 'paused', 'booted'],
  ['crashed and kept', DomainState.crashed, 0, 'crashed', 'crashed'],
  ['off, libvirtd does not know why', DomainState.shutoff, ShutoffReason.unknown, 'off', 'unknown'],
  ['off by itself', DomainState.shutoff, ShutoffReason.shutdown, 'off', 'guest-shutdown'],
  ['cut', DomainState.shutoff, ShutoffReason.destroyed, 'off', 'destroyed'],
  ['died', DomainState.shutoff, ShutoffReason.crashed, 'off', 'crashed'],
  ['did not start', DomainState.shutoff, ShutoffReason.failed, 'off', 'failed-start'],
  ['saved', DomainState.shutoff, ShutoffReason.saved, 'off', 'saved'],
  ['ended by libvirtd at its restart', DomainState.shutoff, ShutoffReason.daemon, 'off', 'crashed'],
  ['a reason of a newer libvirt', DomainState.shutoff, 99, 'off', 'unknown'],
])('state: %s', (_, state, reason, wantedState, wantedReason) => {
  expect(seenFromState({ state, reason })).toEqual({ state: wantedState, reason: wantedReason });
});

it.each([
  ['started', LifecycleEventType.started, 0, { state: 'running', reason: 'booted' }],
  ['shut itself down', LifecycleEventType.stopped, StoppedDetail.shutdown, { state: 'off', reason: 'guest-shutdown' }],
  ['cut', LifecycleEventType.stopped, StoppedDetail.destroyed, { state: 'off', reason: 'destroyed' }],
  ['crashed', LifecycleEventType.stopped, StoppedDetail.crashed, { state: 'off', reason: 'crashed' }],
  ['failed, which is a failed start or a QEMU that died', LifecycleEventType.stopped, StoppedDetail.failed, null],
  ['suspended, for one of many reasons', LifecycleEventType.suspended, 0, null],
  ['defined', LifecycleEventType.defined, 0, null],
  ['undefined', LifecycleEventType.undefined, 0, 'absent'],
])('event: %s', (_, event, detail, wanted) => {
  expect(seenFromEvent(event, detail)).toEqual(wanted);
});
