// One invocation for one event, with its ends in the words of the path.

import { refuse, type Refusal } from '../../model/faults.ts';
import type { FunctionCall, FunctionOutcome } from '../../model/function-call.ts';
import type { Invoke } from '../invoke.ts';
import { amznTraceHeader } from '../tracing.ts';
import type { IntegrationEvent } from './event-context.ts';

const STEP = 'integrate';
const DONE = 200;
const NO_HEADERS = {};

/** What the function said, well or not; a refusal when it could not say anything. */
export async function invokeFunction(
  call: Omit<FunctionCall, 'account' | 'region' | 'traceHeader'>,
  event: IntegrationEvent,
  invoke: Invoke,
): Promise<Extract<FunctionOutcome, { kind: 'returned' | 'failed' }> | Refusal> {
  const { connection, notes } = event;
  const { account, region } = connection;
  if (notes) notes.request = { uri: uriOf(call.functionArn, region), headers: NO_HEADERS, body: call.payload };
  const outcome = await invoke({ ...call, account, region, traceHeader: event.trace && amznTraceHeader(event) });
  if (outcome.kind === 'timedOut') return refuse('IntegrationTimeout', STEP, outcome.reason);
  // AWS says 500 where it may not call a function, or finds none.
  if (outcome.kind === 'unreachable') return refuse('ConfigurationError', STEP, outcome.reason);
  if (notes) {
    notes.response = { status: DONE, headers: NO_HEADERS, body: outcome.payload };
    notes.endpointRequestId = outcome.requestId;
  }
  return outcome;
}

/** As AWS writes it, wherever the function is. */
function uriOf(functionArn: string, region: string): string {
  return `https://lambda.${region}.amazonaws.com/2015-03-31/functions/${functionArn}/invocations`;
}
