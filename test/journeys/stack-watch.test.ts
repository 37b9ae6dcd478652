// `sallyport up --watch`: a template that is saved is brought up, one that is wrong is told and waited on, and the gateway serves all the while.
// And every type of resource that is made, once: made, unchanged in a second run, changed, and taken away.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { ListCertificatesCommand } from '@aws-sdk/client-acm';
import { GetApisCommand, GetDomainNamesCommand, GetVpcLinksCommand } from '@aws-sdk/client-apigatewayv2';
import { ListHostedZonesCommand } from '@aws-sdk/client-route-53';
import { CHAT_CODE, chatResources, chatTemplate } from '../harness/chat-template.ts';
import { startDynamoDb } from '../harness/dynamodb.ts';
import { startTestGateway } from '../harness/gateway.ts';
import { ask, openSocket } from '../harness/sockets.ts';
import { makeStackProject, printedUrl, revisionOf, startUp } from '../harness/stacks.ts';

const owner = { after };

void test('a save is brought up, and a bad one changes nothing and ends nothing', async () => {
  const project = makeStackProject(owner, chatTemplate(), CHAT_CODE);
  const up = await startUp(owner, project, ['template.yaml', '--stack-name', 'chat', '--watch']);
  await up.line(/chat is up/);
  const client = await openSocket(up, printedUrl(up.told));
  const save = (text: string) => project.write('template.yaml', text);
  const resources = chatResources('hi');
  let told = up.line(/chat is up/);
  save(JSON.stringify(chatTemplate(resources)));
  await told;
  assert.equal(await ask(client, JSON.stringify({ action: 'send', say: 'you' })), 'hi you');
  const revision = await revisionOf(up);
  const wrong = up.problem(/template\.yaml:\d+: /);
  save('Resources: {Api: {Type: [');
  await wrong;
  assert.equal(await revisionOf(up), revision);
  assert.equal(await ask(client, JSON.stringify({ action: 'send', say: 'you' })), 'hi you');
  told = up.line(/chat is up/);
  (resources['SendRoute'] as { Properties: Record<string, unknown> }).Properties['RouteKey'] = 'shout';
  save(JSON.stringify(chatTemplate(resources)));
  await told;
  assert.equal(await ask(client, JSON.stringify({ action: 'shout', say: 'all' })), 'hi all');
  assert.equal(await up.stop('SIGINT'), 0);
});

const ref = (Ref: string) => ({ Ref });
const get = (id: string, name: string) => ({ 'Fn::GetAtt': [id, name] });
const made = (Type: string, Properties: object) => ({ Type: `AWS::${Type}`, Properties });
const TEXT = '$request.body.action';

/** One of each; `turn` is in every property that an update takes. */
function oneOfEach(turn: string, tableName: string): object {
  const ofApi = (type: string, properties: object) =>
    made(`ApiGatewayV2::${type}`, { ApiId: ref('Api'), ...properties });
  const Tags = [{ Key: 'turn', Value: turn }];
  return {
    Api: made('ApiGatewayV2::Api', {
      Name: turn,
      ProtocolType: 'WEBSOCKET',
      RouteSelectionExpression: TEXT,
      Tags: { turn },
    }),
    Link: made('ApiGatewayV2::VpcLink', { Name: 'link', SubnetIds: ['subnet-1'], Tags: { turn } }),
    Model: ofApi('Model', { Name: 'message', ContentType: 'application/json', Schema: { title: turn } }),
    Handler: made('Lambda::Function', {
      FunctionName: 'authorize',
      Handler: 'send.handler',
      Runtime: 'nodejs22.x',
      Code: './src',
      Environment: { Variables: { TURN: turn } },
      Role: get('Role', 'Arn'),
    }),
    Role: made('IAM::Role', { AssumeRolePolicyDocument: {} }),
    Authorizer: ofApi('Authorizer', {
      Name: turn,
      AuthorizerType: 'REQUEST',
      IdentitySource: ['route.request.querystring.token'],
      AuthorizerUri: {
        'Fn::Sub': 'arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Handler.Arn}/invocations',
      },
    }),
    Integration: ofApi('Integration', {
      IntegrationType: 'MOCK',
      TemplateSelectionExpression: '\\$default',
      RequestTemplates: { $default: '{"statusCode": 200}' },
    }),
    IntegrationReply: ofApi('IntegrationResponse', {
      IntegrationId: ref('Integration'),
      IntegrationResponseKey: '$default',
      ResponseTemplates: { $default: turn },
    }),
    Route: ofApi('Route', {
      RouteKey: '$default',
      Target: { 'Fn::Join': ['/', ['integrations', ref('Integration')]] },
      ModelSelectionExpression: TEXT,
      RequestModels: { [turn]: 'message' },
      RouteResponseSelectionExpression: '$default',
    }),
    RouteReply: ofApi('RouteResponse', { RouteId: ref('Route'), RouteResponseKey: '$default' }),
    Connect: ofApi('Route', { RouteKey: '$connect', AuthorizationType: 'CUSTOM', AuthorizerId: ref('Authorizer') }),
    Deployment: ofApi('Deployment', { Description: turn }),
    Stage: ofApi('Stage', { StageName: 'dev', DeploymentId: ref('Deployment'), StageVariables: { turn } }),
    Zone: made('Route53::HostedZone', {
      Name: 'each.test',
      HostedZoneConfig: { Comment: turn },
      HostedZoneTags: Tags,
    }),
    Certificate: made('CertificateManager::Certificate', {
      DomainName: 'ws.each.test',
      ValidationMethod: 'DNS',
      DomainValidationOptions: [{ DomainName: 'ws.each.test', HostedZoneId: ref('Zone') }],
      Tags,
    }),
    Domain: made('ApiGatewayV2::DomainName', {
      DomainName: 'ws.each.test',
      DomainNameConfigurations: [{ CertificateArn: ref('Certificate'), EndpointType: 'REGIONAL' }],
      Tags: { turn },
    }),
    Mapping: made('ApiGatewayV2::ApiMapping', {
      DomainName: ref('Domain'),
      ApiId: ref('Api'),
      Stage: ref('Stage'),
      ApiMappingKey: turn,
    }),
    Record: made('Route53::RecordSet', {
      HostedZoneId: ref('Zone'),
      Name: 'ws.each.test',
      Type: 'A',
      AliasTarget: {
        DNSName: get('Domain', 'RegionalDomainName'),
        HostedZoneId: get('Domain', 'RegionalHostedZoneId'),
      },
    }),
    Records: {
      DependsOn: 'Zone',
      ...made('Route53::RecordSetGroup', {
        HostedZoneName: 'each.test.',
        RecordSets: [{ Name: 'turn.each.test', Type: 'TXT', TTL: '60', ResourceRecords: [`"${turn}"`] }],
      }),
    },
    Key: made('ApiGateway::ApiKey', { Name: turn, Enabled: true, Value: 'a-value-of-an-api-key-1', Tags }),
    Plan: made('ApiGateway::UsagePlan', {
      UsagePlanName: turn,
      ApiStages: [{ ApiId: ref('Api'), Stage: ref('Stage') }],
      Throttle: { RateLimit: turn.length, BurstLimit: 10 },
      Quota: { Limit: 1_000 + turn.length, Period: 'DAY' },
      Tags,
    }),
    PlanKey: made('ApiGateway::UsagePlanKey', { KeyId: ref('Key'), KeyType: 'API_KEY', UsagePlanId: ref('Plan') }),
    Table: made('DynamoDB::Table', {
      TableName: tableName,
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
    }),
  };
}

