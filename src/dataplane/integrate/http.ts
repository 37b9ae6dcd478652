// HTTP: the request template makes the payload, and the answer is mapped by its status (websocket-apis 3.9). Nothing of the client's
// handshake goes along but what is mapped.

import { isRefusal, type Refusal } from '../../model/faults.ts';
import type { HttpIntegration } from '../../snapshot/compile-integration.ts';
import type { Answer } from '../stages.ts';
import type { IntegrationEvent } from './event-context.ts';
import { callNoted, type HttpBackends } from './http-backends.ts';
import { hasPayload, requestHeaders, targetOf } from './http-request.ts';
import { mapRequest } from './map-request.ts';
import { mapResponse } from './map-response.ts';
import { mapParameters, withOverrides } from './request-parameters.ts';

export async function callHttp(
  integration: HttpIntegration,
  event: IntegrationEvent,
  backends: HttpBackends,
): Promise<Answer | Refusal> {
  const request = mapRequest(integration.request, event);
  if (isRefusal(request)) return request;
  const { overrides } = request;
  const mapped = withOverrides(mapParameters(integration.mappings, event), overrides);
  const target = targetOf(integration, event, mapped);
  if (isRefusal(target)) return target;
  const hasBody = hasPayload(integration) && (request.made !== undefined || request.body.length > 0);
  const call = {
    ...target,
    method: integration.method,
    headers: requestHeaders(event, mapped, { hasBody, isForwarding: false }),
    body: hasBody ? request.body : undefined,
    timeoutMs: integration.timeoutMs,
  };
  const answer = await callNoted(backends, call, event);
  if (isRefusal(answer)) return answer;
  return mapResponse(integration.responses, { selected: String(answer.status), answer, event, overrides });
}
