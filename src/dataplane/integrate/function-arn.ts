// Which function an integration or an authorizer means: the ARN within its URI, with stage variables filled in. A function is of the
// account of its API, whatever a stage variable says.

import { parseArn } from '../../model/arn.ts';
import { refuse, type Refusal } from '../../model/faults.ts';
import { fillStageVariables } from '../../protocol/parameter-mapping.ts';
import type { IntegrationEvent } from './event-context.ts';

const STEP = 'integrate';
const INVOCATIONS = /^arn:aws[\w-]*:apigateway:[\w-]+:lambda:path\/2015-03-31\/functions\/(.+)\/invocations$/;
const FUNCTION = /^function:[\w-]+(?::[\w$-]+)?$/;

/** The function's ARN, perhaps with a version or alias. */
export function functionArnOf(uri: string, { stageVariables, connection }: IntegrationEvent): string | Refusal {
  const filled = fillStageVariables(uri, stageVariables);
  const arn = INVOCATIONS.exec(filled)?.[1] ?? filled;
  const parsed = parseArn(arn);
  const shown = filled.slice(0, 512);
  if (parsed?.service !== 'lambda' || !FUNCTION.test(parsed.resource)) {
    return refuse('ConfigurationError', STEP, `'${shown}' names no Lambda function`);
  }
  if (parsed.account === connection.account) return arn;
  return refuse('ConfigurationError', STEP, `'${shown}' is not a function of the API's account ${connection.account}`);
}
