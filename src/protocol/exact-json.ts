// JSON whose numbers are kept as they were written where JavaScript would change them: ids of more than 16 digits, `1.0`, `1e3`.
// Such a number is the engine's raw JSON value: JSON.stringify writes it as it was. All else is what JSON.parse gives.

interface RawJson {
  readonly rawJSON: string;
}

/** Of the standard, and in Node 24, but not yet in TypeScript's library. */
const { rawJSON, isRawJSON } = JSON as unknown as {
  readonly rawJSON: (text: string) => RawJson;
  readonly isRawJSON: (value: unknown) => value is RawJson;
};

/** What a number that JavaScript would change looks like; texts may look so too, and then only cost time. */
const CHANGED = /\d{16}|\d[eE]|\d\.\d*0(?!\d)|-0(?!\.?\d)/;

/** Whether a JSON text may hold a number that JavaScript would change. */
export function mayHoldExactNumbers(text: string): boolean {
  return CHANGED.test(text);
}

/** As JSON.parse, with such numbers kept. Throws what that throws, and a RangeError for a text that nests too deeply. */
export function parseExactJson(text: string): unknown {
  if (!CHANGED.test(text)) return JSON.parse(text) as unknown;
  const keep = (_: string, value: unknown, { source }: { source?: string }): unknown =>
    typeof value === 'number' && source !== undefined && String(value) !== source ? rawJSON(source) : value;
  return JSON.parse(text, keep as (key: string, value: unknown) => unknown) as unknown;
}

/** The number as it was written, for one that was kept so; undefined for every other value. */
export function exactNumber(value: object): string | undefined {
  return isRawJSON(value) ? value.rawJSON : undefined;
}
