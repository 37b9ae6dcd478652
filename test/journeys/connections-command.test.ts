// `sallyport connections`: the sockets that are open are listed with what went through them, whoever they belong to, and are closed by id,
// stage, domain, tenant or account, with a code and a reason that the client reads and `$disconnect` is told.

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { actorOf, askPage, secretOf, writeAccounts, type Actor, type KeyRow } from '../border/actors.ts';
import { startBackend } from '../harness/backend.ts';
import { sallyport } from '../harness/command-line.ts';
import {
  aliasRecord,
  createDomain,
  issueCertificate,
  makeHostedZone,
  mapDomain,
  putRecord,
} from '../harness/domains.ts';
import { eventually } from '../harness/eventually.ts';
import { missing } from '../harness/peers.ts';
import { onTerminal } from '../harness/terminal.ts';
import { startTestGateway } from '../harness/gateway.ts';
import { ask, makeApi, mock, openSocket, pathForm, type RouteOptions, type TestSocket } from '../harness/sockets.ts';

const ANNE: KeyRow = { account: '111122223333', keyId: 'AKIAOFANNE' };
const BERT: KeyRow = { account: '444455556666', keyId: 'AKIAOFBERT' };
const OWEN: KeyRow = { account: '777788889999', keyId: 'AKIAOFOWEN', isOperator: true };
const MANY = 1_000;
const PAGE = 300;

/** What `$disconnect` was told, by connection id. */
const goodbyes = new Map<string, string>();
const backend = await startBackend({ after }, (request, response) => {
  const header = (name: string) => String(request.headers[name]);
  if (request.url === '/gone') goodbyes.set(header('x-id'), `${header('x-code')} ${header('x-reason')}`);
  response.end();
});
const GONE: RouteOptions = {
  target: {
    ...backend.to('/gone'),
    RequestParameters: {
      'integration.request.header.x-id': 'context.connectionId',
      'integration.request.header.x-code': 'context.disconnectStatusCode',
      'integration.request.header.x-reason': 'context.disconnectReason',
    },
  },
};
const ROUTES = {
  $disconnect: GONE,
  $default: { target: mock('pong'), isTwoWay: true },
  who: { target: { ...mock(''), responses: { $default: '$context.connectionId' } }, isTwoWay: true },
};

const gateway = await startTestGateway({ after }, [
  '--accounts',
  writeAccounts({ after }, [ANNE, BERT, OWEN]),
  '--own-names',
  'test',
  '--egress-allow',
  '127.0.0.0/8',
  '--limit',
  `socketsPageSizeMax=${PAGE}`,
  '--limit',
  'socketsLookedAtPerTurnMax=100',
  '--limit',
  'socketsClosedPerRequestMax=400',

  // The thousand come at once.
  '--limit',
  'accountConnectionsPerSecondMax=5000',
  '--limit',
  'connectionsPerAddressPerSecondMax=5000',
]);
const [anne, bert, owen] = [ANNE, BERT, OWEN].map((row) => actorOf(gateway, row, row.keyId)) as [Actor, Actor, Actor];
const apiOfAnne = await makeApi(anne.clients, ROUTES);
const apiOfBert = await makeApi(bert.clients, ROUTES, 'live');
const zoneId = await makeHostedZone(anne.clients, 'anne.test');
const WILDCARD = '*.anne.test';
const made = await createDomain(anne.clients, WILDCARD, await issueCertificate(anne.clients, zoneId, WILDCARD));
await putRecord(anne.clients, zoneId, aliasRecord(WILDCARD, made));
await mapDomain(anne.clients, WILDCARD, 'chat', apiOfAnne);
const hostOf = (tenant: string) => `wss://${tenant}.anne.test:${gateway.tlsPort}/chat`;

const envOf = ({ keyId }: KeyRow) => ({ AWS_ACCESS_KEY_ID: keyId, AWS_SECRET_ACCESS_KEY: secretOf(keyId) });
const run = (key: KeyRow, ...args: string[]) =>
  sallyport(['connections', ...args, '--endpoint', gateway.endpoint], { env: envOf(key) });
