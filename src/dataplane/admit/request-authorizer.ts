// A REQUEST authorizer (websocket-apis 6.1–6.3): a function that is told of the handshake and returns a policy. It is asked only when
// everything is there that it wants to know the client by; nothing that it says is kept for the next client.

import { policyContext } from '../../identity/policy-context.ts';
import { refuse, type Refusal } from '../../model/faults.ts';
import { evaluatePolicies, parsePolicy, type Policy } from '../../protocol/iam-policy.ts';
import { limit } from '../../settings/limits.ts';
import type { CompiledAuthorizer, IdentitySource } from '../../snapshot/compile-deployment.ts';
import { contextValue, type IntegrationEvent } from '../integrate/event-context.ts';
import { functionArnOf } from '../integrate/function-arn.ts';
import { authorizerEvent } from '../integrate/lambda-event.ts';
import type { FunctionOutcome } from '../../model/function-call.ts';
import { amznTraceHeader, endCall } from '../tracing.ts';
import type { DataWorld } from '../world.ts';
import { INVOKE, notAuthorized, type Authorized } from './authorized.ts';

const STEP = 'authorize';
/** What an authorizer throws to refuse without a policy. */
const UNAUTHORIZED = 'Unauthorized';
/** Parts of the context that an identity cannot be. */
const NO_IDENTITY: readonly string[] = ['eventType', 'messageDirection'];

export async function askAuthorizer(
  authorizer: Extract<CompiledAuthorizer, { type: 'REQUEST' }>,
  event: IntegrationEvent,
  methodArn: string,
  world: DataWorld,
): Promise<Authorized | Refusal> {
  const { uri, name, role, identitySources } = authorizer;
  const absent = identitySources.find((source) => (identityOf(source, event) ?? '') === '');
  if (absent) return refuse('Unauthorized', STEP, `the identity source ${absent.from} ${absent.name} is not there`);
  const functionArn = functionArnOf(uri, event);
  if (typeof functionArn !== 'string') return { ...functionArn, code: 'AuthorizerConfigurationError', step: STEP };
  const { account, region } = event.connection;
  const call = event.trace?.call(authorizer);
  const calling = call ? { ...event, trace: call.trace } : event;
  const payload = authorizerEvent(calling, methodArn);
  const startedAtMs = world.realClock.now();
  const traceHeader = call && amznTraceHeader(calling);
  const timeoutMs = limit('integrationTimeoutMsMax');
  const outcome = await world.backends.invoke({ functionArn, account, region, role, payload, timeoutMs, traceHeader });
  if (call) endCall(call, outcome);
  const integrationLatencyMs = Math.max(world.realClock.now() - startedAtMs, 0);
  const said = read(outcome);
  if ('refused' in said) return { ...said, reason: `authorizer ${name}: ${said.reason}` };
  const { policy, principalId, context, usageIdentifierKey } = said;
  const { sourceIp } = event.connection;
  const asked = policyContext({ nowMs: world.realClock.now(), sourceIp, isSecure: true, region, caller: undefined });
  const request = { action: INVOKE, resource: methodArn, context: asked, isTagsUnknown: true };
  const decision = evaluatePolicies([policy], request);
  if (decision === 'allowed') return { authorizer: { principalId, context, integrationLatencyMs }, usageIdentifierKey };
  return refuse('AccessDenied', STEP, `authorizer ${name}: ${decision} of ${methodArn}`, notAuthorized(decision));
}

function identityOf({ from, name }: IdentitySource, event: IntegrationEvent): string | undefined {
  switch (from) {
    case 'querystring':
      return event.handshake?.query.getAll(name).at(-1);
    case 'stageVariables':
      return Object.hasOwn(event.stageVariables, name) ? event.stageVariables[name] : undefined;
    case 'context':
      return NO_IDENTITY.includes(name) ? undefined : contextValue(event, name.split('.'));
    case 'header': {
      const raw = event.handshake?.rawHeaders ?? [];
      const at = raw.findIndex((text, place) => place % 2 === 0 && text.toLowerCase() === name.toLowerCase());
      return at < 0 ? undefined : raw[at + 1];
    }
  }
}

interface Said {
  readonly principalId: string;
  readonly policy: Policy;
  readonly context: Readonly<Record<string, string>>;
  readonly usageIdentifierKey: string | undefined;
}

function read(outcome: FunctionOutcome): Said | Refusal {
  switch (outcome.kind) {
    case 'returned':
      return readResult(outcome.payload);
    case 'failed':
      return outcome.errorMessage === UNAUTHORIZED
        ? refuse('Unauthorized', STEP, 'it threw Unauthorized')
        : refuse('AuthorizerFailure', STEP, `it threw ${`${outcome.errorType} ${outcome.errorMessage}`.slice(0, 512)}`);
    case 'unreachable':
    case 'timedOut':
      return refuse('AuthorizerFailure', STEP, outcome.reason);
  }
}

function readResult(payload: Buffer): Said | Refusal {
  const wrong = (problem: string) => refuse('AuthorizerConfigurationError', STEP, problem);
  const bytesMax = limit('authorizerResultBytesMax');
  if (payload.length > bytesMax)
    return wrong(`its result has ${payload.length} bytes, at most ${bytesMax} are allowed`);
  const result = parse(payload);
  if (!result) return wrong('its result is no JSON object');
  const { principalId, policyDocument, context = {}, usageIdentifierKey: key } = result;
  if (typeof principalId !== 'string' || principalId === '') return wrong('its result has no principalId');
  const policy = parsePolicy(policyDocument, { resourceCharactersMax: limit('policyResourceCharactersMax') });
  if ('problem' in policy) return wrong(`its policyDocument: ${policy.problem}`);
  const texts = contextTexts(context);
  if (!texts) return wrong('its context holds something else than texts, numbers and booleans');
  return { principalId, policy, context: texts, usageIdentifierKey: typeof key === 'string' ? key : undefined };
}

function parse(payload: Buffer): Readonly<Record<string, unknown>> | undefined {
  try {
    const result: unknown = JSON.parse(payload.toString());
    return typeof result === 'object' && result !== null && !Array.isArray(result) ? { ...result } : undefined;
  } catch {
    return undefined;
  }
}

/** Every value as text; undefined when one is no scalar. */
function contextTexts(context: unknown): Record<string, string> | undefined {
  if (context === null) return {};
  if (typeof context !== 'object' || Array.isArray(context)) return undefined;
  const entries = Object.entries(context);
  const isScalar = entries.every(([, value]) => ['string', 'number', 'boolean'].includes(typeof value));
  return isScalar ? Object.fromEntries(entries.map(([name, value]) => [name, String(value)])) : undefined;
}
