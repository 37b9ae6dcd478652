// Every type of resource that is made, by CloudFormation's name; and why another is not.

import type { ResourceType } from '../resource-type.ts';
import { CERTIFICATE } from './certificate.ts';
import { FUNCTION, FUNCTION_TYPE } from './function.ts';
import { RECORD_SET, RECORD_SET_GROUP } from './records.ts';
import { tableAt } from './table.ts';
import { API_KEY, USAGE_PLAN, USAGE_PLAN_KEY } from './usage-plans.ts';
import { API_GATEWAY_V2 } from './websocket-api.ts';
import { HOSTED_ZONE } from './zone.ts';

const ALWAYS: Readonly<Record<string, ResourceType>> = {
  ...API_GATEWAY_V2,
  [FUNCTION_TYPE]: FUNCTION,
  'AWS::CertificateManager::Certificate': CERTIFICATE,
  'AWS::Route53::HostedZone': HOSTED_ZONE,
  'AWS::Route53::RecordSet': RECORD_SET,
  'AWS::Route53::RecordSetGroup': RECORD_SET_GROUP,
  'AWS::ApiGateway::ApiKey': API_KEY,
  'AWS::ApiGateway::UsagePlan': USAGE_PLAN,
  'AWS::ApiGateway::UsagePlanKey': USAGE_PLAN_KEY,
};

const TABLE_TYPE = 'AWS::DynamoDB::Table';

/** Undefined for a type that nothing is made of. */
export type ResourceTypes = (type: string) => ResourceType | undefined;

/** `serviceEndpoints`: where the gateway was told that services of AWS are. */
export function resourceTypes(serviceEndpoints: Readonly<Record<string, string>>): ResourceTypes {
  const { dynamodb } = serviceEndpoints;
  const table = dynamodb === undefined ? undefined : tableAt(dynamodb);
  return (type) => (type === TABLE_TYPE ? table : Object.hasOwn(ALWAYS, type) ? ALWAYS[type] : undefined);
}

export function whyNotMade(type: string): string {
  return type === TABLE_TYPE
    ? 'give the gateway a DynamoDB with --service-endpoint dynamodb=http://127.0.0.1:8000, and it is made there'
    : 'this gateway has no such thing';
}
