// Trace contexts as callers write them, well and badly.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { amznTraceIdOf, readTraceParent, traceparentOf } from './trace-context.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';
const W3C = `00-${TRACE}-${SPAN}-01`;
const AMZN = `Root=1-4bf92f35-77b34da6a3ce929d0e0e4736;Parent=${SPAN};Sampled=1`;
const PARENT = { traceId: TRACE, spanId: SPAN, isSampled: true, state: '' };

const GOOD: readonly (readonly [name: string, headers: Record<string, string>, want: object])[] = [
  ['W3C', { traceparent: W3C }, PARENT],
  ['W3C, not sampled', { traceparent: `00-${TRACE}-${SPAN}-00` }, { ...PARENT, isSampled: false }],
  ['W3C, random flag', { traceparent: `00-${TRACE}-${SPAN}-03` }, PARENT],
  ['a later version that says more', { traceparent: `cc-${TRACE}-${SPAN}-01-what-the-future-brings` }, PARENT],
  ['with a state', { traceparent: W3C, tracestate: 'a=1,b=2' }, { ...PARENT, state: 'a=1,b=2' }],
  ['AWS', { 'x-amzn-trace-id': AMZN }, PARENT],
  [
    'AWS, undecided, in another order and case',
    { 'x-amzn-trace-id': `self=1-2; PARENT=${SPAN} ;root=1-4BF92F35-77b34da6a3ce929d0e0e4736;Sampled=?` },
    { ...PARENT, isSampled: undefined },
  ],
  [
    'AWS, without a caller',
    { 'x-amzn-trace-id': 'Root=1-4bf92f35-77b34da6a3ce929d0e0e4736;Sampled=0' },
    { ...PARENT, spanId: undefined, isSampled: false },
  ],
  ['both: W3C counts', { traceparent: W3C, 'x-amzn-trace-id': 'Root=1-00000001-000000000000000000000001' }, PARENT],
  ['W3C that is none: AWS counts', { traceparent: 'no', 'x-amzn-trace-id': AMZN }, PARENT],
  ['a state that is no text', { traceparent: W3C, tracestate: 'a=\u0007' }, PARENT],
  ['a state without end', { traceparent: W3C, tracestate: 'a'.repeat(513) }, PARENT],
];

for (const [name, headers, want] of GOOD)
  test(`${name} is read`, () => assert.deepEqual(readTraceParent(headers), want));

const BAD: readonly Record<string, string>[] = [
  {},
  { traceparent: '' },
  { traceparent: `00-${TRACE}-${SPAN}-01-more` },
  { traceparent: `ff-${TRACE}-${SPAN}-01` },
  { traceparent: `00-${'0'.repeat(32)}-${SPAN}-01` },
  { traceparent: `00-${TRACE}-${'0'.repeat(16)}-01` },
  { traceparent: W3C.toUpperCase() },
  { traceparent: `${W3C}, ${W3C}` },
  { tracestate: 'a=1' },
  { 'x-amzn-trace-id': '' },
  { 'x-amzn-trace-id': `Root=1-4bf92f35-short;Parent=${SPAN}` },
  { 'x-amzn-trace-id': `Root=1-00000000-${'0'.repeat(24)}` },
  { 'x-amzn-trace-id': `${AMZN};${'x'.repeat(512)}` },
];

for (const headers of BAD)
  test(`${JSON.stringify(headers).slice(0, 90)} says nothing`, () => assert.equal(readTraceParent(headers), undefined));

test('what is written is read as it was, in both forms', () => {
  const hex = (length: number) =>
    fc.stringMatching(new RegExp(`^[0-9a-f]{${length}}$`)).filter((text) => !/^0+$/.test(text));
  const members = { traceId: hex(32), spanId: hex(16), isSampled: fc.boolean(), state: fc.constant('') };
  const contexts = fc.record(members, { noNullPrototype: true });
  fc.assert(
    fc.property(contexts, (context) => {
      assert.deepEqual(readTraceParent({ traceparent: traceparentOf(context) }), context);
      assert.deepEqual(readTraceParent({ 'x-amzn-trace-id': amznTraceIdOf(context) }), context);
    }),
  );
});

test('nothing that a client sends stops the reading', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.string(), (traceparent, tracestate, amzn) => {
      const read = readTraceParent({ traceparent, tracestate, 'x-amzn-trace-id': amzn });
      if (read) assert.match(`${read.traceId}${read.spanId ?? ''}`, /^[0-9a-f]+$/);
    }),
  );
});
