// What the conditions of a policy can ask of a request, under AWS's names of the keys. Every place that evaluates a policy takes it from
// here: a key that one of them forgot would make a statement that denies by it deny nothing there.

import type { PolicyRequest } from '../protocol/iam-policy.ts';
import type { Caller } from './authenticate.ts';

export interface ConditionFacts {
  /** Real time: a date in a policy is no matter of lifecycle time. */
  readonly nowMs: number;
  readonly sourceIp: string;
  /** True when the request came over TLS. */
  readonly isSecure: boolean;
  /** Undefined for what lies in no region. */
  readonly region: string | undefined;
  /** Undefined when nobody signed: an authorizer is asked about a stranger. */
  readonly caller: Pick<Caller, 'account' | 'arn'> | undefined;
}

export function policyContext({ nowMs, sourceIp, isSecure, region, caller }: ConditionFacts): PolicyRequest['context'] {
  return {
    'aws:currenttime': new Date(nowMs).toISOString(),
    'aws:epochtime': String(Math.floor(nowMs / 1_000)),
    'aws:sourceip': sourceIp.replace(/^::ffff:/, ''),
    'aws:securetransport': String(isSecure),
    'aws:requestedregion': region,
    'aws:principalarn': caller?.arn,
    'aws:principalaccount': caller?.account,
  };
}
