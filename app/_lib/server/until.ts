/**
 * A body that ends when `signal` aborts: cleanly for the reader, cancelled at its source. Without it one open
 * event stream keeps the process from ending.
 */
export function until(signal: AbortSignal, body: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  let stop = () => {};
  return new ReadableStream<Uint8Array>({
    start(controller) {
      stop = () => {
        controller.close();
        reader.cancel(signal.reason).catch(() => undefined);
      };
      if (signal.aborted) stop();
      else signal.addEventListener('abort', stop, { once: true });
    },
    async pull(controller) {
      try {
        const { done, value } = await reader.read();
        if (signal.aborted) return;
        if (!done) {
          controller.enqueue(value);
          return;
        }
        controller.close();
      } catch (error) {
        if (signal.aborted) return;
        controller.error(error);
      }
      signal.removeEventListener('abort', stop);
    },
    async cancel(reason) {
      signal.removeEventListener('abort', stop);
      await reader.cancel(reason);
    },
  });
}
