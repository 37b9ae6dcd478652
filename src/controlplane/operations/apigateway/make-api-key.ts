// A new ApiKey: for CreateApiKey and ImportApiKeys alike. No message tells a value: they are secrets.

import { ids } from '../../../ambient/ids.ts';
import { reference } from '../../../model/kinds.ts';
import type { ApiKey } from '../../../model/usage-plan.ts';
import { API_KEY_VALUE_CHARACTERS } from '../../../protocol/api-key-values.ts';
import type { View } from '../../../store/contract.ts';
import { badRequest } from '../apigatewayv2/find.ts';
import { present } from '../members.ts';
import type { OperationRequest, OperationWorld } from '../operation.ts';

export interface ApiKeyMembers {
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  readonly customerId?: string | undefined;
  readonly enabled?: boolean | undefined;
  readonly value?: string | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
}

/** What a header of HTTP may hold without being quoted or changed on its way. */
const VALUE = /^[\x21-\x7e]*$/;

/** Throws BadRequestException for a value that a client could not send. */
export function makeApiKey(
  { name, description, customerId, enabled = false, value = ids.apiKeyValue(), tags }: ApiKeyMembers,
  { caller: { account }, region }: OperationRequest,
  { apiKeyValues, clock }: Pick<OperationWorld, 'apiKeyValues' | 'clock'>,
): ApiKey {
  checkValue(value);
  const apiKeyId = ids.apiKey();
  const nowMs = clock.now();
  return {
    id: apiKeyId,
    account,
    region,
    apiKeyId,
    fingerprint: apiKeyValues.fingerprint(account, region, value),
    sealedValue: apiKeyValues.seal(value, apiKeyId),
    enabled,
    createdAtMs: nowMs,
    lastUpdatedAtMs: nowMs,
    ...present({ name, description, customerId, tags }),
  };
}

function checkValue(value: string): void {
  const { min, max } = API_KEY_VALUE_CHARACTERS;
  if (value.length < min) throw badRequest(`API Key value should be at least ${min} characters`);
  if (value.length > max) throw badRequest(`API Key value should be at most ${max} characters`);
  if (!VALUE.test(value))
    throw badRequest('API Key value should be letters, digits and signs of ASCII, without blanks');
}

/** Whether the account has a key of the same value in the region. */
export async function isValueTaken(view: View, key: ApiKey): Promise<boolean> {
  return (await view.referring('api-key', reference.apiKeyValue(key.fingerprint), { limit: 1 })).length > 0;
}
