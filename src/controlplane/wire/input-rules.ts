// What the SDK's schemas do not hold: lengths, ranges and patterns of members, from custom-domains and websocket-apis of the
// specification, and the check of a decoded input against both: required members, enum values, and these rules.

import {
  SERVICES,
  shapeOf,
  type MemberModel,
  type ServiceModel,
  type ServiceName,
  type WireRecord,
} from '../../protocol/wire/model.ts';

interface Rule {
  readonly min?: number;
  readonly max?: number;
  readonly pattern?: RegExp;
  /** Of a number: it has no fraction. */
  readonly isInteger?: true;
}

const TAG_TEXT = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;
const ARN: Rule = { min: 20, max: 2048 };
const TOKEN: Rule = { min: 1, max: 32, pattern: /^\w+$/ };
const NAME: Rule = { min: 1, max: 253 };
const TAGS: Rule = { min: 1, max: 50 };

const ACM_RULES: Readonly<Record<string, Rule>> = {
  'RequestCertificateRequest.DomainName': NAME,
  'RequestCertificateRequest.SubjectAlternativeNames': { min: 1, max: 100 },
  'RequestCertificateRequest.DomainValidationOptions': { min: 1, max: 100 },
  'RequestCertificateRequest.IdempotencyToken': TOKEN,
  'RequestCertificateRequest.CertificateAuthorityArn': ARN,
  'RequestCertificateRequest.Tags': TAGS,
  'DomainValidationOption.DomainName': NAME,
  'DomainValidationOption.ValidationDomain': NAME,
  'Tag.Key': { min: 1, max: 128, pattern: TAG_TEXT },
  'Tag.Value': { max: 256, pattern: TAG_TEXT },
  'ImportCertificateRequest.Certificate': { min: 1, max: 32_768 },
  'ImportCertificateRequest.PrivateKey': { min: 1, max: 5_120 },
  'ImportCertificateRequest.CertificateChain': { min: 1, max: 2_097_152 },
  'ImportCertificateRequest.CertificateArn': ARN,
  'ImportCertificateRequest.Tags': TAGS,
  'ExportCertificateRequest.CertificateArn': ARN,
  'ExportCertificateRequest.Passphrase': { min: 4, max: 128 },
  'ListCertificatesRequest.MaxItems': { min: 1, max: 1000 },
  'ListCertificatesRequest.NextToken': { min: 1, max: 10_000 },
  'ListCertificateDomainValidationsRequest.CertificateArn': ARN,
  'ListCertificateDomainValidationsRequest.MaxItems': { min: 1, max: 1000 },
  'ListCertificateDomainValidationsRequest.NextToken': { min: 1, max: 10_000 },
  'DescribeCertificateRequest.CertificateArn': ARN,
  'GetCertificateRequest.CertificateArn': ARN,
  'DeleteCertificateRequest.CertificateArn': ARN,
  'RenewCertificateRequest.CertificateArn': ARN,
  'ResendValidationEmailRequest.CertificateArn': ARN,
  'ResendValidationEmailRequest.Domain': NAME,
  'ResendValidationEmailRequest.ValidationDomain': NAME,
  'UpdateCertificateOptionsRequest.CertificateArn': ARN,
  'AddTagsToCertificateRequest.CertificateArn': ARN,
  'AddTagsToCertificateRequest.Tags': TAGS,
  'RemoveTagsFromCertificateRequest.CertificateArn': ARN,
  'RemoveTagsFromCertificateRequest.Tags': TAGS,
  'ListTagsForCertificateRequest.CertificateArn': ARN,
  'PutAccountConfigurationRequest.IdempotencyToken': TOKEN,
  'ExpiryEventsConfiguration.DaysBeforeExpiry': { min: 1, max: 45 },
};

const ZONE_ID: Rule = { max: 32 };
const DNS_NAME: Rule = { max: 1024 };
const COMMENT: Rule = { max: 256 };
const SET_IDENTIFIER: Rule = { min: 1, max: 128 };
const TEN: Rule = { min: 1, max: 10 };
const ITEMS: Rule = { min: 1, isInteger: true };

