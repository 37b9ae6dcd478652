// No room for logs: the disk of the access log fills up under messages. They go on, every line that is not written is counted, and when
// there is room again lines are written without a restart, each whole.

import assert from 'node:assert/strict';
import { closeSync, openSync, readFileSync, symlinkSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { UpdateStageCommand } from '@aws-sdk/client-apigatewayv2';
import { DEVELOPMENT_ACCOUNT, logGroupArn, logLines, PROMPT_LOGS } from '../harness/access-logs.ts';
import { eventually } from '../harness/eventually.ts';
import { REGION, startTestGateway, temporaryDirectory } from '../harness/gateway.ts';
import { readMetrics } from '../harness/metric-lines.ts';
import { mountProblem, mountSmallDisk } from '../harness/small-disk.ts';
import { tellSafety } from '../harness/safety-line.ts';
import { ask, makeApi, mock, openSocket, pathForm } from '../harness/sockets.ts';

const DISK_MIB = 1;
const BALLAST_BYTES = 512 * 1_024;
const MESSAGES = 3_000;
const PAD = 'x'.repeat(500);

test(
  'messages go on while the disk of their log is full',
  { skip: mountProblem('a full disk takes root') },
  async (t) => {
    const disk = mountSmallDisk(t, DISK_MIB);
    const dataDir = temporaryDirectory(t);
    symlinkSync(disk, join(dataDir, 'logs'));
    const ballast = join(disk, 'ballast');
    const file = openSync(ballast, 'w');
    writeSync(file, Buffer.alloc(BALLAST_BYTES));
    closeSync(file);
    const args = ['--data-dir', dataDir, ...PROMPT_LOGS, '--limit', 'logReportIntervalMs=200'];
    const gateway = await startTestGateway(t, args);
    const made = await makeApi(gateway.clients, { $default: { target: mock('pong'), isTwoWay: true } });
    const AccessLogSettings = {
      DestinationArn: logGroupArn('chat'),
      Format: `$context.requestId $context.status ${PAD} end`,
    };
    const inStage = { ApiId: made.apiId, StageName: made.stage };
    await gateway.clients.gateway.send(new UpdateStageCommand({ ...inStage, AccessLogSettings }));
    const client = await openSocket(gateway, pathForm(gateway, made));
    const told = () =>
      gateway.logged().filter(({ message }) => message === 'lines of access or execution logs were lost');
    for (let sent = 0; sent < MESSAGES; sent += 1) assert.equal(await ask(client, '{}'), 'pong');
    const { error, file: name } = await eventually('it is told that lines were lost', () => told()[0]);
    assert.deepEqual(
      [name, error],
      [`${DEVELOPMENT_ACCOUNT}/${REGION}/chat.log`, 'ENOSPC: no space left on device, write'],
    );

    unlinkSync(ballast);
    const before = (await logLines(gateway, 'chat')).length;
    assert.equal(await ask(client, '{}'), 'pong');
    await eventually(
      'lines are written again',
      async () => (await logLines(gateway, 'chat')).length > before || undefined,
    );
    const lostInMetrics = (await readMetrics(gateway.endpoint)).sum('sallyport_log_lines_lost_total');
    client.socket.close();
    await client.closed;
    assert.equal(await gateway.stop(), 0);

    const lines = readFileSync(join(disk, DEVELOPMENT_ACCOUNT, REGION, 'chat.log'), 'utf8')
      .split('\n')
      .slice(0, -1);
    const whole = lines.filter((line) => /^[\w-]{15}= 200 x{500} end$/.test(line));
    const lost = told().reduce((sum, fields) => sum + Number(fields['lines']), 0);
    assert.equal(lostInMetrics, lost, 'metrics count the same');
    // A connect and a disconnect, and one message more.
    assert.equal(whole.length + lost, MESSAGES + 3, 'every line is there, or counted');
    assert.ok(lost > 0 && lines.length - whole.length <= told().length, `${lines.length - whole.length} torn lines`);
    tellSafety(`faults ${t.name}`, { cases: 1, lost: 0, foreign: 0, crashes: 0 });
  },
);
