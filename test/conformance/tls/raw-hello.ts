// TLS client hellos built octet by octet, for what no TLS library sends, and the server's first flight read back: under TLS 1.2 the
// certificate travels in the clear (RFC 5246, RFC 6066, RFC 8422).

import { X509Certificate } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { WAIT_MS, next } from '../../harness/eventually.ts';

const ALERT = 21;
const HANDSHAKE = 22;
export const APPLICATION_DATA = 23;
const CLIENT_HELLO = 1;
const SERVER_HELLO = 2;
const CERTIFICATE = 11;
const SERVER_HELLO_DONE = 14;
const TLS_1_0 = 0x0301;
const TLS_1_2 = 0x0303;
const RECORD_HEADER = 5;
const MESSAGE_HEADER = 4;

/** Two suites for an ECDSA key and two for an RSA key, of those that the gateway speaks. */
const SUITES = [0xc02b, 0xc02c, 0xc02f, 0xc030];

export function u8(value: number): Buffer {
  return Buffer.from([value]);
}

export function u16(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 2);
  values.forEach((value, at) => bytes.writeUInt16BE(value, at * 2));
  return bytes;
}

function u24(value: number): Buffer {
  return Buffer.from([value >> 16, (value >> 8) & 255, value & 255]);
}

export function concat(...parts: readonly Buffer[]): Buffer {
  return Buffer.concat(parts);
}

/** A vector with a length of two octets in front. */
export function vector(...parts: readonly Buffer[]): Buffer {
  const body = concat(...parts);
  return concat(u16(body.length), body);
}

export function extension(type: number, body: Buffer): Buffer {
  return concat(u16(type), vector(body));
}

/** One entry of a server name list; a name of type 0 is a host name. */
export function nameEntry(name: string | Buffer, type = 0): Buffer {
  return concat(u8(type), vector(Buffer.from(name as string, 'latin1')));
}

/** The server name extension with these entries, or with a body as it is. */
export function serverName(...entries: readonly Buffer[]): Buffer {
  return extension(0, vector(...entries));
}

export interface HelloParts {
  /** The name to ask for, octet by octet. */
  readonly name?: string | Buffer;
  /** The server name extension as it is, instead of `name`. */
  readonly sni?: Buffer;
  readonly suites?: readonly number[];
  /** Application protocols to offer (RFC 7301). */
  readonly protocols?: readonly string[];
}

/** A handshake message without a record around it. */
export function clientHello({ name, sni, suites = SUITES, protocols }: HelloParts): Buffer {
  const asked = sni ?? (name === undefined ? Buffer.alloc(0) : serverName(nameEntry(name)));
  const offered = protocols?.map((protocol) => concat(u8(protocol.length), Buffer.from(protocol, 'latin1'))) ?? [];
  const extensions = vector(
    asked,
    protocols ? extension(16, vector(...offered)) : Buffer.alloc(0),
    extension(10, vector(u16(0x001d, 0x0017, 0x0018))),
    extension(11, Buffer.from([1, 0])),
    extension(13, vector(u16(0x0403, 0x0503, 0x0804, 0x0805, 0x0401, 0x0501))),
  );
  const body = concat(
    u16(TLS_1_2),
    Buffer.alloc(32, 0x5a),
    u8(0),
    vector(u16(...suites)),
    Buffer.from([1, 0]),
    extensions,
  );
  return concat(u8(CLIENT_HELLO), u24(body.length), body);
}

export function record(body: Buffer, type = HANDSHAKE): Buffer {
  return concat(u8(type), u16(TLS_1_0), vector(body));
}

/** `bytes` in pieces of this size, the last one shorter. */
export function pieces(bytes: Buffer, size: number): Buffer[] {
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) => bytes.subarray(at * size, (at + 1) * size));
}

/** A hello in as many records as its length needs. */
export function hello(parts: HelloParts): Buffer {
  return concat(...pieces(clientHello(parts), 16_384).map((piece) => record(piece)));
}

