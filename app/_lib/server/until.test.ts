import { expect, it } from 'vitest';
import { until } from './until.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

/** A body that sends what it is given and waits; says when it was cancelled. */
function source() {
  let send: ReadableStreamDefaultController<Uint8Array> | undefined;
  let cancelled = false;
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      send = controller;
    },
    cancel() {
      cancelled = true;
    },
  });
  return {
    body,
    send: (text: string) => send?.enqueue(bytes(text)),
    end: () => send?.close(),
    cancelled: () => cancelled,
  };
}

it('passes all on, and ends with its source', async () => {
  const { body, send, end } = source();
  const text = new Response(until(new AbortController().signal, body)).text();
  send('a');
  send('b');
  end();
  expect(await text).toBe('ab');
});

it('ends cleanly on the signal, in the middle of waiting, and cancels the source', async () => {
  const stop = new AbortController();
  const { body, send, cancelled } = source();
  const text = new Response(until(stop.signal, body)).text();
  send('a');
  await new Promise((resolve) => setTimeout(resolve, 10));
  stop.abort();
  expect(await text).toBe('a');
  expect(cancelled()).toBe(true);
});

it('ends at once when the signal came first', async () => {
  const { body, cancelled } = source();
  expect(await new Response(until(AbortSignal.abort(), body)).text()).toBe('');
  expect(cancelled()).toBe(true);
});

it('a reader that leaves cancels the source', async () => {
  const { body, cancelled } = source();
  await until(new AbortController().signal, body).cancel();
  expect(cancelled()).toBe(true);
});