const ROUTE53_RULES: Readonly<Record<string, Rule>> = {
  'CreateHostedZoneRequest.Name': DNS_NAME,
  'CreateHostedZoneRequest.CallerReference': { min: 1, max: 128 },
  'HostedZoneConfig.Comment': COMMENT,
  'ChangeResourceRecordSetsRequest.HostedZoneId': ZONE_ID,
  'ChangeBatch.Comment': COMMENT,
  'ResourceRecordSet.Name': DNS_NAME,
  'ResourceRecordSet.SetIdentifier': SET_IDENTIFIER,
  'ResourceRecordSet.Weight': { min: 0, max: 255, isInteger: true },
  'ResourceRecordSet.TTL': { min: 0, max: 2_147_483_647, isInteger: true },
  'ResourceRecordSet.HealthCheckId': { max: 64 },
  'ResourceRecord.Value': { max: 4000 },
  // Some clients leave the prefix on.
  'AliasTarget.HostedZoneId': { max: 64 },
  'AliasTarget.DNSName': DNS_NAME,
  'ChangeTagsForResourceRequest.ResourceId': ZONE_ID,
  'ChangeTagsForResourceRequest.AddTags': TEN,
  'ChangeTagsForResourceRequest.RemoveTagKeys': TEN,
  'Tag.Key': { min: 1, max: 128 },
  'Tag.Value': { max: 256 },
  'DeleteHostedZoneRequest.Id': ZONE_ID,
  'GetDNSSECRequest.HostedZoneId': ZONE_ID,
  'GetHostedZoneRequest.Id': ZONE_ID,
  'ListHostedZonesRequest.MaxItems': ITEMS,
  'ListHostedZonesByNameRequest.DNSName': DNS_NAME,
  'ListHostedZonesByNameRequest.HostedZoneId': ZONE_ID,
  'ListHostedZonesByNameRequest.MaxItems': ITEMS,
  'ListResourceRecordSetsRequest.HostedZoneId': ZONE_ID,
  'ListResourceRecordSetsRequest.StartRecordName': DNS_NAME,
  'ListResourceRecordSetsRequest.StartRecordIdentifier': SET_IDENTIFIER,
  'ListResourceRecordSetsRequest.MaxItems': ITEMS,
  'ListTagsForResourceRequest.ResourceId': ZONE_ID,
  'ListTagsForResourcesRequest.ResourceIds': TEN,
  'TestDNSAnswerRequest.HostedZoneId': ZONE_ID,
  'TestDNSAnswerRequest.RecordName': DNS_NAME,
  'UpdateHostedZoneCommentRequest.Id': ZONE_ID,
  'UpdateHostedZoneCommentRequest.Comment': COMMENT,
};

const FUNCTION_NAME: Rule = { min: 1, max: 170 };
const QUALIFIER: Rule = { min: 1, max: 128, pattern: /^[\w$-]+$/ };

/** `{structure}.{member}` of a service → its rule: characters of a string, elements of a list, the value of a number. */
const RULES: Readonly<Record<ServiceName, Readonly<Record<string, Rule>>>> = {
  apigatewayv2: {
    'CreateApiRequest.Name': { min: 1, max: 128 },
    'CreateApiRequest.Description': { max: 1024 },
    'CreateApiRequest.Version': { min: 1, max: 64 },
    'UpdateApiRequest.Name': { min: 1, max: 128 },
    'UpdateApiRequest.Description': { max: 1024 },
    'UpdateApiRequest.Version': { min: 1, max: 64 },
    'CreateRouteRequest.RouteKey': { min: 1, max: 128 },
    'CreateRouteRequest.OperationName': { min: 1, max: 64 },
    'UpdateRouteRequest.RouteKey': { min: 1, max: 128 },
    'UpdateRouteRequest.OperationName': { max: 64 },
    'UpdateRouteResponseRequest.RouteResponseKey': { min: 1, max: 128 },
    'CreateIntegrationRequest.Description': { max: 1024 },
    'CreateIntegrationRequest.IntegrationUri': { min: 1, max: 2048 },
    'UpdateIntegrationRequest.Description': { max: 1024 },
    'UpdateIntegrationRequest.IntegrationUri': { max: 2048 },
    'CreateIntegrationResponseRequest.IntegrationResponseKey': { min: 1, max: 128 },
    'UpdateIntegrationResponseRequest.IntegrationResponseKey': { min: 1, max: 128 },
    'RouteSettings.ThrottlingBurstLimit': { min: 0, isInteger: true },
    'RouteSettings.ThrottlingRateLimit': { min: 0 },
    'UpdateDeploymentRequest.Description': { max: 1024 },
    'CreateDeploymentRequest.Description': { max: 1024 },
    'CreateStageRequest.StageName': { min: 1, max: 128, pattern: /^(\$default|[A-Za-z0-9_-]+)$/ },
    'CreateStageRequest.Description': { max: 1024 },
    'UpdateStageRequest.Description': { max: 1024 },
    'CreateDomainNameRequest.DomainName': { min: 1, max: 512 },
    'CreateApiMappingRequest.Stage': { min: 1, max: 128 },
    'UpdateApiMappingRequest.Stage': { min: 1, max: 128 },
  },
  apigateway: {
    'CreateApiKeyRequest.name': { max: 1024 },
    'CreateApiKeyRequest.description': { max: 1024 },
    'CreateApiKeyRequest.customerId': { max: 1024 },
    'CreateUsagePlanRequest.name': { min: 1, max: 1024 },
    'CreateUsagePlanRequest.description': { max: 1024 },
    'GetApiKeysRequest.limit': { min: 1, max: 500, isInteger: true },
    'GetUsagePlansRequest.limit': { min: 1, max: 500, isInteger: true },
    'GetUsagePlanKeysRequest.limit': { min: 1, max: 500, isInteger: true },
    'GetUsageRequest.limit': { min: 1, max: 500, isInteger: true },
    'UpdateApiKeyRequest.patchOperations': { max: 100 },
    'UpdateUsagePlanRequest.patchOperations': { max: 100 },
    'UpdateUsageRequest.patchOperations': { max: 100 },
  },
  acm: ACM_RULES,
  route53: ROUTE53_RULES,
  sts: {
    'GetSessionTokenRequest.DurationSeconds': { min: 900, max: 129_600 },
    'GetSessionTokenRequest.SerialNumber': { min: 9, max: 256 },
  },
  lambda: {
    'InvocationRequest.FunctionName': FUNCTION_NAME,
    'InvocationRequest.Qualifier': QUALIFIER,
    'InvocationRequest.ClientContext': { max: 3_583 },
    'GetFunctionRequest.FunctionName': FUNCTION_NAME,
    'GetFunctionRequest.Qualifier': QUALIFIER,
    'GetFunctionConfigurationRequest.FunctionName': FUNCTION_NAME,
    'GetFunctionConfigurationRequest.Qualifier': QUALIFIER,
    'ListFunctionsRequest.MaxItems': { min: 1, max: 10_000, isInteger: true },
  },
  apigatewaymanagementapi: {},
};

