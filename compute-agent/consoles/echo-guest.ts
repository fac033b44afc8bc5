/**
 * For tests: a guest in 512 bytes that speaks on its serial port. It says `ready` a second after the start and then
 * echoes what is typed, except: `!` a thousand numbered lines, `#` power off, `@` a reset of the machine.
 */

const CODE = [
  '31c0 8ed8 8ed0 bc007c', //   start: ds = ss = 0, sp below us
  'bafb03 b003 ee', //                 line control: 8 bits, no parity
  'bafa03 b081 ee', //                 FIFO on, told at 8 bytes, as Linux sets it
  '31ed', //                           bp: number of the last line
  'be897c e85000', //                  print "ready"
  'bafd03 ec a801 7504', //     idle:  something typed?
  'fb f4 ebf4', //                     nap until the next timer tick
  'baf803 ec', //               got:   read it
  '3c21 740d', //                      '!' flood
  '3c40 742b', //                      '@' reset
  '3c23 742c', //                      '#' off
  'e83c00 ebdf', //                    echo, idle
  'b9e803', //                  flood: a thousand times
  '45 89eb bf0400', //          line:  the next number, four digits of it
  'c1c304 88d8 240f 0461 e82500', //   a digit, as one of a to p
  '4f 75f1',
  'be917c e81100', //                  print the filler
  'e2e3 ebbd', //                      next line; idle
  'b0fe e664 f4', //            reset: by the keyboard controller
  'ba0406 b80020 ef f4', //     off:   ACPI's sleep type 0, enable
  'ac 08c0 7405 e80300 ebf6 c3', // print: put until a zero
  '52 50 bafd03 ec a820 74fb', //  put: wait until the port takes a byte
  '58 baf803 ee 5a c3',
].join('');
const FILLER = ' 0123456789 0123456789 0123456789 0123456789 0123456789\r\n';

/** A raw disk. */
export function echoGuestDisk(): Buffer {
  const sector = Buffer.alloc(512);
  sector.set(Buffer.from(CODE.replaceAll(' ', ''), 'hex'));
  sector.write(`ready\r\n\0${FILLER}\0`, 0x89, 'latin1');
  sector.writeUInt16LE(0xaa55, 510);
  return sector;
}

/** What a boot's `!`s say, the first `lines` lines of it. */
export function floodOf(lines: number): string {
  const digits = (n: number): string =>
    [12, 8, 4, 0].map((shift) => String.fromCharCode(97 + ((n >> shift) & 15))).join('');
  return Array.from({ length: lines }, (_, index) => digits(index + 1) + FILLER).join('');
}
