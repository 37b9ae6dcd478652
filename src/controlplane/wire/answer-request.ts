// One control request, from its parts to its answer, in order: service → operation → signature → input → rules → policies → operation →
// output. Every refusal is a Fault that carries the step that refused.

import type { Clock } from '../../ambient/clock.ts';
import { checkPolicies } from './operation-policy.ts';
import { authenticate, type Caller } from '../../identity/authenticate.ts';
import type { Identities } from '../../identity/identities.ts';
import { Fault, type ControlFaultCode } from '../../model/faults.ts';
import { readClaim } from '../../protocol/sigv4.ts';
import { SERVICES, type ServiceName, type WireRecord } from '../../protocol/wire/model.ts';
import { BindingProblem, InputProblem } from '../../protocol/wire/input-problem.ts';
import { describeViolations, violationsOf } from './input-rules.ts';
import type { RequestRates } from './request-rates.ts';
import { isPathOf, routeName, routeRest, routeTarget, type RoutedOperation } from './operation-router.ts';
import { PROTOCOLS, type WireResponse } from './protocols.ts';
import { readForm } from './query-shapes.ts';

export interface ControlRequest {
  readonly method: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
  readonly requestId: string;
  readonly sourceIp: string;
}

/** What an operation learns of its request beside the input. */
export interface OperationRequest {
  readonly caller: Caller;
  readonly region: string;
  readonly requestId: string;
}

/**
 * The operations of the control plane, by AWS's name; undefined for one that is not there.
 * @port operations
 */
export interface OperationSource {
  find(service: ServiceName, name: string): ((input: never, request: OperationRequest) => Promise<unknown>) | undefined;
  /** Tags of the object of the caller's that an operation is about, for its policies; undefined when they are not known. */
  tagsOf(
    operation: { readonly service: ServiceName; readonly name: string },
    input: WireRecord,
    request: OperationRequest,
  ): Promise<Readonly<Record<string, string>> | undefined>;
}

export interface ControlWorld {
  readonly operations: OperationSource;
  readonly identities: () => Identities;
  readonly rates: RequestRates;
  readonly realClock: Clock;
}

const SIGNING_NAMES: Readonly<Record<ServiceName, string>> = {
  apigatewayv2: 'apigateway',
  apigateway: 'apigateway',
  acm: 'acm',
  route53: 'route53',
  sts: 'sts',
  lambda: 'lambda',
  apigatewaymanagementapi: 'execute-api',
};
const CONTROL_SERVICES: readonly ServiceName[] = ['apigatewayv2', 'acm', 'route53', 'sts', 'lambda'];
const REGION = /^[a-z]{2}(-[a-z]+)+-\d$/;
/** Route 53 is global: its objects lie in no region, whatever the client signs for. */
const GLOBAL_REGION = 'aws-global';

/** The service that a request is for; undefined when nothing says so. */
export function serviceOf(request: ControlRequest): ServiceName | undefined {
  if (request.headers['x-amz-target']?.startsWith('CertificateManager.')) return 'acm';
  const claim = readClaim(request);
  if (typeof claim === 'object' && 'service' in claim) {
    const named = CONTROL_SERVICES.find((service) => SIGNING_NAMES[service] === claim.service);
    // Both versions of API Gateway sign alike: the path tells them apart.
    if (named) return named === 'apigatewayv2' && isPathOf('apigateway', request.target) ? 'apigateway' : named;
  }
  if (request.target.startsWith('/v2/')) return 'apigatewayv2';
  if (request.target.startsWith('/2013-04-01/')) return 'route53';
  if (request.target.startsWith('/2015-03-31/')) return 'lambda';
  return isPathOf('apigateway', request.target) ? 'apigateway' : undefined;
}

/** Answers a request of a known service, or throws the Fault that refuses it. */
export async function answerRequest(
  request: ControlRequest,
  service: ServiceName,
  world: ControlWorld,
): Promise<WireResponse> {
  const routed = routeOperation(request, service);
  const { caller, region } = identify(request, service, world);
  world.rates.ofAccount(caller.account, service);
  const run = world.operations.find(service, routed.name);
  if (!run) {
    throw new Fault('NotImplemented', `${routed.name} is not available in this version of Sallyport.`, {
      step: 'operation',
    });
  }
  const input = readInput(routed, request);
  const { sourceIp, requestId } = request;
  const nowMs = world.realClock.now();
  const asked = { caller, region, requestId };
  const named = { service, name: routed.name };
  await checkPolicies(caller, { ...named, region, sourceIp, nowMs, input }, () =>
    world.operations.tagsOf(named, input, asked),
  );
  const output = await run(input as never, asked);
  return PROTOCOLS[SERVICES[service].protocol].writeOutput(routed, (output ?? {}) as WireRecord, requestId);
}

