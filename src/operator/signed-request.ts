// A request to the operator's surface and its answer, and who sent it: what every page under `/_sallyport` begins with.

import type { Clock } from '../ambient/clock.ts';
import { authenticate, type Caller } from '../identity/authenticate.ts';
import type { StreamedBody } from '../ambient/streamed-body.ts';
import { policyContext } from '../identity/policy-context.ts';
import type { Identities } from '../identity/identities.ts';
import { evaluatePolicies } from '../protocol/iam-policy.ts';
import { Fault, type ControlFaultCode } from '../model/faults.ts';
import { pageAction } from './page-actions.ts';
import { isProviderName, PROVIDER_NAMES, type ProviderName } from './record-forms.ts';

export interface OperatorRequest {
  readonly method: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
  readonly requestId: string;
  readonly sourceIp: string;
}

export interface OperatorAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** An answer whose body comes about while it is read. */
export interface OperatorStream extends Omit<OperatorAnswer, 'body'> {
  readonly stream: StreamedBody;
}

export interface SigningWorld {
  readonly realClock: Clock;
  readonly identities: () => Identities;
}

const SERVICE = 'sallyport';

/** The caller's account. Throws a fault where the request is not signed, or not as this service. */
export function requireSigned(request: OperatorRequest, world: SigningWorld): string {
  return requireCaller(request, world).account;
}

export interface CalledBy {
  readonly account: string;
  /** Which the request is signed for. */
  readonly region: string;
  readonly caller: Caller;
}

/** The same, with the region that is asked about. */
export function requireCaller(request: OperatorRequest, world: SigningWorld): CalledBy {
  const result = authenticate(request, world.identities(), world.realClock);
  if ('unauthenticated' in result) {
    const code: ControlFaultCode =
      result.unauthenticated === 'missing' ? 'MissingAuthenticationTokenException' : 'InvalidSignatureException';
    throw new Fault(code, result.message, { step: 'signature' });
  }
  if (result.claim.service !== SERVICE) {
    throw new Fault('InvalidSignatureException', `Credential should be scoped to correct service: '${SERVICE}'.`, {
      step: 'signature',
    });
  }
  const { caller, claim } = result;
  const { account, arn, policies } = caller;
  const called = { account, region: claim.region, caller };
  if (!policies) return called;
  const action = pageAction(request.method, request.target);
  const { sourceIp } = request;
  const nowMs = world.realClock.now();
  const context = policyContext({ nowMs, sourceIp, isSecure: false, region: claim.region, caller });
  const asked = { action: action ?? '', resource: '*', context, isTagsUnknown: true };
  const decision = action === undefined ? 'implicitDeny' : evaluatePolicies(policies, asked);
  if (decision === 'allowed') return called;
  const why =
    decision === 'explicitDeny'
      ? 'with an explicit deny in an identity-based policy'
      : `because no identity-based policy allows the ${action} action`;
  const text = `User: ${arn} is not authorized to perform: ${action} on resource: * ${why}`;
  throw refused(text, 'AccessDeniedException');
}

/** For what concerns the whole server and no account of it alone. Throws AccessDeniedException for an account that is no operator's. */
export function requireOperator(request: OperatorRequest, world: SigningWorld): void {
  const account = requireSigned(request, world);
  if (world.identities().isOperator(account)) return;
  const text = `This is for the operator of the server, and account ${account} is none. Accounts with operator: true in the accounts file are.`;
  throw refused(text, 'AccessDeniedException');
}

export function jsonAnswer(status: number, value: unknown): OperatorAnswer {
  return { status, headers: { 'Content-Type': 'application/json' }, body: `${JSON.stringify(value)}\n` };
}

export function queryOf(request: OperatorRequest): URLSearchParams {
  return new URLSearchParams(request.target.split('?')[1] ?? '');
}

/** `?provider=`: in whose form records are wanted; undefined where it is to be guessed. */
export function providerAsked(request: OperatorRequest): ProviderName | undefined {
  const name = queryOf(request).get('provider');
  if (name === null || isProviderName(name)) return name ?? undefined;
  throw refused(`There is no form of records for '${name.slice(0, 64)}'. There are: ${PROVIDER_NAMES.join(', ')}.`);
}

/** A text member of the JSON body. Throws a fault that shows what the body must be like. */
export function textMember(request: OperatorRequest, name: string, example: string): string {
  let body: unknown;
  try {
    body = JSON.parse(Buffer.from(request.body).toString());
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  const value = (body as Readonly<Record<string, unknown>> | null | undefined)?.[name];
  if (typeof value === 'string') return value;
  throw refused(`The body must be like ${JSON.stringify({ [name]: example })}.`);
}

export function refused(message: string, code: ControlFaultCode = 'BadRequestException'): Fault {
  return new Fault(code, message, { step: 'operator' });
}
