// What a mapping template is given for one event (websocket-apis 7.1, 7.2). Nothing is made that no template looks at, but the text of
// the payload.

import type { TemplateVariables } from '../../protocol/vtl/variables.ts';
import { EventContext, type IntegrationEvent } from './event-context.ts';

const NONE = {};
const NO_PARAMS = { path: NONE, querystring: NONE, header: NONE };

/** The variables of a request template: the payload is the message. */
export function requestVariables(event: IntegrationEvent): TemplateVariables {
  return variablesOf(event, event.body.toString(), () => event.document);
}

/** The variables of a response template: the payload is the answer; parameters and context stay the event's. */
export function responseVariables(event: IntegrationEvent, answer: Buffer): TemplateVariables {
  const body = answer.toString();
  return variablesOf(event, body, () => parsed(body));
}

function variablesOf(event: IntegrationEvent, body: string, document: () => unknown): TemplateVariables {
  const { stageVariables } = event;
  return { body, document, params: paramsOf(event), context: new EventContext(event), stageVariables };
}

/** Of a handshake alone: a message has neither headers nor a query. The last of several values counts. */
function paramsOf({ handshake }: IntegrationEvent): TemplateVariables['params'] {
  if (!handshake) return NO_PARAMS;
  const { rawHeaders, query } = handshake;
  const header: [string, string][] = [];
  for (let position = 0; position < rawHeaders.length; position += 2)
    header.push([rawHeaders[position]!, rawHeaders[position + 1]!]);
  return { path: NONE, querystring: Object.fromEntries(query), header: Object.fromEntries(header) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // Not JSON: $input.path and $input.json find nothing in it.
    return undefined;
  }
}
