// Functions of the settings file behind messages: each runtime, warm and cold, and what a client gets of them.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { functionArn, invocationsOf } from '../harness/lambda-server.ts';
import { makeProject } from '../harness/local-functions.ts';
import { ask, makeApi, openSocket, pathForm, type Target } from '../harness/sockets.ts';

const SAYS = `{ statusCode: 200, body: JSON.stringify({ said: JSON.parse(event.body).say, count: count += 1, pid: process.pid }) }`;
const FILES = {
  'src/cjs.js': `let count = 0; exports.handler = async (event) => (${SAYS});`,
  'src/esm.mjs': `let count = 0; export const handler = async (event) => (${SAYS});`,
  'src/typed.ts': `let count: number = 0; interface Event { body: string }\nexport async function handler(event: Event) { return ${SAYS}; }`,
  'src/callback.js': `let count = 0; exports.nested = { handler: (event, context, callback) => { setImmediate(() => callback(null, ${SAYS})) } };`,
  'python/app.py': `import json, os
count = 0
def handler(event, context):
    global count
    count += 1
    return {"statusCode": 200, "body": json.dumps({"said": json.loads(event["body"])["say"], "count": count, "pid": os.getpid()})}
`,
  bootstrap: `#!/bin/sh
count=0
api="http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/invocation"
while true; do
  event=$(curl -sS -D "/tmp/head.$$" "$api/next") || exit 1
  id=$(grep -i '^lambda-runtime-aws-request-id:' "/tmp/head.$$" | tr -d '\\r' | cut -d ' ' -f 2)
  rm "/tmp/head.$$"
  count=$((count + 1))
  said=$(printf %s "$event" | sed 's/.*say[^:]*:[^"]*"\\([a-z]*\\).*/\\1/')
  curl -sS -o /dev/null "$api/$id/response" -d '{"statusCode":200,"body":"{\\"said\\":\\"'$said'\\",\\"count\\":'$count',\\"pid\\":'$$'}"}'
done
`,
};
const FUNCTIONS = {
  cjs: { handler: 'src/cjs.handler' },
  esm: { handler: 'src/esm.handler' },
  typed: { handler: 'src/typed.handler' },
  callback: { handler: 'src/callback.nested.handler', runtime: 'nodejs' },
  python: { handler: 'python/app.handler' },
  command: { handler: './bootstrap', runtime: 'command' },
};
const gateway = await makeProject({ after }, FUNCTIONS, FILES).start();
const targetOf = (name: string): Target => ({
  IntegrationType: 'AWS_PROXY',
  IntegrationUri: invocationsOf(functionArn(name)),
});

for (const name of Object.keys(FUNCTIONS)) {
  void test(`a ${name} function answers messages, in one process while it is warm`, async () => {
    const api = await makeApi(gateway.clients, { $default: { target: targetOf(name), isTwoWay: true } });
    const client = await openSocket(gateway, pathForm(gateway, api));
    const first = JSON.parse(await ask(client, '{"say":"one"}')) as { said: string; count: number; pid: number };
    assert.deepEqual({ said: first.said, count: first.count }, { said: 'one', count: 1 });
    const second = JSON.parse(await ask(client, '{"say":"two"}')) as object;
    assert.deepEqual(second, { said: 'two', count: 2, pid: first.pid });
  });
}
