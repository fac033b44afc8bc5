/** The bytes that came, as they came, for who saves them: the last MAX_BYTES. */
export const MAX_BYTES = 4 * 1024 * 1024;

export class Received {
  #chunks: Uint8Array<ArrayBuffer>[] = [];
  #bytes = 0;

  add(chunk: Uint8Array<ArrayBuffer>): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    for (let first = this.#chunks[0]; first && this.#bytes - first.length >= MAX_BYTES; first = this.#chunks[0]) {
      this.#chunks.shift();
      this.#bytes -= first.length;
    }
  }

  file(): Blob {
    return new Blob(this.#chunks, { type: 'text/plain' });
  }
}
