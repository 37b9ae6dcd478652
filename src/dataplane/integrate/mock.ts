// MOCK: the request template says which status, the status says which response, its template is the reply (websocket-apis 3.9).
// Where the templates are literal all of it is known from the deployment, and it costs two look-ups a message.

import { isRefusal, refuse, type Refusal } from '../../model/faults.ts';
import { mockStatusCode } from '../../protocol/mock-status.ts';
import type { MockIntegration } from '../../snapshot/compile-integration.ts';
import type { Answer } from '../stages.ts';
import type { IntegrationEvent } from './event-context.ts';
import { mapRequest } from './map-request.ts';
import { mapResponse } from './map-response.ts';

const STEP = 'integrate';
const EMPTY = Buffer.alloc(0);
const NO_HEADERS = {};

export function callMock({ request, responses }: MockIntegration, event: IntegrationEvent): Answer | Refusal {
  const mapped = mapRequest(request, event);
  if (isRefusal(mapped)) return mapped;
  const { made, body, overrides } = mapped;
  const status = made?.bytes ? made.status : mockStatusCode(body.toString());
  if (status === undefined) {
    return refuse('ConfigurationError', STEP, 'the request template of a MOCK integration yields no statusCode');
  }
  const answer = { status, headers: NO_HEADERS, body: EMPTY };
  return mapResponse(responses, { selected: String(status), answer, event, overrides });
}
