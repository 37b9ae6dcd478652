// What becomes of the answer of a backend that is no proxy (websocket-apis 3.9): the first integration response whose pattern matches
// what is selected, else `$default`; its template rendered, else the answer as it is.

import { refuse, type Refusal } from '../../model/faults.ts';
import { evaluateSelection } from '../../protocol/selection-expression.ts';
import { renderTemplate } from '../../protocol/vtl/render.ts';
import type { Overrides } from '../../protocol/vtl/variables.ts';
import type { ResponseMapping } from '../../snapshot/compile-integration.ts';
import type { Answer } from '../stages.ts';
import type { IntegrationEvent } from './event-context.ts';
import { chosenTemplate } from './map-request.ts';
import { responseVariables } from './template-variables.ts';

const STEP = 'integrate';
const NO_HEADERS = {};
const STATUS_MIN = 100;
const STATUS_MAX = 599;
const FAILED_MIN = 400;

export interface Answered {
  /** What the patterns are held against: a status, or the error of a function. */
  readonly selected: string;
  readonly answer: Answer;
  readonly event: IntegrationEvent;
  /** What the request template asked for. */
  readonly overrides: Overrides | undefined;
}

/** Headers of the backend stay behind; a template can set some. */
export function mapResponse(responses: readonly ResponseMapping[], answered: Answered): Answer | Refusal {
  const { selected, answer, event } = answered;
  const response = responses.find(({ pattern }) => pattern === undefined || pattern.test(selected));
  if (!response) {
    const reason =
      'Execution failed due to configuration error: No match for output mapping and no default output mapping configured';
    return unusable(reason, answer);
  }
  const template = chosenTemplate(response.choice, (selection) => evaluateSelection(selection, event.document, answer));
  // Templates read text: bytes are spelled before one looks at them.
  const isSpelled = response.contentHandling === 'CONVERT_TO_TEXT';
  let body = isSpelled ? Buffer.from(answer.body.toString('base64')) : answer.body;
  let made: Overrides | undefined;
  if (template?.bytes) body = template.bytes;
  else if (template) {
    const rendered = renderTemplate(template.template, responseVariables(event, body));
    if ('problem' in rendered) return unusable(`the response template: ${rendered.problem}`, answer);
    body = Buffer.from(rendered.text);
    made = rendered.overrides;
  }
  const status = statusOf(answered, made);
  const headers = headersOf(answered.overrides, made);
  return status === answer.status ? { status, headers, body } : { status, headers, body, backendStatus: answer.status };
}

function unusable(reason: string, { status }: Answer): Refusal {
  const refusal = refuse('ConfigurationError', STEP, reason);
  return { ...refusal, integration: status >= FAILED_MIN ? 'failed' : 'unusable' };
}

/** The last override that is a status counts; others are ignored. */
function statusOf({ answer, overrides }: Answered, made: Overrides | undefined): number {
  const wanted = made?.response.status ?? overrides?.response.status;
  return wanted !== undefined && wanted >= STATUS_MIN && wanted <= STATUS_MAX ? wanted : answer.status;
}

function headersOf(asked: Overrides | undefined, made: Overrides | undefined): Answer['headers'] {
  if (!asked && !made) return NO_HEADERS;
  const all = { ...asked?.response.header, ...made?.response.header };
  return Object.fromEntries(Object.entries(all).map(([name, value]) => [name.toLowerCase(), value]));
}
