// AWS_PROXY: a Lambda function is told everything of the event and says what the client gets (websocket-apis 3.9–3.11).

import { isRefusal, refuse, type Refusal } from '../../model/faults.ts';
import type { FunctionProxyIntegration } from '../../snapshot/compile-integration.ts';
import type { Invoke } from '../invoke.ts';
import type { Answer } from '../stages.ts';
import type { IntegrationEvent } from './event-context.ts';
import { functionArnOf } from './function-arn.ts';
import { invokeFunction } from './invoke-function.ts';
import { lambdaEvent } from './lambda-event.ts';
import { readLambdaOutput } from './lambda-output.ts';

const STEP = 'integrate';
const NOTHING: Answer = { status: 200, headers: {}, body: Buffer.alloc(0) };

/** `isTwoWay`: the client waits for what the function returns, so that nothing is malformed. */
export async function callFunctionProxy(
  { uri, timeoutMs, role }: FunctionProxyIntegration,
  event: IntegrationEvent,
  isTwoWay: boolean,
  invoke: Invoke,
): Promise<Answer | Refusal> {
  const functionArn = functionArnOf(uri, event);
  if (typeof functionArn !== 'string') return functionArn;
  const outcome = await invokeFunction({ functionArn, role, payload: lambdaEvent(event), timeoutMs }, event, invoke);
  if (isRefusal(outcome)) return outcome;
  if (outcome.kind === 'failed') {
    const { errorType, errorMessage, requestId } = outcome;
    const words = `${errorType} ${errorMessage}`.trim().slice(0, 512);
    const reason = `Lambda execution failed with status 200 due to customer function error: ${words}. Lambda request id: ${requestId}`;
    return { ...refuse('IntegrationFailure', STEP, reason), integration: 'failed' };
  }
  const answer = readLambdaOutput(outcome.payload);
  const mayBeNothing = event.eventType !== 'CONNECT' && !isTwoWay;
  if (answer === 'nothing' && mayBeNothing) return NOTHING;
  if (answer === undefined || answer === 'nothing') {
    const reason = 'Execution failed due to configuration error: Malformed Lambda proxy response';
    return { ...refuse('ConfigurationError', STEP, reason), integration: 'unusable' };
  }
  return answer;
}
