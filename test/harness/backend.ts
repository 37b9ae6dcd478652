// An HTTP backend on a port of its own that lives as long as its owner, and is answered for by the test.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { Owner } from './gateway.ts';
import type { Target } from './sockets.ts';

export interface Backend {
  /** Without a slash at its end. */
  readonly url: string;
  /** An HTTP_PROXY integration with a path of it. */
  to(path: string): Target;
}

/** `answer` is called once the whole body is there. */
export async function startBackend(
  owner: Owner,
  answer: (request: IncomingMessage, response: ServerResponse, body: Buffer) => void,
): Promise<Backend> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => answer(request, response, Buffer.concat(chunks)));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  owner.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    to: (path) => ({ IntegrationType: 'HTTP_PROXY', IntegrationMethod: 'POST', IntegrationUri: `${url}${path}` }),
  };
}
