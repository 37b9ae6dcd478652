// Spans as a request of OTLP (opentelemetry-proto 1.x, `ExportTraceServiceRequest`), in the binary form that every collector takes; and
// what its answer says. The numbers are those of the fields in opentelemetry/proto/trace/v1/trace.proto.

import { MessageWriter } from './protobuf-writer.ts';
import type { Attributes, AttributeValue, Span, SpanKind, SpanLink } from './span.ts';

export interface Scope {
  readonly name: string;
  readonly version: string;
}

const KINDS: Readonly<Record<SpanKind, number>> = { internal: 1, server: 2, client: 3, consumer: 5 };
const STATUS_ERROR = 2;
const FLAG_SAMPLED = 0x01;
const FLAG_REMOTE_KNOWN = 0x100;
const FLAG_REMOTE = 0x200;

/** All of them of one resource and one scope. */
export function encodeSpans(spans: readonly Span[], resource: Attributes, scope: Scope): Buffer {
  const request = new MessageWriter();
  request.message(1, (resourceSpans) => {
    resourceSpans.message(1, (inner) => writeAttributes(inner, 1, resource));
    resourceSpans.message(2, (scopeSpans) => {
      scopeSpans.message(1, (inner) => {
        inner.string(1, scope.name);
        inner.string(2, scope.version);
      });
      for (const span of spans) scopeSpans.message(2, (inner) => writeSpan(inner, span));
    });
  });
  return request.finish();
}

function writeSpan(writer: MessageWriter, span: Span): void {
  writer.bytes(1, Buffer.from(span.traceId, 'hex'));
  writer.bytes(2, Buffer.from(span.spanId, 'hex'));
  writer.string(3, span.state);
  if (span.parentSpanId !== undefined) writer.bytes(4, Buffer.from(span.parentSpanId, 'hex'));
  writer.string(5, span.name);
  writer.varint(6, KINDS[span.kind]);
  writer.nanoseconds(7, span.startMs);
  writer.nanoseconds(8, span.endMs);
  writeAttributes(writer, 9, span.attributes);
  for (const link of span.links) writer.message(13, (inner) => writeLink(inner, link));
  // There is a status only where something went wrong.
  if (span.error !== undefined) {
    const { error } = span;
    writer.message(15, (inner) => {
      inner.string(2, error);
      inner.varint(3, STATUS_ERROR);
    });
  }
  writer.fixed32(16, FLAG_SAMPLED | FLAG_REMOTE_KNOWN | (span.isParentRemote ? FLAG_REMOTE : 0));
}

function writeLink(writer: MessageWriter, { traceId, spanId }: SpanLink): void {
  writer.bytes(1, Buffer.from(traceId, 'hex'));
  writer.bytes(2, Buffer.from(spanId, 'hex'));
  writer.fixed32(6, FLAG_SAMPLED | FLAG_REMOTE_KNOWN);
}

function writeAttributes(writer: MessageWriter, field: number, attributes: Attributes): void {
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined) continue;
    writer.message(field, (pair) => {
      pair.string(1, key);
      pair.message(2, (inner) => writeValue(inner, value));
    });
  }
}

/** One of several kinds: the kind is told by the field, so that an empty text and a false are written, too. */
function writeValue(writer: MessageWriter, value: AttributeValue): void {
  if (typeof value === 'string') writer.bytes(1, Buffer.from(value));
  else if (typeof value === 'boolean') writer.varint(2, value ? 1 : 0, true);
  else if (Number.isSafeInteger(value)) writer.int64(3, value);
  else writer.double(4, value);
}

/** How many spans the collector did not take, of an answer that says so; 0 for any other (`ExportTracePartialSuccess`). */
export function rejectedSpans(answer: Buffer): number {
  const partial = fieldsOf(answer).find(({ field, bytes }) => field === 1 && bytes !== undefined)?.bytes;
  return fieldsOf(partial ?? Buffer.alloc(0)).find(({ field }) => field === 1)?.value ?? 0;
}

interface Field {
  readonly field: number;
  readonly value?: number;
  readonly bytes?: Buffer;
}

/** Numbers and byte strings; nothing of a message that has anything else, or ends in the middle. */
function fieldsOf(message: Buffer): readonly Field[] {
  const fields: Field[] = [];
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let factor = 1; at < message.length; factor *= 0x80) {
      const byte = message[at]!;
      at += 1;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
    return undefined;
  };
  while (at < message.length) {
    const tag = varint();
    const value = varint();
    if (tag === undefined || value === undefined || (tag & 7) % 2 !== 0) return [];
    if ((tag & 7) === 0) fields.push({ field: tag >>> 3, value });
    else {
      if (at + value > message.length) return [];
      fields.push({ field: tag >>> 3, bytes: message.subarray(at, at + value) });
      at += value;
    }
  }
  return fields;
}
