// What properties a resource type has: their types, which are required, and what an operation calls them. Mostly read from the wire model,
// whose members CloudFormation's properties are. What is wrong is told with where it stands; nothing is called.

import { SERVICES, shapeOf, type MemberModel, type ServiceModel, type ServiceName } from '../protocol/wire/model.ts';
import type { Json } from './template/stack-template.ts';

export type Spec =
  | { readonly kind: 'string'; readonly allowed?: readonly string[] }
  | { readonly kind: 'number' | 'boolean' | 'any' | 'jsonText' }
  | { readonly kind: 'list'; readonly of: Spec }
  | { readonly kind: 'map'; readonly of: Spec }
  | StructureSpec;

export interface StructureSpec {
  readonly kind: 'structure';
  readonly members: Readonly<Record<string, MemberSpec>>;
}

export interface LeftOut {
  readonly reason: string;
  /** Something may not work without it. */
  readonly isMissed: boolean;
}

/** Nobody misses it. */
export const UNNEEDED: LeftOut = { reason: 'needs nothing here', isMissed: false };

export interface MemberSpec {
  readonly spec: Spec;
  /** What the operation calls it. */
  readonly wire: string;
  readonly isRequired?: boolean;
  /** Nothing is made of it here: it is told why, and left out. */
  readonly leftOut?: LeftOut;
  /** Why nothing can be made of it here, as a phrase. */
  readonly refusal?: string;
}

export type Properties = Readonly<Record<string, Json>>;

/** A text of which a part is not known yet. No template can hold it: it is no character. */
export const UNKNOWN_MARK = '\u{ffff}';
export const isUnknown = (value: unknown): boolean => typeof value === 'string' && value.includes(UNKNOWN_MARK);

const capital = (name: string) => name.charAt(0).toUpperCase() + name.slice(1);

/** The members of an input as properties, each under its name with a capital. */
export function specOfShape(service: ServiceName, shape: string, without: readonly string[] = []): StructureSpec {
  return structureOf(SERVICES[service], shape, without);
}

function structureOf(service: ServiceModel, name: string, without: readonly string[]): StructureSpec {
  const { members = {}, required = [] } = shapeOf(service, name);
  const entries = Object.entries(members)
    .filter(([wire]) => !without.includes(wire))
    .map(([wire, member]): [string, MemberSpec] => [
      capital(wire),
      { wire, spec: specOfMember(service, member), isRequired: required.includes(wire) },
    ]);
  return { kind: 'structure', members: Object.fromEntries(entries) };
}

function specOfMember(service: ServiceModel, member: MemberModel): Spec {
  switch (member.type) {
    case 'structure':
      return structureOf(service, member.shape!, []);
    case 'list':
    case 'map':
      return { kind: member.type, of: specOfMember(service, shapeOf(service, member.shape!).element!) };
    case 'number':
    case 'boolean':
      return { kind: member.type };
    default:
      return member.enum === undefined
        ? { kind: 'string' }
        : { kind: 'string', allowed: service.enums[member.enum] ?? [] };
  }
}

/** With some members in the place of those that there are, or besides them. */
export function withMembers(spec: StructureSpec, members: Readonly<Record<string, MemberSpec>>): StructureSpec {
  return { kind: 'structure', members: { ...spec.members, ...members } };
}

/** Told of what is wrong; `path` leads from the properties to where it stands. */
export type Refuse = (path: readonly string[], message: string) => void;

/**
 * The value as its spec has it: texts that are numbers become numbers, as in CloudFormation. What is wrong is told, and left out; what is
 * not known yet stays as it is.
 */
export function conform(spec: Spec, value: Json, path: readonly string[], refuse: Refuse): Json | undefined {
  if (isUnknown(value)) return value;
  switch (spec.kind) {
    case 'any':
      return value;
    case 'jsonText':
      return typeof value === 'string' ? value : JSON.stringify(value);
    case 'string':
      return textOf(spec.allowed, value, path, refuse);
    case 'number':
      if (typeof value === 'number') return value;
      if (typeof value === 'string' && /^-?\d+(?:\.\d+)?$/.test(value)) return Number(value);
      return void refuse(path, 'must be a number');
    case 'boolean':
      if (typeof value === 'boolean') return value;
      if (value === 'true' || value === 'false') return value === 'true';
      return void refuse(path, 'must be true or false');
    case 'list': {
      if (!Array.isArray(value)) return void refuse(path, 'must be a list');
      const items = (value as readonly Json[]).map((one, place) =>
        conform(spec.of, one, [...path, String(place)], refuse),
      );
      return items.filter((one) => one !== undefined);
    }
    case 'map': {
      if (!isMap(value)) return void refuse(path, 'must be a map of names and values');
      const entries = Object.entries(value).map(([key, one]) => [key, conform(spec.of, one, [...path, key], refuse)]);
      return Object.fromEntries(entries.filter(([, one]) => one !== undefined)) as Json;
    }
    case 'structure':
      if (!isMap(value)) return void refuse(path, 'must be a map');
      return conformStructure(spec, value, path, refuse);
  }
}

function textOf(allowed: readonly string[] | undefined, value: Json, path: readonly string[], refuse: Refuse) {
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean')
    return void refuse(path, 'must be a text');
  const text = String(value);
  if (!allowed || allowed.length === 0 || allowed.includes(text)) return text;
  const shown = allowed.length > 12 ? `${allowed.slice(0, 12).join(', ')} …` : allowed.join(', ');
  return void refuse(path, `must be one of ${shown}`);
}

export function conformStructure(
  spec: StructureSpec,
  value: Properties,
  path: readonly string[],
  refuse: Refuse,
): Properties {
  const result: Record<string, Json> = {};
  for (const [name, one] of Object.entries(value)) {
    const member = Object.hasOwn(spec.members, name) ? spec.members[name] : undefined;
    if (member?.leftOut) continue;
    if (!member) refuse([...path, name], `is no property that there is: ${nearest(name, Object.keys(spec.members))}`);
    else if (member.refusal !== undefined) refuse([...path, name], member.refusal);
    else if (one !== null) {
      const read = conform(member.spec, one, [...path, name], refuse);
      if (read !== undefined) result[name] = read;
    }
  }
  for (const [name, member] of Object.entries(spec.members))
    if (member.isRequired && (value[name] ?? null) === null) refuse(path, `${name} is missing`);
  return result;
}

function nearest(name: string, names: readonly string[]): string {
  const same = names.find((one) => one.toLowerCase() === name.toLowerCase());
  if (same !== undefined) return `it is spelled ${same}`;
  return `there are ${names.slice(0, 24).join(', ')}${names.length > 24 ? ' …' : ''}`;
}

/** Properties under the names that the operation has for them. */
export function toWire(spec: Spec, value: Json): unknown {
  if (value === null || value === undefined) return undefined;
  if (spec.kind === 'list') return (value as readonly Json[]).map((one) => toWire(spec.of, one));
  if (spec.kind === 'map')
    return Object.fromEntries(Object.entries(value as Properties).map(([key, one]) => [key, toWire(spec.of, one)]));
  if (spec.kind !== 'structure') return value;
  return Object.fromEntries(
    Object.entries(value as Properties)
      .filter(([name]) => spec.members[name])
      .map(([name, one]) => [spec.members[name]!.wire, toWire(spec.members[name]!.spec, one)]),
  );
}

export const isMap = (value: unknown): value is Properties =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
