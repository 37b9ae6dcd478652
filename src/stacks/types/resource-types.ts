// Every type of resource that is made, by CloudFormation's name.

import type { ResourceType } from '../resource-type.ts';
import { API_GATEWAY_V2 } from './websocket-api.ts';
import { FUNCTION } from './function.ts';

export const RESOURCE_TYPES: Readonly<Record<string, ResourceType>> = {
  ...API_GATEWAY_V2,
  'AWS::Lambda::Function': FUNCTION,
};

export function resourceType(type: string): ResourceType | undefined {
  return Object.hasOwn(RESOURCE_TYPES, type) ? RESOURCE_TYPES[type] : undefined;
}
