// AWS_IAM on `$connect` (websocket-apis 6.4): the handshake is signed for `execute-api`, in headers or in its query, by a key of the API's
// account whose policies allow to invoke.

import { authenticate } from '../../identity/authenticate.ts';
import { policyContext } from '../../identity/policy-context.ts';
import { refuse, type Refusal } from '../../model/faults.ts';
import { evaluatePolicies } from '../../protocol/iam-policy.ts';
import { signedHeadersOf } from '../../protocol/sigv4.ts';
import type { Resolved } from '../stages.ts';
import type { DataWorld } from '../world.ts';
import { INVOKE, notAuthorized, type Authorized } from './authorized.ts';

const STEP = 'authorize';
const SERVICE = 'execute-api';
const EMPTY = Buffer.alloc(0);

export function authorizeByIam(
  { request, stage, sourceIp }: Resolved,
  methodArn: string,
  world: DataWorld,
): Authorized | Refusal {
  const headers = signedHeadersOf(request.rawHeaders);
  const signed = { method: 'GET', target: request.url ?? '/', headers, body: EMPTY };
  const result = authenticate(signed, world.identities(), world.realClock);
  if ('unauthenticated' in result) {
    const code = result.unauthenticated === 'missing' ? 'MissingAuthenticationToken' : 'InvalidSignature';
    return refuse(code, STEP, result.message, result.message);
  }
  const { caller, claim } = result;
  const { account, region } = stage.api;
  if (claim.service !== SERVICE || claim.region !== region) {
    const text = `Credential should be scoped to '${region}/${SERVICE}'.`;
    return refuse('InvalidSignature', STEP, text, text);
  }
  if (caller.account !== account) {
    return refuse(
      'AccessDenied',
      STEP,
      `the API belongs to another account than ${caller.account}`,
      notAuthorized('implicitDeny'),
    );
  }
  const context = policyContext({ nowMs: world.realClock.now(), sourceIp, isSecure: true, region, caller });
  const asked = { action: INVOKE, resource: methodArn, context, isTagsUnknown: true };
  const decision = caller.policies ? evaluatePolicies(caller.policies, asked) : 'allowed';
  if (decision !== 'allowed') {
    return refuse('AccessDenied', STEP, `${decision} of ${INVOKE} for ${caller.arn}`, notAuthorized(decision));
  }
  const { accessKeyId: accessKey, arn: userArn } = caller;
  return { iam: { accountId: account, caller: accessKey, user: accessKey, userArn, accessKey } };
}
