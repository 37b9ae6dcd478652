// What a record's value may be, by type. A value is kept as it was sent; dns/ encodes it.

import { parseRecordData, RECORD_TYPES } from '../../../protocol/record-data/record-data.ts';
import { isProblem } from '../../../protocol/record-text.ts';

export const SERVED_TYPES: readonly string[] = RECORD_TYPES;

/** Why the value cannot be one of this type; undefined when it can. */
export function valueProblem(type: string, value: string): string | undefined {
  return isProblem(parseRecordData(type, value))
    ? `Invalid Resource Record: '${value.slice(0, 128)}' is not a valid ${type} value`
    : undefined;
}
