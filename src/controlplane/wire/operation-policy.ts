// May this caller ask for this operation? By the policies of its key, under the action and the ARNs that AWS documents for each service
// (operation-resources.ts). A key without policies may do everything in its account. What is not known counts against the caller.

import type { Caller } from '../../identity/authenticate.ts';
import { policyContext, type Tags } from '../../identity/policy-context.ts';
import { Fault } from '../../model/faults.ts';
import { asksForTags, evaluatePolicies, type Decision } from '../../protocol/iam-policy.ts';
import type { ServiceName } from '../../protocol/wire/model.ts';
import { actionOf, resourcesOf } from './operation-resources.ts';
import { recordKeys } from './record-keys.ts';

export interface AskedOperation {
  readonly service: ServiceName;
  /** AWS's name: `CreateApi`. */
  readonly name: string;
  readonly region: string;
  readonly sourceIp: string;
  readonly nowMs: number;
  readonly input: Readonly<Record<string, unknown>>;
}

/** Tags of the object of the caller's that the operation is about; undefined when they are not known. */
export type LookUpTags = () => Promise<Tags | undefined>;

/** Throws AccessDeniedException. Tags are looked up only where a policy asks for them. */
export async function checkPolicies(caller: Caller, asked: AskedOperation, lookUpTags: LookUpTags): Promise<void> {
  const { policies } = caller;
  const { service, name, region, sourceIp, nowMs, input } = asked;
  // Whose key it is, and a session of it, anybody may ask for, whatever the policies say: as at AWS.
  if (!policies || service === 'sts') return;
  const about = actionOf(service, name);
  if (!about) throw denied(caller, `${service}:${name}`, '*', 'implicitDeny');
  const needsTags = asksForTags(policies);
  const resourceTags = needsTags ? await lookUpTags() : undefined;
  const isTagsUnknown = needsTags && resourceTags === undefined;
  const given = requestTags(input);
  const facts = { nowMs, sourceIp, isSecure: false, region, caller, resourceTags, ...given };
  const context = { ...policyContext(facts), ...(service === 'route53' && recordKeys(input)) };
  const { action } = about;
  for (const resource of resourcesOf(service, about, input, { region, account: caller.account })) {
    const decision = evaluatePolicies(policies, { action, resource, context, isTagsUnknown });
    if (decision !== 'allowed') throw denied(caller, action, resource, decision);
  }
}

function denied(caller: Caller, action: string, resource: string, decision: Decision): Fault {
  const why =
    decision === 'explicitDeny'
      ? 'with an explicit deny in an identity-based policy'
      : `because no identity-based policy allows the ${action} action`;
  const text = `User: ${caller.arn} is not authorized to perform: ${action} on resource: ${resource} ${why}`;
  return new Fault('AccessDeniedException', text, { step: 'policy' });
}

/** Tags that a request brings, in whichever form its service has them; and keys of those that it takes away. */
function requestTags(input: AskedOperation['input']): { requestTags: Tags; tagKeys: readonly string[] } {
  const tags: Record<string, string> = {};
  const keys = new Set<string>();
  for (const given of [input['Tags'], input['AddTags'], input['tags']]) {
    for (const [key, value] of tagEntries(given)) {
      keys.add(key);
      if (value !== undefined) tags[key] = value;
    }
  }
  for (const given of [input['TagKeys'], input['RemoveTagKeys'], input['tagKeys']]) {
    for (const key of Array.isArray(given) ? (given as unknown[]) : []) if (typeof key === 'string') keys.add(key);
  }
  return { requestTags: tags, tagKeys: [...keys] };
}

/** `{key: value}` in API Gateway, `[{Key, Value}]` elsewhere. */
function tagEntries(given: unknown): (readonly [key: string, value: string | undefined])[] {
  if (typeof given !== 'object' || given === null) return [];
  if (!Array.isArray(given)) return Object.entries(given as Readonly<Record<string, string>>);
  return (given as { readonly Key?: string; readonly Value?: string }[]).flatMap(({ Key, Value }) =>
    Key === undefined ? [] : [[Key, Value ?? ''] as const],
  );
}
