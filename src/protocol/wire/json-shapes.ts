// JSON in and out for both JSON protocols, by the shapes of the wire model. rest-json names members by `wireName`, json-1.1 by
// their own name; the shape says which, so one codec serves both.

import { shapeOf, type MemberModel, type ServiceModel, type WireRecord } from './model.ts';
import { InputProblem } from './input-problem.ts';

/** A parsed JSON object → a structure. Unknown members are dropped, null counts as absent, wrong types are an InputProblem. */
export function structureFromJson(service: ServiceModel, shape: string, json: unknown, path: string): WireRecord {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new InputProblem(path === '' ? 'The request body must be a JSON object.' : `${path} must be an object`);
  }
  const record: WireRecord = {};
  for (const [name, member] of Object.entries(shapeOf(service, shape).members ?? {})) {
    if (member.location !== undefined) continue;
    const value = (json as Record<string, unknown>)[member.wireName ?? name];
    if (value === undefined || value === null) continue;
    record[name] = valueFromJson(service, member, value, path === '' ? name : `${path}.${name}`);
  }
  return record;
}

function valueFromJson(service: ServiceModel, member: MemberModel, value: unknown, path: string): unknown {
  switch (member.type) {
    case 'structure':
      return structureFromJson(service, member.shape!, value, path);
    case 'list': {
      if (!Array.isArray(value)) throw new InputProblem(`${path} must be a list`);
      const element = shapeOf(service, member.shape!).element!;
      return value
        .map((one, position) => (one === null ? null : valueFromJson(service, element, one, `${path}[${position}]`)))
        .filter((one) => one !== null);
    }
    case 'map': {
      if (typeof value !== 'object' || Array.isArray(value)) throw new InputProblem(`${path} must be a map`);
      const element = shapeOf(service, member.shape!).element!;
      const entries = Object.entries(value as object).filter(([, one]) => one !== null);
      return Object.fromEntries(
        entries.map(([key, one]) => [key, valueFromJson(service, element, one, `${path}.${key}`)]),
      );
    }
    case 'blob': {
      if (typeof value !== 'string' || !/^[A-Za-z0-9+/]*={0,2}$/.test(value))
        throw new InputProblem(`${path} must be base64 text`);
      return new Uint8Array(Buffer.from(value, 'base64'));
    }
    case 'document':
      return value;
    case 'string':
    case 'boolean':
    case 'number':
      if (typeof value !== member.type) throw new InputProblem(`${path} must be a ${member.type}`);
      return value;
    default:
      return timestampFromJson(value, path);
  }
}

function timestampFromJson(value: unknown, path: string): Date {
  const date =
    typeof value === 'number' ? new Date(value * 1_000) : typeof value === 'string' ? new Date(value) : undefined;
  if (!date || Number.isNaN(date.getTime())) throw new InputProblem(`${path} must be a timestamp`);
  return date;
}

/** A structure → what JSON.stringify takes. Undefined members are left out. */
export function structureToJson(service: ServiceModel, shape: string, record: WireRecord): Record<string, unknown> {
  const json: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(shapeOf(service, shape).members ?? {})) {
    const value = record[name];
    if (value === undefined || value === null || member.location !== undefined) continue;
    json[member.wireName ?? name] = valueToJson(service, member, value);
  }
  return json;
}

function valueToJson(service: ServiceModel, member: MemberModel, value: unknown): unknown {
  switch (member.type) {
    case 'structure':
      return structureToJson(service, member.shape!, value as WireRecord);
    case 'list': {
      const element = shapeOf(service, member.shape!).element!;
      return (value as unknown[]).map((one) => valueToJson(service, element, one));
    }
    case 'map': {
      const element = shapeOf(service, member.shape!).element!;
      return Object.fromEntries(
        Object.entries(value as object).map(([key, one]) => [key, valueToJson(service, element, one)]),
      );
    }
    case 'blob':
      return Buffer.from(value as Uint8Array).toString('base64');
    case 'timestamp-date-time':
      return (value as Date).toISOString().replace(/\.\d{3}Z$/, 'Z');
    case 'timestamp':
    case 'timestamp-epoch':
      return (value as Date).getTime() / 1_000;
    default:
      return value;
  }
}
