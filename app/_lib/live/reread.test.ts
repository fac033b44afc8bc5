import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { rereadBy } from './reread.ts';

const page = { busy: false, visible: true, reads: 0 };
const asPage = {
  isBusy: () => page.busy,
  isVisible: () => page.visible,
  read: () => {
    page.reads++;
  },
};
let stop = () => {};
beforeEach(() => {
  vi.useFakeTimers();
  Object.assign(page, { busy: false, visible: true, reads: 0 });
});
afterEach(() => {
  stop();
  vi.useRealTimers();
});
const minutes = (n: number) => vi.advanceTimersByTimeAsync(n * 60_000);

it('once a minute while the stream stands, so that silence is seen though nobody tells of it', async () => {
  stop = rereadBy('open', asPage);
  await minutes(0.9);
  expect(page.reads).toBe(0);
  await minutes(5.1);
  expect(page.reads).toBe(6);
  page.busy = true;
  await minutes(2);
  expect(page.reads).toBe(8);
});

it('not for a page that nobody sees', async () => {
  page.visible = false;
  stop = rereadBy('open', asPage);
  await minutes(10);
  expect(page.reads).toBe(0);
  page.visible = true;
  await minutes(1);
  expect(page.reads).toBe(1);
});

it('more often while no stream stands, and every 3 seconds while an operation runs', async () => {
  stop = rereadBy('connecting', asPage);
  await minutes(1);
  expect(page.reads).toBe(2);
  page.busy = true;
  await minutes(1.5);
  expect(page.reads).toBeGreaterThanOrEqual(20);
});

it('never for who is signed out, nor after the page has gone', async () => {
  stop = rereadBy('signed-out', asPage);
  await minutes(5);
  rereadBy('open', asPage)();
  await minutes(5);
  expect(page.reads).toBe(0);
});
