/** For tests: a request to an agent as bytes on the wire, not by its client. */
import { type Agent, request } from 'node:https';

export interface Answer {
  status: number;
  body: { result?: { data: unknown }; error?: { message: string; data: { agentCode: string } } };
}

export interface Sent {
  /** With one it is a POST. */
  body?: unknown;
  headers?: object;
  /** Over what the address says: a path that is none. */
  options?: { path: string };
}

export function ask(agent: Agent, url: string, { body, headers, options }: Sent): Promise<Answer> {
  return new Promise<Answer>((resolve, reject) => {
    const given = {
      agent,
      method: body === undefined ? 'GET' : 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      ...options,
    };
    const sent = request(url, given, (response) => {
      let text = '';
      response.on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () => {
        const status = response.statusCode ?? 0;
        try {
          resolve({ status, body: JSON.parse(text) });
        } catch {
          resolve({ status, body: {} });
        }
      });
    });
    sent.on('error', reject);
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
