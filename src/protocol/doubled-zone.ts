// The mistake of a zone that is appended twice: forms for records add the zone to what is typed, and a whole name typed there ends up
// as `ws.example.com.example.com`. Where such a record would stand, and what to say of it; asks nobody.

export interface DoubledName {
  readonly doubled: string;
  /** What should have been typed. */
  readonly relative: string;
}

/** Of a name without a dot at its end: one for each zone of two labels or more that may hold it, the deepest first. */
export function doubledNames(name: string): readonly DoubledName[] {
  const labels = name.split('.');
  return labels.slice(0, -1).map((_, position) => {
    const zone = labels.slice(position).join('.');
    return { doubled: `${name}.${zone}`, relative: labels.slice(0, position).join('.') || '@' };
  });
}

export function doubledAdvice({ doubled, relative }: DoubledName): string {
  return `the record stands at ${doubled}: the provider appended the zone a second time. Enter its name as ${relative}`;
}

/** True when a target is what was meant with a zone behind it: its value was typed without the dot at the end. */
export function isAppendedTo(target: string, value: string): boolean {
  return target.startsWith(`${value}.`);
}
