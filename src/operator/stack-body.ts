// The body of PUT /_sallyport/stack, read strictly: what is kept here is trusted by the `up` that reads it next.

import { limit } from '../settings/limits.ts';
import type { StackResource } from '../model/stack.ts';
import { refused } from './signed-request.ts';

export interface FunctionGiven {
  readonly name: string;
  readonly handler: string;
  readonly runtime?: 'nodejs' | 'python' | 'command';
  readonly taskRoot: string;
  readonly timeoutSeconds: number;
  readonly memoryMb: number;
  /** Perhaps secrets. */
  readonly environment: Readonly<Record<string, string>>;
}

/** One that stays as it is. */
interface FunctionKept {
  readonly name: string;
}

export interface StackBody {
  /** The one that was read: 0 for a stack that is not there yet. */
  readonly revision: number;
  readonly template: string;
  readonly underWay?: string;
  readonly resources: readonly StackResource[];
  readonly outgoing: readonly StackResource[];
  readonly functions: readonly (FunctionGiven | FunctionKept)[];
  readonly codeToken?: string;
  /** Whose change it is; absent from the last one. */
  readonly run?: string;
  /** The last one of a run, which it was until then. */
  readonly ends?: string;
}

type Members = Readonly<Record<string, unknown>>;

const TEXT_CHARACTERS_MAX = 4_096;

export function readStackBody(body: Uint8Array): StackBody {
  let given: unknown;
  try {
    given = JSON.parse(Buffer.from(body).toString());
  } catch (error) {
    throw refused(`The body must be JSON: ${(error as Error).message.slice(0, 128)}`);
  }
  if (!isMap(given)) throw refused('The body must be a JSON object.');
  const { revision, template, underWay, resources, outgoing, functions, codeToken, run, ends } = given;
  if (!Number.isSafeInteger(revision) || (revision as number) < 0) throw refused('revision must be a whole number.');
  if (underWay !== undefined) text(underWay, 'underWay');
  for (const [name, value] of Object.entries({ codeToken, run, ends })) if (value !== undefined) text(value, name);
  return {
    ...(given as unknown as StackBody),
    template: text(template, 'template'),
    resources: listOf(resources, 'resources', limit('stackResourcesMax'), 'logicalId').map(readResource),
    outgoing: listOf(outgoing, 'outgoing', limit('stackResourcesMax'), 'physicalId').map(readResource),
    functions: listOf(functions, 'functions', limit('stackFunctionsMax'), 'name').map(readFunction),
  };
}

/** `own`: the member that is another one in each. */
function listOf(value: unknown, name: string, max: number, own: string): readonly Members[] {
  if (!Array.isArray(value) || !value.every(isMap)) throw refused(`${name} must be a list of objects.`);
  if (value.length > max) throw refused(`The stack has ${value.length} ${name}, and may have ${max}.`);
  const owned = value.map((one) => one[own]);
  if (!owned.every((one) => typeof one === 'string') || (own !== 'physicalId' && new Set(owned).size < owned.length))
    throw refused(`Each of ${name} must have a ${own} of its own.`);
  return value;
}

function readResource(given: Members): StackResource {
  const { attributes, applied, dependsOn, deletionPolicy } = given;
  if (!isMap(attributes) || !isMap(applied)) throw refused('attributes and applied of resources must be objects.');
  if (!Array.isArray(dependsOn) || !dependsOn.every((one) => typeof one === 'string'))
    throw refused('dependsOn of resources must be a list of texts.');
  return {
    logicalId: text(given['logicalId'], 'logicalId'),
    type: text(given['type'], 'type'),
    physicalId: text(given['physicalId'], 'physicalId'),
    attributes: attributes as StackResource['attributes'],
    applied,
    dependsOn,
    deletionPolicy: deletionPolicy === 'Retain' ? 'Retain' : 'Delete',
  };
}

function readFunction(given: Members): FunctionGiven | FunctionKept {
  const name = text(given['name'], 'name');
  if (given['handler'] === undefined) return { name };
  const { runtime, timeoutSeconds, memoryMb, environment } = given;
  if (!isMap(environment)) throw refused('environment of functions must be an object.');
  return {
    name,
    handler: text(given['handler'], 'handler'),
    taskRoot: text(given['taskRoot'], 'taskRoot'),
    timeoutSeconds: timeoutSeconds as number,
    memoryMb: memoryMb as number,
    environment: environment as FunctionGiven['environment'],
    ...(runtime !== undefined && { runtime: text(runtime, 'runtime') as 'nodejs' }),
  };
}

function text(value: unknown, name: string): string {
  if (typeof value === 'string' && value.length <= TEXT_CHARACTERS_MAX) return value;
  throw refused(`${name} must be a text of at most ${TEXT_CHARACTERS_MAX} characters.`);
}

const isMap = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
