// `sallyport tail` and the page under it: what happens is told while it happens, to whom it concerns and to nobody else; one line each, with
// the same reason as the log; and a watcher costs nobody but itself.

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { after, describe, test } from 'node:test';
import { signRequest } from '../../src/protocol/sigv4.ts';
import { actorOf, connectionsClient, secretOf, send, writeAccounts, type KeyRow } from '../border/actors.ts';
import { startBackend } from '../harness/backend.ts';
import { paste, sallyport, LAUNCHER } from '../harness/command-line.ts';
import {
  aliasRecord,
  createDomain,
  issueCertificate,
  makeHostedZone,
  mapDomain,
  putRecord,
} from '../harness/domains.ts';
import { eventually } from '../harness/eventually.ts';
import { REGION, startTestGateway, temporaryDirectory } from '../harness/gateway.ts';
import { ask, makeApi, mock, openSocket, pathForm, type RouteOptions } from '../harness/sockets.ts';
import { missing } from '../harness/peers.ts';
import { onTerminal } from '../harness/terminal.ts';
import { startTail } from '../harness/tail-process.ts';

const ANNE: KeyRow = { account: '111122223333', keyId: 'AKIAOFANNE' };
const BERT: KeyRow = { account: '444455556666', keyId: 'AKIAOFBERT' };
const OWEN: KeyRow = { account: '777788889999', keyId: 'AKIAOFOWEN', isOperator: true };
const WATCHERS_MAX = 3;
const QUEUE_BYTES_MAX = 65_536;
const BODY_BYTES_MAX = 8_192;
/** As many events as no kernel keeps for a reader that does not read, each of two such bodies. */
const FLOOD = 1_000;
const AT_ONCE = 10;
/** Looks like a signed token. */
const TOKEN = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbm5lIn0.c2lnbmF0dXJl';

/** Says no to /refuse, breaks off at /break, and sends everything else back. */
const backend = await startBackend({ after }, (request, response, body) => {
  if (request.url === '/break') return void request.socket.destroy();
  response.statusCode = request.url === '/refuse' ? 403 : request.url === '/fail' ? 500 : 200;
  response.end(request.url === '/fail' ? 'no such order' : body);
});
const to = (path: string): RouteOptions => ({ target: backend.to(path), isTwoWay: path !== '/refuse' });

const gateway = await startTestGateway({ after }, [
  '--accounts',
  writeAccounts({ after }, [ANNE, BERT, OWEN]),
  '--own-names',
  'test',
  '--egress-allow',
  '127.0.0.0/8',
  '--limit',
  `eventWatchersPerAccountMax=${WATCHERS_MAX}`,
  '--limit',
  `eventQueueBytesMax=${QUEUE_BYTES_MAX}`,
  '--limit',
  'eventHeartbeatMs=200',
  '--limit',
  `eventBodyBytesMax=${BODY_BYTES_MAX}`,
]);
const [anne, bert] = [actorOf(gateway, ANNE, 'anne'), actorOf(gateway, BERT, 'bert')];
const ROUTES = {
  $default: to('/echo'),
  fail: to('/fail'),
  break: to('/break'),
  local: { target: mock('here'), isTwoWay: true },
};
const apiOfAnne = await makeApi(anne.clients, ROUTES);
const closedApi = await makeApi(anne.clients, { $connect: to('/refuse') });
const apiOfBert = await makeApi(bert.clients, ROUTES, 'live');
const zoneId = await makeHostedZone(anne.clients, 'anne.test');
const WILDCARD = '*.anne.test';
const made = await createDomain(anne.clients, WILDCARD, await issueCertificate(anne.clients, zoneId, WILDCARD));
await putRecord(anne.clients, zoneId, aliasRecord(WILDCARD, made));
await mapDomain(anne.clients, WILDCARD, 'chat', apiOfAnne);

const envOf = ({ keyId }: KeyRow) => ({ AWS_ACCESS_KEY_ID: keyId, AWS_SECRET_ACCESS_KEY: secretOf(keyId) });
const tail = (t: { after(end: () => unknown): void }, key: KeyRow, ...args: string[]) =>
  startTail(t, gateway.endpoint, args, envOf(key));
