// One invocation for one event, with its ends in the words of the path.

import { refuse, type Refusal } from '../../model/faults.ts';
import type { FunctionCall, FunctionOutcome } from '../../model/function-call.ts';
import type { Invoke } from '../invoke.ts';
import { amznTraceHeader } from '../tracing.ts';
import type { IntegrationEvent } from './event-context.ts';

const STEP = 'integrate';

/** What the function said, well or not; a refusal when it could not say anything. */
export async function invokeFunction(
  call: Omit<FunctionCall, 'account' | 'region' | 'traceHeader'>,
  event: IntegrationEvent,
  invoke: Invoke,
): Promise<Extract<FunctionOutcome, { kind: 'returned' | 'failed' }> | Refusal> {
  const { account, region } = event.connection;
  const outcome = await invoke({ ...call, account, region, traceHeader: event.trace && amznTraceHeader(event) });
  if (outcome.kind === 'timedOut') return refuse('IntegrationTimeout', STEP, outcome.reason);
  // AWS says 500 where it may not call a function, or finds none.
  if (outcome.kind === 'unreachable') return refuse('ConfigurationError', STEP, outcome.reason);
  return outcome;
}
