// AWS: a Lambda function gets what the request template makes, and what it returns is mapped by its error (websocket-apis 3.9).

import { isRefusal, refuse, type Refusal } from '../../model/faults.ts';
import type { FunctionIntegration } from '../../snapshot/compile-integration.ts';
import type { FunctionOutcome } from '../../model/function-call.ts';
import type { Invoke } from '../invoke.ts';
import type { Answer } from '../stages.ts';
import type { IntegrationEvent } from './event-context.ts';
import { functionArnOf } from './function-arn.ts';
import { invokeFunction } from './invoke-function.ts';
import { mapRequest } from './map-request.ts';
import { mapResponse } from './map-response.ts';

const STEP = 'integrate';
const EMPTY_OBJECT = Buffer.from('{}');
const NO_HEADERS = {};
const DONE = 200;
const FAILED = 502;

export async function callFunction(
  { uri, timeoutMs, role, request, responses }: FunctionIntegration,
  event: IntegrationEvent,
  invoke: Invoke,
): Promise<Answer | Refusal> {
  const functionArn = functionArnOf(uri, event);
  if (typeof functionArn !== 'string') return functionArn;
  const mapped = mapRequest(request, event);
  if (isRefusal(mapped)) return mapped;
  // A handshake and a disconnect have no payload, and a function takes JSON.
  const payload = mapped.body.length === 0 ? EMPTY_OBJECT : mapped.body;
  const outcome = await invokeFunction({ functionArn, role, payload, timeoutMs }, event, invoke);
  if (isRefusal(outcome)) return outcome;
  const error = errorOf(outcome);
  if (error === undefined) {
    const refusal = refuse('IntegrationFailure', STEP, `${functionArn} returned what is not JSON`);
    return { ...refusal, integration: 'unusable' };
  }
  // A function that failed lets nobody connect, unless a template says another status.
  const status = outcome.kind === 'failed' ? FAILED : DONE;
  const answer = { status, headers: NO_HEADERS, body: outcome.payload };
  return mapResponse(responses, { selected: error, answer, event, overrides: mapped.overrides });
}

/** Its `errorMessage`, whether it threw or returned one; `''` for none; undefined when it is not JSON. */
function errorOf(outcome: Extract<FunctionOutcome, { kind: 'returned' | 'failed' }>): string | undefined {
  if (outcome.kind === 'failed') return outcome.errorMessage;
  if (outcome.payload.length === 0) return '';
  try {
    const { errorMessage } = (JSON.parse(outcome.payload.toString()) ?? {}) as { errorMessage?: unknown };
    return typeof errorMessage === 'string' ? errorMessage : '';
  } catch {
    return undefined;
  }
}
