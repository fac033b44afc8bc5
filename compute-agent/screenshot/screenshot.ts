/**
 * What the guest shows: a question that changes nothing, so it takes no mutex and no generation. QEMU draws it, and
 * its bytes come over a connection of their own, so a few at a time are enough for a host.
 */
import { SCREENSHOT_BASE64_MAX } from '../contract/contract.ts';
import { AgentError } from '../contract/errors.ts';
import type { Hypervisor, Picture } from '../driver.ts';
import { Semaphore } from '../mutex.ts';
import { halve, PictureError, type Pixels } from './pixels.ts';
import { decodePng, encodePng } from './png.ts';
import { decodePpm } from './ppm.ts';

const AT_ONCE = 2;
/** Someone waits in front of the screen for it. */
const WAIT_MS = 5_000;
const PNG_BYTES_MAX = (SCREENSHOT_BASE64_MAX / 4) * 3;

export class Screenshots {
  readonly #hypervisor: Pick<Hypervisor, 'look' | 'screenshot'>;
  readonly #turns = new Semaphore(AT_ONCE);

  constructor(hypervisor: Pick<Hypervisor, 'look' | 'screenshot'>) {
    this.#hypervisor = hypervisor;
  }

  /** NO_SUCH_DOMAIN; HYPERVISOR when it is off or has no screen; BUSY when others are asked for already. */
  take(serverId: string): Promise<{ png: string; width: number; height: number }> {
    return this.#turns.run(WAIT_MS, async () => {
      const body = await this.#hypervisor.look(serverId);
      if (body === null) throw new AgentError('NO_SUCH_DOMAIN', `no domain ${serverId}`);
      if (body.seen.state === 'off' || body.seen.state === 'crashed') {
        throw new AgentError('HYPERVISOR', `the domain is ${body.seen.state}: it shows nothing`);
      }
      const { png, width, height } = await fitting(await pixelsOf(await this.#hypervisor.screenshot(serverId)));
      return { png: png.toString('base64'), width, height };
    });
  }
}

async function pixelsOf({ bytes }: Picture): Promise<Pixels> {
  try {
    // By its first bytes: libvirt's word for it has been wrong before.
    return bytes.toString('latin1', 0, 2) === 'P6' ? decodePpm(bytes) : await decodePng(bytes);
  } catch (error) {
    if (error instanceof PictureError) throw new AgentError('HYPERVISOR', error.message, { cause: error });
    throw error;
  }
}

/** Halved as often as it takes. */
async function fitting(pixels: Pixels): Promise<{ png: Buffer; width: number; height: number }> {
  const png = await encodePng(pixels);
  if (png.length > PNG_BYTES_MAX) return fitting(halve(pixels));
  return { png, width: pixels.width, height: pixels.height };
}
