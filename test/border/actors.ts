// Who acts in these tests: accounts with a key each, and every answer as it lay on the wire, so that two of them can be compared to the byte.

import { writeFileSync } from 'node:fs';
import { Agent } from 'node:https';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import * as acm from '@aws-sdk/client-acm';
import * as rest from '@aws-sdk/client-api-gateway';
import * as management from '@aws-sdk/client-apigatewaymanagementapi';
import * as v2 from '@aws-sdk/client-apigatewayv2';
import * as r53 from '@aws-sdk/client-route-53';
import * as lambda from '@aws-sdk/client-lambda';
import * as sts from '@aws-sdk/client-sts';
import { createClients, type Clients } from '../../demo/chain.ts';
import type { ServiceName } from '../../src/protocol/wire/model.ts';
import { signRequest } from '../../src/protocol/sigv4.ts';
import { REGION, temporaryDirectory, type Owner, type TestGateway } from '../harness/gateway.ts';

export interface Actor {
  readonly account: string;
  /** Part of every name that the actor chooses. */
  readonly label: string;
  readonly keyId: string;
  readonly secret: string;
  readonly region: string;
  readonly clients: Clients;
  readonly endpoint: string;
}

export interface KeyRow {
  readonly account: string;
  readonly keyId: string;
  readonly policies?: readonly object[];
  readonly isOperator?: boolean;
}

export const secretOf = (keyId: string) => `the secret of ${keyId}`;

/** Writes an accounts file whose secrets are files of their own. Resolves to its path. */
export function writeAccounts(owner: Owner, rows: readonly KeyRow[]): string {
  const directory = temporaryDirectory(owner);
  const keyOf = ({ keyId: id, policies }: KeyRow) => {
    writeFileSync(join(directory, `${id}.secret`), secretOf(id), { mode: 0o600 });
    return { id, secretFile: `./${id}.secret`, ...(policies && { policies }) };
  };
  const accounts = [...new Set(rows.map(({ account }) => account))].map((id) => {
    const ofAccount = rows.filter(({ account }) => account === id);
    return { id, operator: ofAccount.some(({ isOperator }) => isOperator), keys: ofAccount.map(keyOf) };
  });
  const path = join(directory, 'accounts.yaml');
  writeFileSync(path, JSON.stringify({ accounts }), { mode: 0o600 });
  return path;
}

export function actorOf(gateway: TestGateway, { account, keyId }: KeyRow, label: string, region = REGION): Actor {
  const secret = secretOf(keyId);
  const clients = createClients(gateway.endpoint, region, keyId, secret);
  return { account, label, keyId, secret, region, clients, endpoint: gateway.endpoint };
}

/** An answer without what differs between any two: its date and its request id. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Everything that was sent, as text: what an answer may repeat. */
  readonly asked: string;
}

interface WireRequest {
  readonly path: string;
  readonly query: object;
  readonly body?: unknown;
}
interface WireAnswer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  body: Readable;
}

type Command = new (input: object) => never;
const COMMANDS = {
  apigatewayv2: v2,
  apigateway: rest,
  acm,
  route53: r53,
  sts,
  lambda,
  apigatewaymanagementapi: management,
} as const;

export interface Sender {
  readonly middlewareStack: { use(plugin: never): void };
  send(command: never): Promise<unknown>;
}

/** One operation by AWS's name, through the unmodified SDK, with no second attempt. Its refusal is an answer like any other. */
export async function send(client: Sender, service: ServiceName, name: string, input: object): Promise<RawAnswer> {
  const Command = (COMMANDS[service] as unknown as Readonly<Record<string, Command>>)[`${name}Command`]!;
  const command = new Command(input) as { middlewareStack: { add(middleware: unknown, options: object): void } };
  let answer: RawAnswer | undefined;
  const keep =
    (next: (args: unknown) => Promise<{ response: WireAnswer }>) => async (args: { request: WireRequest }) => {
      const result = await next(args);
      const { path, query, body } = args.request;
      const { response } = result;
      const chunks: Buffer[] = [];
      for await (const chunk of response.body) chunks.push(chunk as Buffer);
      const bytes = Buffer.concat(chunks);
      response.body = Readable.from(bytes.length === 0 ? [] : [bytes]);
      const text = ArrayBuffer.isView(body) ? Buffer.from(body as Uint8Array).toString() : String(body ?? '');
      const asked = `${decodeURIComponent(path)} ${JSON.stringify(query)} ${text}`;
      answer = comparable(response.statusCode, Object.entries(response.headers), bytes.toString(), asked);
      return result;
    };
  command.middlewareStack.add(keep, { step: 'deserialize', priority: 'low' });
  try {
    await client.send(command as never);
  } catch (error) {
    if (!answer) throw error;
  }
  return answer!;
}

/** An operation of the control plane. */
export function ask(actor: Actor, service: ServiceName, name: string, input: object): Promise<RawAnswer> {
  const { gateway, acm: certificates, route53 } = actor.clients;
  const { endpoint, region, keyId: accessKeyId, secret: secretAccessKey } = actor;
  const common = { endpoint, region, credentials: { accessKeyId, secretAccessKey } };
  const clients = {
    apigatewayv2: gateway,
    acm: certificates,
    route53,
    ...(service === 'sts' && { sts: new sts.STSClient(common) }),
    ...(service === 'lambda' && { lambda: new lambda.LambdaClient(common) }),
    ...(service === 'apigateway' && { apigateway: new rest.APIGatewayClient(common) }),
  } as unknown as Readonly<Record<string, Sender>>;
  return send(clients[service]!, service, name, input);
}

function comparable(
  status: number,
  given: Iterable<readonly [string, string]>,
  body: string,
  asked: string,
): RawAnswer {
  const kept = [...given].filter(([name]) => !/^(?:date|x-amzn-requestid|x-amz-apigw-id|x-amzn-trace-id)$/i.test(name));
  const text = body.replace(/<RequestId>[^<]*<\/RequestId>/, '<RequestId/>');
  return { status, headers: Object.fromEntries(kept), body: text, asked };
}

/** A page under `/_sallyport`, signed. */
export async function askPage(actor: Actor, method: string, target: string, body?: object): Promise<RawAnswer> {
  const text = body === undefined ? '' : JSON.stringify(body);
  const { host } = new URL(actor.endpoint);
  const credentials = { accessKeyId: actor.keyId, secret: actor.secret };
  const request = { method, target, host, body: Buffer.from(text) };
  const headers = signRequest(request, credentials, { region: actor.region, service: 'sallyport' }, Date.now());
  const response = await fetch(`${actor.endpoint}${target}`, {
    method,
    headers,
    ...(body !== undefined && { body: text }),
  });
  return comparable(response.status, response.headers, await response.text(), `${decodeURIComponent(target)} ${text}`);
}

/** A client of `@connections` at a URL of the TLS listener. */
export function connectionsClient(actor: Actor, gateway: TestGateway, endpoint: string, region = actor.region): Sender {
  return new management.ApiGatewayManagementApiClient({
    endpoint,
    region,
    credentials: { accessKeyId: actor.keyId, secretAccessKey: actor.secret },
    maxAttempts: 1,
    requestHandler: {
      httpsAgent: new Agent({
        ca: gateway.ca,
        keepAlive: false,
        ...(new URL(endpoint).hostname !== 'localhost' && { lookup: gateway.lookup }),
      }),
    },
  }) as unknown as Sender;
}
