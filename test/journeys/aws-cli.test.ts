// The whole chain by hand with an unmodified AWS CLI, command by command (custom-domains 7.1): a zone, a certificate proven by
// its CNAME, an API, a custom domain name, a mapping, an alias record; then a WebSocket client on the name.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { DescribeCertificateCommand } from '@aws-sdk/client-acm';
import { eventually } from '../harness/eventually.ts';
import { REGION, startTestGateway } from '../harness/gateway.ts';
import { missing, runPeer } from '../harness/peers.ts';
import { ask, openSocket } from '../harness/sockets.ts';

const ENVIRONMENT = {
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
  AWS_DEFAULT_REGION: REGION,
  AWS_PAGER: '',
  AWS_CONFIG_FILE: '/dev/null',
  AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
};
const ZONE = 'example.com';
const DOMAIN_NAME = 'ws.example.com';

void test(
  'every command of the chain ends with 0 and prints what it made, and the name is served',
  { skip: missing('aws') },
  async () => {
    const gateway = await startTestGateway({ after });

    /** The parsed output of a command that must end with 0. `query` is what `--query` selects. */
    async function aws<T = string>(words: string, query?: string, ...more: string[]): Promise<T> {
      const selection = query === undefined ? [] : ['--query', query];
      const args = [...words.split(' '), ...more, ...selection, '--output', 'json', '--endpoint-url', gateway.endpoint];
      const { code, stdout, stderr } = await runPeer('aws', args, ENVIRONMENT);
      assert.deepEqual({ code, stderr }, { code: 0, stderr: '' }, `aws ${words}`);
      return (stdout === '' ? undefined : JSON.parse(stdout)) as T;
    }
    const batch = (comment: string, set: object) =>
      JSON.stringify({ Comment: comment, Changes: [{ Action: 'UPSERT', ResourceRecordSet: set }] });

    // The zone, and a certificate that a record in it proves.
    const zoneId = await aws(`route53 create-hosted-zone --name ${ZONE} --caller-reference cli`, 'HostedZone.Id');
    assert.match(zoneId, /^\/hostedzone\/Z[A-Z0-9]+$/);
    const changeRecords = `route53 change-resource-record-sets --hosted-zone-id ${zoneId} --change-batch`;
    const arn = await aws(
      `acm request-certificate --domain-name ${DOMAIN_NAME} --validation-method DNS`,
      'CertificateArn',
    );
    assert.match(arn, /^arn:aws:acm:us-east-1:000000000000:certificate\/[0-9a-f-]{36}$/);
    const option = 'Certificate.DomainValidationOptions[0].[ValidationStatus,ResourceRecord]';
    const [status, proof] = await aws<[string, { Name: string; Type: string; Value: string }]>(
      `acm describe-certificate --certificate-arn ${arn}`,
      option,
    );
    assert.deepEqual(
      [status, proof.Type, proof.Name.endsWith(`.${DOMAIN_NAME}.`)],
      ['PENDING_VALIDATION', 'CNAME', true],
    );
    const cname = { Name: proof.Name, Type: 'CNAME', TTL: 60, ResourceRecords: [{ Value: proof.Value }] };
    const change = await aws<{ Id: string; Status: string; Comment: string }>(
      changeRecords,
      'ChangeInfo',
      batch('proof', cname),
    );
    assert.match(change.Id, /^\/change\/C[A-Z0-9]+$/);
    assert.deepEqual([change.Status, change.Comment], ['PENDING', 'proof']);
    await aws(`route53 wait resource-record-sets-changed --id ${change.Id}`);
    // The CLI's waiter looks once a minute: what it finds at its first look ends it.
    await eventually('the certificate is issued', async () => {
      const { Certificate } = await gateway.clients.acm.send(new DescribeCertificateCommand({ CertificateArn: arn }));
      return Certificate!.Status === 'ISSUED' ? true : undefined;
    });
    await aws(`acm wait certificate-validated --certificate-arn ${arn}`);

    // The API: one two-way route to a literal answer, deployed.
    const selection = ['--route-selection-expression', '$request.body.action'];
    const apiId = await aws('apigatewayv2 create-api --name cli --protocol-type WEBSOCKET', 'ApiId', ...selection);
    assert.match(apiId, /^[a-z0-9]{10}$/);
    const integrationId = await aws(
      `apigatewayv2 create-integration --api-id ${apiId} --integration-type MOCK --request-templates`,
      'IntegrationId',
      JSON.stringify({ $default: '{"statusCode": 200}' }),
    );
    const responseKey = await aws(
      `apigatewayv2 create-integration-response --api-id ${apiId} --integration-id ${integrationId} ` +
        '--integration-response-key $default --response-templates',
      'IntegrationResponseKey',
      JSON.stringify({ $default: 'hello from the mock' }),
    );
    assert.equal(responseKey, '$default');
    const routeId = await aws(
      `apigatewayv2 create-route --api-id ${apiId} --route-key $default --target integrations/${integrationId}`,
      'RouteId',
    );
    await aws(
      `apigatewayv2 create-route-response --api-id ${apiId} --route-id ${routeId} --route-response-key $default`,
      'RouteResponseId',
    );
    const stage = await aws(
      `apigatewayv2 create-stage --api-id ${apiId} --stage-name test --stage-variables colour=blue`,
      '[StageName,StageVariables]',
    );
    assert.deepEqual(stage, ['test', { colour: 'blue' }]);
    const deployed = await aws(
      `apigatewayv2 create-deployment --api-id ${apiId} --stage-name test`,
      'DeploymentStatus',
    );
    assert.equal(deployed, 'DEPLOYED');

    // The name: domain, mapping, alias.
    const configurations = ['--domain-name-configurations', `CertificateArn=${arn}`];
    const [regionalName, regionalZone, domainStatus] = await aws<string[]>(
      `apigatewayv2 create-domain-name --domain-name ${DOMAIN_NAME}`,
      'DomainNameConfigurations[0].[ApiGatewayDomainName,HostedZoneId,DomainNameStatus]',
      ...configurations,
    );
    assert.match(regionalName!, /^d-[a-z0-9]{10}\.execute-api\.us-east-1\.localhost$/);
    assert.deepEqual([regionalZone, domainStatus], ['Z1UJRXOUMOOFQ8', 'AVAILABLE']);
    const mapping = await aws<{ ApiMappingId: string }>(
      `apigatewayv2 create-api-mapping --domain-name ${DOMAIN_NAME} --api-mapping-key v1 --api-id ${apiId} --stage test`,
      '@',
    );
    assert.partialDeepStrictEqual(mapping, { ApiId: apiId, ApiMappingKey: 'v1', Stage: 'test' });
    const AliasTarget = { HostedZoneId: regionalZone, DNSName: regionalName, EvaluateTargetHealth: false };
    await aws(changeRecords, 'ChangeInfo.Id', batch('alias', { Name: DOMAIN_NAME, Type: 'A', AliasTarget }));
    const kept = await aws(
      `apigatewayv2 update-domain-name --domain-name ${DOMAIN_NAME}`,
      'DomainNameConfigurations[0].ApiGatewayDomainName',
      ...configurations,
    );
    assert.equal(kept, regionalName);
    const listed = await aws(
      `route53 list-resource-record-sets --hosted-zone-id ${zoneId}`,
      `ResourceRecordSets[?Type=='A'].[Name,AliasTarget.DNSName]`,
    );
    assert.deepEqual(listed, [[`${DOMAIN_NAME}.`, `${regionalName}.`]]);

    const client = await openSocket(gateway, `wss://${DOMAIN_NAME}:${gateway.tlsPort}/v1`);
    assert.equal(await ask(client, '{"action":"hello"}'), 'hello from the mock');
    client.socket.close(1000, 'bye');
    assert.deepEqual(await client.closed, { code: 1000, reason: 'bye' });

    // A refusal is an exit code and a sentence; an end is quiet.
    const held = await runPeer(
      'aws',
      ['apigatewayv2', 'delete-api', '--api-id', apiId, '--endpoint-url', gateway.endpoint],
      ENVIRONMENT,
    );
    assert.equal(held.code, 254);
    assert.ok(
      held.stderr.includes(
        `An error occurred (BadRequestException) when calling the DeleteApi operation: Deleting API ${apiId} failed.`,
      ),
      held.stderr,
    );
    assert.equal(await aws(`apigatewayv2 delete-domain-name --domain-name ${DOMAIN_NAME}`), undefined);
    assert.equal(await aws(`apigatewayv2 delete-api --api-id ${apiId}`), undefined);
  },
);
