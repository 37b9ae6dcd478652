// May this caller ask for this operation? By the policies of its key, under the action and the ARN that AWS documents for each service. A
// key without policies may do everything in its account.

import type { Caller } from '../../identity/authenticate.ts';
import { policyContext } from '../../identity/policy-context.ts';
import { Fault } from '../../model/faults.ts';
import { evaluatePolicies, type PolicyRequest } from '../../protocol/iam-policy.ts';
import type { ServiceName } from '../../protocol/wire/model.ts';

export interface AskedOperation {
  readonly service: ServiceName;
  /** AWS's name: `CreateApi`. */
  readonly name: string;
  readonly method: string;
  /** Of the request, undecoded and without its query. */
  readonly path: string;
  readonly region: string;
  readonly sourceIp: string;
  readonly nowMs: number;
  readonly input: Readonly<Record<string, unknown>>;
}

/** Throws AccessDeniedException. */
export function checkPolicies(caller: Caller, asked: AskedOperation): void {
  // Whose key it is, and a session of it, anybody may ask for, whatever the policies say: as at AWS.
  if (!caller.policies || asked.service === 'sts') return;
  const { action, resource } = actionOf(asked);
  const { region, sourceIp, nowMs } = asked;
  const context = policyContext({ nowMs, sourceIp, isSecure: false, region, caller });
  const decision = evaluatePolicies(caller.policies, { action, resource, context });
  if (decision === 'allowed') return;
  const why =
    decision === 'explicitDeny'
      ? 'with an explicit deny in an identity-based policy'
      : `because no identity-based policy allows the ${action} action`;
  const text = `User: ${caller.arn} is not authorized to perform: ${action} on resource: ${resource} ${why}`;
  throw new Fault('AccessDeniedException', text, { step: 'policy' });
}

function actionOf({ service, name, method, path, region, input }: AskedOperation): Omit<PolicyRequest, 'context'> {
  switch (service) {
    case 'apigatewayv2':
      // API Gateway's actions are the methods of HTTP, its resources the paths.
      return { action: `apigateway:${method}`, resource: `arn:aws:apigateway:${region}::${path.replace(/^\/v2/, '')}` };
    case 'acm':
      return { action: `acm:${name}`, resource: textOf(input['CertificateArn']) ?? '*' };
    case 'route53':
      return { action: `route53:${name}`, resource: zoneArn(input) };
    case 'sts':
      return { action: `sts:${name}`, resource: '*' };
    case 'apigatewaymanagementapi':
      return { action: `execute-api:${name}`, resource: '*' };
  }
}

function zoneArn(input: AskedOperation['input']): string {
  const id = textOf(input['HostedZoneId']) ?? textOf(input['Id']) ?? textOf(input['ResourceId']);
  return id === undefined ? '*' : `arn:aws:route53:::hostedzone/${id.replace(/^\/?hostedzone\//, '')}`;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
