// The PATCH form of API Gateway's REST API: a list of operations, each with a path and a text (RFC 6902 without what AWS has not).

import type { PatchOperation } from '../../../protocol/wire/shapes-apigateway.ts';
import { badRequest } from '../apigatewayv2/find.ts';

export interface Patch {
  readonly op: 'add' | 'remove' | 'replace';
  /** As it was sent. */
  readonly path: string;
  /** Its segments, decoded; empty ones are left out, as some clients write them. */
  readonly segments: readonly string[];
  readonly value: string;
}

/** Throws BadRequestException for an operation that is none of the three, or has no path. */
export function readPatches(operations: readonly PatchOperation[] = []): Patch[] {
  return operations.map(({ op, path, value = '' }) => {
    if (op !== 'add' && op !== 'remove' && op !== 'replace')
      throw badRequest(`Invalid patch operation specified. Must be one of: [add, remove, replace]`);
    if (path === undefined || !path.startsWith('/'))
      throw badRequest(`Invalid patch path specified for op '${op}': it must begin with /`);
    const segments = path.split('/').filter((segment) => segment !== '');
    return { op, path, segments: segments.map(unescaped), value };
  });
}

/** RFC 6901. */
function unescaped(segment: string): string {
  return segment.replaceAll('~1', '/').replaceAll('~0', '~');
}

/** Throws always: BadRequestException for a path that cannot be patched so. */
export function refusePath({ op, path }: Patch, known: readonly string[]): never {
  const shown = path.slice(0, 256);
  throw badRequest(`Invalid patch path '${shown}' specified for op '${op}'. Must be one of: [${known.join(', ')}]`);
}

/** The value as a number. Throws BadRequestException for what is none. */
export function numberOf({ path, value }: Patch): number {
  if (!/^\d+(\.\d+)?$/.test(value))
    throw badRequest(`The value of ${path} must be a number, and is '${value.slice(0, 32)}'.`);
  return Number(value);
}

export function booleanOf({ path, value }: Patch): boolean {
  if (!/^(true|false)$/i.test(value))
    throw badRequest(`The value of ${path} must be true or false, and is '${value.slice(0, 32)}'.`);
  return value.toLowerCase() === 'true';
}
