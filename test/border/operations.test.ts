// The border between accounts, and between the regions of one: every operation, every page under `/_sallyport`, every token of a page and
// `@connections`, asked with ids of somebody else's objects. The answer is that for an id which nobody has, and nothing of theirs is told or
// changed. Which operations there are is read from their table and the wire model, and which pages from the server itself.

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import * as v2 from '@aws-sdk/client-apigatewayv2';
import { OPERATIONS } from '../../src/controlplane/operations/operation-table.ts';
import { SERVICES as MODELS } from '../../src/protocol/wire/model.ts';
import { foreignAuthority } from '../harness/certificates.ts';
import { eventually } from '../harness/eventually.ts';
import { makeProject } from '../harness/local-functions.ts';
import { ask as askSocket, openSocket } from '../harness/sockets.ts';
import { makeObjects, type Ids } from './account-objects.ts';
import { actorOf, ask, askPage, connectionsClient, send, writeAccounts, type KeyRow, type Sender } from './actors.ts';
import { ATTEMPTS, PAGES, type Attempt } from './attempts.ts';
import { assertNothingOf, cross, crossPage, seen, stayAtHome, type Border, type ControlService } from './crossing.ts';
import { ownView } from './own-view.ts';
import { LISTS } from './page-tokens.ts';
import { tellSafety } from '../harness/safety-line.ts';

const ANNE: KeyRow = { account: '111122223333', keyId: 'AKIAOFONE' };
const BERT: KeyRow = { account: '444455556666', keyId: 'AKIAOFTWO' };
const CARL: KeyRow = { account: '777788889999', keyId: 'AKIAOFTHREE' };
const OPERATOR: KeyRow = { account: '999900001111', keyId: 'AKIAOPERATOR', isOperator: true };
const ELSEWHERE = 'eu-west-1';
/** Keys before the APIs that they are for. */
const SERVICES: readonly ControlService[] = ['apigateway', 'apigatewayv2', 'acm', 'route53', 'sts', 'lambda'];

const accounts = writeAccounts({ after }, [ANNE, BERT, CARL, OPERATOR]);
const functionOf = ({ account }: KeyRow) => ({ handler: 'app.handler', account });
const functions = { 'function-of-anne': functionOf(ANNE), 'function-of-carl': functionOf(CARL) };
const source = 'exports.handler = async () => `one of anne’s or carl’s`;';
const project = makeProject({ after }, functions, { 'app.js': source });
const gateway = await project.start(['--accounts', accounts, '--own-names', 'test']);
const authority = await foreignAuthority({ after });
const anne = actorOf(gateway, ANNE, 'anne');
const abroad = actorOf(gateway, ANNE, 'outlander', ELSEWHERE);
const bert = actorOf(gateway, BERT, 'bert');
const carl = actorOf(gateway, CARL, 'carl');
const idsOfAnne = await makeObjects(anne, authority);
const idsAbroad = await makeObjects(abroad, authority);
const idsOfBert = await makeObjects(bert, authority);
const idsOfCarl = await makeObjects(carl, authority);
const between: Border = {
  caller: bert,
  own: idsOfBert,
  owner: anne,
  theirs: idsOfAnne,
  leaf: await authority.leaf([idsOfAnne.importedName]),
};
after(() => tellSafety('border operations', { cases: seen.cases, foreign: seen.foreign }));

/** What makes something comes last: what a list shows of it would be the caller's own. */
const makes = ([name, { expects }]: readonly [string, Attempt]) => expects === 'own' && !/^(?:Get|List)/.test(name);
const attemptsAt = (service: ControlService, isMaking: boolean) =>
  Object.entries(ATTEMPTS[service]).filter((one) => makes(one) === isMaking);

async function assertUnchanged(
  before: Readonly<Record<string, string>>,
  look: () => Promise<Readonly<Record<string, string>>>,
): Promise<void> {
  assert.ok(Object.keys(before).length > 30);
  const now = await look();
  for (const [what, text] of Object.entries(before)) assert.equal(now[what], text, what);
}