const hostOf = (tenant: string) => `wss://${tenant}.anne.test:${gateway.tlsPort}/chat`;
const refusalOf = (url: string) => assert.rejects(openSocket(gateway, url), /refused with/);

/** A watcher by hand: the answer as it comes. */
async function watchPage(key: KeyRow, query = ''): Promise<Response> {
  const target = `/_sallyport/events${query}`;
  const { host } = new URL(gateway.endpoint);
  const credentials = { accessKeyId: key.keyId, secret: secretOf(key.keyId) };
  const scope = { region: REGION, service: 'sallyport' };
  const headers = signRequest({ method: 'GET', target, host, body: Buffer.alloc(0) }, credentials, scope, Date.now());
  return fetch(`${gateway.endpoint}${target}`, { headers });
}

describe('what happens is told', () => {
  test('a connection from its beginning to its end, one line each', async (t) => {
    const watcher = await tail(t, ANNE);
    assert.deepEqual(watcher.notes, ['sallyport: watching account 111122223333; Ctrl-C ends it']);
    const client = await openSocket(gateway, hostOf('one'));
    const said = await ask(client, '{"action":"none","secret":"word"}');
    await ask(client, '{"action":"fail"}');
    client.socket.close(4_001, 'enough');
    await watcher.line(/DISCONNECT/);
    const [connected, message, failed, disconnected] = watcher.lines;
    const place = `${apiOfAnne.apiId}/test`;
    assert.match(
      connected!,
      new RegExp(`^[\\d:.]{12} CONNECT +200 +[\\d.]+ms \\S{20} ${place} +\\$connect +one.anne.test/chat 127.0.0.1$`),
    );
    assert.match(
      message!,
      new RegExp(
        `MESSAGE +200 +\\S+ \\S{20} ${place} +\\$default +one.anne.test +127.0.0.1  backend 200 in \\S+ms, in ${said.length} B, out ${said.length} B$`,
      ),
    );
    assert.match(failed!, /MESSAGE +500 .* fail +one.anne.test .* backend 500 in \S+ms, in 17 B, out 13 B$/);
    assert.match(
      disconnected!,
      /DISCONNECT 200 .* \$disconnect +one.anne.test .* closed 4001 \(enough\) by the client$/,
    );
    assert.ok(!watcher.lines.join('').includes('word'), 'no body is shown that was not asked for');
    assert.equal(await watcher.end('SIGINT'), 0);
  });

  test('with -v what the client said, and what the backend answered', async (t) => {
    const watcher = await tail(t, ANNE, '-v', '--route', 'fail');
    const client = await openSocket(gateway, hostOf('one'));
    await ask(client, '{"action":"local"}');
    await ask(client, '{"action":"fail","text":"\\u001b[2J"}');
    client.socket.send('{"action":"fail","raw":"\u009b2J"}');
    await watcher.line(/raw/);
    assert.deepEqual(
      watcher.lines.filter((line) => !line.includes('MESSAGE')),
      [
        '             > {"action":"fail","text":"\\u001b[2J"}',
        '             < no such order',
        // What would clear the screen is spelled out.
        '             > {"action":"fail","raw":"\\x9b2J"}',
        '             < no such order',
      ],
    );
    client.socket.close();
  });

  test('a refusal with the step and the reason of the log', async (t) => {
    const watcher = await tail(t, ANNE, '--errors', '--json');
    await refusalOf(pathForm(gateway, closedApi));
    await refusalOf(`wss://one.anne.test:${gateway.tlsPort}/nothing?token=secret`);
    await refusalOf(`wss://one.anne.test:${gateway.tlsPort}/${TOKEN}`);
    const client = await openSocket(gateway, hostOf('one'));
    await ask(client, '{"action":"local"}');
    await ask(client, '{"action":"break"}');
    const broken = await watcher.event('the broken message', ({ route }) => route === 'break');
    const events = watcher.lines.map((line) => JSON.parse(line) as Record<string, never>);
    assert.deepEqual(
      events.map(({ event, status, route, refusal }) => [event, status, route, refusal?.['code']]),
      [
        ['CONNECT', 403, '$connect', 'IntegrationRefused'],
        ['CONNECT', 403, '$connect', 'Forbidden'],
        ['CONNECT', 403, '$connect', 'Forbidden'],
        ['MESSAGE', 502, 'break', 'IntegrationFailure'],
      ],
    );
    for (const { requestId, refusal } of events) {
      const { step, code, reason } = gateway.logged().find((line) => line['requestId'] === requestId)!;
      assert.deepEqual(refusal, { step, code, reason: String(reason).replaceAll(TOKEN, '[REDACTED]') });
    }
    assert.equal(events[2]!['path'], '/[REDACTED]', 'nor a token');
    assert.equal(events[1]!['path'], '/nothing', 'a query is never told');
    assert.equal(events[1]!['domain'], WILDCARD);
    assert.equal(broken['bytesIn'], 18);
    client.socket.close();
  });

  test('a callback, with what was sent', async (t) => {
    const client = await openSocket(gateway, hostOf('one'));
    const watcher = await tail(t, ANNE, '--json', '-v');
    const endpoint = `https://one.anne.test:${gateway.tlsPort}/chat`;
    const manager = connectionsClient(anne, gateway, endpoint);
    await ask(client, '{"action":"local"}');
    const { connectionId } = await watcher.event('a message', ({ event }) => event === 'MESSAGE');
    const posted = { ConnectionId: connectionId, Data: 'for you' };
    assert.equal((await send(manager, 'apigatewaymanagementapi', 'PostToConnection', posted)).status, 200);
    assert.equal(await client.receive(), 'for you');
    const gone = { ConnectionId: `${String(connectionId).slice(0, -2)}A=`, Data: 'x' };
    await send(manager, 'apigatewaymanagementapi', 'PostToConnection', gone);
    const called = await watcher.event(
      'the callback',
      ({ event, status }) => event === 'CONNECTION_API' && status === 200,
    );
    const { route, body, bytesIn, bytesOut, apiId } = called;
    assert.deepEqual(
      { route, body, bytesIn, bytesOut, apiId },
      {
        route: 'POST /@connections/{connectionId}',
        body: 'for you',
        bytesIn: 7,
        bytesOut: 7,
        apiId: apiOfAnne.apiId,
      },
    );
    assert.equal((await watcher.event('its refusal', ({ status }) => status === 400))['event'], 'CONNECTION_API');
    client.socket.close();
  });

  test('a long body is cut, and one that is no text is base64', async (t) => {
    const watcher = await tail(t, ANNE, '--json', '-v');
    const client = await openSocket(gateway, hostOf('one'));
    await ask(client, 'x'.repeat(BODY_BYTES_MAX + 1));
    const { body, integrationBody } = await watcher.event('a message', ({ event }) => event === 'MESSAGE');
    assert.equal(body, `${'x'.repeat(BODY_BYTES_MAX)}… (8193 bytes)`);
    assert.equal(integrationBody, body);
    client.socket.close();
  });
});

