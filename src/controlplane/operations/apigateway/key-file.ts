// The file of ImportApiKeys: comma-separated values (RFC 4180) under a line of names, in any order and case: `name` and `key`, and
// `description`, `enabled` and `usageplanids`.

import { limit } from '../../../settings/limits.ts';
import { badRequest } from '../apigatewayv2/find.ts';

export interface KeyRow {
  readonly name: string;
  readonly value: string;
  readonly description: string | undefined;
  readonly enabled: boolean;
  readonly usagePlanIds: readonly string[];
}

/** Throws BadRequestException for a file without the two columns that must be there, or with too many rows. */
export function readKeyFile(text: string): KeyRow[] {
  const [heads, ...rows] = readLines(text);
  const columns = (heads ?? []).map((head) => head.trim().toLowerCase());
  for (const needed of ['name', 'key'])
    if (!columns.includes(needed)) throw badRequest(`The file has no column '${needed}' in its first line.`);
  const max = limit('apiKeysPerImportMax');
  if (rows.length > max) throw badRequest(`The file has ${rows.length} keys, at most ${max} are allowed.`);
  return rows.map((row) => {
    const cell = (name: string) => row[columns.indexOf(name)]?.trim() || undefined;
    const plans = cell('usageplanids')?.split(',') ?? [];
    return {
      name: cell('name') ?? '',
      value: cell('key') ?? '',
      description: cell('description'),
      enabled: cell('enabled')?.toLowerCase() === 'true',
      usagePlanIds: plans.map((plan) => plan.trim()).filter((plan) => plan !== ''),
    };
  });
}

/** Lines of cells; those without a cell are left out. A quoted cell may hold commas, line breaks and doubled quotes. */
function readLines(text: string): string[][] {
  const lines: string[][] = [];
  let line: string[] = [];
  const endLine = () => {
    if (line.some((cell) => cell !== '')) lines.push(line);
    line = [];
  };
  for (const [, quoted, plain = '', end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/g)) {
    line.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end !== ',') endLine();
  }
  return lines;
}