void test('every operation of the table has an attempt, and every page of the server', async () => {
  const services = Object.entries(OPERATIONS).filter(([, table]) => Object.keys(table).length > 0);
  assert.deepEqual(services.map(([service]) => service).sort(), [...SERVICES].sort());
  for (const service of SERVICES)
    assert.deepEqual(Object.keys(ATTEMPTS[service]).sort(), Object.keys(OPERATIONS[service]).sort());
  const { status, body } = await askPage(bert, 'GET', '/_sallyport/absent');
  assert.equal(status, 501);
  const pages = body.match(/(?:GET|POST|PUT|DELETE|PATCH) \/_[\w./-]+\w/g)!.filter((page) => !page.endsWith('/absent'));
  const tried = Object.keys(PAGES).map((page) => page.split('?')[0]);
  assert.deepEqual([...new Set(tried)].sort(), pages.sort());
});

// First, for later tests make things whose names are the other account's.
describe('a token of a page', () => {
  test('is known of every operation that takes one', () => {
    const paged = SERVICES.flatMap((service) =>
      Object.keys(OPERATIONS[service]).filter((name) => {
        const { operations, shapes } = MODELS[service];
        const members = Object.keys(shapes[operations[name]!.input ?? '']?.members ?? {});
        return members.some((member) => /^(?:NextToken|Marker|MaxItems|MaxResults|position)$/.test(member));
      }),
    );
    assert.deepEqual(Object.keys(LISTS).sort(), paged.sort());
  });
  for (const [name, { service, first, next, isShort }] of Object.entries(LISTS)) {
    if (isShort) continue;
    test(`of ${name} shows nothing of those to whom it was given`, async () => {
      const page = await ask(anne, service, name, first(idsOfAnne));
      const tokens = next(page.body);
      assert.ok(tokens, `there is one more page: ${page.body}`);
      const answer = await ask(bert, service, name, { ...first(idsOfBert), ...tokens });
      // Where it began is part of what was sent: a name in a token that is one is not foreign.
      const asked = `${answer.asked} ${JSON.stringify(tokens)}`;
      assertNothingOf(
        { ...between, owner: { ...anne, label: ' anne ' } },
        { ...answer, asked },
        `${name} ${JSON.stringify(tokens)}`,
      );
    });
  }
});

describe('what belongs to another account', async () => {
  // What is told of a certificate that waits changes with its first look alone.
  await eventually('the work on certificates is settled', async () => {
    const { body } = await askPage(actorOf(gateway, OPERATOR, 'operator'), 'GET', '/_sallyport/status');
    const { certificateWork } = JSON.parse(body) as { certificateWork: { isSettled: boolean } };
    return certificateWork.isSettled ? true : undefined;
  });
  const before = await ownView(anne, idsOfAnne);
  const crossing = (service: ControlService, [name, attempt]: readonly [string, Attempt]) =>
    test(`is nothing to ${service} ${name}`, () => cross(between, service, name, attempt));
  for (const service of SERVICES) for (const one of attemptsAt(service, false)) crossing(service, one);
  for (const [page, attempt] of Object.entries(PAGES))
    test(`is nothing to ${page}`, () => crossPage(between, page, attempt));
  for (const service of SERVICES) for (const one of attemptsAt(service, true)) crossing(service, one);
  test('is as it was', () => assertUnchanged(before, () => ownView(anne, idsOfAnne)));
});

test('a session of another account comes no nearer', async () => {
  const { body } = await ask(bert, 'sts', 'GetSessionToken', {});
  const member = (name: string) => new RegExp(`<${name}>([^<]+)</${name}>`).exec(body)![1]!;
  const credentials = {
    accessKeyId: member('AccessKeyId'),
    secretAccessKey: member('SecretAccessKey'),
    sessionToken: member('SessionToken'),
  };
  const { endpoint, region } = bert;
  const client = new v2.ApiGatewayV2Client({ endpoint, region, credentials }) as unknown as Sender;
  const get = (ApiId: string) => send(client, 'apigatewayv2', 'GetApi', { ApiId });
  assert.equal((await get(idsOfBert.apiId)).status, 200);
  const [answer, never] = [await get(idsOfAnne.apiId), await get('absent0000')];
  assertNothingOf(between, answer, 'GetApi by a session');
  assert.equal(answer.status, 404);
  assert.equal(answer.body.replaceAll(idsOfAnne.apiId, '·'), never.body.replaceAll('absent0000', '·'));
});

