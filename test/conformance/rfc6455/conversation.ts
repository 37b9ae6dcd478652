// A conversation in frames, octet by octet: what the client sends is written in hex, what comes back is told in words, up to the end
// of the connection. Every frame of the gateway is checked on its way: unmasked, no reserved bit, its length in the fewest octets.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { startEchoBackend, type EchoBackend } from '../../harness/echo-backend.ts';
import { startTestGateway, type Owner, type TestGateway } from '../../harness/gateway.ts';
import { openRawTls, type RawConnection } from '../../harness/raw-tls.ts';
import { ask, makeApi, openSocket, pathForm } from '../../harness/sockets.ts';

export const FRAME_BYTES_MAX = 32_768;
export const MESSAGE_BYTES_MAX = 131_072;

const OPCODES: Readonly<Record<number, string>> = {
  0: 'more',
  1: 'text',
  2: 'binary',
  8: 'close',
  9: 'ping',
  10: 'pong',
};
const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';
/** The close frame of a client: 1000, masked with zeros. */
export const CLOSE = Buffer.from('88820000000003e8', 'hex');

/** Octets in hex; white space does not count. */
export function hex(text: string): Buffer {
  const digits = text.replaceAll(/\s/g, '');
  assert.match(digits, /^(?:[0-9a-f]{2})*$/i);
  return Buffer.from(digits, 'hex');
}

/** A client's frame in hex: first octet, payload, mask. Its length is written in the fewest octets. */
export function frame(firstOctet: number, payload: string | Buffer = '', mask = '00000000'): string {
  const bytes = Buffer.from(payload as string);
  const key = hex(mask);
  const masked = Buffer.from(bytes.map((octet, at) => octet ^ key[at % 4]!));
  let length: Buffer;
  if (bytes.length < 126) length = Buffer.from([0x80 | bytes.length]);
  else if (bytes.length < 65_536) length = Buffer.from([0x80 | 126, bytes.length >> 8, bytes.length & 255]);
  else length = hex(`ff 00000000 ${bytes.length.toString(16).padStart(8, '0')}`);
  return Buffer.concat([Buffer.from([firstOctet]), length, key, masked]).toString('hex');
}

interface ReadFrame {
  readonly isFinal: boolean;
  readonly opcode: number;
  readonly payload: Buffer;
}

/** The whole frames at the start of `bytes`. */
function readFrames(bytes: Buffer): ReadFrame[] {
  const frames: ReadFrame[] = [];
  let at = 0;
  for (;;) {
    if (bytes.length < at + 2) return frames;
    const [first, second] = [bytes[at]!, bytes[at + 1]!];
    assert.equal(first & 0x70, 0, 'a reserved bit is set');
    assert.equal(second & 0x80, 0, 'a frame of the gateway is masked');
    let head = 2;
    let length = second;
    if (second === 126) {
      if (bytes.length < at + 4) return frames;
      [head, length] = [4, bytes.readUInt16BE(at + 2)];
      assert.ok(length > 125, 'the length has octets too many');
    } else assert.notEqual(second, 127, 'no frame is above 32 KiB');
    assert.ok(length <= FRAME_BYTES_MAX, `a frame of ${length} bytes`);
    if (bytes.length < at + head + length) return frames;
    const payload = bytes.subarray(at + head, at + head + length);
    frames.push({ isFinal: (first & 0x80) !== 0, opcode: first & 15, payload });
    at += head + length;
  }
}

/** Frames in words: `text Hello`, `pong 00ff`, `close 1000 bye`; the fragments of a message as one. */
function told(frames: readonly ReadFrame[]): string[] {
  const words: string[] = [];
  let parts: Buffer[] | undefined;
  for (const { isFinal, opcode, payload } of frames) {
    if (opcode === 0 || !isFinal) {
      assert.equal(opcode === 0, parts !== undefined, 'a fragment where none may be');
      parts = [...(parts ?? []), payload];
      if (isFinal) {
        words.push(tell('text', Buffer.concat(parts)));
        parts = undefined;
      }
    } else words.push(tell(OPCODES[opcode] ?? `opcode ${opcode}`, payload));
  }
  return words;
}

function tell(kind: string, payload: Buffer): string {
  if (kind === 'close') {
    if (payload.length === 0) return 'close';
    return `close ${payload.readUInt16BE(0)} ${payload.subarray(2).toString()}`.trimEnd();
  }
  if (kind !== 'text') return `${kind} ${payload.toString('hex')}`.trimEnd();
  return textOf(payload);
}

