/**
 * For tests: a guest in 512 bytes. Its boot sector enables the ACPI power button, sleeps until it is pressed, and
 * powers the machine off: enough to see a real shutdown, a second after the start and without any image.
 */

/** The registers are where SeaBIOS puts them on QEMU's `pc` machine: status 0x600, enable 0x602, control 0x604. */
const CODE = [
  ...[0xba, 0x02, 0x06], // mov dx, 0x602
  ...[0xb8, 0x00, 0x01], // mov ax, 0x100    power button
  0xef, //                  out dx, ax
  0xfb, //            wait: sti
  0xf4, //                  hlt              until the next timer tick
  ...[0xba, 0x00, 0x06], // mov dx, 0x600
  0xed, //                  in ax, dx
  ...[0xf6, 0xc4, 0x01], // test ah, 1
  ...[0x74, 0xf5], //       jz wait
  ...[0xba, 0x04, 0x06], // mov dx, 0x604
  ...[0xb8, 0x00, 0x20], // mov ax, 0x2000   sleep type 0 (off), enable
  0xef, //                  out dx, ax
  0xf4, //                  hlt
];

/** A raw disk. */
export function tinyGuestDisk(): Buffer {
  const sector = Buffer.alloc(512);
  sector.set(CODE);
  sector.writeUInt16LE(0xaa55, 510);
  return sector;
}

/** Emulated (TCG), with a guest agent's channel that nothing answers and an empty CD drive. */
export function tinyGuestXml(domain: { name: string; uuid: string; disk: string }): string {
  return `<domain type='qemu'>
  <name>${domain.name}</name>
  <uuid>${domain.uuid}</uuid>
  <memory unit='MiB'>32</memory>
  <vcpu>1</vcpu>
  <os><type arch='x86_64' machine='pc'>hvm</type></os>
  <features><acpi/></features>
  <on_poweroff>destroy</on_poweroff>
  <on_reboot>restart</on_reboot>
  <devices>
    <emulator>/usr/bin/qemu-system-x86_64</emulator>
    <disk type='file' device='disk'>
      <driver name='qemu' type='raw'/>
      <source file='${domain.disk}'/>
      <target dev='hda' bus='ide'/>
    </disk>
    <disk type='file' device='cdrom'>
      <driver name='qemu' type='raw'/>
      <target dev='hdb' bus='ide'/>
      <readonly/>
    </disk>
    <channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>
  </devices>
</domain>`;
}
