// A collector of a test's own: takes OTLP over HTTP and keeps the spans. Reads the binary form by the field numbers of opentelemetry-proto,
// with a reader that shares nothing with the writer in src/.

import { createServer, type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { eventually } from './eventually.ts';
import type { Owner } from './gateway.ts';

export interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly state: string;
  readonly name: string;
  readonly kind: number;
  readonly start: bigint;
  readonly end: bigint;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly links: readonly { readonly traceId: string; readonly spanId: string; readonly flags: number }[];
  readonly status: { readonly code: number; readonly message: string };
  readonly flags: number;
  readonly resource: Readonly<Record<string, unknown>>;
  readonly scope: { readonly name: string; readonly version: string };
}

/** Fields by number, in order; a varint and a fixed number as bigint. */
type Fields = Map<number, (bigint | Buffer)[]>;

function fieldsOf(message: Buffer): Fields {
  const fields: Fields = new Map();
  let at = 0;
  const varint = () => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = message[at];
      if (byte === undefined) throw new Error('the message ends within a number');
      at += 1;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  const take = (count: number) => {
    if (at + count > message.length) throw new Error('the message ends within a field');
    at += count;
    return message.subarray(at - count, at);
  };
  while (at < message.length) {
    const tag = Number(varint());
    const read: Readonly<Record<number, () => bigint | Buffer>> = {
      0: varint,
      1: () => take(8).readBigUInt64LE(),
      2: () => take(Number(varint())),
      5: () => BigInt(take(4).readUInt32LE()),
    };
    const value = read[tag & 7]?.();
    if (value === undefined) throw new Error(`there is no wire type ${tag & 7}`);
    fields.set(tag >>> 3, [...(fields.get(tag >>> 3) ?? []), value]);
  }
  return fields;
}

const messages = (fields: Fields, field: number) => (fields.get(field) ?? []).map((one) => fieldsOf(one as Buffer));
const message = (fields: Fields, field: number): Fields => messages(fields, field)[0] ?? new Map();
const number = (fields: Fields, field: number) => (fields.get(field)?.[0] as bigint | undefined) ?? 0n;
const bytes = (fields: Fields, field: number) => (fields.get(field)?.[0] as Buffer | undefined) ?? Buffer.alloc(0);
const text = (fields: Fields, field: number) => bytes(fields, field).toString();
const hex = (fields: Fields, field: number) => bytes(fields, field).toString('hex');

function valueOf(value: Fields): unknown {
  if (value.has(1)) return text(value, 1);
  if (value.has(2)) return number(value, 2) === 1n;
  if (value.has(3)) return Number(BigInt.asIntN(64, number(value, 3)));
  if (!value.has(4)) return undefined;
  const double = Buffer.alloc(8);
  double.writeBigUInt64LE(number(value, 4));
  return double.readDoubleLE();
}

function attributesOf(fields: Fields, field: number): Record<string, unknown> {
  return Object.fromEntries(messages(fields, field).map((pair) => [text(pair, 1), valueOf(message(pair, 2))]));
}

/** Throws for what is no `ExportTraceServiceRequest`. */
export function decodeSpans(request: Buffer): ReceivedSpan[] {
  return messages(fieldsOf(request), 1).flatMap((resourceSpans) => {
    const resource = attributesOf(message(resourceSpans, 1), 1);
    return messages(resourceSpans, 2).flatMap((scopeSpans) => {
      const scope = { name: text(message(scopeSpans, 1), 1), version: text(message(scopeSpans, 1), 2) };
      return messages(scopeSpans, 2).map((span) => ({ ...spanOf(span), resource, scope }));
    });
  });
}

function spanOf(span: Fields): Omit<ReceivedSpan, 'resource' | 'scope'> {
  return {
    traceId: hex(span, 1),
    spanId: hex(span, 2),
    state: text(span, 3),
    parentSpanId: hex(span, 4),
    name: text(span, 5),
    kind: Number(number(span, 6)),
    start: number(span, 7),
    end: number(span, 8),
    attributes: attributesOf(span, 9),
    links: messages(span, 13).map((link) => ({
      traceId: hex(link, 1),
      spanId: hex(link, 2),
      flags: Number(number(link, 6)),
    })),
    status: { message: text(message(span, 15), 2), code: Number(number(message(span, 15), 3)) },
    flags: Number(number(span, 16)),
  };
}

export interface OtlpReceiver {
  /** What `--otlp-endpoint` is given. */
  readonly endpoint: string;
  readonly spans: readonly ReceivedSpan[];
  /** Headers of the requests. */
  readonly requests: readonly IncomingMessage['headers'][];
  /** What it answers from now on; undefined: nothing at all. */
  answer(status: number | undefined, headers?: Readonly<Record<string, string>>, body?: Buffer): void;
  /** The first span that fits, now or later. */
  span(what: string, fits: (span: ReceivedSpan) => boolean): Promise<ReceivedSpan>;
  close(): Promise<void>;
}

export async function startOtlpReceiver(owner: Owner, port = 0): Promise<OtlpReceiver> {
  const spans: ReceivedSpan[] = [];
  const requests: IncomingMessage['headers'][] = [];
  let answer: { status: number | undefined; headers: Readonly<Record<string, string>>; body: Buffer } = {
    status: 200,
    headers: {},
    body: Buffer.alloc(0),
  };
  const server = createServer(async (request, response) => {
    const body = await buffer(request);
    requests.push({ ...request.headers, ':path': request.url });
    const { status, headers, body: answered } = answer;
    if (status === undefined) return;
    if (status === 200)
      spans.push(...decodeSpans(request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body));
    response.writeHead(status, { 'content-type': 'application/x-protobuf', ...headers }).end(answered);
  }).listen(port, '127.0.0.1');
  await once(server, 'listening');
  const close = async () => {
    if (!server.listening) return;
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  };
  owner.after(close);
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    requests,
    answer: (status, headers = {}, body = Buffer.alloc(0)) => void (answer = { status, headers, body }),
    span: (what, fits) => eventually(`a span came: ${what}`, () => spans.find(fits)),
    close,
  };
}
