/** Domain events: what is registered on every new connection, and how its messages are read. */
import type { DomainRef, LifecycleEvent } from './api.ts';
import type { Connection } from './connection.ts';
import type { Frame } from './frames.ts';
import { eventMessages } from './procedures.ts';
import { XdrReader } from './xdr.ts';

/** virDomainEventID. */
const EventId = { lifecycle: 0, reboot: 1 } as const;

export type DomainEvent = { kind: 'lifecycle'; lifecycle: LifecycleEvent } | { kind: 'reboot'; domain: DomainRef };

/** For every domain of the host, present and future. They end with the connection. */
export async function registerEvents(connection: Connection, deadlineMs: number): Promise<void> {
  for (const eventId of [EventId.lifecycle, EventId.reboot]) {
    await connection.call('connectDomainEventCallbackRegisterAny', { eventId, dom: null }, deadlineMs);
  }
}

/** Undefined when it is a message of another kind. Throws LibvirtProtocolError when it cannot be read. */
export function readEvent(frame: Frame): DomainEvent | undefined {
  const reader = new XdrReader(frame.payload);
  switch (frame.procedure) {
    case eventMessages.lifecycle.procedure: {
      const { dom, event, detail } = eventMessages.lifecycle.payload.read(reader);
      reader.end();
      return { kind: 'lifecycle', lifecycle: { domain: dom, event, detail } };
    }
    case eventMessages.reboot.procedure: {
      const { dom } = eventMessages.reboot.payload.read(reader);
      reader.end();
      return { kind: 'reboot', domain: dom };
    }
    default:
      return undefined;
  }
}
