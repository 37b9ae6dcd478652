// Answers of the real process, field for field, against what is recorded of Amazon's services: every row of *.parity.json is
// one call through the SDK whose raw answer is compared. README.md says what a row is.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { after, test } from 'node:test';
import * as acm from '@aws-sdk/client-acm';
import * as apigatewayv2 from '@aws-sdk/client-apigatewayv2';
import * as route53 from '@aws-sdk/client-route-53';
import { SaxesParser } from 'saxes';
import { createClients, type Clients } from '../../demo/chain.ts';
import { eventually } from '../harness/eventually.ts';
import { REGION, startTestGateway } from '../harness/gateway.ts';

interface Call {
  readonly service: 'apigatewayv2' | 'acm' | 'route53';
  readonly operation: string;
  readonly account?: string;
  readonly given?: string;
  readonly input: object;
}

interface Row {
  readonly name: string;
  readonly source: 'documentation' | 'recorded';
  readonly section: string;
  readonly call: Call;
  readonly expected: Answer & { readonly partial?: boolean; readonly continued?: readonly string[] };
}

interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: unknown;
}

// Mail goes nowhere: an answer that is recorded right after a request shows no address that it went to.
const gateway = await startTestGateway({ after }, ['--smtp', 'smtp://127.0.0.1:9']);
const OWN_ACCOUNT = 'test';

// ---- what exists before a call ----

const { clients } = gateway;
const LISTED_ACCOUNT = '444455556666';
const DOMAIN_NAME = 'mapped.example.com';

/** Makers of everything that `${name}` can mean. Each is made once, when the first row asks for it. */
const MAKERS: Readonly<Record<string, () => Promise<string>>> = {
  apiId: () => makeApi(),
  deletableApiId: () => makeApi(),
  async routedApiId() {
    const ApiId = await makeApi();
    for (const RouteKey of ['$default', 'join']) {
      await clients.gateway.send(new apigatewayv2.CreateRouteCommand({ ApiId, RouteKey }));
    }
    return ApiId;
  },
  async stagedApiId() {
    const ApiId = await makeApi();
    await clients.gateway.send(new apigatewayv2.CreateStageCommand({ ApiId, StageName: 'prod' }));
    return ApiId;
  },
  async routeId() {
    const route = { ApiId: await given('apiId'), RouteKey: 'given' };
    return (await clients.gateway.send(new apigatewayv2.CreateRouteCommand(route))).RouteId!;
  },
  async integrationId() {
    const integration = { ApiId: await given('apiId'), IntegrationType: 'MOCK' as const };
    return (await clients.gateway.send(new apigatewayv2.CreateIntegrationCommand(integration))).IntegrationId!;
  },
  async mappedIntegrationId() {
    const RequestParameters = {
      'integration.request.header.kept': "'1'",
      'integration.request.header.removed': "'2'",
    };
    const integration = { ApiId: await given('apiId'), IntegrationType: 'MOCK' as const, RequestParameters };
    return (await clients.gateway.send(new apigatewayv2.CreateIntegrationCommand(integration))).IntegrationId!;
  },
  async deploymentId() {
    const ApiId = await given('routedApiId');
    return (await clients.gateway.send(new apigatewayv2.CreateDeploymentCommand({ ApiId }))).DeploymentId!;
  },
  pendingCertificateArn: () => requestCertificate(['pending.example.com']),
  async mailedCertificateArn() {
    const request = { DomainName: 'mailed.example.com' };
    return (await clients.acm.send(new acm.RequestCertificateCommand(request))).CertificateArn!;
  },
  issuedCertificateArn: () => issueCertificate(['issued.example.com']),
  domainCertificateArn: () => issueCertificate(['api.example.com', DOMAIN_NAME]),
  listedCertificateArn: () =>
    requestCertificate(['listed.example.com'], createClients(gateway.endpoint, REGION, LISTED_ACCOUNT)),
  async domainName() {
    const DomainNameConfigurations = [{ CertificateArn: await given('domainCertificateArn') }];
    const domain = { DomainName: DOMAIN_NAME, DomainNameConfigurations };
    return (await clients.gateway.send(new apigatewayv2.CreateDomainNameCommand(domain))).DomainName!;
  },
  exampleZoneId: () => makeZone('example.com', 'parity-example'),
  zoneId: () => makeZone('parity.example.org', 'parity-given'),
  changingZoneId: () => makeZone('parity.example.org', 'parity-changing'),
  deletableZoneId: () => makeZone('parity.example.org', 'parity-deletable'),
  async changeId() {
    const zoneId = await makeZone('parity.example.org', 'parity-changed');
    return (await putRecord(zoneId, 'www.parity.example.org', 'A', '192.0.2.1')).replace('/change/', '');
  },
  commentedZoneId: () => makeZone('commented.example.org', 'parity-commented'),
  namedZoneId: () => makeZone('named.parity.example.org', 'parity-named'),
  async taggedZoneId() {
    const zoneId = await makeZone('parity.example.org', 'parity-tagged');
    const tag = { ResourceId: zoneId, AddTags: [{ Key: 'team', Value: 'chat' }] };
    await clients.route53.send(new route53.ChangeTagsForResourceCommand({ ResourceType: 'hostedzone', ...tag }));
    return zoneId;
  },
  async weightedZoneId() {
    const zoneId = await makeZone('parity.example.org', 'parity-weighted');
    await putRecord(zoneId, 'w.parity.example.org', 'A', '192.0.2.1', { SetIdentifier: 'blue', Weight: 10 });
    await putRecord(zoneId, 'w.parity.example.org', 'A', '192.0.2.2', { SetIdentifier: 'green', Weight: 0 });
    await putRecord(zoneId, 'plain.parity.example.org', 'A', '192.0.2.1');
    await putRecord(zoneId, 'c.parity.example.org', 'CNAME', 'www.example.net');
    return zoneId;
  },
  async wildcardZoneId() {
    const zoneId = await makeZone('parity.example.org', 'parity-wildcard');
    await putRecord(zoneId, '*.parity.example.org', 'TXT', '"wild"');
    return zoneId;
  },
};
const made = new Map<string, Promise<string>>();

