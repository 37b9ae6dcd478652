// The questions of docs/seeing.md: the command of each, as a new user would paste it, against a gateway on which that happens which is asked
// about; and the answer is the one that the page shows, line by line, whatever ids and times it has.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startBackend } from '../harness/backend.ts';
import { LAUNCHER } from '../harness/command-line.ts';
import { UpdateStageCommand } from '@aws-sdk/client-apigatewayv2';
import {
  aliasRecord,
  createDomain,
  issueCertificate,
  makeHostedZone,
  mapDomain,
  putRecord,
} from '../harness/domains.ts';
import { startTestGateway } from '../harness/gateway.ts';
import { ask, makeApi, openSocket, type RouteOptions, type TestSocket } from '../harness/sockets.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const PAGE = readFileSync(`${root}/docs/seeing.md`, 'utf8');
const SLOW_MS = 600;

/** Turns strangers away, knows no order, and is slow where it is asked to be. */
const backend = await startBackend({ after }, (request, response, said) => {
  if (request.url === '/connect') response.statusCode = request.headers['x-token'] === 'good' ? 200 : 403;
  if (request.url === '/order') response.statusCode = 500;
  const body = request.url === '/order' ? '{"error":"no such article"}' : said;
  if (request.url === '/report') setTimeout(() => response.end(body), SLOW_MS);
  else response.end(body);
});
const to = (path: string): RouteOptions => ({ target: backend.to(path), isTwoWay: path !== '/connect' });

