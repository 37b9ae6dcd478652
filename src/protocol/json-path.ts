// The definite part of JSONPath that selection expressions and parameter mappings use: `a.b`, `['a']`, `[0]`, with or without
// a leading `$`. A path that leads nowhere gives undefined.

export type JsonPath = readonly (string | number)[];

const STEP = /\.?(?:\[\s*(?:'([^']*)'|"([^"]*)"|(\d+))\s*\]|([^.[\]'"]+))/y;

/** The steps of a path, or undefined when the text is not such a path. */
export function parseJsonPath(text: string): JsonPath | undefined {
  const source = text.startsWith('$') ? text.slice(1) : text;
  const steps: (string | number)[] = [];
  STEP.lastIndex = 0;
  while (STEP.lastIndex < source.length) {
    const match = STEP.exec(source);
    if (!match) return undefined;
    steps.push(match[3] === undefined ? (match[1] ?? match[2] ?? match[4]!) : Number(match[3]));
  }
  return steps;
}

/** The value at the path. Only own properties are followed: a document cannot reach into JavaScript's prototypes. */
export function evaluateJsonPath(document: unknown, path: JsonPath): unknown {
  let value = document;
  for (const step of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    if (Array.isArray(value) ? typeof step !== 'number' : typeof step === 'number') return undefined;
    if (!Object.hasOwn(value, step)) return undefined;
    value = (value as Record<string | number, unknown>)[step];
  }
  return value;
}

/** Levels that a value is shown to; what lies deeper is left out, so that no message can exhaust the stack. */
const SHOWN_LEVELS_MAX = 64;

/** A value as text, as a selection shows it: strings as they are, lists `[a, b]`, objects `{k=v}`, nothing for null. */
export function textOf(value: unknown, levels: number = SHOWN_LEVELS_MAX): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'string') return value;
  if (typeof value === 'object' && levels === 0) return '';
  if (Array.isArray(value)) return `[${value.map((element) => textOf(element, levels - 1)).join(', ')}]`;
  if (typeof value === 'object') {
    return `{${Object.entries(value)
      .map(([key, member]) => `${key}=${textOf(member, levels - 1)}`)
      .join(', ')}}`;
  }
  return String(value);
}
