// A stand-in for services of AWS, for `--service-endpoint`: it speaks the JSON and the query protocol, takes no call whose signature is
// not what the SDK would make of it, and keeps what it was asked. What an action answers is the test's own.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Owner } from './gateway.ts';
import { signerOf, type SignerCredentials } from './signer.ts';

export interface ServiceCall {
  /** As the scope of the signature names it. */
  readonly service: string;
  readonly region: string;
  readonly action: string;
  readonly method: string;
  /** Path and query as sent. */
  readonly url: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  /** The document, or the parameters of query and form together. */
  readonly input: Readonly<Record<string, unknown>>;
}

/** What an action does: answers with a document, refuses as services do, or misbehaves. */
export type ServiceEnd =
  | { readonly answers: unknown }
  | { readonly refuses: { readonly status: number; readonly type: string; readonly message: string } }
  | 'hangs'
  | 'resets'
  | 'never-stops';

export interface ServiceServer {
  readonly url: string;
  /** `--service-endpoint` for these services. */
  flags(...services: readonly string[]): readonly string[];
  /** By `service:Action`; one that is not there is unknown to the service. */
  readonly actions: Map<string, (call: ServiceCall) => ServiceEnd>;
  readonly calls: ServiceCall[];
}

const DEVELOPMENT = { accessKeyId: '000000000000', secretAccessKey: 'test' };
const SCOPE = /^AWS4-HMAC-SHA256 Credential=([^/]+)\/\d{8}\/([^/]+)\/([^/]+)\/aws4_request, SignedHeaders=([^,]+), /;

export async function startServiceServer(
  owner: Owner,
  signedAs: readonly SignerCredentials[] = [DEVELOPMENT],
): Promise<ServiceServer> {
  const actions: ServiceServer['actions'] = new Map();
  const calls: ServiceCall[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      answer(request, response, Buffer.concat(chunks)).catch((error: Error) =>
        refuse(response, { status: 500, type: 'TestFailure', message: error.message }),
      );
    });
  });

  async function answer(request: IncomingMessage, response: ServerResponse, body: Buffer): Promise<void> {
    const signature = await checkSignature(request, body, signedAs);
    if ('refuses' in signature) return refuse(response, signature.refuses);
    const read = readCall(request, body);
    if ('refuses' in read) return refuse(response, read.refuses);
    const call: ServiceCall = {
      ...signature,
      ...read,
      method: request.method!,
      url: request.url!,
      headers: request.headers,
    };
    calls.push(call);
    const act = actions.get(`${call.service}:${call.action}`);
    const end: ServiceEnd = act?.(call) ?? {
      refuses: { status: 400, type: 'UnknownOperationException', message: call.action },
    };
    endWith(request, response, end);
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  owner.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const flags = (...services: readonly string[]) => services.flatMap((one) => ['--service-endpoint', `${one}=${url}`]);
  return { url, flags, actions, calls };
}

function endWith(request: IncomingMessage, response: ServerResponse, end: ServiceEnd): void {
  if (end === 'hangs') return;
  if (end === 'resets') return void request.socket.destroy();
  if (end === 'never-stops') {
    const go = () => {
      while (!response.destroyed && response.write('x'.repeat(10_000)));
    };
    response.on('drain', go);
    return go();
  }
  if ('refuses' in end) return refuse(response, end.refuses);
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(end.answers));
}

type Refused = Extract<ServiceEnd, { refuses: unknown }>;

function refuse(response: ServerResponse, { status, type, message }: Refused['refuses']): void {
  response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' });
  response.end(JSON.stringify({ __type: `com.amazon.coral.service#${type}`, message }));
}

/** Whose service and region the signature is for; or what AWS says of one that is wrong, or of headers that are not signed. */
async function checkSignature(
  request: IncomingMessage,
  body: Buffer,
  signedAs: readonly SignerCredentials[],
): Promise<{ service: string; region: string } | Refused> {
  const wrong = (type: string, message: string) => ({ refuses: { status: 403, type, message } });
  const { headers } = request;
  const given = headers.authorization ?? '';
  const [, keyId, region = '', service = '', names = ''] = SCOPE.exec(given) ?? [];
  const credentials = signedAs.find(({ accessKeyId }) => accessKeyId === keyId);
  if (!credentials) return wrong('UnrecognizedClientException', 'The security token is invalid.');
  if (headers['x-amz-security-token'] !== credentials.sessionToken)
    return wrong('UnrecognizedClientException', 'The session token is not that of the key.');
  const signed = names.split(';');
  const mustBe = Object.keys(headers).filter((name) => name === 'content-type' || name.startsWith('x-amz-'));
  if (['host', ...mustBe].some((name) => !signed.includes(name)))
    return wrong('InvalidSignatureException', 'Not all headers are signed.');
  const signingDate = new Date(
    String(headers['x-amz-date']).replace(/^(....)(..)(..)T(..)(..)(..)Z$/, '$1-$2-$3T$4:$5:$6Z'),
  );
  const url = new URL(request.url!, 'http://127.0.0.1');
  const expected = await signerOf(credentials, service, region).sign(
    {
      method: request.method!,
      protocol: 'http:',
      hostname: '127.0.0.1',
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      headers: Object.fromEntries(signed.map((name) => [name, String(headers[name])])),
      body,
    },
    { signingDate },
  );
  if (expected.headers['authorization'] !== given)
    return wrong('InvalidSignatureException', 'The request signature we calculated does not match.');
  return { service, region };
}

type ReadCall = Pick<ServiceCall, 'action' | 'path' | 'input'>;

/** The action and its input, by the protocol that the type of the body says. */
function readCall({ url = '/', headers }: IncomingMessage, body: Buffer): ReadCall | Refused {
  const { pathname: path, searchParams } = new URL(url, 'http://127.0.0.1');
  const type = headers['content-type'] ?? '';
  if (/^application\/x-amz-json-1\.[01]$/.test(type)) {
    const action = /^\w+\.(\w+)$/.exec(String(headers['x-amz-target']))?.[1];
    if (action === undefined) return { refuses: { status: 400, type: 'UnknownOperationException', message: 'none' } };
    try {
      return { action, path, input: JSON.parse(body.toString()) as ReadCall['input'] };
    } catch {
      // Services of AWS say the same of what is no JSON.
      return { refuses: { status: 400, type: 'SerializationException', message: 'no JSON' } };
    }
  }
  const isForm = type === 'application/x-www-form-urlencoded';
  const parameters = [...searchParams, ...(isForm ? new URLSearchParams(body.toString()) : [])];
  const input = Object.fromEntries(parameters);
  if (input['Action'] === undefined) return { refuses: { status: 400, type: 'MissingAction', message: 'no Action' } };
  return { action: input['Action'], path, input };
}
