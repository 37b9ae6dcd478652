// Options of a stage as its tags spell them, and what is wrong with those that spell none.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { NO_OPTIONS, readStageOptions } from './stage-options.ts';

const read = (tags: Readonly<Record<string, string>>) =>
  readStageOptions(Object.fromEntries(Object.entries(tags).map(([name, value]) => [`sallyport:${name}`, value])));

describe('options', () => {
  test('of tags of other people there are none', () => {
    assert.deepEqual(readStageOptions({ team: 'chat', 'Sallyport:x': 'y' }), NO_OPTIONS);
  });

  const rows: readonly (readonly [tags: Readonly<Record<string, string>>, options: object])[] = [
    [{ 'message-order': 'serial' }, { messageOrder: 'serial' }],
    [{ 'error-detail': 'safe' }, { errorDetail: 'safe' }],
    [{ 'idle-timeout': '90' }, { idleTimeoutMs: 90_000 }],
    [{ 'idle-timeout': '24h' }, { idleTimeoutMs: 86_400_000 }],
    [{ 'connection-lifetime': '30d' }, { connectionLifetimeMs: 2_592_000_000 }],
    [
      { 'ping-interval': '30s', 'closing-notice': '5m' },
      { pingIntervalMs: 30_000, closingNoticeMs: 300_000 },
    ],
  ];
  for (const [tags, options] of rows) {
    test(JSON.stringify(tags), () => assert.deepEqual(read(tags), { ...NO_OPTIONS, ...options }));
  }
});

describe('what is refused', () => {
  const rows: readonly (readonly [tags: Readonly<Record<string, string>>, problem: RegExp])[] = [
    [{ 'message-order': 'Serial' }, /concurrent or serial/],
    [{ 'error-detail': 'on' }, /off, safe or full, and not 'on'/],
    [{ 'idle-timeout': '0' }, /from 1s to 86400s/],
    [{ 'idle-timeout': '25h' }, /from 1s to 86400s/],
    [{ 'ping-interval': '1.5s' }, /like 90s/],
    [{ 'closing-notice': '-1' }, /like 90s/],
    [{ 'connection-lifetime': '' }, /like 90s/],
    [{ 'idle-time': '5' }, /no option 'sallyport:idle-time'.*sallyport:idle-timeout/],
    [{ constructor: '5' }, /no option/],
  ];
  for (const [tags, problem] of rows) {
    test(JSON.stringify(tags), () => {
      const options = read(tags);
      assert.match('problem' in options ? options.problem : 'taken', problem);
    });
  }
});
