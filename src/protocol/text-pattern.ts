// A pattern that a user wrote, matched against a whole text in time that is proportional to it.

import { RE2JS } from 're2js';

/** Undefined for a pattern that this engine does not take: it knows neither lookaround nor back references. */
export function matchesWhole(pattern: string, text: string): boolean | undefined {
  let compiled: RE2JS;
  try {
    compiled = RE2JS.compile(pattern);
  } catch {
    return undefined;
  }
  return compiled.matches(text);
}
