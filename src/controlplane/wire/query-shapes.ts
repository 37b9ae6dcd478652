// The AWS query protocol: an operation and its input as the pairs of a form, lists as `Name.member.1`, structures as `Name.Member`. Its
// output is XML (xml-shapes.ts).

import { shapeOf, type MemberModel, type ServiceModel, type WireRecord } from '../../protocol/wire/model.ts';
import { InputProblem } from '../../protocol/wire/input-problem.ts';

/** Of a list; nobody sends more, and each number costs a look. */
const ELEMENTS_MAX = 256;

/** The pairs of a request: its form body, or its query where it has none. Throws InputProblem for a pair that comes twice. */
export function readForm(query: URLSearchParams, body: Uint8Array): ReadonlyMap<string, string> {
  const pairs = body.length === 0 ? query : new URLSearchParams(Buffer.from(body).toString());
  const form = new Map<string, string>();
  for (const [name, value] of pairs) {
    if (form.has(name)) throw new InputProblem(`The parameter ${name.slice(0, 64)} is given twice`);
    form.set(name, value);
  }
  return form;
}

/** The members of a structure, below `prefix`. */
export function structureFromForm(
  service: ServiceModel,
  shape: string,
  form: ReadonlyMap<string, string>,
  prefix = '',
): WireRecord {
  const record: WireRecord = {};
  for (const [name, member] of Object.entries(shapeOf(service, shape).members ?? {})) {
    const value = valueFromForm(service, member, form, `${prefix}${member.wireName ?? name}`);
    if (value !== undefined) record[name] = value;
  }
  return record;
}

function valueFromForm(
  service: ServiceModel,
  member: MemberModel,
  form: ReadonlyMap<string, string>,
  name: string,
): unknown {
  switch (member.type) {
    case 'structure': {
      const record = structureFromForm(service, member.shape!, form, `${name}.`);
      return Object.keys(record).length === 0 ? undefined : record;
    }
    case 'list':
      return listFromForm(service, shapeOf(service, member.shape!).element!, form, name);
    case 'number':
      return scalar(form.get(name), /^[+-]?\d+$/, Number, `${name} must be an integer`);
    case 'boolean':
      return scalar(form.get(name), /^(true|false)$/, (text) => text === 'true', `${name} must be true or false`);
    default:
      return form.get(name);
  }
}

function listFromForm(
  service: ServiceModel,
  element: MemberModel,
  form: ReadonlyMap<string, string>,
  name: string,
): unknown[] | undefined {
  const list: unknown[] = [];
  for (let number = 1; number <= ELEMENTS_MAX; number += 1) {
    const value = valueFromForm(service, element, form, `${name}.member.${number}`);
    if (value === undefined) break;
    list.push(value);
  }
  // An empty list is sent as its name alone.
  return list.length === 0 && form.get(name) !== '' ? undefined : list;
}

function scalar<T>(text: string | undefined, form: RegExp, read: (text: string) => T, problem: string): T | undefined {
  if (text === undefined) return undefined;
  if (form.test(text)) return read(text);
  throw new InputProblem(problem);
}
