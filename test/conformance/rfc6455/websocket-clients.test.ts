// Clients that are no kin of our server's library: websockets of Python and libwebsockets of C, as Debian ships them. Both take the
// same steps and must see the same.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { WAIT_MS } from '../../harness/eventually.ts';
import { temporaryDirectory } from '../../harness/gateway.ts';
import { missing, runPeer } from '../../harness/peers.ts';
import { FRAME_BYTES_MAX, MESSAGE_BYTES_MAX, startStage } from './conversation.ts';

const { gateway, target } = await startStage({ after });
const directory = temporaryDirectory({ after });
const CA = join(directory, 'ca.pem');
writeFileSync(CA, gateway.ca);

interface Saw {
  readonly event: 'open' | 'message' | 'pong' | 'close' | 'over';
  readonly protocol?: string;
}

type Client = (protocols: string, steps: readonly string[]) => Promise<Saw[]>;

function peerFile(name: string): string {
  return fileURLToPath(new URL(`../../peers/${name}`, import.meta.url));
}

function sawOf(stdout: string): Saw[] {
  const lines = stdout.split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line) as Saw);
}

async function websockets(protocols: string, steps: readonly string[]): Promise<Saw[]> {
  const args = [peerFile('websockets_client.py'), String(gateway.tlsPort), CA, target, protocols, ...steps];
  const { code, stdout, stderr } = await runPeer('websockets', args);
  assert.equal(code, 0, stderr);
  return sawOf(stdout);
}

let compiled: Promise<string> | undefined;

async function compile(): Promise<string> {
  const program = join(directory, 'lws_client');
  const args = ['-O1', '-Wall', '-Wextra', '-Werror', '-o', program, peerFile('lws_client.c'), '-lwebsockets'];
  const { code, stderr } = await runPeer('libwebsockets', args);
  assert.equal(code, 0, stderr);
  return program;
}

async function libwebsockets(protocols: string, steps: readonly string[]): Promise<Saw[]> {
  compiled ??= compile();
  const args = [String(gateway.tlsPort), CA, target, protocols, ...steps];
  const { stdout } = await promisify(execFile)(await compiled, args, { timeout: WAIT_MS });
  return sawOf(stdout);
}

function echoed(bytes: number): object {
  return { event: 'message', bytes, isEcho: true, isBinary: false };
}

function closed(code: number, reason = ''): object {
  return { event: 'close', code, reason };
}

const OPEN = { event: 'open', protocol: '', extensions: '' };
const OVER = { event: 'over' };

/** A close that the client begins is told by one of the two alone, so it is compared for that one. */
const rows: readonly [name: string, taken: readonly string[], saw: readonly object[], byClient?: object][] = [
  ['echo', ['text:0', 'text:1', 'text:125', 'text:126', 'text:32768'], [0, 1, 125, 126, FRAME_BYTES_MAX].map(echoed)],
  ['fragments', ['fragments:100:10', 'fragments:7:7', 'text:3'], [100, 7, 3].map(echoed)],
  ['a message of 128 KiB in four frames', [`fragments:${MESSAGE_BYTES_MAX}:4`], [echoed(MESSAGE_BYTES_MAX)]],
  [
    'pings between messages',
    ['ping:one', 'text:5', 'ping:two'],
    [{ event: 'pong', payload: 'one' }, echoed(5), { event: 'pong', payload: 'two' }],
  ],
  ['a close with a reason', ['text:1', 'close:1000:bye'], [echoed(1)], closed(1000, 'bye')],
  ['a close with a code of its own', ['close:4999:'], [], closed(4999)],
  ['a frame above 32 KiB', ['text:32769'], [closed(1009)]],
  ['a message above 128 KiB', ['fragments:131073:5'], [closed(1009)]],
  ['a binary message', ['binary:4'], [closed(1003, 'Binary is not supported')]],
];

function steps(client: Client, tellsItsOwnClose: boolean): void {
  for (const [name, taken, saw, byClient] of rows) {
    test(name, async () => {
      // Without a last step of its own the client closes with 1000.
      const isClosed = byClient !== undefined || saw.some((one) => 'code' in one);
      const own = isClosed ? byClient : closed(1000);
      const expected = [OPEN, ...saw, ...(tellsItsOwnClose && own !== undefined ? [own] : []), OVER];
      assert.deepEqual(await client('', isClosed ? taken : [...taken, 'close:1000:']), expected);
    });
  }

  const choices: readonly [offered: string, chosen: string][] = [
    ['chat, superchat', 'chat'],
    ['superchat, chat', 'superchat'],
  ];
  for (const [offered, protocol] of choices) {
    test(`the subprotocol that the backend chose of '${offered}'`, async () => {
      const [open] = await client(offered, ['close:1000:']);
      assert.deepEqual(open, { ...OPEN, protocol });
    });
  }
}

describe('websockets', { skip: missing('websockets') }, () => steps(websockets, true));
describe('libwebsockets', { skip: missing('libwebsockets') }, () => steps(libwebsockets, false));
