// Spans on the wire, against what OpenTelemetry's own serializer made of the same spans (@opentelemetry/otlp-transformer 0.301.0,
// ProtobufTraceSerializer, recorded 2026-11-26). It writes zeros that go without saying; else the two mean the same.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Span } from '../../../src/observe/traces/span.ts';
import { encodeSpans, rejectedSpans } from '../../../src/observe/traces/otlp.ts';
import { decodeSpans } from '../../harness/otlp-receiver.ts';

const RECORDED = [
  '0a90040a460a1b0a0c736572766963652e6e616d65120b0a0973616c6c79706f72740a250a1b6465706c6f796d656e742e656e7669726f',
  '6e6d656e742e6e616d6512060a0470726f64100012c5030a120a0973616c6c79706f72741205302e312e3012ab020a104bf92f3577b34d',
  'a6a3ce929d0e0e4736120800f067aa0ba902b71a0876656e646f723d31220811111111111111112a10434f4e4e4543542024636f6e6e65',
  '6374300239c0d4f70b9f7f7b1841206b45409f7f7b184a1c0a13687474702e726571756573742e6d6574686f6412050a034745544a1f0a',
  '19687474702e726573706f6e73652e7374617475735f636f6465120218654a0d0a0769732e676f6f64120210014a0c0a0669732e626164',
  '120210004a110a0468616c66120921000000000000e03f4a170a086e65676174697665120b18f9ffffffffffffffff014a0a0a047a6572',
  '6f120218004a0b0a05656d70747912020a004a100a07756e69636f646512050a03e29c934a100a03626967120918ffffffffffffff0f50',
  '00600070007a0218008501010300001280010a104bf92f3577b34da6a3ce929d0e0e473612082222222222222222220800f067aa0ba902',
  'b72a04504f535430033900c28e109f7f7b184100a384169f7f7b18500060006a230a104bf92f3577b34da6a3ce929d0e0e473712083333',
  '3333333333332800350101000070007a0d120974696d6564206f75741802850101010000',
].join('');

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPANS: readonly Span[] = [
  {
    traceId: TRACE,
    spanId: '00f067aa0ba902b7',
    parentSpanId: '1111111111111111',
    isParentRemote: true,
    state: 'vendor=1',
    name: 'CONNECT $connect',
    kind: 'server',
    startMs: 1_764_144_000_123,
    endMs: 1_764_144_001_000.5,
    attributes: {
      'http.request.method': 'GET',
      'http.response.status_code': 101,
      'is.good': true,
      'is.bad': false,
      half: 0.5,
      negative: -7,
      zero: 0,
      empty: '',
      unicode: '✓',
      big: Number.MAX_SAFE_INTEGER,
      nothing: undefined,
    },
    links: [],
    error: undefined,
  },
  {
    traceId: TRACE,
    spanId: '2222222222222222',
    parentSpanId: '00f067aa0ba902b7',
    isParentRemote: false,
    state: '',
    name: 'POST',
    kind: 'client',
    startMs: 1_764_144_000_200,
    endMs: 1_764_144_000_300,
    attributes: {},
    links: [{ traceId: '4bf92f3577b34da6a3ce929d0e0e4737', spanId: '3333333333333333' }],
    error: 'timed out',
  },
];
const RESOURCE = { 'service.name': 'sallyport', 'deployment.environment.name': 'prod' };
const SCOPE = { name: 'sallyport', version: '0.1.0' };

test('spans mean what the serializer of OpenTelemetry wrote of them', () => {
  const recorded = decodeSpans(Buffer.from(RECORDED, 'hex'));
  assert.equal(recorded.length, 2);
  assert.deepEqual(decodeSpans(encodeSpans(SPANS, RESOURCE, SCOPE)), recorded);
});

test('a long text has a length of several bytes', () => {
  const name = 'x'.repeat(70_000);
  const [span] = decodeSpans(encodeSpans([{ ...SPANS[0]!, name }], RESOURCE, SCOPE));
  assert.equal(span!.name, name);
});

test('what a collector did not take is counted, whatever else it answers', () => {
  // partial_success { rejected_spans: 300, error_message: "full" }
  assert.equal(rejectedSpans(Buffer.from('0a0908ac02120466756c6c', 'hex')), 300);
  for (const answer of ['', '0a00', '0a', '0a05', 'ff', '7b7d', '0a0212047b7d'])
    assert.equal(rejectedSpans(Buffer.from(answer, 'hex')), 0, answer);
});
