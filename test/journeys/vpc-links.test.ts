// VPC links: targets that the operator names, of one account, over which HTTP integrations reach what no integration may reach otherwise;
// in turn, past those that are down, with TLS by the name in the URI; and whom they lead nowhere.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type RequestListener } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import * as v2 from '@aws-sdk/client-apigatewayv2';
import { createClients } from '../../demo/chain.ts';
import { foreignAuthority } from '../harness/certificates.ts';
import { eventually, next } from '../harness/eventually.ts';
import { REGION, startTestGateway, temporaryDirectory } from '../harness/gateway.ts';
import { ask, makeApi, openSocket, type Target } from '../harness/sockets.ts';

const OURS = '111122223333';
const THEIRS = '222233334444';
const FAILURE = /^\{"message": "Internal server error", /;
const HOST = 'orders.internal';

interface Backend {
  readonly server: Server;
  readonly port: number;
  readonly asked: IncomingHttpHeaders[];
}

/** Says its name to whoever asks, on a connection for each request. */
async function startBackend(name: string, make: (answer: RequestListener) => Server): Promise<Backend> {
  const asked: IncomingHttpHeaders[] = [];
  const server = make((request, response) => {
    asked.push(request.headers);
    request.resume();
    response.writeHead(200, { connection: 'close' }).end(`${name} ${request.url}`);
  });
  server.listen(0, '127.0.0.1');
  await next(server, 'listening');
  after(() => server.close());
  return { server, port: (server.address() as AddressInfo).port, asked };
}
const one = await startBackend('one', createServer);
const two = await startBackend('two', createServer);
const gone = await startBackend('gone', createServer);
await new Promise((resolve) => gone.server.close(resolve));

const folder = temporaryDirectory({ after });
const authority = await foreignAuthority({ after });
const caFile = join(folder, 'ca.pem');
writeFileSync(caFile, authority.certificatePem);
const { certificatePem: cert, keyPem: key } = await authority.leaf([HOST]);
const secure = await startBackend('secure', (answer) => createSecureServer({ cert, key }, answer));

const keyOf = (account: string) => ({ id: `AKIA${account}`, secret: `a-key-of-${account}` });
const accounts = join(folder, 'accounts.yaml');
writeFileSync(accounts, JSON.stringify({ accounts: [OURS, THEIRS].map((id) => ({ id, keys: [keyOf(id)] })) }), {
  mode: 0o600,
});
const link = (account: string, name: string, ...backends: readonly Backend[]) =>
  backends.flatMap(({ port }) => ['--vpc-link', `${account}/${name}=127.0.0.1:${port}`]);
const gateway = await startTestGateway({ after }, [
  '--accounts',
  accounts,
  '--integration-ca',
  caFile,
  ...link(OURS, 'both', one, two),
  ...link(OURS, 'half', gone, one),
  ...link(OURS, 'none', gone),
  ...link(OURS, 'secure', secure),
  ...link(THEIRS, 'both', two),
]);
const apiOf = (account: string) => createClients(gateway.endpoint, REGION, keyOf(account).id, keyOf(account).secret);
const [ours, theirs] = [apiOf(OURS), apiOf(THEIRS)];

const makeLink = async (Name: string, { gateway: api } = ours) => {
  const made = await api.send(
    new v2.CreateVpcLinkCommand({ Name, SubnetIds: ['subnet-1'], SecurityGroupIds: ['sg-1'], Tags: { of: Name } }),
  );
  return made.VpcLinkId!;
};

const over = (ConnectionId: string, more: Partial<Target> = {}): Target => ({
  IntegrationType: 'HTTP_PROXY',
  IntegrationMethod: 'POST',
  IntegrationUri: `http://${HOST}/jobs`,
  ConnectionType: 'VPC_LINK',
  ConnectionId,
  ...more,
});

async function serve(target: Target, StageVariables: Record<string, string> = {}) {
  const made = await makeApi(ours, { $default: { target, isTwoWay: true } });
  await ours.gateway.send(new v2.UpdateStageCommand({ ApiId: made.apiId, StageName: made.stage, StageVariables }));
  const url = `wss://${made.apiId}.execute-api.${REGION}.localhost:${gateway.tlsPort}/${made.stage}`;
  return { ...made, client: await openSocket(gateway, url) };
}

const reasonWith = (word: string) =>
  eventually(`a refusal says '${word}'`, () =>
    gateway.logged().find(({ reason }) => String(reason).includes(word)) ? true : undefined,
  );

describe('messages over a link', () => {
  test('go to its targets in turn, with the host of the URI, though the addresses are private', async () => {
    const { client } = await serve(over(await makeLink('both')));
    const answers: string[] = [];
    for (const text of ['a', 'b', 'c', 'd']) answers.push(await ask(client, text));
    assert.deepEqual(answers.toSorted(), ['one /jobs', 'one /jobs', 'two /jobs', 'two /jobs']);
    assert.notEqual(answers[0], answers[1]);
    assert.equal(one.asked.at(-1)!.host, HOST);
  });

  test('pass by a target that is down', async () => {
    const { client } = await serve(over(await makeLink('half')));
    for (const text of ['a', 'b', 'c']) assert.equal(await ask(client, text), 'one /jobs');
  });

  test('fail where all targets are down', async () => {
    const { client } = await serve(over(await makeLink('none')));
    assert.match(await ask(client, 'a'), FAILURE);
    await reasonWith(`127.0.0.1:${gone.port}`);
  });

  test('are encrypted for the name in the URI, and sent to no other', async () => {
    const id = await makeLink('secure');
    const { client } = await serve(
      over(id, {
        IntegrationType: 'HTTP',
        IntegrationUri: `https://${HOST}/`,
        responses: { $default: 'mapped: $input.body' },
      }),
    );
    assert.equal(await ask(client, '{}'), 'mapped: secure /');
    const before = secure.asked.length;
    const other = await serve(over(id, { IntegrationUri: 'https://other.internal/' }));
    assert.match(await ask(other.client, '{}'), FAILURE);
    assert.equal(secure.asked.length, before);
  });

  test('without the link the same address is refused', async () => {
    const { client } = await serve({
      IntegrationType: 'HTTP_PROXY',
      IntegrationMethod: 'POST',
      IntegrationUri: `http://127.0.0.1:${one.port}/`,
    });
    assert.match(await ask(client, 'a'), FAILURE);
  });

  test('follow the link to another name at once, and fail when it is gone', async () => {
    const id = await makeLink('secure');
    const { client, apiId } = await serve(over(id));
    await ours.gateway.send(new v2.UpdateVpcLinkCommand({ VpcLinkId: id, Name: 'half' }));
    assert.equal(await ask(client, 'a'), 'one /jobs');
    const remove = new v2.DeleteVpcLinkCommand({ VpcLinkId: id });
    await assert.rejects(ours.gateway.send(remove), {
      name: 'BadRequestException',
      message: new RegExp(`^Cannot delete vpc link\\. Vpc link '${id}', is referenced in integration: ${apiId}/`),
    });
    const { Items } = await ours.gateway.send(new v2.GetIntegrationsCommand({ ApiId: apiId }));
    const IntegrationId = Items![0]!.IntegrationId;
    const update = { ApiId: apiId, IntegrationId, ConnectionType: 'INTERNET' as const };
    const changed = await ours.gateway.send(new v2.UpdateIntegrationCommand(update));
    assert.deepEqual([changed.ConnectionType, changed.ConnectionId], ['INTERNET', undefined]);
    await ours.gateway.send(remove);
    assert.match(await ask(client, 'a'), FAILURE);
    await reasonWith(`has no VPC link '${id}'`);
  });

  test('a stage variable chooses the link, but none of another account', async () => {
    const target = over('${stageVariables.link}');
    const mine = await serve(target, { link: await makeLink('half') });
    assert.equal(await ask(mine.client, 'a'), 'one /jobs');
    const before = two.asked.length;
    for (const id of [await makeLink('both', theirs), 'absent']) {
      const { client } = await serve(target, { link: id });
      assert.match(await ask(client, 'a'), FAILURE);
      await reasonWith(`has no VPC link '${id}'`);
    }
    assert.equal(two.asked.length, before);
  });
});

test('a link without targets says so, and leads nowhere', async () => {
  const id = await makeLink('unnamed');
  const found = await ours.gateway.send(new v2.GetVpcLinkCommand({ VpcLinkId: id }));
  assert.equal(found.VpcLinkStatus, 'FAILED');
  assert.match(found.VpcLinkStatusMessage!, /--vpc-link 111122223333\/unnamed=HOST:PORT$/);
  const { client } = await serve(over(id));
  assert.match(await ask(client, 'a'), FAILURE);
  await reasonWith(`the VPC link '${id}' has no targets: start with --vpc-link ${OURS}/unnamed=HOST:PORT`);
});

test('a link is what it was made, and is found, listed, tagged and removed by its own account alone', async () => {
  const VpcLinkId = await makeLink('both');
  const { $metadata: _, ...found } = await ours.gateway.send(new v2.GetVpcLinkCommand({ VpcLinkId }));
  const { CreatedDate, VpcLinkStatusMessage, ...rest } = found;
  assert.ok(CreatedDate instanceof Date);
  assert.match(VpcLinkStatusMessage!, /ready/);
  assert.deepEqual(rest, {
    Name: 'both',
    SecurityGroupIds: ['sg-1'],
    SubnetIds: ['subnet-1'],
    Tags: { of: 'both' },
    VpcLinkId,
    VpcLinkStatus: 'AVAILABLE',
    VpcLinkVersion: 'V2',
  });
  assert.match(VpcLinkId, /^[a-z0-9]{6}$/);
  const ResourceArn = `arn:aws:apigateway:${REGION}::/vpclinks/${VpcLinkId}`;
  await ours.gateway.send(new v2.TagResourceCommand({ ResourceArn, Tags: { more: 'yes' } }));
  const tags = await ours.gateway.send(new v2.GetTagsCommand({ ResourceArn }));
  assert.deepEqual(tags.Tags, { of: 'both', more: 'yes' });
  const listed: string[] = [];
  let NextToken: string | undefined;
  do {
    const page = await ours.gateway.send(new v2.GetVpcLinksCommand({ MaxResults: '2', NextToken }));
    listed.push(...page.Items!.map((item) => item.VpcLinkId!));
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  assert.ok(listed.includes(VpcLinkId) && listed.length > 2);
  const refused = { name: 'NotFoundException', message: `Invalid VpcLink identifier specified ${VpcLinkId}` };
  await assert.rejects(theirs.gateway.send(new v2.GetVpcLinkCommand({ VpcLinkId })), refused);
  await assert.rejects(theirs.gateway.send(new v2.UpdateVpcLinkCommand({ VpcLinkId, Name: 'x' })), refused);
  await assert.rejects(theirs.gateway.send(new v2.DeleteVpcLinkCommand({ VpcLinkId })), refused);
  await assert.rejects(theirs.gateway.send(new v2.GetTagsCommand({ ResourceArn })), refused);
  await ours.gateway.send(new v2.DeleteVpcLinkCommand({ VpcLinkId }));
  await assert.rejects(ours.gateway.send(new v2.GetVpcLinkCommand({ VpcLinkId })), refused);
});

test('integrations name a link of their own account, and only those of HTTP', async () => {
  const { ApiId } = await ours.gateway.send(
    new v2.CreateApiCommand({ Name: 'a', ProtocolType: 'WEBSOCKET', RouteSelectionExpression: '$request.body.action' }),
  );
  const foreign = await makeLink('both', theirs);
  const own = await makeLink('both');
  const rows: readonly (readonly [target: Partial<Target>, message: RegExp])[] = [
    [{ ConnectionId: foreign }, new RegExp(`^Invalid VpcLink identifier specified ${foreign}$`)],
    [{ ConnectionId: 'absent' }, /^Invalid VpcLink identifier specified absent$/],
    [{ ConnectionId: undefined }, /^ConnectionId is required /],
    [{ ConnectionType: 'INTERNET' }, /^ConnectionId cannot be set /],
    [
      { IntegrationType: 'MOCK' },
      /^ConnectionType VPC_LINK is for integrations of type HTTP and HTTP_PROXY, and not MOCK\.$/,
    ],
  ];
  for (const [more, message] of rows) {
    const { responses: _, ...input } = over(own, more);
    const create = new v2.CreateIntegrationCommand({ ApiId, ...input });
    await assert.rejects(ours.gateway.send(create), { name: 'BadRequestException', message });
  }
});
