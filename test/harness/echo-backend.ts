// A backend that sends each message back byte for byte, lets every connection in, and keeps what it was asked.

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Owner } from './gateway.ts';
import type { RouteOptions } from './sockets.ts';

export interface Asked {
  readonly path: string;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: string;
}

export interface EchoBackend {
  /** What came so far, in order. */
  readonly asked: readonly Asked[];
  /** How many requests were not HTTP. */
  malformed(): number;
  /** `$connect` goes to /connect, messages to /message and back to the client. */
  readonly routes: Readonly<Record<string, RouteOptions>>;
}

export async function startEchoBackend(owner: Owner): Promise<EchoBackend> {
  const asked: Asked[] = [];
  let malformed = 0;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks);
      const path = request.url ?? '';
      asked.push({ path, headers: request.headers, body: body.toString() });
      const chosen = String(request.headers['sec-websocket-protocol'] ?? '')
        .split(',')[0]!
        .trim();
      if (path === '/connect' && chosen !== '') response.setHeader('Sec-WebSocket-Protocol', chosen);
      response.end(body);
    });
  });
  server.on('clientError', (_, socket) => {
    malformed += 1;
    socket.destroy();
  });
  const url = await listen(server, owner);
  return {
    asked,
    malformed: () => malformed,
    routes: {
      $connect: {
        target: { IntegrationType: 'HTTP_PROXY', IntegrationMethod: 'POST', IntegrationUri: `${url}/connect` },
      },
      $default: {
        target: { IntegrationType: 'HTTP_PROXY', IntegrationMethod: 'POST', IntegrationUri: `${url}/message` },
        isTwoWay: true,
      },
    },
  };
}

async function listen(server: Server, owner: Owner): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  owner.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
