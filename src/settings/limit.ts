// What a row of the limits tables says of one bound.

import type { ControlFaultCode, DataFaultCode } from '../model/faults.ts';

export interface Limit {
  readonly value: number;
  /** AWS's value; null where AWS has no such bound or does not say. */
  readonly aws: number | null;
  readonly fault: ControlFaultCode | DataFaultCode | null;
  readonly protects: string;
}