const gateway = await startTestGateway({ after });
const { clients } = gateway;
const api = await makeApi(
  clients,
  { $connect: to('/connect'), say: to('/say'), order: to('/order'), report: to('/report') },
  'prod',
);
await clients.gateway.send(
  new UpdateStageCommand({
    ApiId: api.apiId,
    StageName: api.stage,
    DefaultRouteSettings: { DetailedMetricsEnabled: true },
    AccessLogSettings: {
      DestinationArn: 'arn:aws:logs:us-east-1:000000000000:log-group:chat',
      Format: /the format `([^`]+)`/.exec(PAGE)![1],
    },
  }),
);
const zoneId = await makeHostedZone(clients, 'example.com');
const WILDCARD = '*.example.com';
const made = await createDomain(clients, WILDCARD, await issueCertificate(clients, zoneId, WILDCARD));
await putRecord(clients, zoneId, aliasRecord(WILDCARD, made));
await mapDomain(clients, WILDCARD, 'chat', api);

const urlOf = (tenant: string, path = 'chat') => `wss://${tenant}.example.com:${gateway.tlsPort}/${path}`;
const connect = (tenant: string) => openSocket(gateway, urlOf(tenant), { headers: { 'x-token': 'good' } });
const refused = (url: string) => assert.rejects(openSocket(gateway, url), /refused with/);
const one = await connect('one');
const two = await connect('two');
const say = (client: TestSocket, action: string, more: object = {}) => ask(client, JSON.stringify({ action, ...more }));
await say(two, 'say');
for (let count = 0; count < 3; count += 1) await say(one, 'say');

/** What happens while the question is asked. */
const MEANWHILE: Readonly<Record<string, () => Promise<unknown>>> = {
  'Why was this connect refused?': async () => {
    await refused(urlOf('one'));
    await refused(urlOf('one', 'chatt'));
  },
  'Which message failed, and what did the backend say?': () => say(one, 'order', { article: 17 }),
  'Who is slow?': () => say(one, 'report'),
  'Who is this connection, and what goes through it?': () => say(one, 'say'),
  'Who closed this socket?': async () => {
    const three = await connect('three');
    three.socket.close(4_000, 'bye');
    await three.closed;
  },
};

interface Question {
  readonly title: string;
  readonly asked: string;
  readonly shown: readonly string[];
}

/** Each block of commands with the transcript behind it. */
const QUESTIONS: readonly Question[] = PAGE.split(/^## /m)
  .slice(1)
  .flatMap((section) => {
    const title = section.split('\n', 1)[0]!;
    return [...section.matchAll(/```sh\n([\s\S]*?)```\n\n```text\n([\s\S]*?)```/g)].map(([, asked, shown]) => ({
      title,
      asked: asked!,
      shown: shown!.trimEnd().split('\n'),
    }));
  });

const env = {
  ...process.env,
  AWS_ENDPOINT_URL: gateway.endpoint,
  SALLYPORT_DATA_DIR: gateway.dataDir,
  SALLYPORT_CONTROL: gateway.ready.control[0],
  SALLYPORT_TLS: gateway.ready.tls[0],
  SALLYPORT_DNS: gateway.ready.dns[0],
};

/** What npx does, a second sooner each time; that it does is shown by the README's own test. */
const NPX = `npx() { shift; '${process.execPath}' '${LAUNCHER}' "$@"; }`;

/** `happens` while a watch is on, and not before. */
async function paste(commands: string, happens: () => Promise<unknown>): Promise<string> {
  const child = spawn(
    'bash',
    ['-euo', 'pipefail', '-c', `${NPX}\n${commands.replaceAll(' sallyport-data/', ` ${gateway.dataDir}/`)}`],
    {
      cwd: root,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const output = text(child.stdout);
  const notes: string[] = [];
  const happened: Promise<unknown>[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => {
    notes.push(line);
    if (line.startsWith('sallyport: watching')) happened.push(happens());
  });
  const code = await exited;
  await Promise.all(happened);
  assert.equal(code, 0, `${commands}: ${await output}${notes.join('\n')}`);
  return output;
}

/** Without what differs from one time to the other. */
function inWords(line: string): string {
  return line
    .replaceAll(/\d{4}-\d\d-\d\d(?:T[\d:.]+Z)?/g, 'DATE')
    .replaceAll(/\d\d:\d\d:\d\d\.\d{3}/g, 'TIME')
    .replaceAll(/[\w-]{18}==/g, 'CONNECTION')
    .replaceAll(/[\w-]{15}=/g, 'REQUEST')
    .replaceAll(/\b[a-z0-9]{10}\/prod/g, 'API/prod')
    .replaceAll(/api_id="[a-z0-9]{10}"/g, 'api_id="API"')
    .replaceAll(/--api-id [a-z0-9]{10}\b/g, '--api-id API')
    .replaceAll(/ CA [0-9a-f]{6}\b/g, ' CA NUMBER')
    .replaceAll(/\bd-[a-z0-9]{10}\b/g, 'd-REGIONAL')
    .replaceAll(/:\d{4,5}\b/g, ':PORT')
    .replaceAll(/\b\d+(?:\.\d+)?(?:ms|s|m|h|d)\b(?: \d+(?:ms|s|m|h)\b)?/g, 'TOOK')
    .replaceAll(/\b[0-9a-f]{8}-[0-9a-f-]{27}\b/g, 'UUID')
    .replaceAll(/ +/g, ' ')
    .trimEnd();
}

for (const { title, asked, shown } of QUESTIONS) {
  test(`${title} ${asked.trim().split('\n').at(-1)}`, async () => {
    const output = (await paste(asked, MEANWHILE[title] ?? (() => Promise.resolve()))).trimEnd().split('\n');
    if (process.env['SHOW'] !== undefined) console.log(`@@ ${title}\n${output.join('\n')}`);
    const told = output.map(inWords);
    let from = 0;
    for (const line of shown.filter((one) => one !== '…').map(inWords)) {
      const at = told.indexOf(line, from);
      assert.notEqual(at, -1, `'${line}' is not shown by:\n${told.join('\n')}`);
      from = at + 1;
    }
  });
}

test('ten questions and more are answered', () => {
  assert.ok(new Set(QUESTIONS.map(({ title }) => title)).size >= 10);
  assert.deepEqual(
    Object.keys(MEANWHILE).filter((title) => !PAGE.includes(`\n## ${title}\n`)),
    [],
  );
  for (const { shown } of QUESTIONS) assert.ok(shown.length > 0 && shown.every((line) => line !== ''));
});