describe('to whom it concerns', () => {
  /** Everything that both accounts do, told to a watcher of each and to the operator. */
  test('an account sees its own, the operator all, and what led nowhere', async (t) => {
    const [ofAnne, ofBert, ofOwen] = await Promise.all([ANNE, BERT, OWEN].map((key) => tail(t, key, '--json')));
    await refusalOf(`wss://localhost:${gateway.tlsPort}/_aws/execute-api/absent0000/test`);
    for (const api of [apiOfAnne, apiOfBert]) {
      const client = await openSocket(gateway, pathForm(gateway, api));
      await ask(client, '{"action":"local"}');
      client.socket.close();
    }
    const isOfBert = ({ apiId, event }: Record<string, unknown>) => apiId === apiOfBert.apiId && event === 'DISCONNECT';
    await ofBert!.event('the end of it', isOfBert);
    await ofOwen!.event('the end of it', isOfBert);
    await ofAnne!.event('the end of hers', ({ event }) => event === 'DISCONNECT');
    const seen = (lines: readonly string[]) =>
      lines
        .map((line) => JSON.parse(line) as Record<string, string>)
        .map(({ event, apiId }) => `${event} ${apiId ?? '-'}`);
    const of = ({ apiId }: { apiId: string }) =>
      ['CONNECT', 'MESSAGE', 'DISCONNECT'].map((event) => `${event} ${apiId}`);
    assert.deepEqual(seen(ofAnne!.lines), of(apiOfAnne));
    assert.deepEqual(seen(ofBert!.lines), of(apiOfBert));
    assert.deepEqual(seen(ofOwen!.lines).sort(), ['CONNECT -', ...of(apiOfAnne), ...of(apiOfBert)].sort());
    const ofHers = await sallyport(['tail', '--account', ANNE.account, '--endpoint', gateway.endpoint], {
      env: envOf(BERT),
    });
    assert.equal(ofHers.code, 2);
    assert.match(ofHers.stderr, /answered 403: Account 444455556666 may ask about itself alone\. .*operator: true/);
  });

  const FILTERS: readonly (readonly [args: readonly string[], seen: readonly string[]])[] = [
    [['--api', apiOfBert.apiId], ['bert local']],
    [['--stage', 'live'], ['bert local']],
    [
      ['--stage', `${apiOfAnne.apiId}/test`, '--route', 'local'],
      ['one local', 'two local', 'path local'],
    ],
    [
      ['--domain', WILDCARD, '--route', 'local'],
      ['one local', 'two local'],
    ],
    [
      ['--tenant', 'two'],
      ['two local', 'two fail'],
    ],
    [['--tenant', 'two.anne.test', '--status', '5xx'], ['two fail']],
    [
      ['--tenant', 'localhost'],
      ['path local', 'bert local'],
    ],
    [['--status', '500'], ['two fail']],
    [
      ['--account', ANNE.account, '--route', 'local'],
      ['one local', 'two local', 'path local'],
    ],
  ];
  test('filters let pass what they name, and nothing else', async (t) => {
    const clients = {
      one: await openSocket(gateway, hostOf('one')),
      two: await openSocket(gateway, hostOf('two')),
      path: await openSocket(gateway, pathForm(gateway, apiOfAnne)),
      bert: await openSocket(gateway, pathForm(gateway, apiOfBert)),
    };
    for (const [args, wanted] of FILTERS) {
      const pairs = args.flatMap((word, at) => (at % 2 === 0 ? [[word.slice(2), args[at + 1]!]] : []));
      const words = Object.fromEntries(pairs) as Record<string, string>;
      const watched = await watchPage(OWEN, `?${new URLSearchParams({ ...words, bodies: 'true', for: '10s' })}`);
      const reader = watched.body!.pipeThrough(new TextDecoderStream()).getReader();
      t.after(() => reader.cancel());
      for (const [who, client] of Object.entries(clients)) {
        await ask(client, JSON.stringify({ action: 'local', who }));
        if (who === 'two') await ask(client, JSON.stringify({ action: 'fail', who }));
      }
      let text = '';
      while ((text.match(/"event":"MESSAGE"/g) ?? []).length < wanted.length) {
        const { value, done } = await reader.read();
        assert.ok(!done, `${JSON.stringify(words)}: ${text}`);
        text += value;
      }
      const told = text.split('\n').filter((line) => line.includes('"MESSAGE"'));
      const seen = told.map((line) => {
        const { body } = JSON.parse(line) as { body: string };
        const { who, action } = JSON.parse(body) as { who: string; action: string };
        return `${who} ${action}`;
      });
      assert.deepEqual(seen.sort(), [...wanted].sort(), JSON.stringify(words));
      await reader.cancel();
    }
    for (const client of Object.values(clients)) client.socket.close();
  });

  const REFUSED: readonly (readonly [query: string, status: number, why: RegExp])[] = [
    ['?apis=x', 400, /There is no 'apis' to ask for\. There are: account, api, /],
    ['?api=x&api=y', 400, /'api' is asked for twice/],
    ['?api=', 400, /'api' must be a text of 1 to 256 characters/],
    [`?route=${'x'.repeat(300)}`, 400, /'route' must be a text of 1 to 256 characters/],
    ['?status=600', 400, /The status '600' is none/],
    ['?errors=maybe', 400, /'errors' must be true or false/],
    ['?for=long', 400, /'for' must be a duration like 30s/],
    ['?slower=1', 400, /'slower' must be a duration like 30s/],
    ['?domain=no_%20name', 400, /The domain 'no_ name' is no domain name/],
    ['?tenant=%00', 400, /is neither a host name nor the first label of one/],
    ['?api=x&stage=y/z', 400, /The stage y\/z is none of the API x/],
    [`?account=${ANNE.account}`, 403, /may ask about itself alone/],
  ];
  for (const [query, status, why] of REFUSED) {
    test(`${query.slice(0, 40)} is refused in words`, async () => {
      const answer = await watchPage(BERT, query);
      assert.equal(answer.status, status);
      assert.match(((await answer.json()) as { message: string }).message, why);
    });
  }

  test('nobody watches without a signature', async () => {
    assert.equal((await fetch(`${gateway.endpoint}/_sallyport/events`)).status, 403);
  });
});

