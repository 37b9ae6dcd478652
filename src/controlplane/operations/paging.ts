// Pages of lists. A token says which list it belongs to and after which id to go on; nobody but this file reads it.

import { createHash } from 'node:crypto';
import { Fault, type ControlFaultCode } from '../../model/faults.ts';
import type { Page } from '../../store/contract.ts';

const CHECK_CHARACTERS = 12;

function check(list: string, after: string): string {
  return createHash('sha256').update(`${list}\n${after}`).digest('base64url').slice(0, CHECK_CHARACTERS);
}

export function encodeToken(list: string, after: string): string {
  return Buffer.from(JSON.stringify([check(list, after), after])).toString('base64url');
}

/** The id to go on after. Throws the service's fault for a token that is malformed or another list's. */
export function decodeToken(list: string, token: string, code: ControlFaultCode): string {
  try {
    const [given, after] = JSON.parse(Buffer.from(token, 'base64url').toString()) as [string, string];
    if (typeof after === 'string' && given === check(list, after)) return after;
  } catch {
    // Not a token of ours; refused below like one of another list.
  }
  throw new Fault(code, `The pagination token '${token.slice(0, 64)}' is not valid for this list.`);
}

export interface PageRequest {
  /** Names the list, with its parent: a token of another list is refused. */
  readonly list: string;
  readonly token: string | undefined;
  readonly size: number;
  readonly fault: ControlFaultCode;
}

/** Reads one page and whether there is more: asks for one item beyond the page. */
export async function readPage<T extends { readonly id: string }>(
  request: PageRequest,
  read: (page: Page) => Promise<T[]>,
): Promise<{ items: T[]; nextToken: string | undefined }> {
  const after = request.token === undefined ? '' : decodeToken(request.list, request.token, request.fault);
  const rows = await read({ after, limit: request.size + 1 });
  const items = rows.slice(0, request.size);
  return { items, nextToken: rows.length > request.size ? encodeToken(request.list, items.at(-1)!.id) : undefined };
}
