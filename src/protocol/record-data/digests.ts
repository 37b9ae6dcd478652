// Records that are numbers and a digest in hexadecimal: DS (RFC 4034 5), SSHFP (RFC 4255), TLSA (RFC 6698). A digest of a known
// algorithm must have its length; those of an unknown one are taken as they are.

import { OCTET_MAX, TWO_OCTETS_MAX, fieldsOf, parseNumber, type RecordProblem } from '../record-text.ts';

export interface DsData {
  readonly type: 'DS';
  readonly keyTag: number;
  readonly algorithm: number;
  readonly digestType: number;
  readonly digest: Uint8Array;
}

export interface SshfpData {
  readonly type: 'SSHFP';
  readonly algorithm: number;
  readonly fingerprintType: number;
  readonly fingerprint: Uint8Array;
}

export interface TlsaData {
  readonly type: 'TLSA';
  readonly usage: number;
  readonly selector: number;
  readonly matchingType: number;
  readonly data: Uint8Array;
}

/** Octets by digest type: SHA-1, SHA-256, GOST, SHA-384 (RFC 8624 3.3). */
const DS_OCTETS: Readonly<Record<number, number>> = { 1: 20, 2: 32, 3: 32, 4: 48 };
/** SHA-1, SHA-256 (RFC 6594). */
const SSHFP_OCTETS: Readonly<Record<number, number>> = { 1: 20, 2: 32 };
/** SHA-256, SHA-512; 0 is the whole thing. */
const TLSA_OCTETS: Readonly<Record<number, number>> = { 1: 32, 2: 64 };

export function parseDs(value: string): DsData | RecordProblem {
  const parsed = numbersAndDigest('DS', value, [TWO_OCTETS_MAX, OCTET_MAX, OCTET_MAX], DS_OCTETS);
  if ('problem' in parsed) return parsed;
  const [keyTag, algorithm, digestType] = parsed.numbers as [number, number, number];
  return { type: 'DS', keyTag, algorithm, digestType, digest: parsed.digest };
}

export function parseSshfp(value: string): SshfpData | RecordProblem {
  const parsed = numbersAndDigest('SSHFP', value, [OCTET_MAX, OCTET_MAX], SSHFP_OCTETS);
  if ('problem' in parsed) return parsed;
  const [algorithm, fingerprintType] = parsed.numbers as [number, number];
  return { type: 'SSHFP', algorithm, fingerprintType, fingerprint: parsed.digest };
}

export function parseTlsa(value: string): TlsaData | RecordProblem {
  const parsed = numbersAndDigest('TLSA', value, [OCTET_MAX, OCTET_MAX, OCTET_MAX], TLSA_OCTETS);
  if ('problem' in parsed) return parsed;
  const [usage, selector, matchingType] = parsed.numbers as [number, number, number];
  return { type: 'TLSA', usage, selector, matchingType, data: parsed.digest };
}

/** The last of the numbers names the algorithm of the digest. Blanks inside the digest are allowed (RFC 4034 5.3). */
function numbersAndDigest(
  type: string,
  value: string,
  bounds: readonly number[],
  lengths: Readonly<Record<number, number>>,
): { readonly numbers: readonly number[]; readonly digest: Uint8Array } | RecordProblem {
  const fields = fieldsOf(value);
  if (fields.length <= bounds.length)
    return { problem: `Invalid${type}RDATA (${type} record has fewer than ${bounds.length + 1} fields)` };
  const numbers = bounds.map((max, at) => parseNumber(fields[at], max));
  const wrong = numbers.indexOf(undefined);
  if (wrong >= 0)
    return { problem: `Invalid${type}RDATA (Field ${wrong + 1} is not a number from 0 to ${bounds[wrong]})` };
  const text = fields.slice(bounds.length).join('');
  if (!/^(?:[0-9A-Fa-f]{2})+$/.test(text))
    return { problem: `Invalid${type}RDATA (Digest is not pairs of hexadecimal digits)` };
  const digest = Uint8Array.from(Buffer.from(text, 'hex'));
  const length = lengths[numbers.at(-1)!];
  if (length !== undefined && digest.length !== length)
    return { problem: `Invalid${type}RDATA (Digest has ${digest.length} octets, and its algorithm makes ${length})` };
  return { numbers: numbers as number[], digest };
}
