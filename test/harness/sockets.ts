// Real WebSocket clients and a quick way to an API that answers, through the public operations only.

import { WebSocket, type ClientOptions } from 'ws';
import {
  CreateApiCommand,
  CreateDeploymentCommand,
  CreateIntegrationCommand,
  CreateIntegrationResponseCommand,
  CreateRouteCommand,
  CreateRouteResponseCommand,
  CreateStageCommand,
  type CreateIntegrationCommandInput,
} from '@aws-sdk/client-apigatewayv2';
import type { Clients } from '../../demo/chain.ts';
import { WAIT_MS } from './eventually.ts';
import { type ReachableGateway } from './gateway.ts';

export type Target = Omit<CreateIntegrationCommandInput, 'ApiId'> & {
  /** Response templates of a MOCK, by integration response key. */
  readonly responses?: Readonly<Record<string, string>>;
};

export interface RouteOptions {
  readonly target?: Target;
  readonly isTwoWay?: boolean;
}

/** A MOCK that answers with a literal text. */
export function mock(reply: string): Target {
  return {
    IntegrationType: 'MOCK',
    RequestTemplates: { $default: '{"statusCode": 200}' },
    responses: { $default: reply },
  };
}

/** An API with these routes (key → options), deployed to the stage. Resolves to its id. */
export async function makeApi(
  { gateway }: Clients,
  routes: Readonly<Record<string, RouteOptions>>,
  stage = 'test',
): Promise<{ apiId: string; stage: string }> {
  const api = await gateway.send(
    new CreateApiCommand({ Name: 'test', ProtocolType: 'WEBSOCKET', RouteSelectionExpression: '$request.body.action' }),
  );
  const apiId = api.ApiId!;
  for (const [key, options] of Object.entries(routes)) await addRoute({ gateway } as Clients, apiId, key, options);
  await gateway.send(new CreateStageCommand({ ApiId: apiId, StageName: stage }));
  await gateway.send(new CreateDeploymentCommand({ ApiId: apiId, StageName: stage }));
  return { apiId, stage };
}

/** Adds a route to an API; it is served with the next deployment. */
export async function addRoute(
  { gateway }: Clients,
  apiId: string,
  key: string,
  { target, isTwoWay }: RouteOptions,
): Promise<string> {
  let Target: string | undefined;
  if (target) {
    const { responses = {}, ...integration } = target;
    const { IntegrationId } = await gateway.send(new CreateIntegrationCommand({ ...integration, ApiId: apiId }));
    for (const [IntegrationResponseKey, template] of Object.entries(responses)) {
      const ResponseTemplates = { $default: template };
      await gateway.send(
        new CreateIntegrationResponseCommand({
          ApiId: apiId,
          IntegrationId,
          IntegrationResponseKey,
          ResponseTemplates,
        }),
      );
    }
    Target = `integrations/${IntegrationId}`;
  }
  const { RouteId } = await gateway.send(new CreateRouteCommand({ ApiId: apiId, RouteKey: key, Target }));
  if (isTwoWay)
    await gateway.send(new CreateRouteResponseCommand({ ApiId: apiId, RouteId, RouteResponseKey: '$default' }));
  return RouteId!;
}

/** The default endpoint's path form: `wss://localhost:port/_aws/execute-api/{apiId}/{stage}`. */
export function pathForm(gateway: ReachableGateway, { apiId, stage }: { apiId: string; stage: string }): string {
  return `wss://localhost:${gateway.tlsPort}/_aws/execute-api/${apiId}/${stage}`;
}

/** A client whose messages and close are kept from its very first moment. */
export interface TestSocket {
  readonly socket: WebSocket;
  /** The next message that was not taken yet. */
  receive(): Promise<string>;
  /** Code and reason, once closed. */
  readonly closed: Promise<{ code: number; reason: string }>;
}

/** Connects, or fails with the HTTP status and body of the refusal as `RefusedHandshake`. */
export async function openSocket(
  gateway: ReachableGateway,
  url: string,
  options: ClientOptions = {},
  protocols: string[] = [],
): Promise<TestSocket> {
  const socket = new WebSocket(url, protocols, {
    ca: gateway.ca,
    ...(new URL(url).hostname === 'localhost' ? {} : { lookup: gateway.lookup }),
    handshakeTimeout: WAIT_MS,
    ...options,
  } as ClientOptions);
  const queue: string[] = [];
  const waiting: ((text: string) => void)[] = [];
  socket.on('message', (data) => {
    const taker = waiting.shift();
    if (taker) taker(String(data));
    else queue.push(String(data));
  });
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.once('close', (code, reason) => resolve({ code, reason: String(reason) }));
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
    socket.once('unexpected-response', (_, response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        reject(new RefusedHandshake(response.statusCode ?? 0, response.headers, Buffer.concat(chunks).toString())),
      );
    });
  });
  socket.removeAllListeners('error');
  socket.on('error', () => {});
  return {
    socket,
    closed,
    receive() {
      const ready = queue.shift();
      if (ready !== undefined) return Promise.resolve(ready);
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error('no message came')), WAIT_MS);
        waiting.push((text) => {
          clearTimeout(timer);
          resolve(text);
        });
      });
    },
  };
}

export class RefusedHandshake extends Error {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: string;

  constructor(status: number, headers: NodeJS.Dict<string | string[]>, body: string) {
    super(`the handshake was refused with ${status}: ${body}`);
    this.status = status;
    this.headers = headers;
    this.body = body;
  }
}

/** Sends a text and resolves to the next message. */
export async function ask(client: TestSocket, text: string): Promise<string> {
  client.socket.send(text);
  return client.receive();
}