const listed = async (key: KeyRow, ...args: string[]) => {
  const { code, stdout, stderr } = await run(key, '--json', ...args);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout) as Record<string, string | number>[];
};
const idOf = (client: TestSocket) => ask(client, '{"action":"who"}');
/** Nobody is left from the test before. */
async function alone(): Promise<void> {
  await eventually('all sockets are gone', async () => ((await listed(OWEN)).length === 0 ? true : undefined));
}

describe('connections are listed', () => {
  test('with what went through them, the oldest first, and those of others to nobody but the operator', async () => {
    const [one, two] = [await openSocket(gateway, hostOf('one')), await openSocket(gateway, hostOf('two'))];
    const other = await openSocket(gateway, pathForm(gateway, apiOfBert));
    await ask(two, '{"text":"hello"}');
    const ids = await Promise.all([one, two, other].map(idOf));
    const ofAnne = await listed(ANNE);
    assert.deepEqual(
      ofAnne.map(({ connectionId, host, domain, apiId, stage, account }) => [
        connectionId,
        host,
        domain,
        apiId,
        stage,
        account,
      ]),
      [
        [ids[0], 'one.anne.test', WILDCARD, apiOfAnne.apiId, 'test', ANNE.account],
        [ids[1], 'two.anne.test', WILDCARD, apiOfAnne.apiId, 'test', ANNE.account],
      ],
    );
    const { messagesIn, messagesOut, bytesIn, bytesOut, queuedBytes, sourceIp } = ofAnne[1]!;
    assert.deepEqual(
      { messagesIn, messagesOut, bytesIn, bytesOut, queuedBytes, sourceIp },
      {
        messagesIn: 2,
        messagesOut: 2,
        bytesIn: 32,
        bytesOut: 4 + ids[1]!.length,
        queuedBytes: 0,
        sourceIp: '127.0.0.1',
      },
    );
    assert.deepEqual(
      (await listed(BERT)).map(({ connectionId }) => connectionId),
      [ids[2]],
    );
    assert.deepEqual(
      (await listed(OWEN)).map(({ connectionId }) => connectionId),
      ids,
    );
    assert.deepEqual(await listed(BERT, '--api', apiOfAnne.apiId), []);
    const { code, stderr } = await run(BERT, '--account', ANNE.account);
    assert.deepEqual([code, /answered 403/.test(stderr)], [2, true]);

    const table = (await run(OWEN)).stdout.split('\n');
    assert.match(table[0]!, /^CONNECTION +STAGE +HOST +AGE +IDLE +IN +OUT +BYTES IN +BYTES OUT +SOURCE +WHO$/);
    assert.match(
      table[2]!,
      new RegExp(`^${ids[1]} +${apiOfAnne.apiId}/test +two.anne.test +\\S.* 2 +2 +32 B +24 B +127.0.0.1 +-$`),
    );
    assert.equal(table[4], '3 connections');
    const show = await run(ANNE, 'show', ids[1]!);
    assert.match(show.stdout, /^\S{20}\n +stage +\S+\/test \(account 111122223333, us-east-1\)\n/);
    assert.match(show.stdout, /\n +host +two\.anne\.test \(custom domain name \*\.anne\.test\)\n/);
    assert.match(show.stdout, /\n +in +2 messages, 32 B\n +out +2 messages, 24 B\n/);
    const hidden = await run(BERT, 'show', ids[1]!);
    assert.equal(hidden.code, 2);
    assert.match(hidden.stderr, /no connection \S+ is open, or it is not yours to see/);
    for (const { socket } of [one, two, other]) socket.close();
    await alone();
    assert.match((await run(OWEN, '--tenant', 'one')).stdout, /^no open connections of tenant=one\n$/);
  });

  test('a thousand of them in pages, each once, while others come and go', async (t) => {
    const open = async (count: number) => {
      const clients: TestSocket[] = [];
      while (clients.length < count)
        clients.push(
          ...(await Promise.all(Array.from({ length: 50 }, () => openSocket(gateway, pathForm(gateway, apiOfAnne))))),
        );
      return clients;
    };
    const clients = await open(MANY);
    t.after(() => clients.forEach(({ socket }) => socket.terminate()));
    const seen: string[] = [];
    let after: string | undefined;
    let pages = 0;
    do {
      const { body } = await askPage(anne, 'GET', `/_sallyport/connections${after ? `?after=${after}` : ''}`);
      const page = JSON.parse(body) as { sockets: { connectionId: string }[]; after?: string };
      seen.push(...page.sockets.map(({ connectionId }) => connectionId));
      ({ after } = page);
      pages += 1;
      // One that was listed goes, and one comes that was not there when the list began.
      clients[pages - 1]!.socket.terminate();
      clients.push(await openSocket(gateway, pathForm(gateway, apiOfAnne)));
    } while (after !== undefined);
    assert.equal(pages, Math.ceil(MANY / PAGE));
    assert.equal(seen.length, MANY);
    assert.equal(new Set(seen).size, MANY);
    const longest = await listed(ANNE, '--sort', 'messages', '--limit', '3');
    assert.equal(longest.length, 3);

    const refused = await run(ANNE, 'close', '--stage', `${apiOfAnne.apiId}/test`);
    assert.equal(refused.code, 2, 'nobody can be asked');
    assert.match(refused.stderr, /: 1\d\d\d connections of stage=\S+ would be closed: to close them, give --yes\.\n$/);
    const closed = await run(
      ANNE,
      'close',
      '--stage',
      `${apiOfAnne.apiId}/test`,
      '--yes',
      '--code',
      '4000',
      '--reason',
      'so long',
    );
    assert.equal(closed.code, 0, closed.stderr);
    assert.match(closed.stdout, /^100\d connections closed: 4000 so long\n$/);
    assert.deepEqual(await clients.at(-1)!.closed, { code: 4_000, reason: 'so long' });
    await alone();
  });

  for (const [query, why] of [
    ['?after=x', /'after' must be what an earlier page ended with/],
    ['?after=1-2-3', /'after' must be what an earlier page ended with/],
    ['?sort=age', /There is no 'sort' to ask for/],
  ] as const) {
    test(`${query} is refused in words`, async () => {
      const { status, body } = await askPage(anne, 'GET', `/_sallyport/connections${query}`);
      assert.equal(status, 400);
      assert.match(body, why);
    });
  }
});

