// A command speaks the Runtime API as any client of it does, and reaches the gateway's names through its proxy; whatever else it does, of
// bad will or by mistake, is bounded, and told of with one line. The same for a handler that writes where only its runtime may.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { after, test } from 'node:test';
import * as lambda from '@aws-sdk/client-lambda';
import { eventually } from '../harness/eventually.ts';
import { REGION } from '../harness/gateway.ts';
import { functionArn, invocationsOf } from '../harness/lambda-server.ts';
import { makeProject } from '../harness/local-functions.ts';
import { ask, makeApi, openSocket } from '../harness/sockets.ts';

/** Does what the event says, and answers with what came of it. */
const COMMAND = `#!/usr/bin/env python3
import http.client, json, os, signal, socket, subprocess, sys, time

HOST = os.environ["AWS_LAMBDA_RUNTIME_API"]
RUNTIME = "/2018-06-01/runtime/invocation/"

def ask(method, path, body=None):
    connection = http.client.HTTPConnection(HOST)
    connection.request(method, path, body)
    answer = connection.getresponse()
    return answer, answer.read()

def respond(id, value):
    return ask("POST", RUNTIME + id + "/response", json.dumps(value).encode())[0].status

def run(id, event):
    do = event["do"]
    if do == "env":
        return dict(os.environ)
    if do == "wrong":
        return [respond("0" * 8 + "-0000-0000-0000-" + "0" * 12, 1), ask("POST", RUNTIME + "x/response", b"1")[0].status,
                ask("GET", RUNTIME + id + "/response")[0].status, ask("GET", "/elsewhere")[0].status]
    if do == "half":
        part = socket.create_connection(HOST.split(":"))
        part.sendall(f"POST {RUNTIME}{id}/response HTTP/1.1\\r\\nHost: x\\r\\nContent-Length: 100\\r\\n\\r\\n[1".encode())
        time.sleep(60)
    if do == "connections":
        opened = [socket.create_connection(HOST.split(":")) for _ in range(300)]
        closed = 0
        time.sleep(0.5)
        for one in opened:
            one.setblocking(False)
            try:
                closed += one.recv(1) == b""
            except ConnectionError:
                closed += 1
            except BlockingIOError:
                pass
        for one in opened:
            one.close()
        return closed
    if do == "stays":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        time.sleep(60)
    if do == "forks":
        for _ in range(40):
            subprocess.Popen(["sleep", "1000"])
        time.sleep(60)
    if do == "leaves":
        child = subprocess.Popen(["sleep", "1000"], start_new_session=True)
        print("child", child.pid, flush=True)
        os._exit(1)
    if do == "curl":
        return subprocess.run(["curl", "-sS", "-o", "/dev/null", "-w", "%{http_code} %{http_connect}", *event["args"]],
                              capture_output=True, text=True).stdout

while True:
    answer, body = ask("GET", RUNTIME + "next")
    id = answer.headers["Lambda-Runtime-Aws-Request-Id"]
    event = json.loads(body)
    if event["do"] == "twice":
        print("statuses", respond(id, "first"), respond(id, "second"), flush=True)
    elif "requestContext" in event or event["do"] != "never":
        respond(id, run(id, event))
`;
const NODE = (statement: string) => `import { writeSync } from 'node:fs';
const frame = (head, body) => { const bytes = Buffer.alloc(8 + head.length + body.length); bytes.writeUInt32BE(head.length); bytes.writeUInt32BE(body.length, 4); bytes.write(head + body, 8); return bytes; };
export const handler = async (event, { awsRequestId }) => { ${statement}; await new Promise((end) => setTimeout(end, 5000)); };\n`;
const project = makeProject(
  { after },
  {
    does: { handler: 'bootstrap', runtime: 'command', timeout: 2, env: { MINE: 'yes' } },
    chat: { handler: 'chat', runtime: 'command', timeout: 20 },
    garbage: { handler: 'garbage.handler', timeout: 20 },
    names: { handler: 'names.handler', timeout: 20 },
    foreign: { handler: 'foreign.handler', timeout: 20 },
    twice: { handler: 'twice.handler', timeout: 20 },
  },
  {
    bootstrap: COMMAND,
    chat: `#!/bin/sh
api="http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/invocation"
while true; do
  event=$(curl -sS -D "/tmp/head.$$" "$api/next") || exit 1
  id=$(grep -i '^lambda-runtime-aws-request-id:' "/tmp/head.$$" | tr -d '\\r' | cut -d ' ' -f 2)
  rm "/tmp/head.$$"
  of() { printf %s "$event" | sed "s/.*\\"$1\\":\\"\\([^\\"]*\\)\\".*/\\1/"; }
  said=$(curl -sS --aws-sigv4 "aws:amz:$AWS_REGION:execute-api" --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" \\
    -d 'from the command' "https://$(of domainName)/$(of stage)/@connections/$(of connectionId)" 2>&1)
  curl -sS -o /dev/null "$api/$id/response" -d '{"statusCode":200}'
done
`,
    'garbage.mjs': NODE(`writeSync(4, 'GET / HTTP/1.1\\r\\n\\r\\n')`),
    'names.mjs': NODE(`writeSync(5, Buffer.alloc(64, 0xff))`),
    'foreign.mjs': NODE(`writeSync(4, frame('{"answered":"somebody"}', '1'))`),
    'twice.mjs': NODE(
      `const one = frame(JSON.stringify({ answered: awsRequestId }), '"mine"'); writeSync(4, one); writeSync(4, one)`,
    ),
  },
);
const LIMITS = ['functionApiConnectionsMax=50', 'functionProcessesMax=20', 'functionProcessesWatchMs=100'];
const gateway = await project.start(LIMITS.flatMap((limit) => ['--limit', limit]));
const client = new lambda.LambdaClient({
  endpoint: gateway.endpoint,
  region: REGION,
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  maxAttempts: 1,
});
after(() => client.destroy());

