// Settings that an operator wrote in a hurry, and what a crash or a disk left: each is read, or is one line. And policies and sealed
// envelopes, which come out of files and stores.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import fc from 'fast-check';
import type { JournalEntry } from '../../src/dataplane/connections/journal-entry.ts';
import { closedLine, deliveredLine, openedLine, readLines } from '../../src/dataplane/connections/journal-lines.ts';
import { readStageOptions } from '../../src/model/stage-options.ts';
import { evaluatePolicies, parsePolicy } from '../../src/protocol/iam-policy.ts';
import { keyIdOf, open, seal } from '../../src/protocol/sealed-envelope.ts';
import { readSettings, SettingsProblem } from '../../src/settings/read-settings.ts';
import { SETTING_ROWS } from '../../src/settings/settings.ts';
import { changed, fuzz, HOSTILE_JSON, rejectsOnly, textOf } from './fuzzing.ts';

const { property } = fuzz('files');
const STATEMENTS = fc.oneof(
  HOSTILE_JSON,
  fc.record(
    {
      Effect: fc.constantFrom<unknown>('Allow', 'Deny', 'allow', null),
      Action: fc.oneof(HOSTILE_JSON, textOf('execute-api:', '*', '?', 'Invoke')),
      NotAction: fc.constant('a:b'),
      Resource: fc.oneof(HOSTILE_JSON, textOf('arn:aws:', '*', '?', '${aws:username}', ':')),
      Condition: fc.oneof(
        HOSTILE_JSON,
        fc.dictionary(
          textOf(
            'StringEquals',
            'StringNotLike',
            'IfExists',
            'ForAllValues:',
            'IpAddress',
            'DateLessThan',
            'Null',
            'Bool',
          ),
          fc.dictionary(
            fc.constantFrom('aws:SourceIp', 'constructor', '__proto__', 'a'),
            fc.oneof(HOSTILE_JSON, textOf('10.0.0.0/8', 'true', '1', '::')),
            { maxKeys: 2 },
          ),
          { maxKeys: 2 },
        ),
      ),
      Principal: fc.constant('*'),
    },
    { requiredKeys: [] },
  ),
);
const DECISIONS = ['allowed', 'explicitDeny', 'implicitDeny'];

property(
  'a policy is read or is a problem, and decides; nothing is allowed by a policy that allows nothing',
  fc.tuple(
    fc.oneof(
      HOSTILE_JSON,
      fc.array(STATEMENTS, { maxLength: 3 }).map((Statement) => ({ Statement })),
    ),
    fc.string(),
  ),
  ([document, word]) => {
    const policy = parsePolicy(document);
    if ('problem' in policy) return assert.ok(policy.problem.length > 0 && !policy.problem.includes('\n'));
    const request = {
      action: `execute-api:${word}`,
      resource: `arn:aws:execute-api:${word}`,
      context: { 'aws:sourceip': '10.1.2.3', a: word },
    };
    const decision = evaluatePolicies([policy], request);
    assert.ok(DECISIONS.includes(decision));
    if (policy.every(({ effect }) => effect === 'Deny')) assert.notEqual(decision, 'allowed');
    const deny = parsePolicy({ Statement: { Effect: 'Deny', Action: '*', Resource: '*' } });
    assert.ok(!('problem' in deny));
    assert.equal(evaluatePolicies([policy, deny], request), 'explicitDeny');
  },
);

const FLAGS = SETTING_ROWS.map(({ flag }) => flag).filter((flag) => flag !== 'config');
const VALUES = textOf(
  '127.0.0.1',
  ':',
  '8443',
  '[::1]',
  '0',
  '10.0.0.0/8',
  'true',
  'https://',
  'a.example',
  '@',
  '1h',
  '=',
  ',',
  '-1',
  '%',
  'us-east-1',
  '/',
);

