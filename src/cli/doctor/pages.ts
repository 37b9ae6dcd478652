// What the signed pages list, to their end or to a bound: of the account whose key is in AWS's variables, and of no other.

import { askControl, ControlProblem } from '../control-client.ts';
import { note, type Finding, type Patient } from './finding.ts';

/** A look at a server is no export of it. */
const PAGES_MAX = 20;

export type Listed<T> = { readonly items: readonly T[] } | { readonly untold: string };

/** All items, of pages that name where the next begins; none without a gateway. */
export async function allOf<T>({ gateway, options }: Patient, target: string, member: string): Promise<Listed<T>> {
  const items: T[] = [];
  if (!gateway) return { items };
  try {
    for (
      let [after, pages]: [string | undefined, number] = ['', 0];
      after !== undefined && pages < PAGES_MAX;
      pages += 1
    ) {
      const query = after === '' ? '' : `?after=${encodeURIComponent(after)}`;
      const page = (await askControl(options, `${target}${query}`)) as Record<string, unknown>;
      items.push(...(page[member] as T[]));
      after = page['after'] as string | undefined;
    }
    return { items };
  } catch (error) {
    if (error instanceof ControlProblem) return { untold: error.message };
    throw error;
  }
}

export function untold(check: string, why: string): readonly Finding[] {
  return [note(check, `not told: ${why}`, 'set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY to a key that may ask')];
}
