// Sending spans to a collector that is well, slow, full, refuses, and away: what arrives, what is tried again, what is counted.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';
import { adjustLimits, limit } from '../../settings/limits.ts';
import type { TracingSetting } from '../../settings/tracing-setting.ts';
import type { Log, LogFields } from '../log.ts';
import type { Span } from './span.ts';
import { createSpanExporter, type SpanExporter } from './span-exporter.ts';

const SPAN: Span = {
  traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
  spanId: '00f067aa0ba902b7',
  parentSpanId: undefined,
  isParentRemote: false,
  state: '',
  name: 'a span',
  kind: 'server',
  startMs: 1,
  endMs: 2,
  attributes: {},
  links: [],
  error: undefined,
};

type Answerer = (response: ServerResponse, request: IncomingMessage, count: number) => void;

interface Setup {
  readonly exporter: SpanExporter;
  readonly warned: LogFields[];
  /** Resolves at the first warning. */
  warning(): Promise<void>;
  /** Resolves when so many requests have come. */
  requests(count: number): Promise<void>;
}

async function setUp(t: TestContext, answer: Answerer, more: Partial<TracingSetting> = {}): Promise<Setup> {
  let count = 0;
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      count += 1;
      answer(response, request, count);
      server.emit('answered');
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const warned: LogFields[] = [];
  const quiet = () => {};
  const log: Log = {
    debug: quiet,
    info: quiet,
    error: quiet,
    warn(_, fields) {
      warned.push(fields!);
      server.emit('warned');
    },
    with: () => log,
  };
  const setting: TracingSetting = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/traces`,
    headers: { 'x-key': 'secret' },
    timeoutMs: 5_000,
    isCompressed: false,
    caFile: undefined,
    sampler: { isParentBased: true, ratio: 1 },
    resource: { 'service.name': 'test' },
    ...more,
  };
  const exporter = createSpanExporter(setting, { name: 'test', version: '0' }, log);
  t.after(() => exporter.close());
  return {
    exporter,
    warned,
    async warning() {
      while (warned.length === 0) await once(server, 'warned');
    },
    async requests(wanted) {
      while (count < wanted) await once(server, 'answered');
    },
  };
}

test('what is there goes out at the end, in one request', async (t) => {
  const seen: IncomingMessage['headers'][] = [];
  const { exporter, warned } = await setUp(t, (response, request) => {
    seen.push(request.headers);
    response.end();
  });
  for (let count = 0; count < 10; count += 1) exporter.add(SPAN);
  await exporter.close();
  assert.deepEqual(
    seen.map((headers) => [headers['content-type'], headers['x-key']]),
    [['application/x-protobuf', 'secret']],
  );
  assert.deepEqual(warned, []);
});

test('a request that may be tried again is, with the same spans', async (t) => {
  const { exporter, warned, requests } = await setUp(t, (response, _, count) => {
    response.writeHead(count === 1 ? 503 : 200).end();
  });
  for (let count = 0; count < 512; count += 1) exporter.add(SPAN);
  await requests(2);
  await exporter.close();
  assert.deepEqual(warned, []);
});

test('what a collector refuses for good, or takes in part, is counted', async (t) => {
  const { exporter, warned } = await setUp(t, (response) => {
    // partial_success { rejected_spans: 3 }
    response.end(Buffer.from('0a020803', 'hex'));
  });
  for (let count = 0; count < 5; count += 1) exporter.add(SPAN);
  await exporter.close();
  assert.deepEqual(
    warned.map(({ dropped }) => dropped),
    [3],
  );
  let asked = 0;
  const refusing = await setUp(t, (response) => {
    asked += 1;
    response.writeHead(401).end();
  });
  for (let count = 0; count < limit('spansPerRequestMax'); count += 1) refusing.exporter.add(SPAN);
  await refusing.warning();
  await refusing.exporter.close();
  assert.equal(asked, 1, 'it is not tried again');
  assert.deepEqual(
    refusing.warned.map(({ dropped, reason }) => [dropped, reason]),
    [[512, 'the collector answered 401']],
  );
  assert.doesNotMatch(JSON.stringify(refusing.warned), /secret|v1/);
});

test('a collector that says nothing leaves a bounded queue, and is told once until the end', async (t) => {
  assert.equal(adjustLimits({ spansQueuedMax: 10, spansPerRequestMax: 5, spansFlushMs: 100 }), undefined);
  t.after(() => adjustLimits({ spansQueuedMax: 4_096, spansPerRequestMax: 512, spansFlushMs: 3_000 }));
  const { exporter, warned, requests } = await setUp(t, () => {});
  for (let count = 0; count < 5; count += 1) exporter.add(SPAN);
  await requests(1);
  for (let count = 0; count < 30; count += 1) exporter.add(SPAN);
  // Five are under way, ten wait.
  assert.deepEqual(
    warned.map(({ dropped }) => dropped),
    [1],
  );
  await exporter.close();
  assert.deepEqual(
    warned.map(({ dropped }) => dropped),
    [1, 29],
  );
});

test('nothing is taken after the end', async (t) => {
  let requests = 0;
  const { exporter } = await setUp(t, (response) => {
    requests += 1;
    response.end();
  });
  await exporter.close();
  exporter.add(SPAN);
  await exporter.close();
  assert.equal(requests, 0);
});
