// Reads the schemas that the AWS SDK's clients export and writes the one wire model of this project:
// src/protocol/wire/model.json (operations, shapes, required members, enums) and the types that go with it.
// Run by `npm run generate`; a test regenerates and compares, so the committed files are never edited by hand.

import { readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const require = createRequire(import.meta.url);

type Schema = number | unknown[] | (() => Schema) | 'unit';
interface Source {
  service: string;
  client: string;
  protocol: 'rest-json' | 'json-1.1' | 'rest-xml' | 'query';
  /** Operations whose shapes are wanted: the others keep their names and paths alone. All of them where it is not given. */
  only?: readonly string[];
  /** Errors whose shapes are wanted. All of them where it is not given. */
  errors?: readonly string[];
}

/** Of the REST API: what a WebSocket API has there, too. */
const API_KEY_OPERATIONS = [
  'CreateApiKey',
  'GetApiKey',
  'GetApiKeys',
  'UpdateApiKey',
  'DeleteApiKey',
  'ImportApiKeys',
  'CreateUsagePlan',
  'GetUsagePlan',
  'GetUsagePlans',
  'UpdateUsagePlan',
  'DeleteUsagePlan',
  'CreateUsagePlanKey',
  'GetUsagePlanKey',
  'GetUsagePlanKeys',
  'DeleteUsagePlanKey',
  'GetUsage',
  'UpdateUsage',
  'GetTags',
  'TagResource',
  'UntagResource',
];

const SOURCES: Source[] = [
  { service: 'apigatewayv2', client: '@aws-sdk/client-apigatewayv2', protocol: 'rest-json' },
  {
    service: 'apigateway',
    client: '@aws-sdk/client-api-gateway',
    protocol: 'rest-json',
    only: API_KEY_OPERATIONS,
  },
  { service: 'acm', client: '@aws-sdk/client-acm', protocol: 'json-1.1' },
  { service: 'route53', client: '@aws-sdk/client-route-53', protocol: 'rest-xml' },
  { service: 'sts', client: '@aws-sdk/client-sts', protocol: 'query' },
  {
    service: 'lambda',
    client: '@aws-sdk/client-lambda',
    protocol: 'rest-json',
    only: ['Invoke', 'GetFunction', 'GetFunctionConfiguration', 'ListFunctions'],
    errors: [
      'InvalidParameterValueException',
      'InvalidRequestContentException',
      'ResourceNotFoundException',
      'TooManyRequestsException',
    ],
  },
  { service: 'apigatewaymanagementapi', client: '@aws-sdk/client-apigatewaymanagementapi', protocol: 'rest-json' },
];

/** One member of a structure as the codecs read it. */
interface MemberModel {
  type: string;
  shape?: string;
  location?: 'label' | 'query' | 'header' | 'payload' | 'status';
  wireName?: string;
  enum?: string;
}
interface ShapeModel {
  kind: 'structure' | 'union' | 'list' | 'map' | 'error';
  members?: Record<string, MemberModel>;
  required?: string[];
  element?: MemberModel;
  status?: number;
}
interface OperationModel {
  http?: { method: string; uri: string; status: number };
  input: string | null;
  output: string | null;
}
interface ServiceModel {
  protocol: string;
  operations: Record<string, OperationModel>;
  shapes: Record<string, ShapeModel>;
  enums: Record<string, string[]>;
}

const SIMPLE: Record<number, string> = {
  0: 'string',
  1: 'number',
  2: 'boolean',
  4: 'timestamp',
  5: 'timestamp-date-time',
  6: 'timestamp-http-date',
  7: 'timestamp-epoch',
  15: 'document',
  21: 'blob',
  42: 'blob',
};

/** The traits of a member: a bit mask (1 label, 16 payload) or an object of named traits. */
function readTraits(traits: unknown): Partial<MemberModel> {
  if (typeof traits === 'number') {
    if (traits & 1) return { location: 'label' };
    if (traits & 16) return { location: 'payload' };
    if (traits & 32) return { location: 'status' };
    return {};
  }
  const named = (traits ?? {}) as Record<string, string | number>;
  if (named['httpLabel']) return { location: 'label' };
  if (named['httpQuery']) return { location: 'query', wireName: String(named['httpQuery']) };
  if (named['httpHeader']) return { location: 'header', wireName: String(named['httpHeader']) };
  if (named['httpPayload']) return { location: 'payload' };
  const wireName = named['jsonName'] ?? named['xmlName'];
  return wireName === undefined ? {} : { wireName: String(wireName) };
}

class ServiceReader {
  readonly model: ServiceModel;
  readonly #memberEnums: Map<string, string>;

  constructor(protocol: string, memberEnums: Map<string, string>, enums: Record<string, string[]>) {
    this.model = { protocol, operations: {}, shapes: {}, enums };
    this.#memberEnums = memberEnums;
  }

  /** A reference to a schema, as a member model; structures met on the way are added to the model. */
  reference(schema: Schema): MemberModel {
    if (Array.isArray(schema) && schema.length === 2 && typeof schema[0] !== 'number') {
      return { ...this.reference(schema[0] as Schema), ...readTraits(schema[1]) };
    }
    if (Array.isArray(schema) && schema.length === 2) {
      return { ...this.reference(schema[0] as number), ...readTraits(schema[1]) };
    }
    if (typeof schema === 'function') return this.reference(schema());
    if (typeof schema === 'number') return this.#simple(schema);
    if (schema === 'unit') return { type: 'unit' };
    return this.#complex(schema as unknown[]);
  }

  #simple(code: number): MemberModel {
    if (code >= 128) return { type: 'map', shape: this.#anonymous('map', code - 128) };
    if (code >= 64) return { type: 'list', shape: this.#anonymous('list', code - 64) };
    const type = SIMPLE[code];
    if (!type) throw new Error(`unknown simple schema ${code}`);
    return { type };
  }

  #anonymous(kind: 'list' | 'map', code: number): string {
    const element = this.#simple(code);
    const name = `${kind}:${element.type}`;
    this.model.shapes[name] ??= { kind, element };
    return name;
  }

  #complex(schema: unknown[]): MemberModel {
    const [kind, , name] = schema as [number, string, string];
    if (kind === 0) return { type: SIMPLE[schema[4] as number] ?? 'string' };
    if (kind === 1) {
      if (!this.model.shapes[name]) {
        const shape: ShapeModel = { kind: 'list' };
        this.model.shapes[name] = shape;
        shape.element = this.reference(schema[4] as Schema);
      }
      return { type: 'list', shape: name };
    }
    if (kind === 2) {
      if (!this.model.shapes[name]) {
        const shape: ShapeModel = { kind: 'map' };
        this.model.shapes[name] = shape;
        shape.element = this.reference(schema[5] as Schema);
      }
      return { type: 'map', shape: name };
    }
    return { type: 'structure', shape: this.structure(schema) };
  }

  structure(schema: unknown[]): string {
    const [kind, , name, traits, names, types, requiredCount] = schema as [
      number,
      string,
      string,
      Record<string, unknown>,
      string[],
      Schema[],
      number?,
    ];
    if (this.model.shapes[name]) return name;
    const shape: ShapeModel = { kind: kind === -3 ? 'error' : kind === 4 ? 'union' : 'structure', members: {} };
    this.model.shapes[name] = shape;
    for (const [position, member] of names.entries()) {
      const model = this.reference(types[position]!);
      const enumName = this.#memberEnums.get(`${name}.${member}`);
      shape.members![member] = enumName && this.model.enums[enumName] ? { ...model, enum: enumName } : model;
    }
    if (requiredCount) shape.required = names.slice(0, requiredCount);
    if (kind === -3) shape.status = Number(traits['httpError'] ?? (traits['error'] === 'server' ? 500 : 400));
    return name;
  }

  operation(schema: unknown[], isNameOnly = false): void {
    const [, , name, traits, input, output] = schema as [number, string, string, unknown, Schema, Schema];
    const http = (traits as { http?: [string, string, number] } | number) ?? {};
    const model: OperationModel = isNameOnly
      ? { input: null, output: null }
      : { input: this.#operationShape(input), output: this.#outputShape(output) };
    if (typeof http === 'object' && http.http) {
      model.http = { method: http.http[0], uri: http.http[1], status: http.http[2] };
    }
    this.model.operations[name] = model;
  }

  #operationShape(schema: Schema): string | null {
    return this.reference(schema).shape ?? null;
  }

  /** An answer has no query: what the schemas of API Gateway say lies there, lies in the body. */
  #outputShape(schema: Schema): string | null {
    const name = this.#operationShape(schema);
    const members = name === null ? {} : (this.model.shapes[name]?.members ?? {});
    for (const member of Object.values(members)) if (member.location === 'query') delete member.location;
    return name;
  }
}

