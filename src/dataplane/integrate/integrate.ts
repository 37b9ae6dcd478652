// Calls the integration of a route for one event. The answer is there at once where nothing has to be waited for.

import { isRefusal, refuse, type Refusal } from '../../model/faults.ts';
import type { CompiledRoute } from '../../snapshot/compile-deployment.ts';
import type { HttpIntegration, HttpProxyIntegration } from '../../snapshot/compile-integration.ts';
import type { Invoke } from '../invoke.ts';
import type { Answer } from '../stages.ts';
import { endCall, type TracedCall } from '../tracing.ts';
import { callFunction } from './aws-function.ts';
import { callFunctionProxy } from './aws-proxy.ts';
import { callService } from './aws-service.ts';
import type { IntegrationEvent } from './event-context.ts';
import { callHttp } from './http.ts';
import type { HttpBackends } from './http-backends.ts';
import { callHttpProxy } from './http-proxy.ts';
import { callMock } from './mock.ts';
import type { Services } from './services.ts';
import type { VpcLinks } from './vpc-links.ts';

const STEP = 'integrate';

/** Whoever can be called. */
export interface Backends {
  readonly http: HttpBackends;
  readonly invoke: Invoke;
  readonly services: Services;
  readonly links: VpcLinks;
}

type Outcome = Answer | Refusal | Promise<Answer | Refusal>;

export function integrate(route: CompiledRoute, event: IntegrationEvent, backends: Backends): Outcome {
  const { trace } = event;
  if (!trace || !route.integration) return callIntegration(route, event, backends);
  // Of what is not sampled nothing is kept, and what goes out is the same.
  if (!trace.context.isSampled) return callIntegration(route, event, backends);
  const call = trace.call(route.integration);
  return ended(call, callIntegration(route, { ...event, trace: call.trace }, backends));
}

function ended(call: TracedCall, outcome: Outcome): Outcome {
  if (!(outcome instanceof Promise)) {
    endCall(call, outcome);
    return outcome;
  }
  return outcome.then((settled) => {
    endCall(call, settled);
    return settled;
  });
}

function callIntegration(route: CompiledRoute, event: IntegrationEvent, backends: Backends): Outcome {
  const { integration } = route;
  if (!integration) return refuse('ConfigurationError', STEP, `the route ${route.routeKey} has no target`);
  switch (integration.type) {
    case 'MOCK':
      return callMock(integration, event);
    case 'HTTP_PROXY': {
      const http = httpOf(integration, event, backends);
      return isRefusal(http) ? http : callHttpProxy(integration, event, http);
    }
    case 'HTTP': {
      const http = httpOf(integration, event, backends);
      return isRefusal(http) ? http : callHttp(integration, event, http);
    }
    case 'AWS_PROXY':
      return callFunctionProxy(integration, event, route.isTwoWay, backends.invoke);
    case 'AWS':
      return callFunction(integration, event, backends.invoke);
    case 'AWS_SERVICE':
      return callService(integration, event, backends.services);
    case 'DISABLED':
      return refuse('ConfigurationError', STEP, integration.reason);
  }
}

function httpOf(
  { connectionId }: HttpIntegration | HttpProxyIntegration,
  event: IntegrationEvent,
  { http, links }: Backends,
): HttpBackends | Refusal {
  return connectionId === undefined ? http : links.backendsOf(connectionId, event);
}
