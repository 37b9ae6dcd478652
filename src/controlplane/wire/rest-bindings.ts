// Where the REST protocols put members besides the body: path labels, query, headers. The same for JSON and XML.

import { SERVICES, shapeOf, type MemberModel, type ServiceName, type WireRecord } from '../../protocol/wire/model.ts';
import { BindingProblem } from '../../protocol/wire/input-problem.ts';
import type { RoutedOperation } from './operation-router.ts';

export interface RestRequest {
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
}

/** The members of an input that lie outside the body's document; a payload member holds the raw body. */
export function readBindings(routed: RoutedOperation, request: RestRequest): WireRecord {
  const record: WireRecord = {};
  if (!routed.model.input) return record;
  const service = SERVICES[routed.service];
  for (const [name, member] of Object.entries(shapeOf(service, routed.model.input).members ?? {})) {
    if (member.location === 'label') record[name] = scalarFromText(member, routed.labels[name] ?? '', name);
    else if (member.location === 'query') readQuery(routed.service, record, name, member, request.query);
    else if (member.location === 'header') {
      const value = request.headers[member.wireName!.toLowerCase()];
      if (value !== undefined) record[name] = scalarFromText(member, value, name);
    } else if (member.location === 'payload' && member.type === 'blob') record[name] = request.body;
    else if (member.location === 'payload' && request.body.length > 0)
      record[name] = Buffer.from(request.body).toString();
  }
  return record;
}

function readQuery(
  service: ServiceName,
  record: WireRecord,
  name: string,
  member: MemberModel,
  query: URLSearchParams,
): void {
  const values = query.getAll(member.wireName!);
  if (values.length === 0) return;
  if (member.type !== 'list') record[name] = scalarFromText(member, values[0]!, name);
  else {
    const element = shapeOf(SERVICES[service], member.shape!).element!;
    record[name] = values.map((value) => scalarFromText(element, value, name));
  }
}

function scalarFromText(member: MemberModel, text: string, name: string): unknown {
  if (member.type === 'string') return text;
  if (member.type === 'boolean') return text === 'true';
  if (member.type === 'number') {
    if (!/^[+-]?\d+(?:\.\d+)?$/.test(text)) throw new BindingProblem(`${name} must be a number, and is '${text}'`);
    return Number(text);
  }
  const date = new Date(text);
  if (Number.isNaN(date.getTime())) throw new BindingProblem(`${name} must be a timestamp, and is '${text}'`);
  return date;
}

/** The response headers that output members ask for. */
export function writeHeaders(routed: RoutedOperation, output: WireRecord): Record<string, string> {
  const headers: Record<string, string> = {};
  if (!routed.model.output) return headers;
  const members = shapeOf(SERVICES[routed.service], routed.model.output).members ?? {};
  for (const [name, member] of Object.entries(members)) {
    if (member.location === 'header' && output[name] !== undefined) headers[member.wireName!] = String(output[name]);
  }
  return headers;
}

/** The operation's, where no member of the output says another. */
export function statusOf(routed: RoutedOperation, output: WireRecord): number {
  const { http, output: name } = routed.model;
  const members = name === null ? {} : (shapeOf(SERVICES[routed.service], name).members ?? {});
  const member = Object.entries(members).find(([, { location }]) => location === 'status');
  return member ? ((output[member[0]] as number | undefined) ?? http!.status) : http!.status;
}

/** The member that is the whole body, when the output has one. */
export function payloadMember(routed: RoutedOperation): [string, MemberModel] | undefined {
  if (!routed.model.output) return undefined;
  const members = shapeOf(SERVICES[routed.service], routed.model.output).members ?? {};
  return Object.entries(members).find(([, member]) => member.location === 'payload');
}