/** What the server sent until its turn was over or it closed. */
export interface Flight {
  readonly suite: number | undefined;
  readonly certificates: readonly X509Certificate[];
  /** The description of its last alert. */
  readonly alert: number | undefined;
  /** Octets that are no TLS record. */
  readonly isTls: boolean;
  readonly end: 'done' | 'closed' | 'reset';
}

/** The first name of the leaf that was shown, else the alert, else how it ended. */
export function outcome({ certificates: [leaf], alert, isTls, end }: Flight): string {
  if (!isTls) return 'not TLS';
  if (leaf) return leaf.subjectAltName?.split(', ')[0]?.replace(/^DNS:/, '') ?? 'a nameless certificate';
  return alert === undefined ? end : `alert ${alert}`;
}

export interface ShakeOptions {
  /** What to wait for between two pieces. */
  readonly between?: () => Promise<void>;
  /** Say that nothing follows behind the last piece. */
  readonly fin?: boolean;
}

/** Connects, writes the pieces one by one, each flushed before the next, and reads the server's flight. */
export async function shake(
  port: number,
  chunks: readonly Buffer[],
  { between, fin }: ShakeOptions = {},
): Promise<Flight> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
  try {
    await next(socket, 'connect');
    const flight = readFlight(socket);
    // A server that has closed already takes no more: its flight tells.
    for (const [at, chunk] of chunks.entries()) {
      await new Promise<void>((resolve) => socket.write(chunk, () => resolve()));
      if (at < chunks.length - 1) await between?.();
    }
    if (fin) socket.end();
    return await flight;
  } finally {
    socket.destroy();
  }
}

function readFlight(socket: Socket): Promise<Flight> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('the server neither answered nor closed')), WAIT_MS);
    let received = Buffer.alloc(0);
    const finish = (end: Flight['end']) => {
      clearTimeout(timer);
      resolve({ ...parseFlight(received), end });
    };
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      if (parseFlight(received).isDone) finish('done');
    });
    socket.on('end', () => finish('closed'));
    socket.on('error', () => finish('reset'));
  });
}

function parseFlight(received: Buffer): Omit<Flight, 'end'> & { readonly isDone: boolean } {
  let messages = Buffer.alloc(0);
  let alert: number | undefined;
  let isTls = true;
  for (let at = 0; received.length - at >= RECORD_HEADER;) {
    const type = received[at]!;
    const length = received.readUInt16BE(at + 3);
    // To a version that is none, OpenSSL's alert answers with that version.
    const isRecord =
      (type >= 20 && type <= APPLICATION_DATA && received[at + 1] === 3) || (type === ALERT && length === 2);
    if (!isRecord) isTls = false;
    const end = at + RECORD_HEADER + length;
    if (!isRecord || end > received.length) break;
    const body = received.subarray(at + RECORD_HEADER, end);
    if (type === ALERT) alert = body[1];
    if (type === HANDSHAKE) messages = Buffer.concat([messages, body]);
    at = end;
  }
  return { ...parseMessages(messages), alert, isTls };
}

function parseMessages(bytes: Buffer): Pick<Flight, 'suite' | 'certificates'> & { readonly isDone: boolean } {
  let suite: number | undefined;
  let certificates: X509Certificate[] = [];
  let isDone = false;
  for (let at = 0; bytes.length - at >= MESSAGE_HEADER;) {
    const end = at + MESSAGE_HEADER + bytes.readUIntBE(at + 1, 3);
    if (end > bytes.length) break;
    const body = bytes.subarray(at + MESSAGE_HEADER, end);
    // Version, random, session id, suite.
    if (bytes[at] === SERVER_HELLO) suite = body.readUInt16BE(35 + body[34]!);
    if (bytes[at] === CERTIFICATE) certificates = chainOf(body);
    if (bytes[at] === SERVER_HELLO_DONE) isDone = true;
    at = end;
  }
  return { suite, certificates, isDone };
}

function chainOf(body: Buffer): X509Certificate[] {
  const chain: X509Certificate[] = [];
  for (let at = 3; at < body.length;) {
    const length = body.readUIntBE(at, 3);
    chain.push(new X509Certificate(body.subarray(at + 3, at + 3 + length)));
    at += 3 + length;
  }
  return chain;
}
