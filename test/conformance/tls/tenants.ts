// Tenants for the TLS tests: each has an account, a domain name with a certificate of its own, and an API whose every reply tells
// whose it is and from which stage.

import type { KeyAlgorithm } from '@aws-sdk/client-acm';
import { CreateDeploymentCommand, CreateStageCommand } from '@aws-sdk/client-apigatewayv2';
import { createClients, type Clients } from '../../../demo/chain.ts';
import {
  aliasRecord,
  createDomain,
  issueCertificate,
  makeHostedZone,
  mapDomain,
  putRecord,
} from '../../harness/domains.ts';
import { REGION, type ReachableGateway } from '../../harness/gateway.ts';
import { addRoute, makeApi, mock, openSocket, type TestSocket } from '../../harness/sockets.ts';

/** What to send to a tenant's API; the reply is `{name} alpha` or `{name} beta`. */
const ASK = '{"action":"ask"}';
export const DEFAULT_NAME = `*.execute-api.${REGION}.localhost`;

export interface Tenant {
  readonly clients: Clients;
  readonly apiId: string;
  readonly mappingId: string;
  /** A new certificate of the domain name, issued. Resolves to its ARN. */
  issue(): Promise<string>;
}

/** Makes the tenants of a gateway. */
export type MakeTenant = (account: string, domainName: string, algorithm?: KeyAlgorithm) => Promise<Tenant>;

/** Makes the zone `example.com`: whoever holds it proves every certificate and writes every record. */
export async function makeLandlord(gateway: ReachableGateway): Promise<MakeTenant> {
  const { route53 } = gateway.clients;
  const zoneId = await makeHostedZone(gateway.clients, 'example.com');
  return async (account, domainName, algorithm = 'EC_prime256v1') => {
    const clients = { ...createClients(gateway.endpoint, REGION, account), route53 };
    const issue = () => issueCertificate(clients, zoneId, domainName, { KeyAlgorithm: algorithm });
    const domain = await createDomain(clients, domainName, await issue());
    await putRecord(clients, zoneId, aliasRecord(domainName, domain));
    const api = await makeTellingApi(clients, domainName);
    const mappingId = await mapDomain(clients, domainName, '', api);
    return { clients, apiId: api.apiId, mappingId, issue };
  };
}

/** An API with the stages `alpha` and `beta`. Resolves to the first. */
async function makeTellingApi(clients: Clients, name: string): Promise<{ apiId: string; stage: string }> {
  const told = (stage: string) => ({ target: mock(`${name} ${stage}`), isTwoWay: true });
  const alpha = await makeApi(clients, { $default: told('alpha') }, 'alpha');
  const ApiId = alpha.apiId;
  // Only the deployment of `beta` knows this route, so the same message is answered differently there.
  await addRoute(clients, ApiId, 'ask', told('beta'));
  await clients.gateway.send(new CreateStageCommand({ ApiId, StageName: 'beta' }));
  await clients.gateway.send(new CreateDeploymentCommand({ ApiId, StageName: 'beta' }));
  return alpha;
}

/** A normal client's way to a host, by DNS and verified TLS. Resolves to the reply. */
export async function reach(gateway: ReachableGateway, host: string): Promise<string> {
  return replyOf(await openSocket(gateway, `wss://${host}:${gateway.tlsPort}/`));
}

/** Asks once and leaves. */
export async function replyOf(client: TestSocket): Promise<string> {
  client.socket.send(ASK);
  const reply = await client.receive();
  client.socket.terminate();
  return reply;
}
