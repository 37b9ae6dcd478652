// Domain names between text and octets (RFC 1035 3.1, 4.1.4). The text is that of zones: labels with a dot after each, octets as
// they are, but a dot or a backslash within a label as an octal escape, as Route 53 writes them.

const LABEL_BYTES_MAX = 63;
export const NAME_BYTES_MAX = 255;
const DOT = 0x2e;
const BACKSLASH = 0x5c;
const ESCAPED = /\\([0-7]{3}|.)/gs;

/** The octets of a name, without compression; the trailing dot may be missing. Throws for what is no name. */
export function encodeName(text: string): Buffer {
  const labels = text === '' || text === '.' ? [] : text.replace(/\.$/, '').split('.');
  const bytes: number[] = [];
  for (const label of labels) {
    const octets = label.includes('\\') ? label.replace(ESCAPED, unescaped) : label;
    if (octets === '' || octets.length > LABEL_BYTES_MAX)
      throw new Error(`'${text.slice(0, NAME_BYTES_MAX)}' is no name`);
    bytes.push(octets.length);
    for (let at = 0; at < octets.length; at += 1) bytes.push(octets.charCodeAt(at));
  }
  bytes.push(0);
  if (bytes.length > NAME_BYTES_MAX) throw new Error(`a name of ${bytes.length} octets exceeds ${NAME_BYTES_MAX}`);
  return Buffer.from(bytes);
}

function unescaped(_: string, escape: string): string {
  return escape.length === 3 ? String.fromCharCode(Number.parseInt(escape, 8) & 0xff) : escape;
}

/** A name as zones keep it, from a record's text: lower case, trailing dot, no escapes but those that must be. */
export function zoneName(text: string): string {
  if (/^[a-z0-9._*-]*$/i.test(text)) return text.endsWith('.') ? text.toLowerCase() : `${text.toLowerCase()}.`;
  return readName(encodeName(text), 0)!.text;
}

export interface WireName {
  /** Lower case with a trailing dot: the form in which zones keep names. */
  readonly text: string;
  /** After the name. */
  readonly end: number;
  readonly isLowerCase: boolean;
}

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
      } else if (octet === DOT || octet === BACKSLASH) isPlain = false;
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
  let text = '';
  for (let at = offset; message[at] !== 0; at += message[at]! + 1) {
    const label = message.toString('latin1', at + 1, at + 1 + message[at]!);
    text += `${lowerCase(label).replace(/[.\\]/g, (c) => `\\${c.charCodeAt(0).toString(8).padStart(3, '0')}`)}.`;
  }
  return text;
}

/** Of ASCII letters alone (RFC 4343). */
function lowerCase(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
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