/** One member that breaks its shape: AWS's `Value '…' at '…' failed to satisfy constraint: …`. */
export interface Violation {
  readonly path: string;
  readonly value: unknown;
  readonly constraint: string;
}

/** Everything that a decoded input breaks, in the order of the model. */
export function violationsOf(service: ServiceName, shape: string, record: WireRecord): Violation[] {
  const found: Violation[] = [];
  checkStructure(service, SERVICES[service], shape, record, '', found);
  return found;
}

/** AWS's wording of a list of violations. */
export function describeViolations(violations: readonly Violation[]): string {
  const lines = violations.map(({ path, value, constraint }) => {
    return `Value ${shown(value)} at '${path}' failed to satisfy constraint: ${constraint}`;
  });
  return `${lines.length} validation error${lines.length === 1 ? '' : 's'} detected: ${lines.join('; ')}`;
}

/** Bytes may be a private key, which is in no message. */
function shown(value: unknown): string {
  if (value === undefined) return 'null';
  return value instanceof Uint8Array ? `of ${value.length} bytes` : `'${String(value).slice(0, 256)}'`;
}

function checkStructure(
  service: ServiceName,
  model: ServiceModel,
  shapeName: string,
  record: WireRecord,
  path: string,
  found: Violation[],
): void {
  const shape = shapeOf(model, shapeName);
  for (const [name, member] of Object.entries(shape.members ?? {})) {
    const value = record[name];
    const own = `${name.charAt(0).toLowerCase()}${name.slice(1)}`;
    const memberPath = path === '' ? own : `${path}.${own}`;
    if (value === undefined) {
      if (shape.required?.includes(name))
        found.push({ path: memberPath, value, constraint: 'Member must not be null' });
      continue;
    }
    checkRule(RULES[service][`${shapeName}.${name}`], value, memberPath, found);
    checkValue(service, model, member, value, memberPath, found);
  }
}

/** Enums whose refusal has a text of its own in the operation. */
const WORDED_BY_OPERATION = new Set(['ProtocolType']);

function checkValue(
  service: ServiceName,
  model: ServiceModel,
  member: MemberModel,
  value: unknown,
  path: string,
  found: Violation[],
): void {
  if (member.type === 'structure') checkStructure(service, model, member.shape!, value as WireRecord, path, found);
  else if (member.type === 'list') {
    const element = { ...shapeOf(model, member.shape!).element!, ...(member.enum ? { enum: member.enum } : {}) };
    for (const [position, one] of (value as unknown[]).entries()) {
      checkValue(service, model, element, one, `${path}.${position + 1}.member`, found);
    }
  } else if (member.type === 'map') {
    const element = shapeOf(model, member.shape!).element!;
    for (const [key, one] of Object.entries(value as object))
      checkValue(service, model, element, one, `${path}.${key}`, found);
  } else if (member.enum && !WORDED_BY_OPERATION.has(member.enum)) {
    const allowed = model.enums[member.enum]!;
    if (!allowed.includes(value as string)) {
      found.push({ path, value, constraint: `Member must satisfy enum value set: [${allowed.join(', ')}]` });
    }
  }
}

function checkRule(rule: Rule | undefined, value: unknown, path: string, found: Violation[]): void {
  if (!rule) return;
  const isNumber = typeof value === 'number';
  const size = isNumber ? value : (value as string | unknown[]).length;
  const what = isNumber ? 'value' : 'length';
  if (rule.max !== undefined && size > rule.max) {
    found.push({ path, value, constraint: `Member must have ${what} less than or equal to ${rule.max}` });
  }
  if (rule.min !== undefined && size < rule.min) {
    found.push({ path, value, constraint: `Member must have ${what} greater than or equal to ${rule.min}` });
  }
  if (rule.isInteger && !Number.isSafeInteger(value)) {
    found.push({ path, value, constraint: 'Member must be an integer' });
  }
  if (rule.pattern && typeof value === 'string' && !rule.pattern.test(value)) {
    found.push({ path, value, constraint: `Member must satisfy regular expression pattern: ${rule.pattern.source}` });
  }
}
