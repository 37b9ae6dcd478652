// Signed requests for every operation, with inputs that are nearly good, against the real gateway: whatever is asked, in whatever
// order, is done or refused. No answer is an error of ours, and the gateway serves behind them all as before.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { GetApisCommand } from '@aws-sdk/client-apigatewayv2';
import fc from 'fast-check';
import { SERVICES, shapeOf } from '../../src/protocol/wire/model.ts';
import { signRequest } from '../../src/protocol/sigv4.ts';
import { makeHostedZone, requestCertificate } from '../harness/domains.ts';
import { REGION, startTestGateway } from '../harness/gateway.ts';
import { ask, makeApi, mock, openSocket, pathForm } from '../harness/sockets.ts';
import { signerOf } from '../harness/signer.ts';
import { fuzz } from './fuzzing.ts';
import { bodyText, DONE_OPERATIONS, textFor, triesOf, type Try } from './inputs.ts';

const { property } = fuzz('operations');
const gateway = await startTestGateway({ after });
const api = await makeApi(gateway.clients, { $default: { target: mock('still here'), isTwoWay: true } });
const [zoneId, arn] = await Promise.all([
  makeHostedZone(gateway.clients, 'fuzz.example'),
  requestCertificate(gateway.clients, 'fuzz.example'),
]);
/** The API that is worked on; the one that is served is not among what is asked about. */
const worked = await makeApi(gateway.clients, { $default: { target: mock('{}'), isTwoWay: true }, $connect: {} });
const KNOWN: Record<string, string> = { api: worked.apiId, stage: worked.stage, zone: zoneId, arn };
/** Answers tell of what was made: later requests ask about it. */
const LEARNT: Readonly<Record<string, string>> = {
  apiId: 'api',
  apiMappingId: 'mapping',
  authorizerId: 'authorizer',
  deploymentId: 'deployment',
  integrationId: 'integration',
  modelId: 'model',
  routeId: 'route',
  routeResponseId: 'response',
  stageName: 'stage',
};
/** Of the REST API ids are called `id` alone: what made them tells whose they are. */
const MADE: Readonly<Record<string, string>> = { CreateApiKey: 'key', CreateUsagePlan: 'plan' };

const fillIn = (text: string) =>
  text.replaceAll(
    /<([a-z]+)>|&#60;([a-z]+)&#62;/g,
    (whole, one?: string, other?: string) => KNOWN[one ?? other ?? ''] ?? whole,
  );

function learn(answer: string): void {
  for (const [, name, value] of answer.matchAll(/"(\w+)":"([\w-]+)"/g)) {
    const known = LEARNT[name!];
    if (known !== undefined && value !== api.apiId) KNOWN[known] = value!;
  }
}

const SIGNING_NAMES: Readonly<Record<string, string>> = {
  apigatewayv2: 'apigateway',
  apigateway: 'apigateway',
  route53: 'route53',
  sts: 'sts',
  lambda: 'lambda',
};

const HOST = new URL(gateway.endpoint).host;
const ACM_SIGNER = signerOf({ accessKeyId: 'test', secretAccessKey: 'test' }, 'acm', REGION);

function signPlain(service: string, method: string, target: string, body: Buffer): Record<string, string> {
  const credentials = { accessKeyId: 'test', secret: 'test' };
  const scope = { region: REGION, service: SIGNING_NAMES[service]! };
  return signRequest({ method, target, host: HOST, body }, credentials, scope, Date.now());
}

async function signTarget(name: string, body: Buffer): Promise<Readonly<Record<string, string>>> {
  const headers = { host: HOST, 'x-amz-target': `CertificateManager.${name}` };
  const request = { method: 'POST', protocol: 'http:', hostname: HOST, path: '/', query: {}, headers, body };
  return (await ACM_SIGNER.sign(request)).headers;
}

interface Asked {
  readonly tried: Try;
  /** Labels and queries, in the order of the model. */
  readonly words: readonly string[];
}

const ASKED: fc.Arbitrary<Asked> = triesOf(DONE_OPERATIONS).chain((tried) => {
  const { service, model } = tried.routed;
  const members = model.input === null ? [] : Object.entries(shapeOf(SERVICES[service], model.input).members ?? {});
  const words = members.map(([name, member]) => textFor(service, name, member));
  return fc.tuple(...words).map((some) => ({ tried, words: some }));
});

async function send({ tried, words }: Asked): Promise<{ status: number; answer: string }> {
  const { service, name, model } = tried.routed;
  const members = model.input === null ? [] : Object.entries(shapeOf(SERVICES[service], model.input).members ?? {});
  // What a client of HTTP takes for a step up is left to rawer clients.
  const word = (at: number) =>
    encodeURIComponent(
      fillIn(words[at] ?? '')
        .replaceAll('.', '')
        .slice(0, 64)
        .toWellFormed(),
    ) || 'x';
  let path = model.http?.uri ?? '/';
  const queries: string[] = [];
  for (const [at, [member, { location, wireName }]] of members.entries()) {
    if (location === 'label') path = path.replace(`{${wireName ?? member}}`, word(at)).replace(`{${member}}`, word(at));
    if (location === 'query' && (words[at]?.length ?? 0) % 2 === 0) queries.push(`${wireName}=${word(at)}`);
  }
  const target = queries.length === 0 ? path : `${path}?${queries.join('&')}`;
  const method = model.http?.method ?? 'POST';
  const hasBody = method !== 'GET';
  const body = Buffer.from(hasBody ? fillIn(bodyText(tried)) : '');
  const headers = service === 'acm' ? await signTarget(name, body) : signPlain(service, method, target, body);
  const response = await fetch(`${gateway.endpoint}${target}`, { method, headers, ...(hasBody && { body }) });
  const answer = await response.text();
  if (response.ok) learn(answer);
  const made = MADE[name];
  const id = /"id":"(\w+)"/.exec(answer)?.[1];
  if (response.ok && made !== undefined && id !== undefined) KNOWN[made] = id;
  return { status: response.status, answer };
}

const NOT_IMPLEMENTED = 501;
let done = 0;

property(
  'every operation does what it is asked or refuses it',
  ASKED,
  async (asked) => {
    const { status, answer } = await send(asked);
    if (status < 300) done += 1;
    // A part that is not there yet is answered by its name.
    assert.ok(status < 500 || status === NOT_IMPLEMENTED, `${asked.tried.routed.name}: ${status} ${answer}`);
    assert.doesNotMatch(answer, /signature we calculated/);
  },
  800,
);

void test('the gateway serves behind them all as before', async () => {
  assert.ok(done > 50, `only ${done} requests were good`);
  const client = await openSocket(gateway, pathForm(gateway, api));
  assert.equal(await ask(client, 'anything'), 'still here');
  client.socket.close();
  await gateway.clients.gateway.send(new GetApisCommand({}));
  assert.equal(gateway.child.exitCode, null);
  assert.deepEqual(
    gateway.logged().filter(({ level }) => level === 'error' || level === 'fatal'),
    [],
  );
});