/** How a text is told: as it is, or by its length and digest. */
export function textOf(payload: Buffer | string): string {
  const bytes = Buffer.from(payload as string);
  if (bytes.length <= 200) return `text ${bytes.toString()}`;
  return `text of ${bytes.length} bytes ${createHash('sha256').update(bytes).digest('hex').slice(0, 16)}`;
}

/** A GET that upgrades, as the RFC has it. */
export function openingRequest(target: string, lines: readonly string[] = []): string {
  const head = [
    `GET ${target} HTTP/1.1`,
    'Host: localhost',
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Sec-WebSocket-Key: ${KEY}`,
    'Sec-WebSocket-Version: 13',
  ];
  return [...head, ...lines, '', ''].join('\r\n');
}

export interface Row {
  /** The phenomenon. */
  readonly name: string;
  /** Hex; each string is written by itself. `octets` writes each octet by itself. */
  readonly send: string | readonly string[];
  readonly isSentByOctet?: boolean;
  /** What comes back, in order. A conversation that is not closed by it is closed by the client. */
  readonly expect: readonly string[];
  /** How many messages go to the backend; as many as texts come back, unless told otherwise. */
  readonly messages?: number;
}

/** The name and the outcome, in printable letters. */
export function titleOf({ name, expect }: Row): string {
  const outcome = expect.map((words) => (words.startsWith('text') ? 'echoed' : words.slice(0, 40)));
  const some = outcome.length > 4 ? [...outcome.slice(0, 3), `${outcome.length} in all`] : outcome;
  return `${name}: ${some.join(', ') || 'no answer'}`;
}

export interface Stage {
  readonly gateway: TestGateway;
  readonly backend: EchoBackend;
  readonly target: string;
  /** Has the conversation, asserts what came back and how many messages the backend got. */
  converse(row: Row): Promise<void>;
}

/** A gateway whose API echoes every message. */
export async function startStage(owner: Owner): Promise<Stage> {
  const backend = await startEchoBackend(owner);
  const gateway = await startTestGateway(owner);
  const api = await makeApi(gateway.clients, backend.routes);
  const target = `/_aws/execute-api/${api.apiId}/${api.stage}`;
  const url = pathForm(gateway, api);
  const witness = await openSocket(gateway, url);
  owner.after(() => witness.socket.terminate());
  return {
    gateway,
    backend,
    target,
    async converse(row) {
      const from = backend.asked.length;
      assert.deepEqual(await hold(await openRawTls(gateway), target, row), whole(row.expect));
      // What is still under way has come through with a message after it.
      await ask(witness, 'witness');
      const messages = backend.asked.slice(from).filter(({ path, body }) => path === '/message' && body !== 'witness');
      const texts = row.expect.filter((one) => one.startsWith('text')).length;
      assert.equal(messages.length, row.messages ?? texts, 'messages that came to the backend');
    },
  };
}

/** The frames behind the head of a 101, in words. */
export function wordsIn(received: Buffer): string[] {
  return told(readFrames(received.subarray(received.indexOf('\r\n\r\n') + 4)));
}

function isClose(words: string): boolean {
  return words.startsWith('close');
}

function whole(expected: readonly string[]): readonly string[] {
  return expected.some(isClose) ? expected : [...expected, 'close 1000'];
}

/** Everything that the gateway says to the end. */
async function hold(
  connection: RawConnection,
  target: string,
  { send, isSentByOctet, expect }: Row,
): Promise<string[]> {
  const { socket } = connection;
  socket.write(openingRequest(target));
  await connection.until('the 101', (all) => (all.includes('\r\n\r\n') ? true : undefined));
  assert.match(connection.received().toString('latin1'), /^HTTP\/1\.1 101 /);
  for (const part of [send].flat()) {
    const bytes = hex(part);
    if (isSentByOctet) for (const octet of bytes) socket.write(Buffer.from([octet]));
    else socket.write(bytes);
  }
  await connection
    .until('what is expected', (all) => {
      const came = wordsIn(all);
      return came.length >= expect.length || came.some(isClose) ? true : undefined;
    })
    .catch((error: Error) => {
      if (error.message.includes('waited too long'))
        throw new Error(`${error.message} (${wordsIn(connection.received()).join(' | ')})`);
    });
  if (!socket.writableEnded) socket.write(CLOSE);
  const all = await connection.ended();
  socket.destroy();
  return wordsIn(all);
}
