// The Serverless Framework's domain manager, unmodified, with nothing but environment variables to lead it here (custom-domains
// 7.7): it makes a domain name and its records, maps an API, and takes all of it away again.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import {
  CreateApiMappingCommand,
  DeleteApiMappingCommand,
  GetApiMappingsCommand,
  GetDomainNameCommand,
  GetDomainNamesCommand,
  type GetDomainNameCommandOutput,
} from '@aws-sdk/client-apigatewayv2';
import { ListResourceRecordSetsCommand } from '@aws-sdk/client-route-53';
import { issueCertificate, makeHostedZone } from '../harness/domains.ts';
import { REGION, startTestGateway, temporaryDirectory, type TestGateway } from '../harness/gateway.ts';
import { missing, runPeer } from '../harness/peers.ts';
import { ask, makeApi, mock, openSocket } from '../harness/sockets.ts';

const DOMAIN_NAME = 'ws.example.com';

interface Run {
  readonly code: number;
  /** Both streams. */
  readonly words: string;
}

describe('serverless-domain-manager, unmodified', { skip: missing('serverless') }, () => {
  const ends: (() => unknown)[] = [];
  let gateway: TestGateway;
  let home: string;
  let made: { zoneId: string; certificateArn: string };
  let api: { apiId: string; stage: string };
  before(async () => {
    const owner = { after: (end: () => unknown) => ends.unshift(end) };
    gateway = await startTestGateway(owner);
    home = temporaryDirectory(owner);
    const zoneId = await makeHostedZone(gateway.clients, 'example.com');
    made = { zoneId, certificateArn: await issueCertificate(gateway.clients, zoneId, DOMAIN_NAME) };
    api = await makeApi(gateway.clients, { $default: { target: mock('hello from the mock'), isTwoWay: true } });
  });
  after(async () => {
    for (const end of ends) await end();
  });

  async function serverless(command: string, variables: NodeJS.ProcessEnv = {}): Promise<Run> {
    const env = {
      // The framework keeps a folder there.
      HOME: home,
      AWS_ENDPOINT_URL: gateway.endpoint,
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_REGION: REGION,
      AWS_CONFIG_FILE: '/dev/null',
      AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
      NO_PROXY: '*',
      SLS_TELEMETRY_DISABLED: '1',
      SLS_NOTIFICATIONS_MODE: 'off',
      PEER_DOMAIN_NAME: DOMAIN_NAME,
      ...variables,
    };
    const { code, stdout, stderr } = await runPeer('serverless', [command, '--verbose'], env);
    return { code, words: stdout + stderr };
  }

  /** A command that must end with 0, having said this. */
  async function succeeds(words: string, command: string, variables: NodeJS.ProcessEnv = {}): Promise<void> {
    const run = await serverless(command, variables);
    assert.equal(run.code, 0, run.words);
    assert.ok(run.words.includes(words), run.words);
  }

  async function domainName(): Promise<Omit<GetDomainNameCommandOutput, '$metadata'>> {
    const { $metadata: _, ...domain } = await gateway.clients.gateway.send(
      new GetDomainNameCommand({ DomainName: DOMAIN_NAME }),
    );
    return domain;
  }

  /** The alias records of the zone. */
  async function aliases(): Promise<object[]> {
    const { ResourceRecordSets } = await gateway.clients.route53.send(
      new ListResourceRecordSetsCommand({ HostedZoneId: made.zoneId }),
    );
    return ResourceRecordSets!.filter(({ AliasTarget }) => AliasTarget);
  }

  async function mappings(): Promise<object[]> {
    const { Items } = await gateway.clients.gateway.send(new GetApiMappingsCommand({ DomainName: DOMAIN_NAME }));
    return Items!;
  }

  /** What a client on this path of the name hears. */
  async function hears(path: string): Promise<string> {
    const client = await openSocket(gateway, `wss://${DOMAIN_NAME}:${gateway.tlsPort}${path}`);
    const reply = await ask(client, '{"action":"hello"}');
    client.socket.close(1000);
    await client.closed;
    return reply;
  }

  test('create_domain finds the certificate by its name, and makes the domain name and its A and AAAA records', async () => {
    await succeeds(`Custom domain '${DOMAIN_NAME}' was created.`, 'create_domain');
    const domain = await domainName();
    const { ApiGatewayDomainName } = domain.DomainNameConfigurations![0]!;
    assert.deepEqual(domain, {
      ApiMappingSelectionExpression: '$request.basepath',
      DomainName: DOMAIN_NAME,
      DomainNameArn: `arn:aws:apigateway:${REGION}::/domainnames/${DOMAIN_NAME}`,
      DomainNameConfigurations: [
        {
          ApiGatewayDomainName,
          CertificateArn: made.certificateArn,
          DomainNameStatus: 'AVAILABLE',
          EndpointType: 'REGIONAL',
          HostedZoneId: 'Z1UJRXOUMOOFQ8',
          IpAddressType: 'ipv4',
          SecurityPolicy: 'TLS_1_2',
        },
      ],
      RoutingMode: 'API_MAPPING_ONLY',
      Tags: { team: 'chat' },
    });
    const AliasTarget = {
      DNSName: `${ApiGatewayDomainName}.`,
      EvaluateTargetHealth: false,
      HostedZoneId: 'Z1UJRXOUMOOFQ8',
    };
    assert.deepEqual(
      await aliases(),
      ['A', 'AAAA'].map((Type) => ({ Name: `${DOMAIN_NAME}.`, Type, AliasTarget })),
    );
  });

  test('a second create_domain changes nothing', async () => {
    const before = [await domainName(), await aliases()];
    await succeeds(`Custom domain '${DOMAIN_NAME}' already exists.`, 'create_domain');
    assert.deepEqual([await domainName(), await aliases()], before);
  });

  test('a client is served by the name that it made', async () => {
    const mapping = { DomainName: DOMAIN_NAME, ApiMappingKey: 'sdk', ApiId: api.apiId, Stage: api.stage };
    const { ApiMappingId } = await gateway.clients.gateway.send(new CreateApiMappingCommand(mapping));
    assert.equal(await hears('/sdk'), 'hello from the mock');
    await gateway.clients.gateway.send(new DeleteApiMappingCommand({ DomainName: DOMAIN_NAME, ApiMappingId }));
  });

  test('after a deployment it maps the API to the root, and after the next one to the key that is asked for then', async () => {
    const ids = { PEER_API_ID: api.apiId, PEER_STAGE: api.stage };
    await succeeds(`Created API mapping '(none)' for '${DOMAIN_NAME}'`, 'map_domain', ids);
    const [root, ...more] = (await mappings()) as { ApiMappingId: string }[];
    const mapping = { ApiId: api.apiId, ApiMappingId: root!.ApiMappingId, Stage: api.stage };
    assert.deepEqual([root, more], [{ ...mapping, ApiMappingKey: '' }, []]);
    assert.equal(await hears('/'), 'hello from the mock');

    await succeeds(`Updated API mapping to 'v1/chat'`, 'map_domain', { ...ids, PEER_BASE_PATH: 'v1/chat' });
    assert.deepEqual(await mappings(), [{ ...mapping, ApiMappingKey: 'v1/chat' }]);
    assert.equal(await hears('/v1/chat'), 'hello from the mock');
  });

  test('it tells in the gateway’s words what was refused', async () => {
    const { code, words } = await serverless('map_domain', { PEER_API_ID: api.apiId, PEER_STAGE: 'none' });
    assert.equal(code, 1);
    assert.ok(words.includes('Invalid stage identifier specified'), words);
    const refused = await serverless('create_domain', { PEER_DOMAIN_NAME: 'ws.example.net' });
    assert.equal(refused.code, 1);
    assert.ok(refused.words.includes(`Could not find an in-date certificate for 'ws.example.net'`), refused.words);
  });

  test('before a removal it takes its mapping away', async () => {
    await succeeds('Removed API Mapping', 'unmap_domain', { PEER_API_ID: api.apiId, PEER_STAGE: api.stage });
    assert.deepEqual(await mappings(), []);
  });

  test('delete_domain takes the domain name and its records away, and finds nothing the next time', async () => {
    await succeeds(`Custom domain ${DOMAIN_NAME} was deleted.`, 'delete_domain');
    const { Items } = await gateway.clients.gateway.send(new GetDomainNamesCommand({}));
    assert.deepEqual([Items, await aliases()], [[], []]);
    await succeeds(`Custom domain ${DOMAIN_NAME} does not exist.`, 'delete_domain');
  });
});
