/**
 * The calls of libvirt's protocol that this binding makes: number, arguments, answer. Numbers and layouts are facts of
 * the protocol, which libvirt keeps compatible for ever (a new argument means a new procedure).
 *
 * To add a call: look up its number and its two structs, write a line here and a method in client.ts.
 */
import {
  array,
  type Codec,
  domain,
  int32,
  nothing,
  nwfilter,
  optional,
  storagePool,
  storageVol,
  string,
  struct,
  uint32,
  uint64,
  uuid,
  type ValueOf,
} from './codecs.ts';
import { Program } from './frames.ts';

/** REMOTE_DOMAIN_LIST_MAX, REMOTE_STORAGE_VOL_LIST_MAX, … */
const LIST_MAX = 16384;
/** REMOTE_DOMAIN_SEND_KEY_MAX. */
const KEYCODES_MAX = 16;
/** REMOTE_AUTH_TYPE_LIST_MAX. */
const AUTH_TYPES_MAX = 20;

/** Of both programs. */
export const PROTOCOL_VERSION = 1;

interface Procedure<A, R> {
  program: number;
  number: number;
  args: Codec<A>;
  ret: Codec<R>;
}

const remote = <A, R>(number: number, args: Codec<A>, ret: Codec<R>): Procedure<A, R> => ({
  program: Program.remote,
  number,
  args,
  ret,
});

const qemu = <A, R>(number: number, args: Codec<A>, ret: Codec<R>): Procedure<A, R> => ({
  program: Program.qemu,
  number,
  args,
  ret,
});

const flags = uint32;
const domainAndFlags = struct({ dom: domain, flags });
const deviceChange = struct({ dom: domain, xml: string, flags });
const listRequest = struct({ needResults: int32, flags });
const xmlAnswer = struct({ xml: string });
const domainAnswer = struct({ dom: domain });
const poolAnswer = struct({ pool: storagePool });
const volAnswer = struct({ vol: storageVol });
const filterAnswer = struct({ filter: nwfilter });
const volRange = struct({ vol: storageVol, offset: uint64, length: uint64, flags });

export const procedures = {
  authList: remote(66, nothing, struct({ types: array(int32, AUTH_TYPES_MAX) })),
  connectOpen: remote(1, struct({ name: optional(string), flags }), nothing),
  connectSupportsFeature: remote(60, struct({ feature: int32 }), struct({ supported: int32 })),
  connectGetVersion: remote(4, nothing, struct({ version: uint64 })),
  connectGetLibVersion: remote(157, nothing, struct({ version: uint64 })),
  connectGetHostname: remote(59, nothing, struct({ hostname: string })),
  connectGetCapabilities: remote(7, nothing, struct({ capabilities: string })),
  connectDomainEventCallbackRegisterAny: remote(
    316,
    struct({ eventId: int32, dom: optional(domain) }),
    struct({ callbackId: int32 }),
  ),

  // The shortest domain: an empty name, 16 bytes of uuid, an id.
  connectListAllDomains: remote(273, listRequest, struct({ domains: array(domain, LIST_MAX, 24), count: uint32 })),
  domainLookupByName: remote(23, struct({ name: string }), domainAnswer),
  domainLookupByUuid: remote(24, struct({ uuid }), domainAnswer),
  domainDefineXmlFlags: remote(350, struct({ xml: string, flags }), domainAnswer),
  domainCreateWithFlags: remote(196, domainAndFlags, domainAnswer),
  domainShutdownFlags: remote(258, domainAndFlags, nothing),
  domainReboot: remote(27, domainAndFlags, nothing),
  domainDestroyFlags: remote(234, domainAndFlags, nothing),
  domainUndefineFlags: remote(231, domainAndFlags, nothing),
  domainGetXmlDesc: remote(14, domainAndFlags, xmlAnswer),
  domainGetState: remote(212, domainAndFlags, struct({ state: int32, reason: int32 })),
  // unsigned char and unsigned short take a whole word in XDR.
  domainGetInfo: remote(
    16,
    domainAnswer,
    struct({ state: uint32, maxMemKiB: uint64, memoryKiB: uint64, vcpus: uint32, cpuTimeNs: uint64 }),
  ),
  domainAttachDeviceFlags: remote(160, deviceChange, nothing),
  domainDetachDeviceFlags: remote(161, deviceChange, nothing),
  domainUpdateDeviceFlags: remote(174, deviceChange, nothing),
  domainSendKey: remote(
    226,
    struct({ dom: domain, codeset: uint32, holdMs: uint32, keycodes: array(uint32, KEYCODES_MAX), flags }),
    nothing,
  ),
  domainManagedSave: remote(182, domainAndFlags, nothing),
  qemuDomainMonitorCommand: qemu(1, struct({ dom: domain, command: string, flags }), struct({ result: string })),
  qemuDomainAgentCommand: qemu(
    3,
    struct({ dom: domain, command: string, timeoutSeconds: int32, flags }),
    struct({ result: optional(string) }),
  ),

  nwfilterDefineXml: remote(180, struct({ xml: string }), filterAnswer),
  nwfilterLookupByName: remote(175, struct({ name: string }), filterAnswer),
  nwfilterGetXmlDesc: remote(177, struct({ filter: nwfilter, flags }), xmlAnswer),
  nwfilterUndefine: remote(181, filterAnswer, nothing),
  connectListAllNwfilters: remote(286, listRequest, struct({ filters: array(nwfilter, LIST_MAX, 20), count: uint32 })),

  storagePoolDefineXml: remote(77, struct({ xml: string, flags }), poolAnswer),
  storagePoolLookupByName: remote(84, struct({ name: string }), poolAnswer),
  storagePoolCreate: remote(78, struct({ pool: storagePool, flags }), nothing),
  storagePoolDestroy: remote(80, poolAnswer, nothing),
  storagePoolUndefine: remote(82, poolAnswer, nothing),
  storagePoolRefresh: remote(83, struct({ pool: storagePool, flags }), nothing),
  storagePoolIsActive: remote(154, poolAnswer, struct({ active: int32 })),
  storagePoolListAllVolumes: remote(
    282,
    struct({ pool: storagePool, needResults: int32, flags }),
    struct({ volumes: array(storageVol, LIST_MAX, 12), count: uint32 }),
  ),
  storageVolCreateXml: remote(93, struct({ pool: storagePool, xml: string, flags }), volAnswer),
  storageVolLookupByName: remote(95, struct({ pool: storagePool, name: string }), volAnswer),
  storageVolGetXmlDesc: remote(99, struct({ vol: storageVol, flags }), xmlAnswer),
  storageVolDelete: remote(94, struct({ vol: storageVol, flags }), nothing),

  // Their bytes come and go in a stream (streams.ts).
  storageVolUpload: remote(208, volRange, nothing),
  storageVolDownload: remote(209, volRange, nothing),
  domainScreenshot: remote(211, struct({ dom: domain, screen: uint32, flags }), struct({ mime: optional(string) })),
};

export type ProcedureName = keyof typeof procedures;
export type ArgsOf<N extends ProcedureName> = ValueOf<(typeof procedures)[N]['args']>;
export type AnswerOf<N extends ProcedureName> = ValueOf<(typeof procedures)[N]['ret']>;

/** Messages that the daemon sends for a registration made with connectDomainEventCallbackRegisterAny. */
export const eventMessages = {
  lifecycle: {
    procedure: 318,
    payload: struct({ callbackId: int32, dom: domain, event: int32, detail: int32 }),
  },
  reboot: { procedure: 319, payload: struct({ callbackId: int32, dom: domain }) },
};
