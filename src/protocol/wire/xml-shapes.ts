// XML in and out for rest-xml, by the shapes of the wire model. The parser is strict, reads no document type and expands no
// entity but the five of XML itself.

import { SaxesParser } from 'saxes';
import { shapeOf, type MemberModel, type ServiceModel, type WireRecord } from './model.ts';
import { InputProblem } from './input-problem.ts';

export interface XmlElement {
  readonly name: string;
  readonly children: XmlElement[];
  text: string;
}

const DEPTH_MAX = 64;

/** The root element of a document. Throws InputProblem when it is not well formed, or has a document type. */
export function parseXml(text: string): XmlElement {
  const parser = new SaxesParser({ position: true });
  const top: XmlElement = { name: '', children: [], text: '' };
  const open = [top];
  parser.on('error', (error) => {
    throw new InputProblem(`Invalid XML ; ${error.message}`);
  });
  parser.on('doctype', () => {
    throw new InputProblem('Invalid XML ; a document type is not allowed');
  });
  parser.on('opentag', (tag) => {
    if (open.length > DEPTH_MAX) throw new InputProblem(`Invalid XML ; more than ${DEPTH_MAX} levels of elements`);
    const element: XmlElement = { name: tag.name.slice(tag.name.indexOf(':') + 1), children: [], text: '' };
    open.at(-1)!.children.push(element);
    open.push(element);
  });
  parser.on('closetag', () => void open.pop());
  parser.on('text', (part) => {
    open.at(-1)!.text += part;
  });
  parser.on('cdata', (part) => {
    open.at(-1)!.text += part;
  });
  parser.write(text).close();
  const root = top.children[0];
  if (!root) throw new InputProblem('Invalid XML ; the document is empty');
  return root;
}

/** An element → a structure, whatever the order of its children. */
export function structureFromXml(service: ServiceModel, shape: string, element: XmlElement, path: string): WireRecord {
  const record: WireRecord = {};
  for (const [name, member] of Object.entries(shapeOf(service, shape).members ?? {})) {
    if (member.location !== undefined) continue;
    const child = element.children.find((one) => one.name === (member.wireName ?? name));
    if (child) record[name] = valueFromXml(service, member, child, path === '' ? name : `${path}.${name}`);
  }
  return record;
}

function valueFromXml(service: ServiceModel, member: MemberModel, element: XmlElement, path: string): unknown {
  switch (member.type) {
    case 'structure':
      return structureFromXml(service, member.shape!, element, path);
    case 'list': {
      const inner = shapeOf(service, member.shape!).element!;
      const items = element.children.filter((child) => child.name === (inner.wireName ?? 'member'));
      return items.map((child, position) => valueFromXml(service, inner, child, `${path}[${position}]`));
    }
    case 'number': {
      const text = element.text.trim();
      // XML Schema's numbers: `0x10` is none.
      if (!/^[+-]?\d+(?:\.\d+)?$/.test(text)) throw new InputProblem(`${path} must be a number`);
      return Number(text);
    }
    case 'boolean': {
      const text = element.text.trim();
      if (text !== 'true' && text !== 'false') throw new InputProblem(`${path} must be true or false`);
      return text === 'true';
    }
    case 'string':
      return element.text;
    case 'blob':
      return new Uint8Array(Buffer.from(element.text, 'base64'));
    default: {
      const date = new Date(element.text.trim());
      if (Number.isNaN(date.getTime())) throw new InputProblem(`${path} must be a timestamp`);
      return date;
    }
  }
}

/** What has a meaning in XML, and what no document can hold, escaped or not (XML 1.0, 2.2). */
const MEANT = /[&<>"'\r]|[^\t\n\r -\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;

/** Text that any parser of XML reads. What no document can hold, which a client may send in a URL, becomes U+FFFD. */
export function escapeXml(text: string): string {
  return text.replace(MEANT, (c) => (/[&<>"'\r]/.test(c) ? `&#${c.charCodeAt(0)};` : '\ufffd'));
}

/** The inner XML of a structure. Undefined members are left out. */
export function structureToXml(service: ServiceModel, shape: string, record: WireRecord): string {
  let xml = '';
  for (const [name, member] of Object.entries(shapeOf(service, shape).members ?? {})) {
    const value = record[name];
    if (value === undefined || value === null || member.location !== undefined) continue;
    xml += elementToXml(service, member.wireName ?? name, member, value);
  }
  return xml;
}

function elementToXml(service: ServiceModel, tag: string, member: MemberModel, value: unknown): string {
  return `<${tag}>${contentToXml(service, member, value)}</${tag}>`;
}

function contentToXml(service: ServiceModel, member: MemberModel, value: unknown): string {
  switch (member.type) {
    case 'structure':
      return structureToXml(service, member.shape!, value as WireRecord);
    case 'list': {
      const inner = shapeOf(service, member.shape!).element!;
      return (value as unknown[]).map((one) => elementToXml(service, inner.wireName ?? 'member', inner, one)).join('');
    }
    case 'blob':
      return Buffer.from(value as Uint8Array).toString('base64');
    case 'timestamp':
    case 'timestamp-date-time':
      return (value as Date).toISOString();
    default:
      return escapeXml(String(value));
  }
}