async function run(FunctionName: string, event: object = {}): Promise<unknown> {
  const Payload = Buffer.from(JSON.stringify(event));
  const answer = await client.send(new lambda.InvokeCommand({ FunctionName, Payload }));
  return JSON.parse(Buffer.from(answer.Payload!).toString()) as unknown;
}
const does = (what: string, more: object = {}) => run('does', { do: what, ...more });
const typeOf = async (ended: Promise<unknown>) => ((await ended) as { errorType?: string }).errorType;
const linesWith = (message: RegExp) => gateway.logged().filter((line) => message.test(String(line['message'])));
const told = (what: string, message: RegExp) => eventually(what, async () => linesWith(message)[0]);

void test('a command finds host and port in its variable, as on Lambda', async () => {
  const env = (await does('env')) as Record<string, string>;
  assert.match(env['AWS_LAMBDA_RUNTIME_API']!, /^127\.0\.0\.1:\d+$/);
  assert.equal(env['MINE'], 'yes');
});

void test('a second answer, one to another invocation and what is no request of the API are refused, and the command goes on', async () => {
  assert.equal(await does('twice'), 'first');
  const line = await eventually('it has told', async () =>
    gateway.logged().find((one) => String(one['line']).startsWith('statuses')),
  );
  assert.equal(line['line'], 'statuses 202 400');
  assert.deepEqual(await does('wrong'), [400, 404, 405, 404]);
});

void test('half an answer is none: the invocation ends in time', async () => {
  assert.equal(await typeOf(does('half')), 'Sandbox.Timedout');
});

void test('a process that ignores SIGTERM ends in time as any other', async () => {
  assert.equal(await typeOf(does('stays')), 'Sandbox.Timedout');
});

void test('connections to the Runtime API are bounded, and what is over the bound is told once', async () => {
  const before = linesWith(/functionApiConnectionsMax/).length;
  assert.equal(await does('connections'), 300 - 50);
  assert.equal(linesWith(/functionApiConnectionsMax \(50\)/).length - before, 1);
});

