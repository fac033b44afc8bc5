/**
 * The machine's picture: noVNC on a socket. It comes and goes with each connection; what it last showed stays, so that
 * nobody looks at a black window while the next one is on its way.
 */
import type RFB from '@novnc/novnc';
import type { Attach } from '../useConsole.ts';

const LOOK_MS = 250;

export class Picture {
  #target: HTMLElement | null = null;
  #frozen: HTMLCanvasElement | null = null;
  #rfb: RFB | null = null;
  #fits = true;

  /** Where to draw, and where the last picture stays. */
  place(target: HTMLElement | null, frozen: HTMLCanvasElement | null): void {
    this.#target = target;
    this.#frozen = frozen;
  }

  /** Loads noVNC, which is no part of a page's first load. */
  load = async (): Promise<Attach> => {
    const { default: Rfb } = await import('@novnc/novnc');
    return (socket, line) => {
      if (this.#target === null) throw new Error('there is no place to draw');
      const rfb = new Rfb(this.#target, socket, { shared: true });
      this.#rfb = rfb;
      rfb.background = 'transparent';
      rfb.viewOnly = line.viewOnly;
      rfb.scaleViewport = this.#fits;
      rfb.showDotCursor = true;
      let looking: ReturnType<typeof setInterval> | undefined;
      rfb.addEventListener('connect', () => {
        line.opened();
        if (!line.viewOnly) rfb.focus({ preventScroll: true });
        looking = setInterval(() => {
          const image = imageOf(rfb);
          if (image !== null && !isBlank(image)) {
            clearInterval(looking);
            this.#frozen?.toggleAttribute('hidden', true);
            line.drawn();
          }
        }, LOOK_MS);
      });
      const ended = () => {
        clearInterval(looking);
        this.#freeze(rfb);
        if (this.#rfb === rfb) this.#rfb = null;
      };
      rfb.addEventListener('disconnect', ended);
      return {
        detach: () => {
          ended();
          rfb.disconnect();
        },
      };
    };
  };

  set fits(fits: boolean) {
    this.#fits = fits;
    if (this.#rfb) this.#rfb.scaleViewport = fits;
  }

  focus(): void {
    this.#rfb?.focus({ preventScroll: true });
  }

  blur(): void {
    this.letGo();
    this.#rfb?.blur();
  }

  /** No key stays down in the guest when the keyboard goes elsewhere: noVNC lets go of them with the window's focus. */
  letGo(): void {
    window.dispatchEvent(new Event('blur'));
  }

  sendKey = (keysym: number, code: string, down: boolean): void => {
    this.#rfb?.sendKey(keysym, code, down);
  };

  sendCtrlAltDel(): void {
    this.#rfb?.sendCtrlAltDel();
  }

  /** What is seen now, as a PNG; null where nothing was ever drawn. */
  screenshot(): Promise<Blob | null> {
    const rfb = this.#rfb;
    if (rfb !== null) return new Promise((resolve) => rfb.toBlob(resolve, 'image/png'));
    const frozen = this.#frozen;
    if (frozen === null || frozen.hidden) return Promise.resolve(null);
    return new Promise((resolve) => frozen.toBlob(resolve, 'image/png'));
  }

  #freeze(rfb: RFB): void {
    const canvas = this.#frozen;
    if (canvas === null) return;
    const image = imageOf(rfb);
    if (image === null || isBlank(image)) return;
    canvas.width = image.width;
    canvas.height = image.height;
    canvas.getContext('2d')?.putImageData(image, 0, 0);
    canvas.hidden = false;
  }
}

/** Before its first update a screen has no size. */
function imageOf(rfb: RFB): ImageData | null {
  try {
    return rfb.getImageData();
  } catch {
    return null;
  }
}

/** All of one colour. */
function isBlank({ data }: ImageData): boolean {
  const pixels = new Uint32Array(data.buffer);
  return pixels.every((pixel) => pixel === pixels[0]);
}
