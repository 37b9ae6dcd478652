// Domain names between text and octets (RFC 1035 3.1, 4.1.4). The text is the form in which zones keep them (`nameOfLabels`).

import { isProblem, nameOfLabels, parseDomainName, type DomainLabels } from '../record-text.ts';

const LABEL_BYTES_MAX = 63;
export const NAME_BYTES_MAX = 255;
const DOT = 0x2e;

/** The octets of a name's text, without compression; the trailing dot may be missing. Throws for what is no name. */
export function encodeName(text: string): Buffer {
  return encodeLabels(labelsOf(text));
}

export function encodeLabels(labels: DomainLabels): Buffer {
  const length = labels.reduce((sum, label) => sum + label.length + 1, 1);
  const bytes = Buffer.alloc(length);
  let at = 0;
  for (const label of labels) {
    bytes[at] = label.length;
    at += 1 + bytes.write(label, at + 1, 'latin1');
  }
  return bytes;
}

/** A name as zones keep it, from a record's text. Throws for what is no name. */
export function zoneName(text: string): string {
  return nameOfLabels(labelsOf(text));
}

function labelsOf(text: string): DomainLabels {
  const labels = parseDomainName(text);
  if (isProblem(labels)) throw new Error(`'${text.slice(0, NAME_BYTES_MAX)}' is no name: ${labels.problem}`);
  return labels;
}

export interface WireName {
  /** Lower case with a trailing dot: the form in which zones keep names. */
  readonly text: string;
  /** After the name. */
  readonly end: number;
  readonly isLowerCase: boolean;
}

/** Whether an octet stands for itself in a zone's name. */
const IS_PLAIN = Uint8Array.from({ length: 256 }, (_, octet) => Number(/[a-z0-9_*-]/.test(String.fromCharCode(octet))));
const scratch = Buffer.alloc(NAME_BYTES_MAX + 1);

/** The uncompressed name at an offset; undefined when it is cut short, too long, or a pointer. */
export function readName(message: Buffer, offset: number): WireName | undefined {
  let at = offset;
  let isLowerCase = true;
  let isPlain = true;
  let written = 0;
  for (;;) {
    const length = message[at];
    if (length === undefined || length > LABEL_BYTES_MAX || at - offset + length >= NAME_BYTES_MAX) return undefined;
    at += 1;
    if (length === 0) break;
    const end = at + length;
    if (end > message.length) return undefined;
    for (; at < end; at += 1) {
      let octet = message[at]!;
      if (octet >= 0x41 && octet <= 0x5a) {
        isLowerCase = false;
        octet |= 0x20;
      } else if (IS_PLAIN[octet] === 0) isPlain = false;
      scratch[written++] = octet;
    }
    scratch[written++] = DOT;
  }
  if (written === 0) return { text: '.', end: at, isLowerCase };
  const text = isPlain ? scratch.toString('latin1', 0, written) : escapedName(message, offset);
  return { text, end: at, isLowerCase };
}

/** The text of a name that was read to its end before. */
function escapedName(message: Buffer, offset: number): string {
  const labels: string[] = [];
  for (let at = offset; message[at] !== 0; at += message[at]! + 1) {
    labels.push(message.toString('latin1', at + 1, at + 1 + message[at]!));
  }
  return nameOfLabels(labels);
}

/** Where the name at an offset ends, pointers included; undefined when it does not end within the message. */
export function skipName(message: Buffer, offset: number): number | undefined {
  for (let at = offset; ;) {
    const length = message[at];
    if (length === undefined) return undefined;
    if (length === 0) return at + 1;
    if (length >= 0xc0) return at + 2 <= message.length ? at + 2 : undefined;
    if (length > LABEL_BYTES_MAX) return undefined;
    at += length + 1;
    if (at - offset >= NAME_BYTES_MAX) return undefined;
  }
}
