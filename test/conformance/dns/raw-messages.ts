// DNS messages built and read byte by byte, for what dig does not send. Over UDP each message is followed by a good question: its
// reply shows that the server lived, and that a message before it deserved no reply.

import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import { WAIT_MS } from '../../harness/eventually.ts';

/** Opcode, flags and code of a header as they stand in octets 2 and 3. */
export const RESPONSE_BIT = 0x80;
export const FORMERR = 1;
export const NOTIMP = 4;
export const FENCE_ID = 0xfefe;

export interface HeaderParts {
  readonly id?: number;
  readonly flags?: number;
  /** Questions, answers, authorities, additionals. */
  readonly counts?: readonly [number, number, number, number];
}

export function header({ id = 0x1234, flags = 0, counts = [1, 0, 0, 0] }: HeaderParts = {}): Buffer {
  const bytes = Buffer.alloc(12);
  [id, flags, ...counts].forEach((value, at) => bytes.writeUInt16BE(value, at * 2));
  return bytes;
}

/** A name as labels, each of them octets as they are. */
export function name(...labels: readonly (string | Buffer)[]): Buffer {
  const parts = labels.map((label) => Buffer.from(label as string, 'latin1'));
  return Buffer.concat([...parts.flatMap((part) => [Buffer.from([part.length]), part]), Buffer.from([0])]);
}

export function question(owner: Buffer, type = 1, classNumber = 1): Buffer {
  return Buffer.concat([owner, words(type, classNumber)]);
}

export function record(owner: Buffer, type: number, classNumber: number, data: Buffer): Buffer {
  return Buffer.concat([owner, words(type, classNumber, 0, 0, data.length), data]);
}

/** An OPT record of EDNS version 0. */
export function opt(udpBytes = 1232): Buffer {
  return record(Buffer.from([0]), 41, udpBytes, Buffer.alloc(0));
}

function words(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 2);
  values.forEach((value, at) => bytes.writeUInt16BE(value, at * 2));
  return bytes;
}

const FENCE = Buffer.concat([header({ id: FENCE_ID }), question(name('fence', 'example', 'com'))]);

/** Sends the messages and then a good question from one socket; resolves to every reply before the good one's. */
export async function exchange(server: string, messages: readonly Buffer[]): Promise<Buffer[]> {
  const [host, port] = server.split(':') as [string, string];
  const socket = createSocket('udp4');
  const replies: Buffer[] = [];
  try {
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('the good question was not answered')), WAIT_MS);
      socket.on('message', (reply) => {
        if (reply.readUInt16BE(0) !== FENCE_ID) return void replies.push(reply);
        clearTimeout(timer);
        resolve();
      });
      for (const message of [...messages, FENCE]) socket.send(message, Number(port), host);
    });
  } finally {
    socket.close();
  }
  return replies;
}

/** Writes the chunks to a TCP connection one after another; resolves to the messages that came back when `count` have, or all at its end. */
export async function stream(server: string, chunks: readonly Buffer[], count: number): Promise<Buffer[]> {
  const [host, port] = server.split(':') as [string, string];
  const socket = connect(Number(port), host).setNoDelay(true);
  let received = Buffer.alloc(0);
  const replies: Buffer[] = [];
  try {
    await new Promise<void>((resolve, reject) => {
      socket.setTimeout(WAIT_MS, () => reject(new Error(`${replies.length} of ${count} replies came`)));
      socket.on('error', reject).on('close', () => resolve());
      socket.on('data', (data: Buffer) => {
        received = Buffer.concat([received, data]);
        while (received.length >= 2 && received.length >= 2 + received.readUInt16BE(0)) {
          replies.push(received.subarray(2, 2 + received.readUInt16BE(0)));
          received = received.subarray(2 + received.readUInt16BE(0));
        }
        if (replies.length >= count) resolve();
      });
      const write = (at: number): void => void (at < chunks.length && socket.write(chunks[at]!, () => write(at + 1)));
      write(0);
    });
  } finally {
    socket.destroy();
  }
  return replies;
}

/** A message with its length before it, as TCP carries it. */
export function framed(message: Buffer): Buffer {
  return Buffer.concat([words(message.length), message]);
}

/** What a reply's header says. */
export function readHeader(reply: Buffer) {
  return {
    id: reply.readUInt16BE(0),
    isResponse: (reply[2]! & RESPONSE_BIT) !== 0,
    opcode: (reply[2]! >> 3) & 15,
    isAuthoritative: (reply[2]! & 4) !== 0,
    isTruncated: (reply[2]! & 2) !== 0,
    isRecursionDesired: (reply[2]! & 1) !== 0,
    isRecursionAvailable: (reply[3]! & 0x80) !== 0,
    code: reply[3]! & 15,
    counts: [4, 6, 8, 10].map((at) => reply.readUInt16BE(at)),
  };
}
