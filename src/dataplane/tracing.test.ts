// Who is sampled, and what is kept of an event that is.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { adjustLimits } from '../settings/limits.ts';
import { amznTraceHeader, createTracing, endCall, w3cHeaders, type Callee } from './tracing.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';
const from = (flags: string) => ({ traceparent: `00-${TRACE}-${SPAN}-${flags}`, tracestate: 'a=1' });
const MOCK: Callee = { type: 'DISABLED', reason: 'none' };
const ALWAYS = { isParentBased: true, ratio: 1 };
const NEVER = { isParentBased: true, ratio: 0 };

const ROWS: readonly (readonly [name: string, sampler: typeof ALWAYS, headers: object | undefined, want: boolean])[] = [
  ['always, nobody before', ALWAYS, undefined, true],
  ['always, a caller that samples', ALWAYS, from('01'), true],
  ['always, a caller that does not', ALWAYS, from('00'), false],
  ['never, a caller that samples', NEVER, from('01'), true],
  ['never, nobody before', NEVER, undefined, false],
  ['whatever callers say: always', { ...ALWAYS, isParentBased: false }, from('00'), true],
  ['whatever callers say: never', { ...NEVER, isParentBased: false }, from('01'), false],
  [
    'a caller that has not decided',
    NEVER,
    { 'x-amzn-trace-id': `Root=1-${TRACE.slice(0, 8)}-${TRACE.slice(8)}` },
    false,
  ],
];
for (const [name, sampler, headers, want] of ROWS) {
  test(`${name}: ${want ? 'sampled' : 'not'}`, () => {
    const { context } = createTracing(sampler).begin(headers as Record<string, string> | undefined);
    assert.equal(context.isSampled, want);
    assert.match(context.traceId, /^[0-9a-f]{32}$/);
    assert.match(context.spanId, /^[0-9a-f]{16}$/);
    if (headers) assert.equal(context.traceId, TRACE);
  });
}

test('a part is sampled by its id, the same everywhere', () => {
  const tracing = createTracing({ isParentBased: true, ratio: 0.25 });
  const traces = Array.from({ length: 4_000 }, () => tracing.begin());
  const share = traces.filter(({ context }) => context.isSampled).length / traces.length;
  assert.ok(share > 0.2 && share < 0.3, String(share));
  for (const { context } of traces) {
    const random = Number.parseInt(context.traceId.slice(-14), 16);
    assert.equal(context.isSampled, random < 0.25 * 16 ** 14);
  }
});

test('a call goes out as its own span, within the event', () => {
  const trace = createTracing(ALWAYS).begin(from('01'));
  const call = trace.call(MOCK);
  assert.deepEqual([call.trace.context.traceId, call.trace.parentSpanId], [TRACE, trace.context.spanId]);
  assert.notEqual(call.trace.context.spanId, trace.context.spanId);
  assert.deepEqual(w3cHeaders({ trace: call.trace, atMs: 0 }), {
    traceparent: `00-${TRACE}-${call.trace.context.spanId}-01`,
    tracestate: 'a=1',
  });
  endCall(call, { status: 200 });
  assert.ok(call.endedMs! >= call.trace.startedMs);
  assert.deepEqual(trace.calls, [call]);
});

test('of what is not sampled nothing is kept; its context goes on', () => {
  const trace = createTracing(NEVER).begin();
  const call = trace.call(MOCK);
  assert.equal(call.trace, trace);
  assert.deepEqual(trace.calls, []);
  assert.match(amznTraceHeader({ trace, atMs: 0 }), /;Parent=[0-9a-f]{16};Sampled=0$/);
});

test('calls of one event are bounded', (t) => {
  assert.equal(adjustLimits({ spanCallsMax: 2 }), undefined);
  t.after(() => adjustLimits({ spanCallsMax: 8 }));
  const trace = createTracing(ALWAYS).begin();
  for (let count = 0; count < 5; count += 1) trace.call(MOCK);
  assert.equal(trace.calls.length, 2);
});

test('without a trace there is what AWS sends, a new one each time', () => {
  const header = () => amznTraceHeader({ atMs: Date.UTC(2026, 10, 26) });
  assert.match(header(), /^Root=1-6b077680-[0-9a-f]{24}$/);
  assert.notEqual(header(), header());
  assert.deepEqual(w3cHeaders({ atMs: 0 }), {});
});
