/** What a console knows of the one that moves its bytes: vnc-pipe.ts, serial-pipe.ts. */
export interface Pipe {
  /** A message of the browser. */
  said(data: Buffer, isBinary: boolean): void;
  /** Moves nothing any more. What it read from is ended by others. */
  end(): void;
}

export interface PipeEvents {
  /** A key, a click, a text: not what a browser says by itself. */
  acted(): void;
  /** The browser took something. */
  alive(): void;
  /** The browser does not keep to the contract. */
  misspoke(why: string): void;
  /** The host does not: its stream is to be given up. */
  hostMisspoke(why: unknown): void;
}