void test('every type is made, found unchanged, changed and taken away', async () => {
  const dynamoDb = await startDynamoDb(owner);
  const flags = ['--service-endpoint', `dynamodb=${dynamoDb.url}`, '--vpc-link', '000000000000/link=127.0.0.1:1'];
  const gateway = await startTestGateway(owner, flags);
  const onGateway = ['--stack-name', 'each', '--data-dir', gateway.dataDir];
  const Outputs = { Servers: { Value: { 'Fn::Join': [',', get('Zone', 'NameServers')] } } };
  const template = (turn: string) => JSON.stringify({ Resources: oneOfEach(turn, 'each'), Outputs });
  const project = makeStackProject(owner, template('one'), CHAT_CODE);
  const up = async () => {
    const { code, stdout, stderr } = await project.run(['up', 'template.yaml', ...onGateway]);
    assert.deepEqual([code, stderr], [0, ''], stdout + stderr);
    return stdout;
  };
  const first = await up();
  assert.match(first, /wss:\/\/ws\.each\.test:\d+\/one/);
  assert.match(first, /Servers +ns-?\d/);
  const revision = await revisionOf(gateway);
  await up();
  assert.equal(await revisionOf(gateway), revision);
  project.write('template.yaml', template('second'));
  const second = await up();
  const done = (sign: string) =>
    [...second.matchAll(new RegExp(`^ {2}${sign} \\w+ +(\\w+)`, 'gm'))].map(([, id]) => id).sort();
  assert.deepEqual(done('±'), ['Deployment']);
  assert.deepEqual(done('~'), [
    'Api',
    'Authorizer',
    'Certificate',
    'Domain',
    'Handler',
    'IntegrationReply',
    'Key',
    'Link',
    'Mapping',
    'Model',
    'Plan',
    'Records',
    'Route',
    'Stage',
    'Zone',
  ]);
  const again = await project.run(['up', 'template.yaml', ...onGateway, '--dry-run']);
  assert.equal(again.code, 0, again.stdout);
  const down = await project.run(['down', 'each', '--data-dir', gateway.dataDir]);
  assert.equal(down.code, 0, down.stdout + down.stderr);
  const { gateway: v2, acm, route53 } = gateway.clients;
  assert.deepEqual((await v2.send(new GetApisCommand({}))).Items, []);
  assert.deepEqual((await v2.send(new GetDomainNamesCommand({}))).Items, []);
  assert.deepEqual((await v2.send(new GetVpcLinksCommand({}))).Items, []);
  assert.deepEqual((await acm.send(new ListCertificatesCommand({}))).CertificateSummaryList, []);
  assert.deepEqual((await route53.send(new ListHostedZonesCommand({}))).HostedZones, []);
  assert.deepEqual(await dynamoDb.call('ListTables', {}), { TableNames: [] });
});
