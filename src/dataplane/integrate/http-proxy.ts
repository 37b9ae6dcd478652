// HTTP_PROXY: one HTTP request for one event. On `$connect` the client's headers go along, without those that belong to its own
// handshake; a message has none (websocket-apis 3.9).

import { isRefusal, type Refusal } from '../../model/faults.ts';
import type { HttpProxyIntegration } from '../../snapshot/compile-integration.ts';
import type { Answer } from '../stages.ts';
import type { IntegrationEvent } from './event-context.ts';
import { callNoted, type HttpBackends } from './http-backends.ts';
import { hasPayload, requestHeaders, targetOf } from './http-request.ts';
import { mapParameters } from './request-parameters.ts';

export function callHttpProxy(
  integration: HttpProxyIntegration,
  event: IntegrationEvent,
  backends: HttpBackends,
): Promise<Answer | Refusal> {
  const mapped = mapParameters(integration.mappings, event);
  const target = targetOf(integration, event, mapped);
  if (isRefusal(target)) return Promise.resolve(target);
  const hasBody = event.eventType === 'MESSAGE' && hasPayload(integration);
  const call = {
    ...target,
    method: integration.method,
    headers: requestHeaders(event, mapped, { hasBody, isForwarding: true }),
    body: hasBody ? event.body : undefined,
    timeoutMs: integration.timeoutMs,
  };
  return callNoted(backends, call, event);
}
