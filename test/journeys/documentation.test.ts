// Every command of the README and the task pages runs: each `sh` block in bash, against a gateway of the test's own in place of
// the default addresses. The two npm lines are what the demo's test and this very run show.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { missing, PEERS } from '../harness/peers.ts';
import { ask, openSocket } from '../harness/sockets.ts';
import { startTestGateway, type TestGateway } from '../harness/gateway.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const BLOCK = /```sh\n([\s\S]*?)```/g;
const AWS_PATH = PEERS.aws.path.replace(/\/aws$/, '');

const ends: (() => unknown)[] = [];
let gateway: TestGateway;
before(async () => {
  gateway = await startTestGateway({ after: (end) => ends.unshift(end) });
});
after(async () => {
  for (const end of ends) await end();
});

function blocksOf(page: string): string[] {
  const text = readFileSync(`${root}/${page}`, 'utf8');
  return [...text.matchAll(BLOCK)].map((match) => match[1]!).filter((block) => !block.startsWith('npm ci'));
}

/** The page's addresses are the defaults; the test's gateway listens elsewhere. */
function atTestGateway(block: string): string {
  const [dnsHost, dnsPort] = gateway.dnsServer.split(':') as [string, string];
  return block
    .replaceAll('http://127.0.0.1:4566', gateway.endpoint)
    .replaceAll('@127.0.0.1 -p 10053', `@${dnsHost} -p ${dnsPort}`);
}

async function runBlocks(page: string): Promise<string[]> {
  const outputs: string[] = [];
  for (const block of blocksOf(page)) {
    const { stdout } = await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', atTestGateway(block)], {
      env: { ...process.env, PATH: `${AWS_PATH}:${process.env['PATH']}` },
    });
    outputs.push(stdout);
  }
  return outputs;
}

test('the commands of the README work as they stand', { skip: missing('aws') }, async () => {
  const [output] = await runBlocks('README.md');
  assert.match(output!, /"status":"ok"/);
  assert.match(output!, /"Items": \[/);
});

test(
  'the commands of docs/certificates.md ask for a certificate and say what it waits for',
  { skip: missing('aws') },
  async () => {
    const [output] = await runBlocks('docs/certificates.md');
    assert.match(output!, /ws\.example\.org/);
    assert.match(output!, /CNAME/);
    assert.match(output!, /it waits for you/);
  },
);

test('every fact of the source page names a test that is there, or says why there is none', () => {
  const rows = readFileSync(`${root}/docs/source-facts.md`, 'utf8').match(/^\| \d+ .*$/gm) ?? [];
  assert.equal(rows.length, 27);
  const isNamed = (row: string) => /`(?:test|src)\//.test(row);
  assert.deepEqual(
    rows.filter((row) => !isNamed(row)).map((row) => row.split('|')[1]!.trim()),
    ['22', '27'],
  );
  for (const [, file, name] of rows.join('\n').matchAll(/`([^`]+\.test\.ts)` "([^"]+)"/g)) {
    assert.ok(readFileSync(`${root}/${file}`, 'utf8').includes(name!), `${file} has no test named ${name}`);
  }
});

test(
  'the commands of docs/by-hand.md build the chain, and a client connects',
  { skip: missing('aws') || missing('dig') },
  async () => {
    const [, address] = await runBlocks('docs/by-hand.md');
    assert.equal(address!.trim(), '127.0.0.1');
    const client = await openSocket(gateway, `wss://ws.example.net:${gateway.tlsPort}/myservice`);
    assert.equal(await ask(client, 'anything'), 'hello from the mock');
    client.socket.close();
  },
);
