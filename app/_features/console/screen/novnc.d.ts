/** What is used of @novnc/novnc 1.7.0, which brings no types (docs/API.md). */
declare module '@novnc/novnc' {
  export default class RFB extends EventTarget {
    constructor(target: HTMLElement, channel: WebSocket, options?: { shared?: boolean });
    viewOnly: boolean;
    scaleViewport: boolean;
    clipViewport: boolean;
    dragViewport: boolean;
    showDotCursor: boolean;
    background: string;
    disconnect(): void;
    focus(options?: FocusOptions): void;
    blur(): void;
    /** `code` as of KeyboardEvent.code; without `down`, down and up. */
    sendKey(keysym: number, code: string | null, down?: boolean): void;
    sendCtrlAltDel(): void;
    getImageData(): ImageData;
    toBlob(callback: (blob: Blob | null) => void, type?: string): void;
  }
}