function given(name: string): Promise<string> {
  const make = MAKERS[name];
  if (!make) throw new Error(`no maker of \${${name}}`);
  let value = made.get(name);
  if (!value) made.set(name, (value = make()));
  return value;
}

async function makeApi(): Promise<string> {
  const api = {
    Name: 'parity',
    ProtocolType: 'WEBSOCKET',
    RouteSelectionExpression: '$request.body.action',
  } as const;
  return (await clients.gateway.send(new apigatewayv2.CreateApiCommand(api))).ApiId!;
}

async function makeZone(Name: string, CallerReference: string): Promise<string> {
  const created = await clients.route53.send(new route53.CreateHostedZoneCommand({ Name, CallerReference }));
  return created.HostedZone!.Id!.replace('/hostedzone/', '');
}

async function putRecord(
  HostedZoneId: string,
  Name: string,
  Type: route53.RRType,
  Value: string,
  over: Partial<route53.ResourceRecordSet> = {},
): Promise<string> {
  const ResourceRecordSet = { Name, Type, TTL: 60, ResourceRecords: [{ Value }], ...over };
  const ChangeBatch: route53.ChangeBatch = { Changes: [{ Action: 'UPSERT', ResourceRecordSet }] };
  const changed = await clients.route53.send(
    new route53.ChangeResourceRecordSetsCommand({ HostedZoneId, ChangeBatch }),
  );
  return changed.ChangeInfo!.Id!;
}

async function requestCertificate([DomainName, ...others]: string[], as: Clients = clients): Promise<string> {
  const names = others.length === 0 ? {} : { SubjectAlternativeNames: others };
  const request = { DomainName, ValidationMethod: 'DNS' as const, ...names };
  return (await as.acm.send(new acm.RequestCertificateCommand(request))).CertificateArn!;
}

async function issueCertificate(names: string[]): Promise<string> {
  const zoneId = await given('exampleZoneId');
  const CertificateArn = await requestCertificate(names);
  const describe = async () =>
    (await clients.acm.send(new acm.DescribeCertificateCommand({ CertificateArn }))).Certificate!;
  for (const { ResourceRecord } of (await describe()).DomainValidationOptions!) {
    await putRecord(zoneId, ResourceRecord!.Name!, 'CNAME', ResourceRecord!.Value!);
  }
  await eventually(`the certificate of ${names[0]} is issued`, async () =>
    (await describe()).Status === 'ISSUED' ? true : undefined,
  );
  return CertificateArn;
}

