// From inside a function the gateway's own names are reached at their usual URLs, in Node and in Python, with the clients that people use
// and nothing configured: a chat whose functions post back to every connection.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, test } from 'node:test';
import * as lambda from '@aws-sdk/client-lambda';
import { REGION } from '../harness/gateway.ts';
import { eventually } from '../harness/eventually.ts';
import { createDomain, issueCertificate, makeHostedZone, mapDomain } from '../harness/domains.ts';
import { functionArn, invocationsOf } from '../harness/lambda-server.ts';
import { makeProject } from '../harness/local-functions.ts';
import { ask, makeApi, openSocket, type Target } from '../harness/sockets.ts';

/** What a resolver says of a name that is nobody's, or that it may not ask for. */
const NOWHERE = /^(?:ENOTFOUND|EAI_AGAIN)$/;
const PACKAGES = join(import.meta.dirname, '..', '..', 'node_modules');
const FILES = {
  'chat.mjs': `import { createRequire } from 'node:module';
const { ApiGatewayManagementApiClient: Client, PostToConnectionCommand: Post } =
  createRequire(${JSON.stringify(`${PACKAGES}/`)})('@aws-sdk/client-apigatewaymanagementapi');
export const handler = async ({ requestContext: { domainName, stage, connectionId: ConnectionId }, body }) => {
  const client = new Client({ endpoint: \`https://\${domainName}/\${stage}\` });
  await client.send(new Post({ ConnectionId, Data: \`node: \${body}\` }));
  return { statusCode: 200 };
};`,
  'chat_py.py': `import boto3
def handler(event, context):
    at = event["requestContext"]
    client = boto3.client("apigatewaymanagementapi", endpoint_url=f"https://{at['domainName']}/{at['stage']}")
    client.post_to_connection(ConnectionId=at["connectionId"], Data=f"python: {event['body']}".encode())
    return {"statusCode": 200}
`,
  'get.mjs': `import https from 'node:https'; import tls from 'node:tls'; import http2 from 'node:http2';
const ways = {
  fetch: async (url) => (await fetch(url)).status,
  https: (url) => new Promise((resolve, reject) => https.get(url, (got) => { got.resume(); resolve(got.statusCode); }).on('error', reject)),
  tls: (url) => new Promise((resolve, reject) => {
    const { hostname } = new URL(url);
    const socket = tls.connect(443, hostname, { servername: hostname }, () => { resolve(socket.authorized); socket.destroy(); });
    socket.on('error', reject);
  }),
};
export const handler = ({ url, way }) => ways[way](url).catch((error) => String(error.cause?.code ?? error.code));`,
  'get_py.py': `import urllib.error, urllib.request
def handler(event, context):
    try:
        return urllib.request.urlopen(event["url"]).status
    except urllib.error.HTTPError as error:
        return error.code
    except urllib.error.URLError as error:
        return str(type(error.reason).__name__)
`,
};
const FUNCTIONS = {
  node: { handler: 'chat.handler', timeout: 20, memory: 256 },
  python: { handler: 'chat_py.handler', timeout: 20, memory: 256 },
  get: { handler: 'get.handler', timeout: 20 },
  get_py: { handler: 'get_py.handler', timeout: 20 },
};
const targetOf = (name: string): Target => ({
  IntegrationType: 'AWS_PROXY',
  IntegrationUri: invocationsOf(functionArn(name)),
});
const routes = { node: { target: targetOf('node') }, python: { target: targetOf('python') } };
const project = makeProject({ after }, FUNCTIONS, FILES);

for (const [form, args] of [
  ['with its port', []],
  ['as AWS writes it', ['--bare-domain-name']],
] as const) {
  void test(`functions post back to the domain name of the event, ${form}`, async () => {
    const gateway = await project.start(args);
    const api = await makeApi(gateway.clients, routes);
    const client = await openSocket(
      gateway,
      `wss://${api.apiId}.execute-api.${REGION}.localhost:${gateway.tlsPort}/${api.stage}`,
    );
    for (const name of ['node', 'python']) {
      const body = JSON.stringify({ action: name });
      assert.equal(await ask(client, body), `${name}: ${body}`);
    }
    client.socket.terminate();
  });
}

void test('a custom domain name is reached on 443 by whatever opens connections, and a name that is not ours is not', async () => {
  const gateway = await project.start();
  const { clients } = gateway;
  const api = await makeApi(clients, routes);
  const zoneId = await makeHostedZone(clients, 'example.test');
  const certificate = await issueCertificate(clients, zoneId, 'chat.example.test');
  const functions = new lambda.LambdaClient({
    endpoint: gateway.endpoint,
    region: REGION,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  const run = async (FunctionName: string, event: object) => {
    const Payload = Buffer.from(JSON.stringify(event));
    const { Payload: answer } = await functions.send(new lambda.InvokeCommand({ FunctionName, Payload }));
    return JSON.parse(Buffer.from(answer!).toString()) as unknown;
  };
  const url = 'https://chat.example.test/';
  assert.match(String(await run('get', { url, way: 'fetch' })), NOWHERE);
  await createDomain(clients, 'chat.example.test', certificate);
  await mapDomain(clients, 'chat.example.test', '', api);
  // Asked without an upgrade, the gateway itself refuses.
  for (const way of ['fetch', 'https']) {
    await eventually(`the name is known by ${way}`, async () =>
      (await run('get', { url, way })) === 403 ? true : undefined,
    );
  }
  assert.equal(await run('get', { url, way: 'tls' }), true);
  assert.equal(await run('get_py', { url }), 403);
  for (const way of ['fetch', 'https', 'tls'])
    assert.match(String(await run('get', { url: 'https://other.example.test/', way })), NOWHERE);
  assert.equal(await run('get_py', { url: 'https://other.example.test/' }), 'gaierror');
  functions.destroy();
});
