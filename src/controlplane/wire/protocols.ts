// The four AWS protocols of the control port as one table: how each reads an input, and how it writes an output. Bytes of
// errors are in fault-response.ts.

import { nestsDeeper } from '../../protocol/json-levels.ts';
import { SERVICES, shapeOf, type ServiceModel, type WireRecord } from '../../protocol/wire/model.ts';
import { limit } from '../../settings/limits.ts';
import { InputProblem } from '../../protocol/wire/input-problem.ts';
import { structureFromJson, structureToJson } from '../../protocol/wire/json-shapes.ts';
import type { RoutedOperation } from './operation-router.ts';
import { readForm, structureFromForm } from './query-shapes.ts';
import { payloadMember, readBindings, statusOf, writeHeaders, type RestRequest } from './rest-bindings.ts';
import { escapeXml, parseXml, structureFromXml, structureToXml } from '../../protocol/wire/xml-shapes.ts';

export interface WireResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

interface Protocol {
  readInput(routed: RoutedOperation, request: RestRequest): WireRecord;
  writeOutput(routed: RoutedOperation, output: WireRecord, requestId: string): WireResponse;
}

/** Of the two that speak XML. */
export const XML_NAMESPACES = {
  'rest-xml': 'https://route53.amazonaws.com/doc/2013-04-01/',
  query: 'https://sts.amazonaws.com/doc/2011-06-15/',
} as const;

export const PROTOCOLS: Readonly<Record<ServiceModel['protocol'], Protocol>> = {
  'rest-json': {
    readInput(routed, request) {
      const bindings = readBindings(routed, request);
      if (!routed.model.input || !hasDocument(routed, routed.model.input) || request.body.length === 0) return bindings;
      return {
        ...bindings,
        ...structureFromJson(SERVICES[routed.service], routed.model.input, parseJson(request.body), ''),
      };
    },
    writeOutput(routed, output) {
      const status = statusOf(routed, output);
      const headers = { 'Content-Type': 'application/json', ...writeHeaders(routed, output) };
      const payload = payloadMember(routed);
      if (payload) return { status, headers, body: payloadBytes(output[payload[0]]) };
      if (status === 204 || !routed.model.output) return { status, headers: writeHeaders(routed, output), body: '' };
      return {
        status,
        headers,
        body: JSON.stringify(structureToJson(SERVICES[routed.service], routed.model.output, output)),
      };
    },
  },
  'json-1.1': {
    readInput(routed, request) {
      if (!routed.model.input) return {};
      const json = request.body.length === 0 ? {} : parseJson(request.body);
      return structureFromJson(SERVICES[routed.service], routed.model.input, json, '');
    },
    writeOutput(routed, output) {
      const headers = { 'Content-Type': 'application/x-amz-json-1.1' };
      const json = routed.model.output ? structureToJson(SERVICES[routed.service], routed.model.output, output) : {};
      return { status: 200, headers, body: JSON.stringify(json) };
    },
  },
  'rest-xml': {
    readInput(routed, request) {
      const bindings = readBindings(routed, request);
      if (!routed.model.input || !hasDocument(routed, routed.model.input) || request.body.length === 0) return bindings;
      const root = parseXml(decodeUtf8(request.body));
      if (root.name !== routed.model.input)
        throw new InputProblem(`${root.name} is not valid, expected ${routed.model.input}`);
      return { ...bindings, ...structureFromXml(SERVICES[routed.service], routed.model.input, root, '') };
    },
    writeOutput(routed, output) {
      const headers = { 'Content-Type': 'text/xml', ...writeHeaders(routed, output) };
      const name = routed.model.output;
      if (!name) return { status: routed.model.http!.status, headers, body: '' };
      const inner = structureToXml(SERVICES[routed.service], name, output);
      const body = `<?xml version="1.0"?>\n<${name} xmlns="${escapeXml(XML_NAMESPACES['rest-xml'])}">${inner}</${name}>`;
      return { status: routed.model.http!.status, headers, body };
    },
  },
  query: {
    readInput: (routed, { query, body }) =>
      routed.model.input ? structureFromForm(SERVICES[routed.service], routed.model.input, readForm(query, body)) : {},
    writeOutput({ service, name, model }, output, requestId) {
      const result = model.output ? structureToXml(SERVICES[service], model.output, output) : '';
      const body =
        `<${name}Response xmlns="${XML_NAMESPACES.query}"><${name}Result>${result}</${name}Result>` +
        `<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata></${name}Response>`;
      return { status: 200, headers: { 'Content-Type': 'text/xml' }, body };
    },
  },
};

/** True when some member of the input lies in the body's document. */
function hasDocument(routed: RoutedOperation, input: string): boolean {
  return Object.values(shapeOf(SERVICES[routed.service], input).members ?? {}).some(
    (member) => member.location === undefined,
  );
}

function parseJson(body: Uint8Array): unknown {
  const max = limit('controlBodyLevelsMax');
  if (nestsDeeper(body, max)) throw new InputProblem(`The request body nests more than ${max} levels deep`);
  try {
    return JSON.parse(decodeUtf8(body));
  } catch (error) {
    if (error instanceof InputProblem) throw error;
    throw new InputProblem(`The request body is not JSON: ${(error as Error).message}`);
  }
}

function decodeUtf8(body: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    throw new InputProblem('The request body is not UTF-8');
  }
}

function payloadBytes(value: unknown): string | Uint8Array {
  if (value === undefined) return '';
  return value instanceof Uint8Array ? value : String(value);
}
