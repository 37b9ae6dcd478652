// The endpoint and the variables of OpenTelemetry: what is taken, what is refused, and that no secret is repeated.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readTracing, TracingProblem } from './read-tracing.ts';

const FLAG = 'http://127.0.0.1:4318';

test('nothing is traced without an endpoint, nor with one that is turned off', () => {
  assert.equal(readTracing(undefined, {}), undefined);
  assert.equal(readTracing(undefined, { OTEL_SERVICE_NAME: 'gateway', OTEL_TRACES_SAMPLER: 'always_on' }), undefined);
  assert.equal(readTracing(FLAG, { OTEL_SDK_DISABLED: 'true' }), undefined);
  assert.equal(readTracing(FLAG, { OTEL_TRACES_EXPORTER: 'none' }), undefined);
});

test('by default everything is sampled, unless a caller decided', () => {
  assert.deepEqual(readTracing(FLAG, {}), {
    url: 'http://127.0.0.1:4318/v1/traces',
    headers: {},
    timeoutMs: 10_000,
    isCompressed: false,
    caFile: undefined,
    sampler: { isParentBased: true, ratio: 1 },
    resource: { 'service.name': 'sallyport' },
  });
});

const URLS: readonly (readonly [flag: string | undefined, environment: Record<string, string>, want: string])[] = [
  ['http://c:4318/', {}, 'http://c:4318/v1/traces'],
  ['https://c/otlp', {}, 'https://c/otlp/v1/traces'],
  ['http://c:4318/v1/traces', {}, 'http://c:4318/v1/traces'],
  [undefined, { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318' }, 'http://c:4318/v1/traces'],
  [undefined, { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://c:4318/own' }, 'http://c:4318/own'],
  ['http://flag', { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://variable' }, 'http://flag/v1/traces'],
];
for (const [flag, environment, want] of URLS)
  test(`${flag ?? JSON.stringify(environment)} is ${want}`, () =>
    assert.equal(readTracing(flag, environment)?.url, want));

test('the variables say the rest', () => {
  const read = readTracing(FLAG, {
    OTEL_EXPORTER_OTLP_HEADERS: 'Authorization=Bearer%20abc, x-team=a',
    OTEL_EXPORTER_OTLP_TIMEOUT: '2500',
    OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
    OTEL_SERVICE_NAME: 'edge',
    OTEL_RESOURCE_ATTRIBUTES: 'service.name=other,deployment.environment.name=prod',
    OTEL_TRACES_SAMPLER: 'traceidratio',
    OTEL_TRACES_SAMPLER_ARG: '0.25',
    OTEL_EXPORTER_OTLP_CERTIFICATE: '/ca.pem',
  })!;
  assert.deepEqual(read.headers, { authorization: 'Bearer abc', 'x-team': 'a' });
  assert.deepEqual([read.timeoutMs, read.isCompressed, read.caFile], [2_500, true, '/ca.pem']);
  assert.deepEqual(read.sampler, { isParentBased: false, ratio: 0.25 });
  assert.deepEqual(read.resource, { 'service.name': 'edge', 'deployment.environment.name': 'prod' });
});

const BAD: readonly (readonly [flag: string | undefined, environment: Record<string, string>, words: RegExp])[] = [
  ['collector:4318', {}, /^--otlp-endpoint: expected a URL of http or https/],
  ['http://user:hunter2@c', {}, /^--otlp-endpoint: expected a URL .* without a user/],
  [undefined, { OTEL_EXPORTER_OTLP_ENDPOINT: 'grpc://c' }, /^OTEL_EXPORTER_OTLP_ENDPOINT: expected/],
  [
    undefined,
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4317', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' },
    /^OTEL_EXPORTER_OTLP_PROTOCOL 'grpc': spans are sent by http\/protobuf alone/,
  ],
  [FLAG, { OTEL_EXPORTER_OTLP_HEADERS: 'hunter2' }, /^OTEL_EXPORTER_OTLP_HEADERS: expected NAME=VALUE/],
  [FLAG, { OTEL_EXPORTER_OTLP_HEADERS: 'a=hunter2%0d%0ax: y' }, /^OTEL_EXPORTER_OTLP_HEADERS: expected NAME=VALUE/],
  [FLAG, { OTEL_TRACES_SAMPLER: 'jaeger_remote' }, /^OTEL_TRACES_SAMPLER 'jaeger_remote': expected one of always_on,/],
  [FLAG, { OTEL_TRACES_SAMPLER_ARG: '1.5' }, /^OTEL_TRACES_SAMPLER_ARG '1\.5': expected a number from 0 to 1\.$/],
  [FLAG, { OTEL_EXPORTER_OTLP_TIMEOUT: 'soon' }, /^OTEL_EXPORTER_OTLP_TIMEOUT 'soon': expected a number/],
];
for (const [flag, environment, words] of BAD)
  test(`${flag ?? ''} ${JSON.stringify(environment)} is refused`, () =>
    assert.throws(
      () => readTracing(flag, environment),
      (error: Error) => {
        assert.ok(error instanceof TracingProblem);
        assert.match(error.message, words);
        assert.doesNotMatch(error.message, /hunter2|\n/);
        return true;
      },
    ));