/** Which member has which enum type: only the type declarations know (`Member?: EnumName | undefined`). */
function readMemberEnums(declarations: string[]): Map<string, string> {
  const found = new Map<string, string>();
  for (const text of declarations) {
    for (const block of text.matchAll(/export (?:interface|declare class) (\w+)[^{]*\{([\s\S]*?)\n\}/g)) {
      for (const member of block[2]!.matchAll(/^ {4}(?:readonly )?(\w+)\??: (\w+)(\[\])?(?: \| undefined)?;$/gm)) {
        found.set(`${block[1]}.${member[1]}`, member[2]!);
      }
    }
  }
  return found;
}

function readEnums(text: string): Record<string, string[]> {
  const enums: Record<string, string[]> = {};
  for (const block of text.matchAll(/export declare const (\w+): \{([\s\S]*?)\n\};/g)) {
    enums[block[1]!] = [...block[2]!.matchAll(/: "([^"]*)";/g)].map((match) => match[1]!);
  }
  return enums;
}

async function readService(source: Source): Promise<ServiceModel> {
  const root = join(dirname(require.resolve(`${source.client}/package.json`)));
  const models = join(root, 'dist-types', 'models');
  const declarations = readdirSync(models)
    .filter((file) => file.endsWith('.d.ts') && file !== 'enums.d.ts')
    .map((file) => readFileSync(join(models, file), 'utf8'));
  const enumsFile = readdirSync(models).includes('enums.d.ts') ? readFileSync(join(models, 'enums.d.ts'), 'utf8') : '';
  const reader = new ServiceReader(source.protocol, readMemberEnums(declarations), readEnums(enumsFile));
  const client = (await import(source.client)) as Record<string, unknown>;
  for (const [name, value] of Object.entries(client)) {
    if (!name.endsWith('$') || !Array.isArray(value)) continue;
    if (value[0] === 9) reader.operation(value, source.only && !source.only.includes(String(value[2])));
    else if (value[0] === -3 && !String(value[1]).startsWith('smithy.ts.sdk')) {
      if (source.errors?.includes(String(value[2])) ?? true) reader.structure(value);
    }
  }
  if (source.only) keepUsedEnums(reader.model);
  return reader.model;
}

function keepUsedEnums(model: ServiceModel): void {
  const members = Object.values(model.shapes).flatMap((shape) => Object.values(shape.members ?? {}));
  const used = new Set(members.map((member) => member.enum));
  for (const name of Object.keys(model.enums)) if (!used.has(name)) delete model.enums[name];
}

const TYPE_OF: Record<string, string> = {
  string: 'string',
  number: 'number',
  boolean: 'boolean',
  document: 'unknown',
  blob: 'Uint8Array',
  unit: 'undefined',
};

function typeOf(model: ServiceModel, member: MemberModel): string {
  if (member.type.startsWith('timestamp')) return 'Date';
  if (member.enum && member.type === 'string') return model.enums[member.enum]!.map((v) => `'${v}'`).join(' | ');
  const shape = member.shape === undefined ? undefined : model.shapes[member.shape];
  if (shape?.kind === 'list') return `ReadonlyArray<${typeOf(model, shape.element!)}>`;
  if (shape?.kind === 'map') return `Readonly<Record<string, ${typeOf(model, shape.element!)}>>`;
  return member.shape ?? TYPE_OF[member.type] ?? 'unknown';
}

/** The TypeScript types of a service's inputs, outputs and structures. Required members are not optional. */
function writeTypes(service: string, model: ServiceModel): string {
  const lines = [
    `// Generated by scripts/generate-wire-model.ts from the SDK's schemas of ${service}. Not edited by hand.`,
    '',
  ];
  for (const [name, shape] of Object.entries(model.shapes).sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (!shape.members || shape.kind === 'error') continue;
    lines.push(`export interface ${name} {`);
    for (const [member, memberModel] of Object.entries(shape.members)) {
      const isRequired = shape.required?.includes(member);
      lines.push(
        `  ${member}${isRequired ? '' : '?'}: ${typeOf(model, memberModel)}${isRequired ? '' : ' | undefined'};`,
      );
    }
    lines.push('}', '');
  }
  lines.push('export interface Operations {');
  for (const [name, operation] of Object.entries(model.operations)) {
    lines.push(
      `  ${name}: [input: ${operation.input ?? 'Record<never, never>'}, output: ${operation.output ?? 'void'}];`,
    );
  }
  lines.push('}', '');
  return lines.join('\n');
}

/** All generated files: path below the project's root → content. */
export async function generateWireModel(): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  const services: Record<string, ServiceModel> = {};
  for (const source of SOURCES) {
    const model = await readService(source);
    services[source.service] = model;
    files.set(`src/protocol/wire/shapes-${source.service}.ts`, writeTypes(source.service, model));
  }
  files.set('src/protocol/wire/model.json', `${JSON.stringify(services)}\n`);
  return files;
}
