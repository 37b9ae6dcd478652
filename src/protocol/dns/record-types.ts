// Types of records by number and by name (IANA). A question may have any number; one without a name here is `TYPE{number}`
// (RFC 3597 5).

const NUMBERS = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  PTR: 12,
  MX: 15,
  TXT: 16,
  AAAA: 28,
  SRV: 33,
  NAPTR: 35,
  OPT: 41,
  DS: 43,
  SSHFP: 44,
  TLSA: 52,
  SVCB: 64,
  HTTPS: 65,
  SPF: 99,
  TSIG: 250,
  IXFR: 251,
  AXFR: 252,
  ANY: 255,
  CAA: 257,
} as const;

const BY_NAME: ReadonlyMap<string, number> = new Map(Object.entries(NUMBERS));
const BY_NUMBER: ReadonlyMap<number, string> = new Map(Object.entries(NUMBERS).map(([name, number]) => [number, name]));

export const OPT = NUMBERS.OPT;

export function typeName(number: number): string {
  return BY_NUMBER.get(number) ?? `TYPE${number}`;
}

/** Throws for a type that has no number here. */
export function typeNumber(name: string): number {
  const number = BY_NAME.get(name);
  if (number === undefined) throw new Error(`records of type ${name} are not encoded`);
  return number;
}
