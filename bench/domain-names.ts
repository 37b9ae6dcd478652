// The custom domain names of the bench of many: what the one at a place of the row is called, and its certificates. All of it is
// known from the place, so the loads need no list.

import { createHash } from 'node:crypto';
import { formatArn } from '../src/model/arn.ts';
import { REGION } from './subject.ts';

/** Of `test`/`test`. */
export const ACCOUNT = '000000000000';

/** A name may have a second certificate, to be changed to. */
export type Edition = 'first' | 'second';

export function domainNameAt(at: number): string {
  return `n${String(at).padStart(6, '0')}.bench.example`;
}

export function mappingIdAt(at: number): string {
  return at.toString(36).padStart(6, '0');
}

/** Without order, as real ones are; known again without a look-up. */
export function certificateArnAt(at: number, edition: Edition): string {
  const hex = digest('arn', at, edition).toString('hex');
  const uuid = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-');
  return formatArn('acm', REGION, ACCOUNT, `certificate/${uuid}`);
}

/** 16 octets, positive. */
export function serialAt(at: number, edition: Edition): Buffer {
  const serial = digest('serial', at, edition).subarray(0, 16);
  serial[0] = (serial[0]! & 0x7f) | 0x40;
  return serial;
}

function digest(...parts: readonly (string | number)[]): Buffer {
  return createHash('sha256').update(parts.join(' ')).digest();
}
