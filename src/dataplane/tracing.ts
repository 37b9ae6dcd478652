// What an event knows of the trace that it belongs to, while it is under way: which context goes out with its calls, and when these began
// and ended. Made only where traces are made (`--otlp-endpoint`); what is rendered of it is for the witness, when the event is over.

import { monotonicMs } from '../ambient/clock.ts';
import { spanId, traceDigits, traceId as amznTraceId } from '../ambient/ids.ts';
import type { FunctionOutcome } from '../model/function-call.ts';
import type { Refusal } from '../model/faults.ts';
import {
  amznTraceIdOf,
  readTraceParent,
  traceparentOf,
  type TraceContext,
  type TraceParent,
} from '../protocol/trace-context.ts';
import { limit } from '../settings/limits.ts';
import type { Sampler } from '../settings/tracing-setting.ts';
import type { CompiledAuthorizer } from '../snapshot/compile-deployment.ts';
import type { CompiledIntegration } from '../snapshot/compile-integration.ts';

/** Begins the traces of events. */
export interface Tracing {
  /** `headers` of whoever asks, names in lower case; undefined for what no request has begun. */
  begin(headers?: Readonly<Record<string, string | string[] | undefined>>): Trace;
}

/** Whom a call goes to. */
export type Callee = CompiledIntegration | Extract<CompiledAuthorizer, { type: 'REQUEST' }>;

/** A backend's answer, or none. */
export type CallOutcome = { readonly status: number } | Refusal | FunctionOutcome;

/** A call within an event. */
export interface TracedCall {
  readonly callee: Callee;
  readonly trace: Trace;
  outcome: CallOutcome | undefined;
  /** By `monotonicMs`; undefined while it is under way. */
  endedMs: number | undefined;
}

export class Trace {
  /** What goes out as the caller of whatever is called. */
  readonly context: TraceContext;
  readonly parentSpanId: string | undefined;
  readonly isParentRemote: boolean;
  /** Real time since 1970, and by `monotonicMs`. */
  readonly startedAtMs: number;
  readonly startedMs: number;
  readonly calls: TracedCall[] = [];

  constructor(context: TraceContext, parentSpanId: string | undefined, isParentRemote: boolean) {
    this.context = context;
    this.parentSpanId = parentSpanId;
    this.isParentRemote = isParentRemote;
    this.startedAtMs = Date.now();
    this.startedMs = monotonicMs();
  }

  /** Of a trace that is not sampled nothing is kept, and its context goes on as it is. */
  call(callee: Callee): TracedCall {
    const { context } = this;
    const trace = context.isSampled ? new Trace({ ...context, spanId: spanId() }, context.spanId, false) : this;
    const call: TracedCall = { callee, trace, outcome: undefined, endedMs: undefined };
    if (context.isSampled && this.calls.length < limit('spanCallsMax')) this.calls.push(call);
    return call;
  }

  /** When a moment by `monotonicMs` was, in real time. */
  realTimeOf(atMs: number): number {
    return this.startedAtMs + (atMs - this.startedMs);
  }
}

export function endCall(call: TracedCall, outcome: CallOutcome): void {
  call.outcome = outcome;
  call.endedMs = monotonicMs();
}

export function createTracing(sampler: Sampler): Tracing {
  return {
    begin(headers) {
      const parent = headers && readTraceParent(headers);
      const traceId = parent?.traceId ?? traceDigits(Date.now());
      const context = {
        traceId,
        spanId: spanId(),
        isSampled: isSampled(parent, traceId, sampler),
        state: parent?.state ?? '',
      };
      return new Trace(context, parent?.spanId, parent?.spanId !== undefined);
    },
  };
}

const RANDOM_DIGITS = 14;
const RANDOM_END = 16 ** RANDOM_DIGITS;

/** The last 56 bits decide, so that everybody who samples by the same part keeps the same traces (W3C Trace Context 2, random flag). */
function isSampled(parent: TraceParent | undefined, traceId: string, { isParentBased, ratio }: Sampler): boolean {
  if (isParentBased && parent?.isSampled !== undefined) return parent.isSampled;
  return Number.parseInt(traceId.slice(-RANDOM_DIGITS), 16) < ratio * RANDOM_END;
}

interface Traced {
  readonly trace?: Trace | undefined;
  readonly atMs: number;
}

/** The value of X-Amzn-Trace-Id for what is called for an event; a new one for each call where nothing is traced. */
export function amznTraceHeader({ trace, atMs }: Traced): string {
  return trace ? amznTraceIdOf(trace.context) : amznTraceId(atMs);
}

/** What W3C wants said to backends that speak HTTP; nothing where nothing is traced. */
export function w3cHeaders({ trace }: Traced): Readonly<Record<string, string>> {
  if (!trace) return NOTHING;
  const { context } = trace;
  return { traceparent: traceparentOf(context), ...(context.state !== '' && { tracestate: context.state }) };
}

const NOTHING = {};
