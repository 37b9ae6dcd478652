// Signed handshakes where the path is not the API's own: behind a mapping of a custom domain name, by the SDK's signer and by one made by
// hand; and what of a signature the backends of $connect are told (websocket-apis 6.4).

import assert from 'node:assert/strict';
import { createHash, createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import * as v2 from '@aws-sdk/client-apigatewayv2';
import {
  aliasRecord,
  createDomain,
  issueCertificate,
  makeHostedZone,
  mapDomain,
  putRecord,
} from '../harness/domains.ts';
import { REGION, startTestGateway } from '../harness/gateway.ts';
import { signerOf } from '../harness/signer.ts';
import { addRoute, makeApi, openSocket, pathForm } from '../harness/sockets.ts';

const KEY = { accessKeyId: 'test', secretAccessKey: 'test' };
const NAME = 'signed.example.com';

const told: { headers: IncomingHttpHeaders; url: string }[] = [];
const backend = createServer((request, response) => {
  told.push({ headers: request.headers, url: request.url! });
  request.resume();
  response.end();
});
await new Promise<void>((resolve) => backend.listen(0, '127.0.0.1', resolve));
after(() => {
  backend.closeAllConnections();
  backend.close();
});

const gateway = await startTestGateway({ after });
const { clients } = gateway;
const made = await makeApi(clients, { $default: {} });
const RouteId = await addRoute(clients, made.apiId, '$connect', {
  target: {
    IntegrationType: 'HTTP_PROXY',
    IntegrationMethod: 'POST',
    IntegrationUri: `http://127.0.0.1:${(backend.address() as AddressInfo).port}/`,
  },
});
await clients.gateway.send(new v2.UpdateRouteCommand({ ApiId: made.apiId, RouteId, AuthorizationType: 'AWS_IAM' }));
await clients.gateway.send(new v2.CreateDeploymentCommand({ ApiId: made.apiId, StageName: made.stage }));

const zoneId = await makeHostedZone(clients, 'example.com');
const domain = await createDomain(clients, NAME, await issueCertificate(clients, zoneId, NAME));
await putRecord(clients, zoneId, aliasRecord(NAME, domain));
await mapDomain(clients, NAME, 'chat/v1', made);

const own = pathForm(gateway, made);
const mapped = `wss://${NAME}:${gateway.tlsPort}/chat/v1`;

const requestTo = (url: string, query: Record<string, string> = {}) => {
  const { hostname, host, pathname } = new URL(url);
  return { method: 'GET', protocol: 'https:', hostname, path: pathname, query, headers: { host } };
};

async function signedHeaders(url: string, sessionToken?: string): Promise<Record<string, string>> {
  const credentials = { ...KEY, ...(sessionToken !== undefined && { sessionToken }) };
  const { headers } = await signerOf(credentials, 'execute-api', REGION).sign(requestTo(url));
  const { host: _, ...rest } = headers;
  return rest;
}

async function presigned(url: string, query: Record<string, string> = {}): Promise<string> {
  const signed = await signerOf(KEY, 'execute-api', REGION).presign(requestTo(url, query), { expiresIn: 60 });
  return `${url}?${new URLSearchParams(signed.query as Record<string, string>).toString().replaceAll('+', '%20')}`;
}

/** The four steps of Signature Version 4, for a GET without a query, its path signed as it stands. */
function signedByHand(url: string): Record<string, string> {
  const { host, pathname } = new URL(url);
  const stamp = new Date().toISOString().replaceAll(/[-:]|\.\d{3}/g, '');
  const day = stamp.slice(0, 8);
  const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
  const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();
  const canonical = ['GET', pathname, '', `host:${host}`, `x-amz-date:${stamp}`, '', 'host;x-amz-date', sha256('')];
  const scope = `${day}/${REGION}/execute-api/aws4_request`;
  const toSign = ['AWS4-HMAC-SHA256', stamp, scope, sha256(canonical.join('\n'))].join('\n');
  const key = [day, REGION, 'execute-api', 'aws4_request'].reduce<string | Buffer>(hmac, `AWS4${KEY.secretAccessKey}`);
  const signature = hmac(key, toSign).toString('hex');
  return {
    'x-amz-date': stamp,
    authorization: `AWS4-HMAC-SHA256 Credential=${KEY.accessKeyId}/${scope}, SignedHeaders=host;x-amz-date, Signature=${signature}`,
  };
}

const PLACES = [
  ['its own path', own, mapped],
  ['a mapped one', mapped, own],
] as const;
for (const [place, url, elsewhere] of PLACES) {
  void test(`at ${place} the path is signed as the client sends it`, async () => {
    (await openSocket(gateway, url, { headers: await signedHeaders(url) })).socket.terminate();
    (await openSocket(gateway, url, { headers: signedByHand(url) })).socket.terminate();
    (await openSocket(gateway, await presigned(url, { room: 'a/b c' }))).socket.terminate();
  });

  void test(`at ${place} a signature for another place is refused`, async () => {
    await assert.rejects(openSocket(gateway, url), { status: 403 });
    await assert.rejects(openSocket(gateway, url, { headers: await signedHeaders(elsewhere) }), { status: 403 });
    const { search } = new URL(await presigned(elsewhere));
    await assert.rejects(openSocket(gateway, `${url}${search}`), { status: 403 });
  });
}

void test('a signature made by hand is refused with any bit of it flipped', async () => {
  const { authorization = '', ...rest } = signedByHand(own);
  const start = authorization.length - 64;
  for (const at of [0, 31, 63].map((place) => start + place)) {
    const flipped = (Number.parseInt(authorization[at]!, 16) ^ 1).toString(16);
    const headers = { ...rest, authorization: authorization.slice(0, at) + flipped + authorization.slice(at + 1) };
    await assert.rejects(openSocket(gateway, own, { headers }), { status: 403 });
  }
});

void test('backends are not told of the signature, nor of the token of a session', async () => {
  const before = told.length;
  const headers = { ...(await signedHeaders(own, 'the token of a session')), 'x-mine': 'kept' };
  (await openSocket(gateway, own, { headers })).socket.terminate();
  (await openSocket(gateway, await presigned(own))).socket.terminate();
  const [byHeaders, byQuery] = told.slice(before);
  assert.equal(byHeaders!.headers['x-mine'], 'kept');
  for (const { headers: seen, url } of [byHeaders!, byQuery!]) {
    assert.equal(url, '/');
    for (const name of ['authorization', 'x-amz-date', 'x-amz-security-token', 'x-amz-content-sha256'])
      assert.equal(seen[name], undefined, name);
  }
});

void test('the Authorization of others is told: it is not ours', async () => {
  await clients.gateway.send(new v2.UpdateRouteCommand({ ApiId: made.apiId, RouteId, AuthorizationType: 'NONE' }));
  await clients.gateway.send(new v2.CreateDeploymentCommand({ ApiId: made.apiId, StageName: made.stage }));
  const headers = { authorization: 'Bearer of a token', 'x-amz-date': 'kept' };
  (await openSocket(gateway, own, { headers })).socket.terminate();
  const { headers: seen } = told.at(-1)!;
  assert.deepEqual([seen.authorization, seen['x-amz-date']], ['Bearer of a token', 'kept']);
});
