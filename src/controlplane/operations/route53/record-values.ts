// What a record's value may be, by type. A value is kept as it was sent; dns/ encodes it.

import { isIPv4, isIPv6 } from 'node:net';
import { quotedStrings } from '../../../protocol/record-text.ts';

const NAME = /^(?:[A-Za-z0-9_*-]{1,63}\.)*[A-Za-z0-9_-]{1,63}\.?$/;
const isNumber = (text: string | undefined, max: number) =>
  text !== undefined && /^\d{1,10}$/.test(text) && Number(text) <= max;
const isName = (text: string | undefined) => text !== undefined && (text === '.' || NAME.test(text));
/** The types that are served, each with its check. */
const CHECKS: Readonly<Record<string, (value: string) => boolean>> = {
  A: isIPv4,
  AAAA: isIPv6,
  CNAME: isName,
  NS: isName,
  PTR: isName,
  TXT: (value) => {
    const strings = quotedStrings(value) ?? [];
    return strings.length > 0 && strings.every((text) => text.length <= 255);
  },
  CAA: (value) => /^\d{1,3} [a-zA-Z0-9]+ "[^"]*"$/.test(value) && Number(value.split(' ')[0]) <= 255,
  MX: (value) =>
    isNumber(value.split(/\s+/)[0], 65_535) && isName(value.split(/\s+/)[1]) && value.split(/\s+/).length === 2,
  SRV: (value) => {
    const parts = value.split(/\s+/);
    return parts.length === 4 && parts.slice(0, 3).every((part) => isNumber(part, 65_535)) && isName(parts[3]);
  },
  SOA: (value) => {
    const parts = value.split(/\s+/);
    return (
      parts.length === 7 &&
      isName(parts[0]) &&
      isName(parts[1]) &&
      parts.slice(2).every((part) => isNumber(part, 2 ** 32 - 1))
    );
  },
};

export const SERVED_TYPES = Object.keys(CHECKS);

/** Why the value cannot be one of this type; undefined when it can. */
export function valueProblem(type: string, value: string): string | undefined {
  return CHECKS[type]?.(value)
    ? undefined
    : `Invalid Resource Record: '${value.slice(0, 128)}' is not a valid ${type} value`;
}