property(
  'settings of any flags and variables are read, or one line',
  fc.array(fc.tuple(fc.constantFrom(...FLAGS), VALUES), { minLength: 1, maxLength: 3 }),
  async (pairs) => {
    const name = (flag: string) => `SALLYPORT_${flag.toUpperCase().replaceAll('-', '_')}`;
    const flags = Object.fromEntries(pairs.map(([flag, value]) => [flag, [value]]));
    const variables = Object.fromEntries(pairs.map(([flag, value]) => [name(flag), value]));
    for (const work of [() => readSettings(flags, {}), () => readSettings({}, variables)])
      await rejectsOnly([SettingsProblem], work);
  },
);

const folder = mkdtempSync(join(tmpdir(), 'sallyport-fuzz-'));
after(() => rmSync(folder, { recursive: true }));

property(
  'a settings file of any content is read, or one line that repeats nothing of it',
  fc.oneof(
    fc.dictionary(fc.constantFrom(...FLAGS, '__proto__', 'secret-of-mine:'), fc.oneof(HOSTILE_JSON, VALUES), {
      maxKeys: 3,
    }),
    HOSTILE_JSON,
  ),
  async (content) => {
    const path = join(folder, 'sallyport.yaml');
    writeFileSync(path, JSON.stringify(content));
    try {
      await readSettings({ config: path }, {});
    } catch (error) {
      assert.ok(error instanceof SettingsProblem, (error as Error).stack);
      assert.ok(!error.message.includes('secret-of-mine'), error.message);
    }
  },
  300,
);

property(
  'stage options of any tags are read, or a problem',
  fc.dictionary(textOf('sallyport:', 'message-order', 'idle-timeout', 'a'), textOf('serial', '10m', '-1', 'x')),
  (tags) => {
    const options = readStageOptions(tags);
    if ('problem' in options) assert.ok(options.problem.length > 0);
  },
);

const FACTS = { connectionId: 'aaa=', apiId: 'api', stageName: 's', connectedAtMs: 1 };
const LINES = Buffer.from(
  [
    openedLine({ requestId: 'r', facts: FACTS as unknown as JournalEntry['facts'] }),
    closedLine('aaa=', { code: 1_000, reason: '' }),
    deliveredLine('bbb='),
  ]
    .join('')
    .repeat(3),
);

const FACT = fc.oneof(HOSTILE_JSON, fc.constantFrom<unknown>('aaa=', 'api', 's', 1));
const JOURNAL_LINE = fc.tuple(
  fc.constantFrom<unknown>('+', '~', '-', null),
  FACT,
  fc.oneof(HOSTILE_JSON, fc.record({ connectionId: FACT, apiId: FACT, stageName: FACT, connectedAtMs: FACT })),
  FACT,
);

property(
  'a journal that a crash tore is read as far as it goes',
  fc.oneof(
    changed(LINES),
    fc.array(JOURNAL_LINE).map((lines) => Buffer.from(lines.map((one) => JSON.stringify(one)).join('\n'))),
  ),
  (octets) => {
    const owed = new Map<string, JournalEntry>();
    readLines(octets.toString(), owed, {} as JournalEntry['segment']);
    for (const [id, { facts, ended }] of owed) {
      assert.equal(facts.connectionId, id);
      assert.equal(typeof facts.connectedAtMs, 'number');
      assert.equal(typeof facts.apiId, 'string');
      assert.ok(ended === undefined || typeof ended.code === 'number');
    }
  },
);

const KEY = { id: 7, bytes: Buffer.alloc(32, 1) };

property(
  'an envelope opens for its own row as it was sealed, and not at all when anything is changed',
  fc.tuple(fc.uint8Array({ maxLength: 40 }), fc.string(), fc.nat(), fc.nat(7)),
  ([plain, row, place, bit]) => {
    const envelope = seal(KEY, plain, row);
    assert.deepEqual(open(KEY, envelope, row), Buffer.from(plain));
    assert.throws(() => open(KEY, envelope, `${row}x`));
    const at = place % envelope.length;
    const other = Buffer.from(envelope.with(at, envelope[at]! ^ (1 << bit)));
    assert.throws(() => open(KEY, other, row));
    assert.throws(() => open(KEY, envelope.subarray(0, at), row));
    assert.ok([undefined, 7, other[1]].includes(keyIdOf(other)));
  },
);
