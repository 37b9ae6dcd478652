// The text of records as Route 53 writes it: fields parted by blanks, quoted strings, and octets as octal escapes (`\052`).
// Octets are held as latin1 text. record-data/ reads each type's fields by this; nobody here knows a type.

const QUOTED = /"(?:[^"\\]|\\.)*"/gs;
/** A character-string has one octet of length in front (RFC 1035 3.3). */
const STRING_OCTETS_MAX = 255;
const LABEL_OCTETS_MAX = 63;
/** With the length octets and the root (RFC 1035 3.1). */
const NAME_OCTETS_MAX = 255;

/** Why a text is not what it should be: AWS's code and words, without the text itself. */
export interface RecordProblem {
  readonly problem: string;
}

export function isProblem(value: unknown): value is RecordProblem {
  return typeof value === 'object' && value !== null && 'problem' in value;
}

export const UNSUPPORTED: RecordProblem = {
  problem: 'UnsupportedCharacter (Value contains unsupported characters)',
};

/** The labels of a domain name, from the leftmost on, as octets; the root has none. */
export type DomainLabels = readonly string[];

/**
 * A domain name: labels of printable ASCII and of octal escapes, with or without its last dot. A dot or an octet beyond printable
 * ASCII is in a label as an escape only.
 */
export function parseDomainName(text: string): DomainLabels | RecordProblem {
  if (text === '') return { problem: 'DomainNameEmpty (Domain name is empty)' };
  if (text === '.') return [];
  if (!/^[!-~]+$/.test(text)) return UNSUPPORTED;
  const labels = (text.endsWith('.') ? text.slice(0, -1) : text).split('.').map(unescaped);
  if (labels.includes(undefined)) return UNSUPPORTED;
  if (labels.includes('')) return { problem: 'DomainLabelEmpty (Domain label is empty)' };
  if (labels.some((label) => label!.length > LABEL_OCTETS_MAX))
    return { problem: 'DomainLabelTooLong (Domain label is too long)' };
  if (labels.reduce((sum, label) => sum + label!.length + 1, 1) > NAME_OCTETS_MAX)
    return { problem: 'DomainNameTooLong (Domain name is too long)' };
  return labels as DomainLabels;
}

/** A label in which every backslash begins an octal escape → its octets; undefined when one does not. */
function unescaped(label: string): string | undefined {
  if (/\\(?![0-3][0-7]{2})/.test(label)) return undefined;
  return label.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

/**
 * A name as the zones are keyed, and as DNS questions are read: lower case (ASCII's letters alone), each octet other than a
 * letter, digit, `-`, `_` or `*` as its octal escape, with a last dot.
 */
export function nameOfLabels(labels: DomainLabels): string {
  if (labels.length === 0) return '.';
  return labels.map((label) => `${escapeLabel(label)}.`).join('');
}

function escapeLabel(label: string): string {
  return label
    .replace(/[A-Z]/g, (letter) => letter.toLowerCase())
    .replace(/[^a-z0-9_*-]/g, (octet) => `\\${octet.charCodeAt(0).toString(8).padStart(3, '0')}`);
}

function resolved(text: string): string {
  return text.replace(/\\([0-7]{3}|.)/gs, (_, escape: string) =>
    escape.length === 3 ? String.fromCharCode(Number.parseInt(escape, 8) & 0xff) : escape,
  );
}

const UNQUOTED: RecordProblem = {
  problem: 'InvalidCharacterString (Value should be enclosed in quotation marks)',
};

/** The octets of one quoted string: printable ASCII, and octets or quotes behind backslashes. Its length has no bound here. */
export function parseQuoted(field: string): { readonly octets: string } | RecordProblem {
  if (!/^"(?:[^"\\]|\\.)*"$/s.test(field)) return UNQUOTED;
  const inner = field.slice(1, -1);
  const isPlain = /^(?:[ !#-[\]-~\t]|\\[0-3][0-7]{2}|\\[^0-9])*$/.test(inner) && /^[\t -~]*$/.test(inner);
  return isPlain ? { octets: resolved(inner) } : UNSUPPORTED;
}

/** A quoted string that has its length in one octet (RFC 1035 3.3). */
export function parseCharacterString(field: string): { readonly octets: string } | RecordProblem {
  const parsed = parseQuoted(field);
  if (isProblem(parsed) || parsed.octets.length <= STRING_OCTETS_MAX) return parsed;
  return { problem: 'CharacterStringTooLong (Value is too long)' };
}

/** Strings one after the other; they may touch. */
export function parseCharacterStrings(value: string): readonly string[] | RecordProblem {
  const fields = value.match(QUOTED) ?? [];
  if (fields.length === 0 || value.replace(QUOTED, '').trim() !== '') return UNQUOTED;
  const parsed = fields.map(parseCharacterString);
  return parsed.find((one) => isProblem(one)) ?? parsed.map((one) => (one as { octets: string }).octets);
}

/** The fields of a value, parted by blanks; a quoted string is one field, with its quotes. A value with none has no fields. */
export function fieldsOf(value: string): string[] {
  return [...value.matchAll(/(?:[^\s"\\]|\\.|"(?:[^"\\]|\\.)*"|["\\])+/gs)].map(([field]) => field);
}

/** A number from 0 on in decimal digits; undefined when it is none, or above `max`. */
export function parseNumber(text: string | undefined, max: number): number | undefined {
  return text !== undefined && /^\d{1,10}$/.test(text) && Number(text) <= max ? Number(text) : undefined;
}

export const OCTET_MAX = 0xff;
export const TWO_OCTETS_MAX = 0xffff;
export const FOUR_OCTETS_MAX = 0xffff_ffff;
