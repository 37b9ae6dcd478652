// `sallyport up` on the path of its first user: a SAM template with two functions, a gateway that it starts itself, a client at the printed
// URL, a handler that is edited, a second run that finds nothing to do, and `down`.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { CHAT_CODE, chatResources, chatTemplate } from '../harness/chat-template.ts';
import { eventually } from '../harness/eventually.ts';
import { ask, openSocket } from '../harness/sockets.ts';
import { makeStackProject, printedUrl, revisionOf, startUp } from '../harness/stacks.ts';

const project = makeStackProject({ after }, chatTemplate(), CHAT_CODE);
const up = await startUp({ after }, project, ['template.yaml', '--stack-name', 'chat']);
await up.line(/chat is up/);
const url = printedUrl(up.told);

const says = JSON.stringify({ action: 'send', say: 'world' });

void test('a client connects at the printed URL, and sees an edited handler at its next message', async () => {
  const client = await openSocket(up, url);
  assert.equal(await ask(client, says), 'hello world');
  project.write('src/send.js', `exports.handler = async () => ({ statusCode: 200, body: 'edited' });\n`);
  await eventually('the edited handler answers', async () =>
    (await ask(client, says)) === 'edited' ? true : undefined,
  );
  project.write('src/send.js', CHAT_CODE['src/send.js']!);
  client.socket.close();
});

void test('a second run finds the gateway, and nothing to do', async () => {
  const before = await revisionOf(up);
  const dry = await project.run(['up', 'template.yaml', '--stack-name', 'chat', '--dry-run']);
  assert.deepEqual([dry.code, dry.stderr], [0, '']);
  const again = await project.run(['up', 'template.yaml', '--stack-name', 'chat']);
  assert.deepEqual([again.code, again.stderr], [0, '']);
  assert.match(again.stdout, /nothing had to be done/);
  assert.match(
    again.stdout,
    /not needed|needs nothing here: .*AWS::Lambda::Permission \(ConnectPermission, SendPermission\)/,
  );
  assert.equal(printedUrl(again.stdout.split('\n')), url);
  assert.equal(await revisionOf(up), before);
});

void test('what changed is changed, deployed and live, and nothing else', async () => {
  const resources = chatResources('bye');
  project.write('template.yaml', JSON.stringify(chatTemplate(resources)));
  const dry = await project.run(['up', 'template.yaml', '--stack-name', 'chat', '--dry-run', '--json']);
  assert.equal(dry.code, 1, dry.stdout);
  const { steps } = JSON.parse(dry.stdout) as { steps: { action: string; logicalId: string }[] };
  const changed = steps
    .filter(({ action }) => action !== 'unchanged')
    .map(({ action, logicalId }) => `${action} ${logicalId}`);
  assert.deepEqual(changed, ['update ConnectFunction', 'update SendFunction']);
  const client = await openSocket(up, url);
  assert.equal((await project.run(['up', 'template.yaml', '--stack-name', 'chat'])).code, 0);
  await eventually('the new variable is told', async () =>
    (await ask(client, says)) === 'bye world' ? true : undefined,
  );
  const route = (resources['SendRoute'] as { Properties: Record<string, unknown> }).Properties;
  route['RouteKey'] = 'tell';
  project.write('template.yaml', JSON.stringify(chatTemplate(resources)));
  const told = await project.run(['up', 'template.yaml', '--stack-name', 'chat']);
  assert.equal(told.code, 0, told.stderr);
  assert.match(told.stdout, /~ update +SendRoute .*\(RouteKey\)/);
  assert.match(told.stdout, /± replace +Deployment .*\(what it deploys changed\)/);
  assert.equal(await ask(client, JSON.stringify({ action: 'tell', say: 'all' })), 'bye all');
  client.socket.close();
});

void test('stacks lists it, and down takes all of it away', async () => {
  const listed = await project.run(['stacks', '--json']);
  const { stacks } = JSON.parse(listed.stdout) as {
    stacks: { name: string; resources: number; functions: string[] }[];
  };
  assert.deepEqual(
    stacks.map(({ name, resources, functions }) => [name, resources, functions.length]),
    [['chat', 10, 2]],
  );
  const down = await project.run(['down', 'chat']);
  assert.equal(down.code, 0, down.stdout + down.stderr);
  const { gateway } = up.clients;
  const { GetApisCommand } = await import('@aws-sdk/client-apigatewayv2');
  assert.deepEqual((await gateway.send(new GetApisCommand({}))).Items, []);
  assert.equal((await project.run(['down', 'chat'])).code, 2);
});

void test('a signal ends the gateway that up started', async () => {
  assert.equal(await up.stop('SIGTERM'), 0);
});
