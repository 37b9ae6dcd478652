// One call of an operation of an AWS service: its input as an HTTP request, and what came back as its output or as a problem. The inverse
// of what the control port does, by the same wire model. Pure.

import { structureFromJson, structureToJson } from '../protocol/wire/json-shapes.ts';
import {
  SERVICES,
  shapeOf,
  type MemberModel,
  type OperationModel,
  type ServiceName,
  type WireRecord,
} from '../protocol/wire/model.ts';
import { parseXml, structureFromXml, structureToXml, type XmlElement } from '../protocol/wire/xml-shapes.ts';

export interface WireRequest {
  readonly method: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface WireAnswer {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  readonly body: string;
}

/** What an operation refused, in AWS's words. */
export class OperationProblem extends Error {
  /** `ConflictException` */
  readonly code: string;
  readonly status: number;

  constructor(code: string, status: number, message: string) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

const TARGETS: Readonly<Partial<Record<ServiceName, string>>> = { acm: 'CertificateManager' };

function modelOf(service: ServiceName, operation: string): OperationModel {
  const model = SERVICES[service].operations[operation];
  if (!model) throw new Error(`the wire model has no operation ${service} ${operation}`);
  return model;
}

export function requestOf(service: ServiceName, operation: string, input: WireRecord): WireRequest {
  const { http, input: shape } = modelOf(service, operation);
  const { protocol } = SERVICES[service];
  if (protocol === 'json-1.1') {
    const headers = {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `${TARGETS[service]}.${operation}`,
    };
    const json = shape === null ? {} : structureToJson(SERVICES[service], shape, input);
    return { method: 'POST', target: '/', headers, body: JSON.stringify(json) };
  }
  if (!http) throw new Error(`${service} speaks ${protocol}, which is not called from here`);
  const members = shape === null ? {} : (shapeOf(SERVICES[service], shape).members ?? {});
  const { target, headers } = bindings(http.uri, members, input);
  const hasDocument = Object.values(members).some(({ location }) => location === undefined);
  if (shape === null || !hasDocument) return { method: http.method, target, headers, body: '' };
  if (protocol === 'rest-xml') {
    const inner = structureToXml(SERVICES[service], shape, input);
    const body = `<${shape} xmlns="https://route53.amazonaws.com/doc/2013-04-01/">${inner}</${shape}>`;
    return { method: http.method, target, headers: { ...headers, 'content-type': 'text/xml' }, body };
  }
  const body = JSON.stringify(structureToJson(SERVICES[service], shape, input));
  return { method: http.method, target, headers: { ...headers, 'content-type': 'application/json' }, body };
}

/** Where members lie outside of the body. */
function bindings(uri: string, members: Readonly<Record<string, MemberModel>>, input: WireRecord) {
  const headers: Record<string, string> = {};
  const [path = '', fixed = ''] = uri.split('?');
  const query = new URLSearchParams(fixed);
  let target = path;
  for (const [name, { location, wireName }] of Object.entries(members)) {
    const value = input[name];
    if (value === undefined || value === null) continue;
    if (location === 'label') target = target.replace(`{${name}}`, encodeURIComponent(String(value)));
    else if (location === 'query') for (const one of [value].flat()) query.append(wireName!, String(one));
    else if (location === 'header') headers[wireName!.toLowerCase()] = String(value);
  }
  const text = query.toString().replaceAll('+', '%20');
  return { target: text === '' ? target : `${target}?${text}`, headers };
}

/** Throws OperationProblem for an answer that is a refusal. */
export function outputOf(service: ServiceName, operation: string, answer: WireAnswer): WireRecord {
  const { output } = modelOf(service, operation);
  const isXml = SERVICES[service].protocol === 'rest-xml';
  if (answer.status >= 300) throw isXml ? problemOfXml(answer) : problemOfJson(answer);
  if (output === null || answer.body === '') return {};
  return isXml
    ? structureFromXml(SERVICES[service], output, parseXml(answer.body), '')
    : structureFromJson(SERVICES[service], output, JSON.parse(answer.body), '');
}

export function problemOfJson({ status, headers, body }: WireAnswer): OperationProblem {
  let json: Readonly<Record<string, unknown>> = {};
  try {
    json = JSON.parse(body) as typeof json;
  } catch {
    // No answer of a gateway: its status says what there is to say.
  }
  const type = headers.get('x-amzn-errortype') ?? json['__type'] ?? 'UnknownError';
  const code = String(type).replace(/^.*#/, '').replace(/:.*$/s, '');
  const message = json['message'] ?? json['Message'] ?? `the answer was ${status}`;
  return new OperationProblem(code, status, String(message));
}

function problemOfXml({ status, body }: WireAnswer): OperationProblem {
  const find = (element: XmlElement, name: string): XmlElement | undefined =>
    element.name === name ? element : element.children.map((child) => find(child, name)).find(Boolean);
  const root = parseXml(body);
  const code = find(root, 'Code')?.text ?? root.name;
  const messages = find(root, 'messages')?.children.map(({ text }) => text) ?? [];
  const message = find(root, 'Message')?.text ?? messages.join(' ');
  return new OperationProblem(code, status, message);
}