describe('a watcher costs nobody but itself', () => {
  test('there may be so many of an account, and others watch all the same', async (t) => {
    const pages: Response[] = [];
    t.after(() => Promise.all(pages.map((page) => page.body!.cancel())));
    for (let count = 0; count < WATCHERS_MAX; count += 1) pages.push(await watchPage(BERT));
    const one = await watchPage(BERT);
    assert.equal(one.status, 429);
    assert.match(await one.text(), /Account 444455556666 has 3 watchers already, the most that there may be\./);
    pages.push(await watchPage(ANNE));
    assert.equal(pages.at(-1)!.status, 200);
    await pages.shift()!.body!.cancel();
    pages.push(
      await eventually('there is room again', async () => {
        const page = await watchPage(BERT);
        return page.status === 200 ? page : undefined;
      }),
    );
  });

  test('one that does not read is told so and ended, while messages go on', async (t) => {
    const target = '/_sallyport/events?bodies=true';
    const { host, port } = new URL(gateway.endpoint);
    const credentials = { accessKeyId: ANNE.keyId, secret: secretOf(ANNE.keyId) };
    const scope = { region: REGION, service: 'sallyport' };
    const headers = signRequest({ method: 'GET', target, host, body: Buffer.alloc(0) }, credentials, scope, Date.now());
    const socket = connect(Number(port), '127.0.0.1');
    t.after(() => socket.destroy());
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.write(`GET ${target} HTTP/1.1\r\nHost: ${host}\r\n${lines.join('')}\r\n`);
    const watcher = await tail(t, ANNE, '--json', '--route', 'local');
    const client = await openSocket(gateway, hostOf('one'));
    const long = JSON.stringify({ action: 'echo', text: 'x'.repeat(30_000) });
    // Nobody reads what the kernel keeps for the watcher; then its queue fills, and it has no place any more.
    for (let sent = 0; sent < FLOOD; sent += AT_ONCE) {
      for (let one = 0; one < AT_ONCE; one += 1) client.socket.send(long);
      for (let one = 0; one < AT_ONCE; one += 1) assert.equal(await client.receive(), long);
    }
    await ask(client, '{"action":"local"}');
    await watcher.line(/"route":"local"/);
    let text = '';
    socket.on('data', (chunk) => (text += String(chunk)));
    await new Promise((resolve) => socket.once('close', resolve));
    const last = text
      .trimEnd()
      .split('\r\n')
      .filter((line) => line.includes('"END"'))
      .at(-1)!;
    assert.match(last, /it was not read: more than 65536 bytes of events were waiting/);
    client.socket.close();
  });

  test('a pipe that is closed ends the command quietly', async () => {
    const command = `${process.execPath} ${LAUNCHER} tail --json --endpoint ${gateway.endpoint} | head -n 1`;
    const piped = paste(command, { env: envOf(ANNE) });
    let isOver = false;
    void piped.then(() => (isOver = true));
    while (!isOver) await refusalOf(pathForm(gateway, closedApi));
    const { code, stdout, stderr } = await piped;
    assert.equal(code, 0);
    assert.equal(stdout.split('\n').length, 2);
    assert.match(stderr, /^sallyport: watching [^\n]*\n$/);
  });

  test('colours are for a terminal alone, and not for one that wants none', { skip: missing('script') }, async () => {
    const args = ['tail', '--count', '1', '--endpoint', gateway.endpoint];
    const happen = () => refusalOf(pathForm(gateway, closedApi));
    const coloured = await onTerminal(args, envOf(ANNE), happen);
    assert.match(
      coloured.shown.replaceAll('\u001b', 'ESC'),
      /ESC\[33m403ESC\[0m.*ESC\[31m✗ admit IntegrationRefused: /,
    );
    const plain = await onTerminal(args, { ...envOf(ANNE), NO_COLOR: '1' }, happen);
    assert.match(plain.shown, / 403 .*✗ admit IntegrationRefused: /);
    assert.ok(!plain.shown.includes('\u001b'));
  });

  test('it ends after so many events, and after so long', async () => {
    const counted = sallyport(['tail', '--count', '2', '--json', '--endpoint', gateway.endpoint], { env: envOf(ANNE) });
    let isOver = false;
    void counted.then(() => (isOver = true));
    while (!isOver) await refusalOf(pathForm(gateway, closedApi));
    assert.equal((await counted).stdout.trimEnd().split('\n').length, 2);
    const short = await sallyport(['tail', '--for', '300ms', '--endpoint', gateway.endpoint], { env: envOf(ANNE) });
    assert.deepEqual([short.code, short.stdout], [0, '']);
    for (const [option, value] of [
      ['--for', 'ever'],
      ['--count', '0'],
    ] as const) {
      const { code, stderr } = await sallyport(['tail', option, value, '--endpoint', gateway.endpoint]);
      assert.equal(code, 2);
      assert.match(stderr, /^sallyport: tail --(?:for|count): [^\n]+\n$/);
    }
  });
});

describe('a gateway that ends, or forgets who asks', () => {
  test('is waited for, and what happens afterwards is told', async (t) => {
    const accounts = writeAccounts(t, [ANNE, OWEN]);
    const dataDir = temporaryDirectory(t);
    const start = (control: string) =>
      startTestGateway(t, [
        '--accounts',
        accounts,
        '--data-dir',
        dataDir,
        '--control',
        control,
        '--limit',
        'eventHeartbeatMs=200',
      ]);
    const first = await start('127.0.0.1:0');
    const { clients } = actorOf(first, ANNE, 'anne');
    const api = await makeApi(clients, { $default: { target: mock('here'), isTwoWay: true } });
    const watcher = await startTail(t, first.endpoint, ['--json'], envOf(ANNE));
    await openSocket(first, pathForm(first, api));
    assert.equal(await first.stop(), 0);
    await watcher.event('the end of the socket', ({ event, close }) => {
      const { code, by } = (close ?? {}) as { code?: number; by?: string };
      return event === 'DISCONNECT' && code === 1_012 && by === 'gateway';
    });
    await watcher.note(/the gateway ended the watch: the gateway is shutting down$/);

    const second = await start(first.ready.control[0]!);
    await watcher.note(/^sallyport: watching again$/);
    const client = await openSocket(second, pathForm(second, api));
    await ask(client, '{}');
    await watcher.event('a message to the second', ({ event }) => event === 'MESSAGE');

    await second.stop('SIGKILL');
    await watcher.note(/is lost \(.*\); trying again$/);
    const third = await start(first.ready.control[0]!);
    await eventually('it watches again', () =>
      watcher.notes.filter((note) => note.endsWith('watching again')).length === 2 ? true : undefined,
    );
    // What was killed is told of, too: its $disconnect is delivered by the next process, perhaps before anybody watched.
    writeFileSync(accounts, readFileSync(writeAccounts(t, [OWEN])));
    third.child.kill('SIGHUP');
    await watcher.note(/the gateway ended the watch: the accounts were read anew$/);
    assert.equal(await watcher.ended, 2);
    assert.match(watcher.notes.at(-1)!, /^sallyport: \S+ answered 403: .*AKIAOFANNE\)$/);
  });

  test('a watcher signs anew after a while, and nobody notices', async (t) => {
    const { endpoint } = await startTestGateway(t, ['--limit', 'eventStreamMs=200']);
    const { code, stdout, stderr } = await sallyport(['tail', '--for', '1s', '--endpoint', endpoint]);
    assert.deepEqual([code, stdout, stderr], [0, '', 'sallyport: watching all accounts; Ctrl-C ends it\n']);
  });

  test('that is not there at all is one line', async () => {
    const { code, stderr } = await sallyport(['tail', '--endpoint', 'http://127.0.0.1:1']);
    assert.equal(code, 2);
    assert.match(stderr, /^sallyport: no gateway answers at http:\/\/127\.0\.0\.1:1 .*\n$/);
  });
});