/** What names the operation, and the operation where it is one. */
function namedOperation(
  request: ControlRequest,
  service: ServiceName,
): { named: string; routed?: RoutedOperation | undefined } {
  const url = splitTarget(request.target);
  const { method } = request;
  switch (SERVICES[service].protocol) {
    case 'json-1.1': {
      const target = request.headers['x-amz-target'];
      if (target === undefined) break;
      return { named: target, routed: method === 'POST' ? routeTarget(service, target) : undefined };
    }
    case 'query': {
      const action = readAction(url.query, request.body);
      if (action === undefined) break;
      return { named: action, routed: routeName(service, action) };
    }
    default:
      return { named: `${method} ${url.path}`, routed: routeRest(service, method, url.path, url.query) };
  }
  return { named: `${method} ${url.path}` };
}

function readAction(query: URLSearchParams, body: Uint8Array): string | undefined {
  try {
    return readForm(query, body).get('Action');
  } catch (error) {
    if (!(error instanceof InputProblem)) throw error;
    throw new Fault('SerializationException', error.message, { step: 'route' });
  }
}

function routeOperation(request: ControlRequest, service: ServiceName): RoutedOperation {
  const { named, routed } = namedOperation(request, service);
  if (routed) return routed;
  throw new Fault('UnknownOperationException', `There is no operation '${named.slice(0, 256)}' in ${service}.`, {
    step: 'route',
  });
}

function identify(
  request: ControlRequest,
  service: ServiceName,
  world: ControlWorld,
): { caller: Caller; region: string } {
  const result = authenticate(request, world.identities(), world.realClock);
  if ('unauthenticated' in result) {
    const codes: Record<typeof result.unauthenticated, ControlFaultCode> = {
      missing: 'MissingAuthenticationTokenException',
      incomplete: 'IncompleteSignatureException',
      'unknown-key': 'UnrecognizedClientException',
      mismatch: 'InvalidSignatureException',
      expired: 'InvalidSignatureException',
      'expired-token': 'ExpiredTokenException',
    };
    throw new Fault(codes[result.unauthenticated], result.message, { step: 'signature' });
  }
  const { caller, claim } = result;
  if (claim.service !== SIGNING_NAMES[service]) {
    throw new Fault(
      'InvalidSignatureException',
      `Credential should be scoped to correct service: '${SIGNING_NAMES[service]}'.`,
      {
        step: 'signature',
      },
    );
  }
  if (service === 'route53') return { caller, region: GLOBAL_REGION };
  if (!REGION.test(claim.region)) {
    throw new Fault(
      'InvalidSignatureException',
      `Credential should be scoped to a valid region, not '${claim.region}'.`,
      {
        step: 'signature',
      },
    );
  }
  return { caller, region: claim.region };
}

function readInput(routed: RoutedOperation, request: ControlRequest): WireRecord {
  const { query } = splitTarget(request.target);
  const { body, headers } = request;
  let input: WireRecord;
  try {
    input = PROTOCOLS[SERVICES[routed.service].protocol].readInput(routed, { query, headers, body });
  } catch (error) {
    if (!(error instanceof InputProblem)) throw error;
    const codes = error instanceof BindingProblem ? INVALID : MALFORMED;
    throw new Fault(codes[routed.service], error.message, { step: 'input' });
  }
  const violations = routed.model.input ? violationsOf(routed.service, routed.model.input, input) : [];
  if (violations.length > 0)
    throw new Fault(INVALID[routed.service], describeViolations(violations), { step: 'input' });
  return input;
}

const MALFORMED: Readonly<Record<ServiceName, ControlFaultCode>> = {
  apigatewayv2: 'BadRequestException',
  apigateway: 'BadRequestException',
  acm: 'SerializationException',
  route53: 'MalformedInput',
  sts: 'ValidationException',
  lambda: 'SerializationException',
  apigatewaymanagementapi: 'BadRequestException',
};
const INVALID: Readonly<Record<ServiceName, ControlFaultCode>> = {
  apigatewayv2: 'BadRequestException',
  apigateway: 'BadRequestException',
  acm: 'ValidationException',
  route53: 'InvalidInput',
  sts: 'ValidationException',
  lambda: 'InvalidParameterValueException',
  apigatewaymanagementapi: 'BadRequestException',
};

function splitTarget(target: string): { path: string; query: URLSearchParams } {
  const question = target.indexOf('?');
  return question < 0
    ? { path: target, query: new URLSearchParams() }
    : { path: target.slice(0, question), query: new URLSearchParams(target.slice(question + 1)) };
}