describe('what lies in another region', async () => {
  const border = { ...between, caller: anne, own: idsOfAnne, owner: abroad, theirs: idsAbroad };
  const before = await ownView(abroad, idsAbroad, []);
  for (const service of ['apigatewayv2', 'apigateway', 'acm'] as const)
    for (const [name, attempt] of [...attemptsAt(service, false), ...attemptsAt(service, true)])
      test(`is nothing to ${service} ${name}`, () => cross(border, service, name, attempt));
  test('is as it was', () => assertUnchanged(before, () => ownView(abroad, idsAbroad, [])));
});

describe('a connection of another account', async () => {
  const base = `https://localhost:${gateway.tlsPort}/_aws/execute-api`;
  const at = ({ apiId, stageName }: Ids) => `${base}/${apiId}/${stageName}`;
  const message = ({ routeKey: action }: Ids) => JSON.stringify({ action, kind: 'one' });
  const open = async (ids: Ids) => {
    const client = await openSocket(gateway, at(ids).replace('https:', 'wss:'));
    return { client, id: await askSocket(client, message(ids)) };
  };
  const [theirs, closed] = [await open(idsOfAnne), await open(idsOfAnne)];
  after(() => theirs.client.socket.terminate());
  closed.client.socket.close();
  await closed.client.closed;
  const CALLS = { GetConnection: {}, PostToConnection: { Data: 'seized' }, DeleteConnection: {} };
  const call = (endpoint: string, name: string, ConnectionId: string) =>
    send(connectionsClient(bert, gateway, endpoint), 'apigatewaymanagementapi', name, {
      ConnectionId,
      ...CALLS[name as keyof typeof CALLS],
    });
  const words = (text: string, id: string) => text.replaceAll(id, '·').replaceAll(encodeURIComponent(id), '·');

  for (const name of Object.keys(MODELS.apigatewaymanagementapi.operations)) {
    test(`is nothing to ${name}`, async () => {
      assert.ok(name in CALLS, `${name} has an attempt`);
      // At their API: denied, whether or not the connection is open.
      for (const endpoint of [
        at(idsOfAnne),
        `https://${idsOfAnne.domainName}:${gateway.tlsPort}/${idsOfAnne.mappingKey}`,
      ]) {
        const [answer, gone] = [await call(endpoint, name, theirs.id), await call(endpoint, name, closed.id)];
        assertNothingOf(between, { ...answer, asked: `${endpoint} ${idsOfAnne.apiId} ${idsOfAnne.stageName}` }, name);
        assert.deepEqual([answer.status, answer.headers['x-amzn-errortype']], [403, 'AccessDeniedException']);
        assert.deepEqual(
          { ...answer, asked: '', body: words(answer.body, theirs.id) },
          { ...gone, asked: '', body: words(gone.body, closed.id) },
        );
      }
      // At one's own API: as an id that was never issued.
      const forged = `${theirs.id.slice(0, -3)}${theirs.id.at(-3) === 'A' ? 'B' : 'A'}${theirs.id.slice(-2)}`;
      const [answer, never] = [await call(at(idsOfBert), name, theirs.id), await call(at(idsOfBert), name, forged)];
      assertNothingOf(between, answer, name);
      assert.equal(answer.status, 400);
      assert.deepEqual(
        { ...answer, asked: '', body: words(answer.body, theirs.id) },
        { ...never, asked: '', body: words(never.body, forged) },
      );
    });
  }

  test('is open, and got nothing', async () => {
    const id = await askSocket(theirs.client, message(idsOfAnne));
    assert.equal(id, theirs.id);
  });
});

// Last, for it deletes.
describe('with ids of one’s own the answer is another one', () => {
  const home = async (): Promise<Border> => ({
    ...between,
    caller: carl,
    own: idsOfCarl,
    owner: carl,
    theirs: idsOfCarl,
    leaf: await authority.leaf([idsOfCarl.importedName]),
  });
  /** Parts go before the whole. */
  const last = [
    'DeleteRoute',
    'DeleteIntegration',
    'DeleteModel',
    'DeleteStage',
    'DeleteDeployment',
    'DeleteDomainName',
    'DeleteApi',
    'DeleteUsagePlan',
    'DeleteApiKey',
  ];
  const rank = (name: string) => (last.includes(name) ? 2 + last.indexOf(name) : Number(name.startsWith('Delete')));
  for (const service of SERVICES) {
    const all = Object.entries(ATTEMPTS[service]).sort(([a], [b]) => rank(a) - rank(b));
    for (const [name, attempt] of all)
      test(`${service} ${name}`, async () => stayAtHome(await home(), service, name, attempt));
  }
});
