// An option that may be given several times, one value each. One that took all words up to the next option would swallow those of its
// command: `up --dns off template.yaml` has a template.

import { Option } from 'commander';

/** Its value is a list of texts; undefined where it is not given. */
export function repeatedOption(flags: string, help: string): Option {
  return new Option(flags, `${help} (may repeat)`).argParser((value: string, before: readonly string[] = []) => [
    ...before,
    value,
  ]);
}
