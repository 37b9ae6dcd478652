// examples/chat: two people in a real browser that trusts the local CA and nothing else of it, and what becomes of those who leave
// without a word.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { before, test } from 'node:test';
import { GetApisCommand } from '@aws-sdk/client-apigatewayv2';
import { startBrowser, type Page } from '../harness/browser.ts';
import { startDynamoDb, type DynamoDb } from '../harness/dynamodb.ts';
import { eventually } from '../harness/eventually.ts';
import { hears, ownerOfFile, rowsOf, tablesOf, upExample, type Example } from '../harness/examples.ts';
import { missing } from '../harness/peers.ts';
import { openSocket, type TestSocket } from '../harness/sockets.ts';

const CLIENT = new URL('../../examples/chat/client.html', import.meta.url);
const owner = ownerOfFile();
let dynamo: DynamoDb;
let chat: Example;
before(async () => {
  dynamo = await startDynamoDb(owner);
  chat = await upExample(owner, 'chat', { 'http://127.0.0.1:8000': dynamo.url });
});

/** Waits for what a visitor reads in the page. */
const reads = (page: Page, selector: string, text: string) =>
  eventually(`${selector} shows '${text}'`, async () => {
    const shown = await page.evaluate<string>(`document.querySelector('${selector}').innerText`);
    return shown.includes(text) || undefined;
  });

const send = ({ socket }: TestSocket, message: object) => socket.send(JSON.stringify(message));

test('two people talk in a browser', { skip: missing('chromium') || missing('certutil') }, async (t) => {
  const browser = await startBrowser(t, [], { root: chat.gateway.ca, width: 480, height: 660 });
  const open = () => browser.open(`${CLIENT.href}#${chat.urls[0]}`);
  const ann = await open();
  await ann.enter('#name', 'Ann');
  await reads(ann, '#status', 'Here: Ann');
  const bob = await open();
  await bob.enter('#name', 'Bob');
  await reads(ann, '#log', 'Bob has joined');
  await reads(bob, '#status', 'Here: Ann, Bob');

  await ann.enter('#text', 'Tea at four?');
  await reads(bob, '#log', 'Tea at four?');
  await bob.enter('#text', 'With pleasure ☕');
  await reads(ann, '#log', 'With pleasure ☕');
  assert.deepEqual(await ann.evaluate(`[...document.querySelectorAll('#log li')].map(({ className }) => className)`), [
    'news',
    'news',
    'mine',
    '',
  ]);
  // `SCREENSHOT=examples/chat/screenshot.png` makes the picture of its README anew.
  const picture = process.env['SCREENSHOT'];
  if (picture !== undefined) writeFileSync(picture, await ann.screenshot());
  await ann.enter('#text', '<b>Five</b> 🍰 & more');
  await reads(bob, '#log', '<b>Five</b> 🍰 & more');

  await bob.close();
  await reads(ann, '#log', 'Bob has left');
  await reads(ann, '#status', 'Here: Ann');
  await ann.close();
  await eventually('the table is empty', async () => ((await rowsOf(dynamo)).length === 0 ? true : undefined));
});

test('a connection that left no word is forgotten at the first 410', async () => {
  const ann = await openSocket(chat.gateway, chat.urls[0]!);
  send(ann, { action: 'join', name: 'Ann' });
  await hears(ann, { type: 'joined', name: 'Ann' });
  const bob = await openSocket(chat.gateway, chat.urls[0]!);
  send(bob, { action: 'join', name: 'Bob' });
  assert.deepEqual((await hears(bob, { type: 'joined', name: 'Bob' }))['people'], ['Ann', 'Bob']);
  const rows = await rowsOf(dynamo);
  bob.socket.close();
  assert.deepEqual((await hears(ann, { type: 'left', name: 'Bob' }))['people'], ['Ann']);
  // As it was before: nobody has told the table.
  const [TableName] = await tablesOf(dynamo);
  for (const Item of rows) await dynamo.call('PutItem', { TableName, Item });
  send(ann, { action: 'sendmessage', text: 'still there?' });
  assert.equal((await hears(ann, { type: 'message' }))['text'], 'still there?');
  await eventually('only Ann is left', async () => ((await rowsOf(dynamo)).length === 1 ? true : undefined));
  ann.socket.close();
});

test('nobody speaks without a name, and nobody joins without one', async () => {
  const ann = await openSocket(chat.gateway, chat.urls[0]!);
  send(ann, { action: 'join', name: 'Ann' });
  const names: unknown[] = [];
  ann.socket.on('message', (data) => names.push((JSON.parse(String(data)) as { name?: string }).name));
  const nobody = await openSocket(chat.gateway, chat.urls[0]!);
  send(nobody, { action: 'sendmessage', text: 'boo' });
  send(nobody, { action: 'join', name: ' ' });
  send(ann, { action: 'join', name: 'Ann' });
  await hears(nobody, { type: 'joined', name: 'Ann' });
  send(ann, { action: 'sendmessage', text: 'hello' });
  assert.equal((await hears(ann, { type: 'message' }))['text'], 'hello');
  assert.deepEqual(new Set(names), new Set(['Ann']));
  for (const { socket } of [ann, nobody]) socket.close();
});

test('a table that DynamoDB has forgotten is made again by the next up, and nothing else is', async () => {
  const same = await chat.up();
  assert.match(same.stdout, /^nothing had to be done$/m);
  const [TableName] = await tablesOf(dynamo);
  // As one that keeps its tables in memory, and is started anew.
  await dynamo.call('DeleteTable', { TableName });
  await eventually('it is gone', async () => ((await tablesOf(dynamo)).length === 0 ? true : undefined));
  const { code, stdout, stderr } = await chat.up();
  assert.equal(code, 0, `${stdout}\n${stderr}`);
  const done = [...stdout.matchAll(/^✓ (create|update|replace|delete) +(\w+)/gm)].map(([, verb, id]) => [verb, id]);
  assert.deepEqual(done, [['create', 'Connections']]);
  assert.deepEqual(await tablesOf(dynamo), [TableName]);
});

test('down leaves nothing', async () => {
  const { code, stdout, stderr } = await chat.down();
  assert.equal(code, 0, `${stdout}\n${stderr}`);
  assert.deepEqual((await chat.gateway.clients.gateway.send(new GetApisCommand({}))).Items, []);
  assert.deepEqual(await tablesOf(dynamo), []);
});
