// A server of the Lambda Invoke API, for `--lambda-endpoint`: functions of the test's own, each call signed as the SDK would sign it or
// refused, and every event kept.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { REGION, type Owner } from './gateway.ts';
import { signerOf, type SignerCredentials } from './signer.ts';

/** What a function does with an event. */
export type FunctionEnd =
  | { readonly returns: unknown }
  /** The bytes that the runtime sends, JSON or not. */
  | { readonly sends: string }
  | { readonly throws: { readonly errorType: string; readonly errorMessage: string } }
  /** Lambda itself refuses. */
  | { readonly refuses: { readonly status: number; readonly type: string; readonly message: string } }
  /** It never ends. */
  | 'hangs'
  /** The connection is cut. */
  | 'resets';

export type TestFunction = (event: never) => FunctionEnd | Promise<FunctionEnd>;

export interface Invocation {
  /** Perhaps with a version or alias. */
  readonly name: string;
  readonly event: unknown;
  readonly headers: IncomingMessage['headers'];
}

export interface LambdaServer {
  /** What the gateway is started with. */
  readonly flags: readonly string[];
  readonly functions: Map<string, TestFunction>;
  readonly invocations: Invocation[];
}

export interface LambdaServerOptions {
  /** What calls must be signed with; false for calls that are not. */
  readonly signedAs?: SignerCredentials | false;
}

const DEVELOPMENT = { accessKeyId: '000000000000', secretAccessKey: 'test' };
const PATH = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/;

export const functionArn = (name: string, account = '000000000000') =>
  `arn:aws:lambda:${REGION}:${account}:function:${name}`;

/** The URI of an integration or authorizer that invokes the function. */
export const invocationsOf = (arn: string) =>
  `arn:aws:apigateway:${REGION}:lambda:path/2015-03-31/functions/${arn}/invocations`;

export async function startLambdaServer(
  owner: Owner,
  { signedAs = DEVELOPMENT }: LambdaServerOptions = {},
): Promise<LambdaServer> {
  const functions = new Map<string, TestFunction>();
  const invocations: Invocation[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on(
      'end',
      () =>
        void answer(request, response, Buffer.concat(chunks)).catch((error: Error) => {
          response.writeHead(500, { 'x-amzn-errortype': 'TestFailure' }).end(error.message);
        }),
    );
  });

  async function answer(request: IncomingMessage, response: ServerResponse, body: Buffer): Promise<void> {
    const path = request.url ?? '';
    const arn = decodeURIComponent(PATH.exec(path)?.[1] ?? '');
    const name = arn.split(':function:')[1] ?? '';
    const refuse = (status: number, type: string, message: string) =>
      response
        .writeHead(status, { 'x-amzn-errortype': `${type}:http://internal/` })
        .end(JSON.stringify({ Message: message }));
    assert.equal(request.method, 'POST');
    assert.equal(request.headers['x-amz-invocation-type'], 'RequestResponse');
    if (!(await isSigned(request, body, signedAs)))
      return void refuse(403, 'InvalidSignatureException', 'wrong signature');
    const event: unknown = JSON.parse(body.toString());
    invocations.push({ name, event, headers: request.headers });
    const run = functions.get(name);
    if (!run) return void refuse(404, 'ResourceNotFoundException', `Function not found: ${arn}`);
    const end = await run(event as never);
    if (end === 'hangs') return;
    if (end === 'resets') return void request.socket.destroy();
    const headers = { 'content-type': 'application/json', 'x-amzn-requestid': randomUUID() };
    if ('refuses' in end) return void refuse(end.refuses.status, end.refuses.type, end.refuses.message);
    if ('throws' in end) {
      response.writeHead(200, { ...headers, 'x-amz-function-error': 'Unhandled' }).end(JSON.stringify(end.throws));
    } else response.writeHead(200, headers).end('sends' in end ? end.sends : (JSON.stringify(end.returns) ?? 'null'));
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  owner.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { flags: ['--lambda-endpoint', `http://127.0.0.1:${port}`], functions, invocations };
}

/** True when the request carries the signature that the SDK makes of it. */
async function isSigned(
  request: IncomingMessage,
  body: Buffer,
  signedAs: NonNullable<LambdaServerOptions['signedAs']>,
): Promise<boolean> {
  const given = request.headers.authorization;
  if (signedAs === false) return given === undefined;
  const date = String(request.headers['x-amz-date']);
  const names = /SignedHeaders=([^,]+)/.exec(given ?? '')?.[1]?.split(';') ?? [];
  const headers = Object.fromEntries(names.map((name) => [name, String(request.headers[name])]));
  const signer = signerOf(signedAs, 'lambda', REGION);
  const signingDate = new Date(date.replace(/^(....)(..)(..)T(..)(..)(..)Z$/, '$1-$2-$3T$4:$5:$6Z'));
  const target = {
    method: 'POST',
    protocol: 'http:',
    hostname: '127.0.0.1',
    path: request.url!,
    query: {},
    headers,
    body,
  };
  const signed = await signer.sign(target, { signingDate });
  return signed.headers['authorization'] === given;
}
