import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { agentContract, SCREENSHOT_BASE64_MAX } from '../contract/contract.ts';
import type { Body, Picture } from '../driver.ts';
import { decodePng, encodePng } from './png.ts';
import { Screenshots } from './screenshot.ts';

const running = { seen: { state: 'running', reason: 'booted' } } as Body;
const showing = (screenshot: () => Promise<Picture>, body: Body | null = running) =>
  new Screenshots({ look: async () => body, screenshot });
const codeOf = (answer: Promise<unknown>) =>
  answer.then(
    () => 'none',
    (error) => error.code,
  );

const rgb = Buffer.from([1, 2, 3, 250, 251, 252]);

test.each([
  ['a PNG', async () => ({ mime: 'image/png', bytes: await encodePng({ width: 2, height: 1, rgb }) })],
  ['a PPM', async () => ({ mime: null, bytes: Buffer.concat([Buffer.from('P6\n2 1\n255\n'), rgb]) })],
])('%s of the hypervisor leaves as a PNG with the same pixels', async (_name, screenshot) => {
  const answer = await showing(screenshot).take('aaaaaaaaaa');
  expect(agentContract.screenshot.output.parse(answer)).toMatchObject({ width: 2, height: 1 });
  expect(await decodePng(Buffer.from(answer.png, 'base64'))).toEqual({ width: 2, height: 1, rgb });
});

test('what does not fit is halved until it does', async () => {
  const [width, height] = [1600, 1200];
  const noise = { width, height, rgb: randomBytes(width * height * 3) };
  const answer = await showing(async () => ({ mime: null, bytes: await encodePng(noise) })).take('aaaaaaaaaa');
  expect(answer).toMatchObject({ width: 800, height: 600 });
  expect(answer.png.length).toBeLessThanOrEqual(SCREENSHOT_BASE64_MAX);
});

test('no picture, no domain, no power: each by its code', async () => {
  const rubbish = async () => ({ mime: 'image/png', bytes: Buffer.from('<html>') });
  expect(await codeOf(showing(rubbish).take('aaaaaaaaaa'))).toBe('HYPERVISOR');
  expect(await codeOf(showing(rubbish, null).take('aaaaaaaaaa'))).toBe('NO_SUCH_DOMAIN');
  const off = { seen: { state: 'off', reason: 'none' } } as Body;
  expect(await codeOf(showing(rubbish, off).take('aaaaaaaaaa'))).toBe('HYPERVISOR');
});

test('two at once, others wait', async () => {
  let [now, most] = [0, 0];
  const screenshots = showing(async () => {
    most = Math.max(most, ++now);
    await new Promise((resolve) => setTimeout(resolve, 20));
    now -= 1;
    return { mime: null, bytes: Buffer.concat([Buffer.from('P6\n2 1\n255\n'), rgb]) };
  });
  await Promise.all(Array.from({ length: 6 }, () => screenshots.take('aaaaaaaaaa')));
  expect(most).toBe(2);
});