describe('connections are closed', () => {
  interface Three {
    readonly one: TestSocket;
    readonly two: TestSocket;
    readonly bert: TestSocket;
  }
  const BY: readonly (readonly [
    by: string,
    args: (ids: readonly string[]) => string[],
    who: KeyRow,
    gone: readonly (keyof Three)[],
  ])[] = [
    ['id', ([one]) => [one!], ANNE, ['one']],
    ['ids', ([one, , bertId]) => [one!, bertId!], OWEN, ['one', 'bert']],
    ['stage', () => ['--stage', 'live'], OWEN, ['bert']],
    ['API', () => ['--api', apiOfAnne.apiId], OWEN, ['one', 'two']],
    ['domain', () => ['--domain', WILDCARD], ANNE, ['one', 'two']],
    ['tenant', () => ['--tenant', 'two.anne.test'], ANNE, ['two']],
    ['account', () => ['--account', BERT.account], OWEN, ['bert']],
  ];
  for (const [by, args, who, gone] of BY) {
    test(`by ${by}, and no others`, async () => {
      const clients: Three = {
        one: await openSocket(gateway, hostOf('one')),
        two: await openSocket(gateway, hostOf('two')),
        bert: await openSocket(gateway, pathForm(gateway, apiOfBert)),
      };
      const ids = await Promise.all(Object.values(clients).map(idOf));
      const { code, stdout, stderr } = await run(who, 'close', ...args(ids), '--yes', '--json');
      assert.equal(code, 0, stderr);
      assert.deepEqual(JSON.parse(stdout), { closed: gone.length, code: 1_000, reason: 'Closed by an administrator' });
      for (const [at, [name, client]] of Object.entries(clients).entries()) {
        if (!gone.includes(name as keyof Three)) assert.equal(await ask(client, '{}'), 'pong');
        else {
          assert.deepEqual(await client.closed, { code: 1_000, reason: 'Closed by an administrator' });
          const told = await eventually('$disconnect is told', () => goodbyes.get(ids[at]!));
          assert.equal(told, '1000 Closed by an administrator');
        }
        client.socket.terminate();
      }
      const line = gateway.logged().findLast(({ message }) => message === 'connections closed')!;
      assert.deepEqual([line['by'], line['closed']], [who.account, gone.length]);
    });
  }

  test('but nobody closes those of others', async () => {
    const client = await openSocket(gateway, hostOf('one'));
    const id = await idOf(client);
    const byId = await run(BERT, 'close', id, '--yes');
    assert.equal(byId.code, 1);
    assert.equal(
      byId.stdout,
      '0 connections closed: 1000 Closed by an administrator\n1 connection of those named was not open\n',
    );
    assert.match((await run(BERT, 'close', '--api', apiOfAnne.apiId, '--yes')).stdout, /^0 connections closed/);
    assert.match((await run(BERT, 'close', '--account', ANNE.account, '--yes')).stderr, /answered 403/);
    assert.equal(await ask(client, '{}'), 'pong');
    client.socket.close();
  });

  const REFUSED: readonly (readonly [body: object, why: RegExp])[] = [
    [{}, /Which sockets\? Give ids, or one of account, api, connection, domain, stage, tenant\./],
    [{ api: 'x', code: 1_005 }, /The close code must be/],
    [{ api: 'x', code: 2_000 }, /The close code must be/],
    [{ api: 'x', code: 5_000 }, /The close code must be/],
    [{ api: 'x', code: 1_000.5 }, /The close code must be/],
    [{ api: 'x', reason: 'x'.repeat(124) }, /The close reason must be a text of at most 123 bytes/],
    [{ ids: [] }, /'ids' must be a list of 1 to 400 connection ids/],
    [{ ids: [1] }, /'ids' must be a list of 1 to 400 connection ids/],
    [{ api: 1 }, /'api' must be a text/],
    [{ apis: 'x' }, /There is no 'apis' to ask for/],
    [[], /The body must be like/],
  ];
  for (const [body, why] of REFUSED) {
    test(`${JSON.stringify(body).slice(0, 40)} is refused in words`, async () => {
      const answer = await askPage(owen, 'POST', '/_sallyport/connections/close', body);
      assert.equal(answer.status, 400);
      assert.match(answer.body, why);
    });
  }

  test(
    'on a terminal after a question, which anything but a yes answers with no',
    { skip: missing('script') },
    async () => {
      const client = await openSocket(gateway, hostOf('one'));
      const args = ['connections', 'close', '--tenant', 'one', '--endpoint', gateway.endpoint];
      const no = await onTerminal(args, envOf(ANNE), 'n');
      assert.equal(no.code, 2);
      assert.match(no.shown, /Close 1 connection of tenant=one\? \[y\/N\][\s\S]*sallyport: nothing is closed\.\r\n$/);
      assert.equal(await ask(client, '{}'), 'pong');
      const yes = await onTerminal(args, envOf(ANNE), 'yes');
      assert.equal(yes.code, 0);
      assert.match(yes.shown, /1 connection closed: 1000 Closed by an administrator\r\n$/);
      assert.equal((await client.closed).code, 1_000);
    },
  );

  test('not without saying which', async () => {
    const { code, stderr } = await run(OWEN, 'close', '--yes');
    assert.equal(code, 2);
    assert.match(stderr, /^sallyport: connections close: which ones\? Give ids, or --api/);
  });
});