/** A copy with every `${name}` filled in. */
async function filled<T>(template: T): Promise<T> {
  if (typeof template === 'string') {
    let text: string = template;
    for (const [reference, name] of template.matchAll(/\$\{(\w+)\}/g)) {
      text = text.replace(reference, await given(name!));
    }
    return text as T;
  }
  if (typeof template !== 'object' || template === null) return template;
  const entries = await Promise.all(Object.entries(template).map(async ([key, one]) => [key, await filled(one)]));
  return (Array.isArray(template) ? entries.map(([, one]) => one) : Object.fromEntries(entries)) as T;
}

// ---- the call and its raw answer ----

const SERVICES = {
  apigatewayv2: [apigatewayv2, 'gateway'],
  acm: [acm, 'acm'],
  route53: [route53, 'route53'],
} as const;

type RawResponse = { statusCode: number; headers: Record<string, string>; body: unknown };
type Middleware = (next: (args: unknown) => Promise<{ response: RawResponse }>) => (args: unknown) => Promise<unknown>;
interface Command {
  readonly middlewareStack: { add(middleware: Middleware, options: object): void };
}
interface Sender {
  send(command: Command): Promise<unknown>;
}

/** Sends the call with the SDK, and reads its answer before the SDK does. */
async function answerOf({ service, operation, account, input }: Call): Promise<Answer> {
  const [sdk, clientName] = SERVICES[service];
  const client = createClients(gateway.endpoint, REGION, account ?? OWN_ACCOUNT)[clientName] as unknown as Sender;
  const Command = (sdk as unknown as Record<string, new (input: object) => Command>)[`${operation}Command`]!;
  const command = new Command(input);
  let raw: { status: number; headers: Record<string, string>; text: string } | undefined;
  const capture: Middleware = (next) => async (args) => {
    const result = await next(args);
    const { response } = result;
    const body = await buffer(response.body as Readable);
    raw = { status: response.statusCode, headers: response.headers, text: body.toString() };
    response.body = Readable.from([body]);
    return result;
  };
  command.middlewareStack.add(capture, { step: 'deserialize', priority: 'low' });
  await client.send(command).catch((error: Error) => {
    if (!raw) throw error;
  });
  const { status, headers, text } = raw!;
  return { status, headers, body: text === '' ? '' : service === 'route53' ? xmlToObject(text) : JSON.parse(text) };
}

/** Elements as members, text as strings, repeated elements as lists, attributes with an `@`. */
function xmlToObject(text: string): Record<string, unknown> {
  interface Element {
    readonly members: Record<string, unknown>;
    text: string;
  }
  const parser = new SaxesParser();
  const open: Element[] = [{ members: {}, text: '' }];
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', ({ attributes }) => {
    const named = Object.entries(attributes).map(([name, value]) => [`@${name}`, value]);
    open.push({ members: Object.fromEntries(named), text: '' });
  });
  parser.on('text', (part) => (open.at(-1)!.text += part));
  parser.on('closetag', ({ name }) => {
    const { members, text: inner } = open.pop()!;
    const value = Object.keys(members).length === 0 ? inner : members;
    const parent = open.at(-1)!.members;
    parent[name] = Object.hasOwn(parent, name) ? [parent[name], value].flat() : value;
  });
  parser.write(text).close();
  return open[0]!.members;
}

// ---- comparing ----

/** What differs from call to call, and the form it must have. */
const FORMS: Readonly<Record<string, RegExp>> = {
  apiId: /[a-z0-9]{10}/,
  routeId: /[a-z0-9]{7}/,
  integrationId: /[a-z0-9]{7}/,
  deploymentId: /[a-z0-9]{6}/,
  partId: /[a-z0-9]{6,7}/,
  mappingId: /[a-z0-9]{6,}/,
  regionalId: /[a-z0-9]{10}/,
  routeKey: /\$default|join/,
  zoneId: /Z[A-Z0-9]{1,31}/,
  changeTail: /[A-Z0-9]{1,31}/,
  uuid: /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/,
  token: /\S+/,
  date: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/,
  instant: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3})?Z/,
  epoch: /\d{10}(?:\.\d{1,3})?/,
  hex32: /[0-9a-f]{32}/,
  letters10: /[a-z]{10}/,
  serial: /[0-9a-f]{2}(?::[0-9a-f]{2})*/,
  nameServer: /[a-z0-9-]+(?:\.[a-z0-9-]+)+/,
};
/** Forms of one thing: within one answer the same name is the same text. */
const NAMES_ONE_THING = new Set(['apiId', 'zoneId']);

