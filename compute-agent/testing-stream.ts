/** For tests: a peer who opens a stream of an agent, over TLS. */
import { type Agent, request } from 'node:https';
import type { Socket } from 'node:net';

export interface Refused {
  status: number;
  code: string | undefined;
  message: string | undefined;
}

/** What was opened, with what had come with the answer already, or how it was refused. */
export function dial(
  agent: Agent,
  url: string,
  headers: object = { connection: 'Upgrade', upgrade: 'tsubo-stream' },
): Promise<Socket | Refused> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { agent, headers: { ...headers } });
    asked.on('upgrade', (_answer, socket: Socket, head: Buffer) => {
      if (head.length > 0) socket.unshift(head);
      socket.on('error', () => {});
      resolve(socket);
    });
    asked.on('response', (answer) => {
      let text = '';
      answer.on('data', (chunk) => {
        text += chunk;
      });
      answer.on('end', () => {
        const error = JSON.parse(text).error;
        resolve({ status: answer.statusCode ?? 0, code: error?.data.agentCode, message: error?.message });
      });
    });
    asked.on('error', reject);
    asked.end();
  });
}
