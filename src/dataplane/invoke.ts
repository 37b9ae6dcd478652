// What the data plane asks of `functions/`: to invoke a Lambda function and wait for what it returns.

import type { FunctionCall, FunctionOutcome } from '../model/function-call.ts';

/**
 * Invokes a function once and waits for it, without a retry. Never rejects.
 * @port invoke
 */
export interface Invoke {
  (call: FunctionCall): Promise<FunctionOutcome>;
}
