// Tags of the object that an operation is about, for policies that ask for them: those of the Api for all that is part of it, of the UsagePlan for its keys, and of the
// domain name for its mappings. Only of what is the caller's: a stranger's object is not known, as one that does not exist.

import { Fault } from '../../model/faults.ts';
import type { ServiceName } from '../../protocol/wire/model.ts';
import type { View } from '../../store/contract.ts';
import { findCertificate } from './acm/find-certificate.ts';
import { findApi, findDomainName } from './apigatewayv2/find.ts';
import { findVpcLink } from './apigatewayv2/vpc-link-rules.ts';
import { findApiKey, findUsagePlan } from './apigateway/find-plan.ts';
import { findTagged } from './apigatewayv2/tag-rules.ts';
import type { OperationRequest } from './operation.ts';
import { findZone } from './route53/zone-names.ts';

type Tags = Readonly<Record<string, string>>;
export interface NamedOperation {
  readonly service: ServiceName;
  readonly name: string;
}

type Input = Readonly<Record<string, unknown>>;

/** What names an object in its input that is still to be made, or that never has tags. */
const WITHOUT: readonly string[] = ['CreateDomainName', 'GetChange'];
const NO_TAGS: Tags = {};

/** Undefined when they cannot be known: there is no such object, or there are several. Throws only where the store cannot be read. */
export async function resourceTags(
  view: View,
  { service, name }: NamedOperation,
  input: Input,
  request: OperationRequest,
): Promise<Tags | undefined> {
  try {
    return await lookUp(view, { service, name }, input, request);
  } catch (error) {
    if (error instanceof Fault && error.code !== 'ServiceUnavailableException') return undefined;
    throw error;
  }
}

async function lookUp(
  view: View,
  { service, name }: NamedOperation,
  input: Input,
  request: OperationRequest,
): Promise<Tags | undefined> {
  if (WITHOUT.includes(name)) return NO_TAGS;
  const text = (member: string) => (typeof input[member] === 'string' ? input[member] : undefined);
  switch (service) {
    case 'apigatewayv2': {
      const [arn, domainName, apiId] = [text('ResourceArn'), text('DomainName'), text('ApiId')];
      if (arn !== undefined) return (await findTagged(view, request, arn)).tags;
      if (domainName !== undefined) return (await findDomainName(view, request, domainName)).tags;
      const linkId = text('VpcLinkId');
      if (linkId !== undefined) return (await findVpcLink(view, request, linkId)).tags;
      return apiId === undefined ? NO_TAGS : tagsInApi(view, request, apiId, text('StageName'));
    }
    case 'apigateway': {
      const [arn, usagePlanId, apiKeyId] = [text('resourceArn'), text('usagePlanId'), text('apiKey')];
      if (arn !== undefined) return (await findTagged(view, request, arn)).tags;
      if (usagePlanId !== undefined) return (await findUsagePlan(view, request, usagePlanId)).tags ?? NO_TAGS;
      return apiKeyId === undefined ? NO_TAGS : ((await findApiKey(view, request, apiKeyId)).tags ?? NO_TAGS);
    }
    case 'acm': {
      const arn = text('CertificateArn');
      return arn === undefined ? NO_TAGS : (await findCertificate(view, request, arn)).tags;
    }
    case 'route53': {
      const id = text('HostedZoneId') ?? text('Id') ?? text('ResourceId');
      if (id !== undefined) return (await findZone(view, request, id)).tags ?? NO_TAGS;
      // Of several zones no tag is that of all.
      return input['ResourceIds'] === undefined ? NO_TAGS : undefined;
    }
    case 'sts':
    case 'apigatewaymanagementapi':
      return undefined;
  }
}

/** A stage's own tags stand before those of its Api. */
async function tagsInApi(view: View, request: OperationRequest, apiId: string, stageName?: string): Promise<Tags> {
  const api = await findApi(view, request, apiId);
  const stage = stageName === undefined ? undefined : await view.get('stage', `${apiId}/${stageName}`);
  return { ...api.tags, ...stage?.tags };
}