void test('a function that starts process upon process is ended with them', async () => {
  assert.equal(await typeOf(does('forks')), 'Runtime.ExitError');
  const line = await told('it is told', /it had more processes than functionProcessesMax \(20\)$/);
  assert.ok(Number(line['exceededProcesses']) > 20);
});

void test('a process in a session of its own does not outlive the function that started it', async () => {
  assert.equal(await typeOf(does('leaves')), 'Runtime.ExitError');
  const line = await eventually('its child is told of', async () =>
    gateway.logged().find((one) => String(one['line']).startsWith('child ')),
  );
  const { stragglers } = await told('the child is ended', /in a session of their own were ended with it/);
  assert.equal(stragglers, 1);
  const pid = Number(String(line['line']).slice('child '.length));
  await eventually('it is gone', async () => {
    try {
      process.kill(pid, 0);
      return undefined;
    } catch {
      return true;
    }
  });
});

for (const [name, words] of [
  ['garbage', /a function was ended: it wrote what is no frame$/],
  ['names', /a function was ended: it asked for a name with what is no frame$/],
  ['foreign', /a function was ended: it answered an invocation that it does not have$/],
] as const) {
  void test(`a handler that writes to its runtime's socket (${name}) is ended with one line`, async () => {
    assert.equal(await typeOf(run(name)), 'Runtime.ExitError');
    await told('it is told', words);
    assert.equal(linesWith(words).filter((line) => line['function'] === name).length, 1);
  });
}

void test('of two answers of a handler the first counts, and ends its process', async () => {
  assert.equal(await run('twice'), 'mine');
  const line = () =>
    linesWith(/answered an invocation that it does not have$/).find((one) => one['function'] === 'twice');
  await eventually('it is told', async () => line());
});

const isRoot = process.getuid?.() === 0;
void test(
  'another user of the machine is refused on the port of a command',
  { skip: !isRoot && 'only root can be two users' },
  async () => {
    const { AWS_LAMBDA_RUNTIME_API: api, HTTPS_PROXY: proxy } = (await does('env')) as Record<string, string>;
    const next = `http://${api}/2018-06-01/runtime/invocation/next`;
    const ways = [[next], ['--proxy', proxy!, 'https://example.test/']];
    for (const args of ways) {
      const peer = spawn('curl', ['-sS', '-o', '/dev/null', '-w', '%{http_code} %{http_connect}', ...args], {
        uid: 65_534,
        gid: 65_534,
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      assert.match(await text(peer.stdout), /^(?:403 000|000 407)$/);
    }
    await told('it is told', /somebody else asked its Runtime API/);
    assert.match(JSON.stringify(await does('env')), /MINE/);
  },
);

void test('a command posts back to the domain name of the event, on port 443, by HTTPS_PROXY alone', async () => {
  const bare = await project.start(['--bare-domain-name']);
  const target = { IntegrationType: 'AWS_PROXY' as const, IntegrationUri: invocationsOf(functionArn('chat')) };
  const api = await makeApi(bare.clients, { $default: { target } });
  const url = `wss://${api.apiId}.execute-api.${REGION}.localhost:${bare.tlsPort}/${api.stage}`;
  const socket = await openSocket(bare, url);
  assert.equal(await ask(socket, 'x'), 'from the command');
  socket.socket.terminate();
});

void test('the proxy passes other names on, and refuses what is no address, and who has no password', async () => {
  const { HTTPS_PROXY: proxy } = (await does('env')) as Record<string, string>;
  const curl = (...args: string[]) => does('curl', { args });
  // The TLS port of the gateway under its own address: no name of its own, so passed on as it is.
  assert.match(String(await curl('-k', `https://127.0.0.1:${gateway.tlsPort}/`)), /^[1-5]\d\d 200$/);
  assert.equal(await curl('https://nobody.invalid/'), '000 502');
  assert.equal(await curl('https://127.0.0.1:1/'), '000 502');
  assert.equal(await curl('--proxy', proxy!.replace(/:[0-9a-f]{48}@/, ':wrong@'), 'https://127.0.0.1:1/'), '000 407');
});
