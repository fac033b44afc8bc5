/** Functions to call with a value. One that throws is reported, and harms neither the others nor the caller. */
export class Listeners<T> {
  readonly #functions = new Set<(value: T) => void>();
  readonly #onThrown: (error: unknown) => void;

  constructor(onThrown: (error: unknown) => void) {
    this.#onThrown = onThrown;
  }

  /** Returns what takes it out again. */
  add(listener: (value: T) => void): () => void {
    // Its own closure, so that the same function added twice counts twice.
    const entry = (value: T) => listener(value);
    this.#functions.add(entry);
    return () => void this.#functions.delete(entry);
  }

  emit(value: T): void {
    for (const listener of [...this.#functions]) {
      try {
        listener(value);
      } catch (error) {
        this.#onThrown(error);
      }
    }
  }
}