/** `actual` in the words of `expected`: where it has the form that is asked for, the placeholder stands in its place. */
function inWordsOf(expected: unknown, actual: unknown, seen: Map<string, string>): unknown {
  if (typeof expected === 'string' && (typeof actual === 'string' || typeof actual === 'number')) {
    return hasForm(expected, actual, seen) ? expected : actual;
  }
  if (typeof expected !== 'object' || expected === null || typeof actual !== 'object' || actual === null) return actual;
  const entries = Object.entries(actual).map(([key, one]) => [
    key,
    inWordsOf((expected as Record<string, unknown>)[key], one, seen),
  ]);
  return Array.isArray(actual) ? entries.map(([, one]) => one) : Object.fromEntries(entries);
}

function hasForm(expected: string, actual: string | number, seen: Map<string, string>): boolean {
  if (typeof actual === 'number' && expected !== '<epoch>') return false;
  if (typeof actual === 'string' && expected === '<epoch>') return false;
  const names: string[] = [];
  const pattern = expected.split(/(<\w+>)/).map((part) => {
    const form = FORMS[part.slice(1, -1)];
    if (!part.startsWith('<') || !form) return part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    names.push(part.slice(1, -1));
    return `(${form.source})`;
  });
  const found = new RegExp(`^${pattern.join('')}$`).exec(ownSuffix(String(actual)));
  if (!found) return false;
  return names.every((name, position) => {
    if (!NAMES_ONE_THING.has(name)) return true;
    const text = found[position + 1]!;
    if (!seen.has(name)) seen.set(name, text);
    return seen.get(name) === text;
  });
}

function ownSuffix(text: string): string {
  return text.replace(/\.execute-api\.([a-z0-9-]+)\.localhost(:\d+)?(?=$|\/)/, '.execute-api.$1.amazonaws.com');
}

/** `actual` without what this server says after the service's own words, in the members of which that is known. */
function uncontinued(members: readonly string[], expected: unknown, actual: unknown): unknown {
  const cut = { ...(actual as Record<string, unknown>) };
  for (const name of members) {
    const words = (expected as Record<string, string>)[name]!;
    const text = String(cut[name]);
    // Something must follow: a member that is not continued any more is not said to be.
    if (text.startsWith(`${words} `)) cut[name] = words;
    else cut[name] = `not continued: ${text}`;
  }
  return cut;
}

/** The members of `actual` that `expected` tells. */
function only(expected: object, actual: object | undefined): object {
  return Object.fromEntries(Object.entries(actual ?? {}).filter(([key]) => Object.hasOwn(expected, key)));
}

const files = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.parity.json'));

void test('there are rows for each service', () => {
  assert.deepEqual(files.sort(), ['acm.parity.json', 'apigatewayv2.parity.json', 'route53.parity.json']);
});

for (const file of files) {
  const { rows } = JSON.parse(readFileSync(`${import.meta.dirname}/${file}`, 'utf8')) as { rows: readonly Row[] };
  for (const { name, source, section, call, expected: template } of rows) {
    void test(`${name} (${source}, ${section})`, async () => {
      const { partial, continued = [], ...expected } = await filled(template);
      const answer = await answerOf(await filled(call));
      const headers = only(expected.headers ?? {}, answer.headers);
      const told = partial ? only(expected.body as object, answer.body as object) : answer.body;
      const body = continued.length === 0 ? told : uncontinued(continued, expected.body, told);
      const seen = new Map<string, string>();
      assert.deepEqual(inWordsOf(expected, { status: answer.status, headers, body }, seen), {
        headers: {},
        ...expected,
      });
    });
  }
}
