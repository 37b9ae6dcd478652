// What AWS has and this version has not is refused by its name, never accepted and ignored.

import { Fault } from '../../model/faults.ts';

/** Throws NotImplemented when one of these members was given (and is not false). */
export function refuseUnavailable(what: string, members: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(members)) {
    if (value === undefined || value === false) continue;
    throw new Fault('NotImplemented', `${name} of ${what} is not available in this version of Sallyport.`);
  }
}
