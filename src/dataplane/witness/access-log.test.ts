// What of the refusals with 429, and of what is too large, is a line; and how much of a line is kept.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lowerLimit } from '../../../test/harness/lowered-limit.ts';
import { NO_OPTIONS } from '../../model/stage-options.ts';
import { refuse, type DataFaultCode } from '../../model/faults.ts';
import { limit } from '../../settings/limits.ts';
import type { LogLine } from '../../observe/log-blocks.ts';
import { compileStageLogs } from '../../snapshot/stage-logs.ts';
import type { StageEntry } from '../../snapshot/snapshot.ts';
import type { Happening } from '../happening.ts';
import { statusOf } from '../respond/fault-words.ts';
import { createAccessLog } from './access-log.ts';
import { createLogLeave } from './log-leave.ts';

function stageOf(format: string): StageEntry {
  const settings = { defaultRouteSettings: {}, routeSettings: {}, stageVariables: {} };
  const accessLogSettings = { destinationArn: 'arn:aws:logs:us-east-1:000000000000:log-group:a', format };
  const api = { apiId: 'abc', account: '111122223333', region: 'eu-west-1' };
  const logs = compileStageLogs({ ...settings, accessLogSettings });
  return { ...settings, api, stageName: 'prod', deploymentId: 'd', options: NO_OPTIONS, logs };
}

function happeningOf(stage: StageEntry, code?: DataFaultCode): Happening {
  const refusal = code && refuse(code, 'test', 'why');
  return {
    eventType: 'CONNECTION_API',
    requestId: 'r=',
    atMs: 0,
    tookMs: 1.6,
    stage,
    routeKey: 'POST /@connections/{connectionId}',
    connectionId: 'c=',
    domainName: 'ws.example.com:8443',
    path: undefined,
    sourceIp: '127.0.0.1',
    event: undefined,
    status: refusal ? statusOf(refusal) : 200,
    refusal,
    answer: undefined,
    integrationMs: undefined,
    body: undefined,
    bytesIn: 0,
    bytesOut: 0,
  };
}

function open() {
  const written: [path: string, line: string][] = [];
  const clock = { ms: 0, now: () => clock.ms };
  const lines = { write: (path: string, line: LogLine) => void written.push([path, Buffer.from(line).toString()]) };
  const [isTold, access] = [createLogLeave(clock), createAccessLog(lines)];
  const log = (happening: Happening) => {
    if (isTold(happening, happening.stage!.logs!)) access(happening);
  };
  return { written, clock, log };
}

test('a line lies below the account and region of the API, whatever the ARN says', () => {
  const { written, log } = open();
  log(happeningOf(stageOf('$context.requestId $context.domainName $context.integrationLatency')));
  assert.deepEqual(written, [['111122223333/eu-west-1/a.log', 'r= ws.example.com:8443 2']]);
});

test('of refusals with 429 so many a second are told, of others and of 200 all', () => {
  const { written, clock, log } = open();
  const stage = stageOf('$context.requestId $context.status');
  const max = limit('throttledLogLinesPerSecondMax');
  const tell = (code?: DataFaultCode) => {
    written.length = 0;
    for (let number = 0; number < 3 * max; number += 1) log(happeningOf(stage, code));
    return written.length;
  };
  assert.equal(tell('TooManyRequests'), max);
  assert.equal(tell('LimitExceeded'), 0);
  assert.equal(tell('Forbidden'), 3 * max);
  assert.equal(tell(), 3 * max);
  clock.ms += 1_000;
  assert.equal(tell('LimitExceeded'), max);
  assert.equal(tell('PayloadTooLarge'), 0);
});

test('what one line says is not in the next: longer, shorter and other values, with what must be escaped', () => {
  const { written, log } = open();
  const stage = stageOf(
    '{"r":"$context.requestId","d":"$context.domainName","s":"$context.status","e":"$context.error.message"}',
  );
  const hosts = ['a.example', 'b.example', 'longer.example.com', 'ß€😀.example', 'say "x"\n.example', 'b.example', ''];
  for (const [number, domainName] of hosts.entries()) {
    log({ ...happeningOf(stage, number % 2 ? 'Forbidden' : undefined), requestId: `r${number}`, domainName });
  }
  assert.deepEqual(
    written.map(([, line]) => JSON.parse(line) as unknown),
    hosts.map((d, number) => ({
      r: `r${number}`,
      d: d || '-',
      s: number % 2 ? '403' : '200',
      e: number % 2 ? 'Forbidden' : '-',
    })),
  );
});

test('a line ends at its bound', (t) => {
  t.after(lowerLimit('logLineBytesMax', 5));
  const { written, log } = open();
  log(happeningOf(stageOf('$context.requestId $context.domainName')));
  assert.equal(written[0]![1], 'r= ws');
  log({ ...happeningOf(stageOf('$context.domainName')), domainName: 'abcd€' });
  assert.equal(written[1]![1], 'abcd', 'and not within a character');
});
