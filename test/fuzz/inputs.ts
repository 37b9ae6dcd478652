// Inputs of operations as the wire model has them, mostly good: for the codecs alone, and for the gateway itself. What only a gateway
// knows stands as a word in angle brackets, for whoever sends it to fill in.

import fc from 'fast-check';
import { OPERATIONS as DONE } from '../../src/controlplane/operations/operation-table.ts';
import type { RoutedOperation } from '../../src/controlplane/wire/operation-router.ts';
import { escapeXml } from '../../src/protocol/wire/xml-shapes.ts';
import { SERVICES, shapeOf, type MemberModel, type ServiceName } from '../../src/protocol/wire/model.ts';
import { HOSTILE_JSON, textOf } from './fuzzing.ts';

export const SERVICE_NAMES: readonly ServiceName[] = ['apigatewayv2', 'apigateway', 'acm', 'route53', 'sts', 'lambda'];
export const OPERATIONS: readonly RoutedOperation[] = SERVICE_NAMES.flatMap((service) =>
  Object.entries(SERVICES[service].operations).map(([name, model]) => ({ service, name, model, labels: {} })),
);
/** Those that do something. */
export const DONE_OPERATIONS = OPERATIONS.filter(({ service, name }) => Object.hasOwn(DONE[service], name));

/** What members of a name often hold. */
const WORDS: Readonly<Record<string, readonly string[]>> = {
  apiId: ['<api>'],
  apiKey: ['<key>'],
  endDate: ['2026-11-26'],
  keyId: ['<key>'],
  keyType: ['API_KEY'],
  op: ['add', 'remove', 'replace'],
  path: ['/name', '/enabled', '/quota/limit', '/throttle/rateLimit', '/apiStages', '/remaining', '/quota'],
  resourceArn: ['arn:aws:apigateway:us-east-1::/apikeys/<key>', 'arn:aws:apigateway:us-east-1::/usageplans/<plan>'],
  stage: ['<stage>'],
  startDate: ['2026-11-25'],
  usagePlanId: ['<plan>'],
  value: ['true', '1', '<api>:<stage>', 'a-value-of-twenty-characters'],
  ApiId: ['<api>'],
  ApiMappingId: ['<mapping>'],
  ApiMappingKey: ['a', 'a/b', ''],
  AuthorizerId: ['<authorizer>'],
  AuthorizerUri: [
    'arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:000000000000:function:f/invocations',
  ],
  CertificateArn: ['<arn>'],
  ContentType: ['application/json'],
  DNSName: ['a.fuzz.example.', 'ws.fuzz.example'],
  DeploymentId: ['<deployment>'],
  DomainName: ['ws.fuzz.example', 'fuzz.example', '*.fuzz.example'],
  HostedZoneId: ['<zone>'],
  Id: ['<zone>'],
  IntegrationId: ['<integration>'],
  IntegrationMethod: ['POST', 'GET'],
  IntegrationResponseKey: ['$default', '/2\\d\\d/'],
  IntegrationUri: ['https://backend.example/', 'http://127.0.0.1:9/'],
  ModelId: ['<model>'],
  Name: ['fuzz.example.', 'a.fuzz.example.', 'Name'],
  ProtocolType: ['WEBSOCKET'],
  ResourceArn: ['arn:aws:apigateway:us-east-1::/apis/<api>'],
  RouteId: ['<route>'],
  RouteKey: ['$connect', '$default', 'say'],
  RouteResponseId: ['<response>'],
  RouteResponseKey: ['$default'],
  RouteSelectionExpression: ['$request.body.action'],
  Schema: ['{"type":"object"}', '{'],
  Stage: ['<stage>'],
  StageName: ['<stage>', 'other'],
  Target: ['integrations/<integration>'],
  Value: ['192.0.2.1', '"text"', 'fuzz.example.', '10 fuzz.example.'],
};

const ANY_TEXT = textOf('a', 'example.com', 'arn:aws:acm:', '2026-11-26T00:00:00Z', '*.', '/', '$', '=', '\0', 'é');

/** A value for a member that is a text: what its name asks for, one of its enumeration, or any. */
export function textFor(service: ServiceName, name: string, member: MemberModel): fc.Arbitrary<string> {
  const known = member.enum === undefined ? WORDS[name] : SERVICES[service].enums[member.enum];
  if (!known || known.length === 0) return ANY_TEXT;
  return fc.oneof({ weight: 12, arbitrary: fc.constantFrom(...known) }, { weight: 1, arbitrary: ANY_TEXT });
}

