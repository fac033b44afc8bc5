/**
 * What an agent answers to a request for a stream, read by hand: with `onread` the bytes go past Node's HTTP client.
 * 101 and whatever follows it, or an ordinary answer whose body says why not.
 */
import { z } from 'zod';
import { AgentError, agentErrorCodes } from '../compute-agent/contract/errors.ts';
import { STREAM_PROTOCOL } from '../compute-agent/contract/streams.ts';

const ANSWER_BYTES_MAX = 65_536;
const END_OF_HEAD = Buffer.from('\r\n\r\n');

const refusal = z.object({
  error: z.object({ message: z.string(), data: z.object({ agentCode: z.enum(agentErrorCodes) }) }),
});

export class AnswerReader {
  #bytes = Buffer.alloc(0);

  /**
   * @returns the stream's own first bytes once it is open, null while the answer is not whole
   * @throws AgentError the refusal; INTERNAL for what is no answer of an agent
   */
  push(chunk: Uint8Array): Buffer | null {
    this.#bytes = Buffer.concat([this.#bytes, chunk]);
    const end = this.#bytes.indexOf(END_OF_HEAD);
    if (end < 0 || end > ANSWER_BYTES_MAX) {
      if (this.#bytes.length > ANSWER_BYTES_MAX) throw unreadable('its head is too long');
      return null;
    }
    const [statusLine = '', ...lines] = this.#bytes.toString('latin1', 0, end).split('\r\n');
    const rest = this.#bytes.subarray(end + END_OF_HEAD.length);
    const status = /^HTTP\/1\.1 (\d{3})( |$)/.exec(statusLine)?.[1];
    if (status === undefined) throw unreadable(statusLine.slice(0, 100));
    const header = (name: string) =>
      lines
        .find((line) => line.toLowerCase().startsWith(`${name}:`))
        ?.slice(name.length + 1)
        .trim();
    if (status === '101') {
      if (header('upgrade')?.toLowerCase() !== STREAM_PROTOCOL) throw unreadable('it changes to another protocol');
      return rest;
    }
    const length = Number(header('content-length') ?? Number.NaN);
    if (!(length <= ANSWER_BYTES_MAX)) throw unreadable(`${status} without a length, or with too great a one`);
    if (rest.length < length) return null;
    throw refusalOf(status, rest.toString('utf8', 0, length));
  }
}

function refusalOf(status: string, body: string): AgentError {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    json = undefined;
  }
  const parsed = refusal.safeParse(json);
  if (!parsed.success) return unreadable(`${status}: ${body.slice(0, 200)}`);
  return new AgentError(parsed.data.error.data.agentCode, parsed.data.error.message);
}

const unreadable = (what: string): AgentError =>
  new AgentError('INTERNAL', `the answer to a stream's request is not the contract's: ${what}`);
