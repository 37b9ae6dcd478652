// A data directory with an API that has an authorizer and models: the rows are written with the store's own code, before a gateway is
// started on it, so that a test needs no operation but those it is about.

import type { Api, Authorizer, Model } from '../../src/model/api.ts';
import { createLog } from '../../src/observe/log.ts';
import { openDataDirectory } from '../../src/store/embedded/data-directory.ts';
import { openEmbeddedStore } from '../../src/store/embedded/embedded-store.ts';
import { REGION, temporaryDirectory, type Owner } from './gateway.ts';

const ENTITY = { account: '000000000000', region: REGION };

export const SEEDED = { apiId: 'seededapi0', authorizerId: 'auth01', modelNames: ['Message', 'Other'] } as const;

/** Resolves to the path of a data directory that lives as long as its owner. */
export async function seedApi(owner: Owner, changes: Partial<Api> = {}): Promise<string> {
  const { apiId, authorizerId, modelNames } = SEEDED;
  const api: Api = {
    ...ENTITY,
    id: apiId,
    apiId,
    name: 'seeded',
    protocolType: 'WEBSOCKET',
    routeSelectionExpression: '$request.body.action',
    apiKeySelectionExpression: '$request.header.x-api-key',
    disableExecuteApiEndpoint: false,
    ipAddressType: 'ipv4',
    createdAtMs: 0,
    ...changes,
  };
  const authorizer: Authorizer = {
    ...ENTITY,
    id: `${apiId}/${authorizerId}`,
    apiId,
    authorizerId,
    authorizerType: 'REQUEST',
    authorizerUri: `arn:aws:apigateway:${REGION}:lambda:path/2015-03-31/functions/arn:aws:lambda:${REGION}:000000000000:function:authorize/invocations`,
    name: 'authorize',
    identitySource: [],
  };
  const models = modelNames.map((name, number): Model => {
    const modelId = `model${number}`;
    return { ...ENTITY, id: `${apiId}/${modelId}`, apiId, modelId, name, schema: '{"type":"object"}' };
  });
  const path = temporaryDirectory(owner);
  const directory = openDataDirectory(path);
  const store = await openEmbeddedStore(directory.databasePath, createLog('error', false));
  await store.transact(async (transaction) => {
    transaction.put('api', api);
    transaction.put('authorizer', authorizer);
    for (const model of models) transaction.put('model', model);
  });
  await store.close();
  directory.release();
  return path;
}
