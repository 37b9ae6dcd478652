// A small HTTP backend, as a team would write it: it learns of each connection and message by HTTP requests, answers in the
// response body, and pushes through @connections at the URL that it was told. It holds no socket.

import { ApiGatewayManagementApiClient, PostToConnectionCommand } from '@aws-sdk/client-apigatewaymanagementapi';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Agent } from 'node:https';
import type { AddressInfo, LookupFunction } from 'node:net';

export interface Backend {
  readonly url: string;
  /** What it was told, in order: `$connect …`, `hello …`. */
  readonly seen: readonly string[];
  close(): Promise<void>;
}

export async function startBackend(options: { ca: string; lookup: LookupFunction; region: string }): Promise<Backend> {
  const seen: string[] = [];
  const agent = new Agent({ ca: options.ca, lookup: options.lookup, keepAlive: true });
  const server = createServer((request, response) => {
    answer(request, response).catch((error: Error) => {
      seen.push(`error ${error.message}`);
      response.writeHead(500).end(error.message);
    });
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const body = Buffer.concat(chunks).toString();
    const event = String(request.headers['x-event']);
    const connectionId = String(request.headers['x-connection-id']);
    seen.push(`${event} ${connectionId}`);
    if (event !== 'MESSAGE') return void response.writeHead(200).end();
    const { action, text } = JSON.parse(body) as { action: string; text?: string };
    if (action === 'notify-me') void push(request, connectionId, `pushed to ${connectionId}`);
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ youSaid: text ?? action }));
  }

  /** The callback URL is what every example of API Gateway builds: https://{domainName}/{stage}. */
  async function push(request: IncomingMessage, connectionId: string, text: string): Promise<void> {
    const endpoint = `https://${String(request.headers['x-domain-name'])}/${String(request.headers['x-stage'])}`;
    const client = new ApiGatewayManagementApiClient({
      endpoint,
      region: options.region,
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      requestHandler: { httpsAgent: agent },
    });
    try {
      await client.send(
        new PostToConnectionCommand({ ConnectionId: connectionId, Data: JSON.stringify({ push: text }) }),
      );
      seen.push(`posted ${endpoint}`);
    } catch (error) {
      seen.push(`error ${(error as Error).message}`);
    }
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    close: () =>
      new Promise((resolve) => {
        agent.destroy();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
