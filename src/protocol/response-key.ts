// Keys of integration responses (websocket-apis 1.11): `$default`, or a regular expression between slashes that has to match the
// whole selected value. Expressions are another's text over a backend's text, so they run in linear time (RE2); what needs
// backtracking, like look-aheads, is refused. The library is loaded with the first pattern: most starts need none.

import { createRequire } from 'node:module';
import type { RE2JS } from 're2js';

/** Whether a selected value is the key's. */
export interface ResponsePattern {
  test(value: string): boolean;
}

let library: typeof RE2JS | undefined;

/** The pattern of a key, `'default'` for `$default`, or a phrase that says what is wrong with it. */
export function parseResponseKey(key: string): ResponsePattern | 'default' | { problem: string } {
  if (key === '$default') return 'default';
  const source = /^\/(.+)\/$/s.exec(key)?.[1];
  if (source === undefined)
    return { problem: 'expected $default or a regular expression between slashes, like /2\\d\\d/' };
  library ??= (createRequire(import.meta.url)('re2js') as { RE2JS: typeof RE2JS }).RE2JS;
  try {
    const pattern = library.compile(source);
    return { test: (value) => pattern.matches(value) };
  } catch (error) {
    // A syntax error is the answer; its words name the place.
    const words = error instanceof Error ? error.message.replace(/^error parsing regexp: /, '') : String(error);
    return { problem: `not a regular expression of RE2: ${words.slice(0, 200)}` };
  }
}
