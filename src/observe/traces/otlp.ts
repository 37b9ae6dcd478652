// Spans as a request of OTLP (opentelemetry-proto 1.x, `ExportTraceServiceRequest`), in the binary form that every collector takes; and
// what its answer says. The numbers are those of the fields in opentelemetry/proto/trace/v1/trace.proto.

import { ProtobufWriter } from './protobuf-writer.ts';
import type { Attributes, AttributeValue, Span, SpanKind } from './span.ts';

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
  const writer = new ProtobufWriter();
  const resourceSpans = writer.begin(1);
  const ofResource = writer.begin(1);
  writeAttributes(writer, 1, resource);
  writer.end(ofResource);
  const scopeSpans = writer.begin(2);
  const ofScope = writer.begin(1);
  writer.string(1, scope.name);
  writer.string(2, scope.version);
  writer.end(ofScope);
  for (const span of spans) {
    const begun = writer.begin(2);
    writeSpan(writer, span);
    writer.end(begun);
  }
  writer.end(scopeSpans);
  writer.end(resourceSpans);
  return writer.finish();
}

function writeSpan(writer: ProtobufWriter, span: Span): void {
  writer.hex(1, span.traceId);
  writer.hex(2, span.spanId);
  writer.string(3, span.state);
  if (span.parentSpanId !== undefined) writer.hex(4, span.parentSpanId);
  writer.string(5, span.name);
  writer.varint(6, KINDS[span.kind]);
  writer.nanoseconds(7, span.startMs);
  writer.nanoseconds(8, span.endMs);
  writeAttributes(writer, 9, span.attributes);
  for (const { traceId, spanId } of span.links) {
    const link = writer.begin(13);
    writer.hex(1, traceId);
    writer.hex(2, spanId);
    writer.fixed32(6, FLAG_SAMPLED | FLAG_REMOTE_KNOWN);
    writer.end(link);
  }
  // There is a status only where something went wrong.
  if (span.error !== undefined) {
    const status = writer.begin(15);
    writer.string(2, span.error);
    writer.varint(3, STATUS_ERROR);
    writer.end(status);
  }
  writer.fixed32(16, FLAG_SAMPLED | FLAG_REMOTE_KNOWN | (span.isParentRemote ? FLAG_REMOTE : 0));
}

function writeAttributes(writer: ProtobufWriter, field: number, attributes: Attributes): void {
  for (const key in attributes) {
    const value = attributes[key];
    if (value === undefined) continue;
    const pair = writer.begin(field);
    writer.string(1, key);
    const inner = writer.begin(2);
    writeValue(writer, value);
    writer.end(inner);
    writer.end(pair);
  }
}

/** One of several kinds: the kind is told by the field, so that an empty text and a false are written, too. */
function writeValue(writer: ProtobufWriter, value: AttributeValue): void {
  if (typeof value === 'string') writer.string(1, value, true);
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
