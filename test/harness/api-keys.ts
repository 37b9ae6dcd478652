// Keys and plans of a test's own, through the unmodified SDK of API Gateway's REST API. No value of a key may stand in a log line.

import * as rest from '@aws-sdk/client-api-gateway';
import * as v2 from '@aws-sdk/client-apigatewayv2';
import { REGION, type TestGateway } from './gateway.ts';
import { mustNotBeLogged } from './log-secrets.ts';
import { addRoute, makeApi, openSocket, pathForm, RefusedHandshake, type RouteOptions } from './sockets.ts';

export function restClient({ endpoint }: TestGateway, region = REGION): rest.APIGatewayClient {
  return new rest.APIGatewayClient({
    endpoint,
    region,
    maxAttempts: 1,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
}

export interface KeyedApi {
  readonly apiId: string;
  readonly stage: string;
  readonly url: string;
}

/** An API whose `$connect` asks for a key, deployed. */
export async function makeKeyedApi(
  gateway: TestGateway,
  routes: Readonly<Record<string, RouteOptions>> = { $default: {} },
  connect: RouteOptions = {},
): Promise<KeyedApi> {
  const made = await makeApi(gateway.clients, routes);
  const { apiId: ApiId, stage: StageName } = made;
  const RouteId = await addRoute(gateway.clients, ApiId, '$connect', connect);
  const { gateway: api } = gateway.clients;
  await api.send(new v2.UpdateRouteCommand({ ApiId, RouteId, ApiKeyRequired: true }));
  await api.send(new v2.CreateDeploymentCommand({ ApiId, StageName }));
  return { ...made, url: pathForm(gateway, made) };
}

export interface MadeKey {
  readonly id: string;
  readonly value: string;
}

/** Enabled, unless it is said otherwise. */
export async function makeKey(
  client: rest.APIGatewayClient,
  input: rest.CreateApiKeyCommandInput = {},
): Promise<MadeKey> {
  const { id, value } = await client.send(new rest.CreateApiKeyCommand({ enabled: true, name: 'key', ...input }));
  mustNotBeLogged(value!);
  return { id: id!, value: value! };
}

/** A plan of these APIs' stages with these keys in it. */
export async function makePlan(
  client: rest.APIGatewayClient,
  apis: readonly Pick<KeyedApi, 'apiId' | 'stage'>[],
  keys: readonly MadeKey[],
  input: Partial<rest.CreateUsagePlanCommandInput> = {},
): Promise<string> {
  const apiStages = apis.map(({ apiId, stage }) => ({ apiId, stage }));
  const { id: usagePlanId } = await client.send(new rest.CreateUsagePlanCommand({ name: 'plan', apiStages, ...input }));
  for (const { id: keyId } of keys)
    await client.send(new rest.CreateUsagePlanKeyCommand({ usagePlanId, keyId, keyType: 'API_KEY' }));
  return usagePlanId!;
}

/** Connects with a key: 101, or the status and the body of the refusal without what differs between any two. */
export async function knock(
  gateway: TestGateway,
  { url }: Pick<KeyedApi, 'url'>,
  value: string | undefined,
): Promise<{ status: number; body: string }> {
  try {
    const headers = value === undefined ? {} : { 'X-Api-Key': value };
    const { socket, closed } = await openSocket(gateway, url, { headers });
    socket.close();
    await closed;
    return { status: 101, body: '' };
  } catch (error) {
    if (!(error instanceof RefusedHandshake)) throw error;
    const body = error.body.replaceAll(/"(connectionId|requestId)":"[^"]+"/g, '"$1":"·"');
    return { status: error.status, body };
  }
}
