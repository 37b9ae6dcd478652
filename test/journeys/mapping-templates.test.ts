// Mapping templates where they are made: what parses is kept word for word, what does not is refused with the line of the fault.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  CreateIntegrationCommand,
  CreateIntegrationResponseCommand,
  GetIntegrationCommand,
  UpdateIntegrationCommand,
  UpdateIntegrationResponseCommand,
} from '@aws-sdk/client-apigatewayv2';
import { startTestGateway, type TestGateway } from '../harness/gateway.ts';
import { makeApi } from '../harness/sockets.ts';

const ends: (() => unknown)[] = [];
let gateway: TestGateway;
let ApiId: string;

before(async () => {
  gateway = await startTestGateway({ after: (end) => ends.unshift(end) });
  ApiId = (await makeApi(gateway.clients, { $default: {} })).apiId;
});
after(async () => {
  for (const end of ends) await end();
});

/** The shapes of templates that API Gateway's own samples and guides use. */
const TEMPLATES = {
  store: `{
  "TableName": "connections",
  "Item": {
    "connectionId": {"S": "$context.connectionId"},
    "expires": {"N": "#set($ttl = $context.requestTimeEpoch / 1000 + 86400)$ttl"},
    "name": {"S": "$util.escapeJavaScript($input.path('$.name')).replaceAll("\\\\'", "'")"}
  }
}`,
  queue: 'Action=SendMessage&MessageBody=$util.urlEncode($input.body)',
  list: `#set($root = $input.path('$'))
{"items": [#foreach($item in $root.items)
  {"id": $item.id, "tags": $item.tags}#if($foreach.hasNext),#end
#end]}`,
  headers: `{#foreach($name in $input.params().header.keySet())
  "$name": "$util.escapeJavaScript($input.params().header.get($name))"#if($foreach.hasNext),#end
#end}`,
  status: `#set($context.responseOverride.status = 202){"statusCode": 200}`,
};

test('templates that parse are kept word for word', async () => {
  const { gateway: control } = gateway.clients;
  const made = await control.send(
    new CreateIntegrationCommand({ ApiId, IntegrationType: 'MOCK', RequestTemplates: TEMPLATES }),
  );
  const { IntegrationId } = made;
  const kept = await control.send(new GetIntegrationCommand({ ApiId, IntegrationId }));
  assert.deepEqual(kept.RequestTemplates, TEMPLATES);
});

const BROKEN = { $default: '{\n  "a": #if($input.body)1\n}' };
const refusal = (member: string) => ({
  name: 'BadRequestException',
  message: `${member} '$default' is not a mapping template: line 3: #if has no #end.`,
});

test('a template that does not parse is refused, with the line, and nothing is made or changed', async () => {
  const { gateway: control } = gateway.clients;
  const mock = { ApiId, IntegrationType: 'MOCK' } as const;
  await assert.rejects(
    control.send(new CreateIntegrationCommand({ ...mock, RequestTemplates: BROKEN })),
    refusal('RequestTemplates'),
  );
  const { IntegrationId } = await control.send(
    new CreateIntegrationCommand({ ...mock, RequestTemplates: { $default: '{"statusCode": 200}' } }),
  );
  await assert.rejects(
    control.send(new UpdateIntegrationCommand({ ApiId, IntegrationId, RequestTemplates: BROKEN })),
    refusal('RequestTemplates'),
  );
  const answer = { ApiId, IntegrationId, IntegrationResponseKey: '$default' };
  await assert.rejects(
    control.send(new CreateIntegrationResponseCommand({ ...answer, ResponseTemplates: BROKEN })),
    refusal('ResponseTemplates'),
  );
  const { IntegrationResponseId } = await control.send(new CreateIntegrationResponseCommand(answer));
  await assert.rejects(
    control.send(
      new UpdateIntegrationResponseCommand({ ApiId, IntegrationId, IntegrationResponseId, ResponseTemplates: BROKEN }),
    ),
    refusal('ResponseTemplates'),
  );
  const kept = await control.send(new GetIntegrationCommand({ ApiId, IntegrationId }));
  assert.deepEqual(kept.RequestTemplates, { $default: '{"statusCode": 200}' });
});

for (const [name, template, words] of [
  ['nests without end', '#if(true)'.repeat(10_000), /nest deeper than 64 levels/],
  ['is larger than one may be', 'x'.repeat(307_201), /307201 bytes, at most 307200 are allowed/],
  ['writes down a path that is none', "{\n$input.path('$.a[')}", /line 2: '\$\.a\[' is not a JSON path/],
  ['names another file', '#parse("/etc/passwd")', /#parse is not available in mapping templates/],
] as const) {
  test(`a template that ${name} is refused`, async () => {
    await assert.rejects(
      gateway.clients.gateway.send(
        new CreateIntegrationCommand({ ApiId, IntegrationType: 'MOCK', RequestTemplates: { $default: template } }),
      ),
      (error: Error) => error.name === 'BadRequestException' && words.test(error.message),
    );
  });
}
