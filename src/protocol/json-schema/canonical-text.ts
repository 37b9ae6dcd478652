// One text for each JSON value, whatever the order of an object's members: equal values, in the sense of JSON Schema, have equal texts.

/** Throws RangeError for a value that is nested too deeply for the stack. */
export function canonicalText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalText).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.keys(value)
    .sort()
    .map((name) => `${JSON.stringify(name)}:${canonicalText((value as Record<string, unknown>)[name])}`);
  return `{${members.join(',')}}`;
}
