// examples/quiz-python: a game in Python under a custom domain name, whose zone, certificate and records come from the template. One
// of the players plays it with the example's own client.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { GetDomainNamesCommand } from '@aws-sdk/client-apigatewayv2';
import { ListCertificatesCommand } from '@aws-sdk/client-acm';
import { ListHostedZonesCommand } from '@aws-sdk/client-route-53';
import { startDynamoDb, type DynamoDb } from '../harness/dynamodb.ts';
import { eventually } from '../harness/eventually.ts';
import { hears, ownerOfFile, rowsOf, tablesOf, upExample, type Example, type Told } from '../harness/examples.ts';
import { temporaryDirectory } from '../harness/gateway.ts';
import { missing, PEERS } from '../harness/peers.ts';
import { ask, openSocket, type TestSocket } from '../harness/sockets.ts';

const PLAY = fileURLToPath(new URL('../../examples/quiz-python/play.py', import.meta.url));

const receive = async (client: TestSocket) => JSON.parse(await client.receive()) as Told;
const tell = async (client: TestSocket, message: object) =>
  JSON.parse(await ask(client, JSON.stringify(message))) as Told;

const owner = ownerOfFile();

describe('a quiz', { skip: missing('boto3') }, () => {
  let dynamo: DynamoDb;
  let quiz: Example;
  let url: string;
  before(async () => {
    dynamo = await startDynamoDb(owner);
    quiz = await upExample(owner, 'quiz-python', { 'http://127.0.0.1:8000': dynamo.url });
    url = quiz.urls.find((one) => new URL(one).hostname === 'quiz.example.com')!;
  });

  /** A player at the terminal. */
  function play(name: string) {
    const root = join(temporaryDirectory(owner), 'ca.pem');
    writeFileSync(root, quiz.gateway.ca);
    const at = `127.0.0.1:${quiz.gateway.tlsPort}`;
    const child = spawn(PEERS.boto3.path, [PLAY, url, name, '--at', at], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, SSL_CERT_FILE: root },
    });
    owner.after(() => child.kill());
    const shown: string[] = [];
    createInterface({ input: child.stdout }).on('line', (line) => shown.push(line));
    return {
      type: (line: string) => child.stdin.write(`${line}\n`),
      sees: (line: string) => eventually(`${name} sees '${line}'`, () => shown.includes(line) || undefined),
      leave: () => child.stdin.end(),
    };
  }

  test('is played at a name of its own by whoever is there', async () => {
    const ann = await openSocket(quiz.gateway, url);
    assert.deepEqual(await tell(ann, { action: 'join', name: 'Ann' }), {
      type: 'players',
      scores: [{ name: 'Ann', score: 0 }],
    });
    const bob = play('Bob');
    await bob.sees('players: Ann 0, Bob 0');
    await receive(ann);

    bob.type('ask');
    await bob.sees('1. Which status does a server answer with when it switches to WebSocket?  [100 | 101 | 200]');
    const question = await receive(ann);
    assert.deepEqual([question.type, question['choices']], ['question', ['100', '101', '200']]);
    assert.equal((await tell(ann, { action: 'ask' })).type, 'wait');
    assert.deepEqual(await tell(ann, { action: 'answer', choice: '200' }), { type: 'wrong', number: 0 });
    bob.type('101');
    await bob.sees('a point for Bob: Bob 1, Ann 0');
    assert.deepEqual(await receive(ann), {
      type: 'point',
      number: 0,
      for: 'Bob',
      scores: [
        { name: 'Bob', score: 1 },
        { name: 'Ann', score: 0 },
      ],
    });
    assert.equal((await tell(ann, { action: 'answer', choice: '101' })).type, 'wait', 'it is won');
    assert.deepEqual(await tell(ann, { action: 'sing' }), { type: 'help', actions: ['answer', 'ask', 'join'] });

    bob.leave();
    assert.deepEqual(await receive(ann), { type: 'players', scores: [{ name: 'Ann', score: 0 }] });
    ann.socket.close();
    await eventually('only the question is left', async () => ((await rowsOf(dynamo)).length === 1 ? true : undefined));
  });

  test('gives one point for a question, though two are right', async () => {
    const players = await Promise.all([openSocket(quiz.gateway, url), openSocket(quiz.gateway, url)]);
    const [ann] = players;
    ann.socket.send(JSON.stringify({ action: 'ask' }));
    for (const player of players) await hears(player, { type: 'question' });
    const told: Told[] = [];
    for (const { socket } of players) {
      socket.on('message', (data) => {
        const message = JSON.parse(String(data)) as Told;
        if (message.type !== 'players') told.push(message);
      });
      socket.send(JSON.stringify({ action: 'answer', choice: 'clients' }));
    }
    // Both are told of the point, and one that it came too late, in whichever order.
    await eventually('all is told', () => told.length >= 3 || undefined);
    const points = told.filter(({ type }) => type === 'point');
    assert.equal(points.length, 2, JSON.stringify(told));
    assert.ok(['late', 'wait'].includes(told.find(({ type }) => type !== 'point')!.type), JSON.stringify(told));
    const scores = points[0]!['scores'] as { score: number }[];
    assert.deepEqual(
      scores.map(({ score }) => score),
      [1, 0],
    );
    for (const { socket } of players) socket.close();
  });

  test('is taken down with its name', async () => {
    const { code, stdout, stderr } = await quiz.down();
    assert.equal(code, 0, `${stdout}\n${stderr}`);
    const { gateway, acm, route53 } = quiz.gateway.clients;
    assert.deepEqual((await gateway.send(new GetDomainNamesCommand({}))).Items, []);
    assert.deepEqual((await acm.send(new ListCertificatesCommand({}))).CertificateSummaryList, []);
    assert.deepEqual((await route53.send(new ListHostedZonesCommand({}))).HostedZones, []);
    assert.deepEqual(await tablesOf(dynamo), []);
  });
});
