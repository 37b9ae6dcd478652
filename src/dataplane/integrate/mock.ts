// MOCK: the request template says which status, the status says which response, its template is the reply (websocket-apis 3.9).
// All of it is known from the deployment, so it costs two look-ups a message.

import { refuse, type Refusal } from '../../model/faults.ts';
import { mockStatusCode } from '../../protocol/literal-template.ts';
import { evaluateSelection } from '../../protocol/selection-expression.ts';
import type { MockIntegration, TemplateChoice } from '../../snapshot/compile-integration.ts';
import type { Answer } from '../stages.ts';
import type { IntegrationEvent } from './event-context.ts';

const STEP = 'integrate';
const EMPTY = Buffer.alloc(0);
const NO_HEADERS = {};
/** Keys that are tried without, or after, a selection expression. */
const FALLBACK_KEYS = ['$default', 'application/json'] as const;

export function callMock(integration: MockIntegration, event: IntegrationEvent): Answer | Refusal {
  const status = statusOf(integration, event);
  if (typeof status === 'object') return status;
  const text = String(status);
  const response = integration.responses.find(({ pattern }) => pattern === undefined || pattern.test(text));
  if (!response) {
    return refuse(
      'ConfigurationError',
      STEP,
      'Execution failed due to configuration error: No match for output mapping and no default output mapping configured',
    );
  }
  return { status, headers: NO_HEADERS, body: choose(response.choice, event) ?? EMPTY };
}

function statusOf(integration: MockIntegration, event: IntegrationEvent): number | Refusal {
  const { request, passthrough } = integration;
  const key = keyOf(request, event);
  if (
    key === undefined &&
    (passthrough === 'NEVER' || (passthrough === 'WHEN_NO_TEMPLATES' && request.templates.size > 0))
  ) {
    return refuse(
      'UnsupportedMediaType',
      STEP,
      `no request template was selected, and passthroughBehavior is ${passthrough}`,
    );
  }
  const status = key === undefined ? mockStatusCode(event.body.toString()) : request.templates.get(key);
  return (
    status ?? refuse('ConfigurationError', STEP, 'the request template of a MOCK integration yields no statusCode')
  );
}

function choose<T>(choice: TemplateChoice<T>, event: IntegrationEvent): T | undefined {
  const key = keyOf(choice, event);
  return key === undefined ? undefined : choice.templates.get(key);
}

function keyOf(choice: TemplateChoice<unknown>, event: IntegrationEvent): string | undefined {
  const { selection, templates } = choice;
  if (templates.size === 0) return undefined;
  if (selection) {
    const selected = evaluateSelection(selection, event.document);
    if (templates.has(selected)) return selected;
  }
  return FALLBACK_KEYS.find((key) => templates.has(key));
}