/** Mostly what a member should be, now and then what it should not. */
function valueFor(service: ServiceName, name: string, member: MemberModel, levels: number): fc.Arbitrary<unknown> {
  const good = goodValue(service, name, member, levels);
  return fc.oneof({ weight: 30, arbitrary: good }, { weight: 1, arbitrary: HOSTILE_JSON });
}

function goodValue(service: ServiceName, name: string, member: MemberModel, levels: number): fc.Arbitrary<unknown> {
  const inner = () => shapeOf(SERVICES[service], member.shape!).element!;
  switch (member.type) {
    case 'structure':
      return levels === 0 ? fc.constant({}) : structureFor(service, member.shape!, levels - 1);
    case 'list':
      return levels === 0
        ? fc.constant([])
        : fc.array(valueFor(service, name, inner(), levels - 1), { minLength: 1, maxLength: 2 });
    case 'map': {
      const value = valueFor(service, name, inner(), Math.max(levels - 1, 0));
      return fc.dictionary(fc.constantFrom('a', '$default', '__proto__', ''), value, { maxKeys: 2 });
    }
    case 'number':
      return fc.oneof(fc.nat(1_000), fc.integer(), fc.double());
    case 'boolean':
      return fc.boolean();
    default:
      return textFor(service, name, member);
  }
}

function structureFor(service: ServiceName, shape: string, levels: number): fc.Arbitrary<unknown> {
  const { members = {}, required = [], kind } = shapeOf(SERVICES[service], shape);
  const inBody = Object.entries(members).filter(([, { location }]) => location === undefined);
  if (inBody.length === 0) return fc.constant({});
  const oneOf = (some: typeof inBody) =>
    fc
      .constantFrom(...some)
      .chain(([name, member]) =>
        valueFor(service, name, member, levels).map((value) => [member.wireName ?? name, value] as const),
      );
  const needed = inBody.filter(([name]) => kind !== 'union' && required.includes(name));
  const all = fc.tuple(
    ...needed.map(([name, member]) =>
      valueFor(service, name, member, levels).map((value) => [member.wireName ?? name, value] as const),
    ),
    fc.array(oneOf(inBody), { maxLength: kind === 'union' ? 1 : 3 }),
  );
  return all.map((entries) =>
    Object.fromEntries(
      entries.flatMap((one) => (Array.isArray(one[0]) || one.length === 0 ? one : [one]) as [string, unknown][]),
    ),
  );
}

export interface Try {
  readonly routed: RoutedOperation;
  readonly body: unknown;
}

export function triesOf(operations: readonly RoutedOperation[]): fc.Arbitrary<Try> {
  return fc.constantFrom(...operations).chain((routed) => {
    const { service, model } = routed;
    const body = model.input === null ? HOSTILE_JSON : structureFor(service, model.input, 4);
    return body.map((one) => ({ routed, body: one }));
  });
}

/** An element for each member; a list's items are called as Route 53's lists call them. */
function toXml(name: string, value: unknown): string {
  const safe = name.replaceAll(/[^A-Za-z]/g, '') || 'x';
  if (Array.isArray(value)) {
    const item = safe === 'ResourceRecords' ? 'ResourceRecord' : safe.replace(/s$/, '');
    return `<${safe}>${value.map((one) => toXml(item, one)).join('')}</${safe}>`;
  }
  if (typeof value !== 'object' || value === null) return `<${safe}>${escapeXml(String(value))}</${safe}>`;
  const inner = Object.entries(value).map(([key, one]) => toXml(key, one));
  return `<${safe}>${inner.join('')}</${safe}>`;
}

/** A pair for each member, lists as `Name.member.1`. */
function toPairs(name: string, value: unknown): [string, string][] {
  if (typeof value !== 'object' || value === null) return [[name, String(value)]];
  const prefix = name === '' ? '' : `${name}.`;
  if (Array.isArray(value)) return value.flatMap((one, at) => toPairs(`${prefix}member.${at + 1}`, one));
  return Object.entries(value).flatMap(([key, one]) => toPairs(`${prefix}${key}`, one));
}

/** The body of an operation in the protocol of its service. */
export function bodyText({ routed, body }: Try): string {
  switch (SERVICES[routed.service].protocol) {
    case 'rest-xml':
      return toXml(routed.model.input ?? 'x', body);
    case 'query':
      return String(new URLSearchParams([['Action', routed.name], ['Version', '2011-06-15'], ...toPairs('', body)]));
    default:
      return JSON.stringify(body) ?? '';
  }
}
