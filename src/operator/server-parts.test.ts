// Each part of the server in each trouble that it can be in.

import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import { adjustLimits } from '../settings/limits.ts';
import type { CertificateWork } from './readiness.ts';
import { createServerParts, type ServerPartsOptions } from './server-parts.ts';

const NOW_MS = Date.UTC(2026, 10, 26);
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const RESTING: CertificateWork = {
  waiting: 0,
  underWay: 0,
  isSettled: true,
  nextLookAtMs: undefined,
  withoutProgressMs: 0,
};
const workIs = (work: Partial<CertificateWork>) => ({ reconciler: { state: () => ({ ...RESTING, ...work }) } });
const listening = (isListening: boolean) => ({ isListening: () => isListening });
const endsIn = (ms: number) => ({ certificateFor: () => ({ notAfterMs: NOW_MS + ms }) });
const troubled = (words: string) => ({ trouble: () => words });

const WELL: ServerPartsOptions = {
  shutdown: { isBegun: false },
  store: { revision: async () => 1 },
  listeners: { tls: listening(true), http: listening(true), dns: listening(true) },
  ...endsIn(100 * DAY_MS),
  ...workIs({}),
  dataDir: tmpdir(),
  disconnects: { trouble: () => undefined },
  accounts: { trouble: () => undefined },
  clock: { now: () => NOW_MS },
};

test('nothing is the matter with a server that is well', async () => {
  const parts = createServerParts(WELL);
  for (const [part, look] of Object.entries(parts)) assert.equal(await look(), undefined, part);
  assert.deepEqual(Object.keys(parts), [
    'server',
    'store',
    'tls',
    'http',
    'dns',
    'certificate',
    'certificate work',
    'disk',
    'journal',
    'accounts',
  ]);
});

const down = (flag: string) => ({ listeners: { ...WELL.listeners, [flag]: listening(false) } });

const ROWS: readonly (readonly [part: string, change: Partial<ServerPartsOptions>, why: RegExp, isFatal?: boolean])[] =
  [
    ['server', { shutdown: { isBegun: true } }, /^is shutting down$/, true],
    ['store', { store: { revision: () => Promise.reject(new Error('it ended')) } }, /^is away: it ended$/],
    ['tls', down('tls'), /^does not listen any more$/, true],
    ['http', down('http'), /^does not listen any more$/],
    ['dns', down('dns'), /^does not listen any more$/],
    ['certificate', { certificateFor: () => undefined }, /^there is none/],
    ['certificate', endsIn(9 * DAY_MS), /ends in 9 days, at 2026-12-05T/],
    ['certificate', endsIn(-HOUR_MS), /ended at 2026-11-25T23:00/],
    [
      'certificate work',
      workIs({ underWay: 2, withoutProgressMs: HOUR_MS }),
      /^2 under way, and none .* for 60 minutes$/,
    ],
    ['certificate work', workIs({ nextLookAtMs: NOW_MS - HOUR_MS }), /^one has been due for 60 minutes/],
    ['disk', { dataDir: '/nowhere/at/all' }, /cannot be written: ENOENT$/],
    ['journal', { disconnects: troubled('cannot be written: ENOSPC') }, /ENOSPC$/],
    ['accounts', { accounts: troubled('the file was not taken') }, /not taken$/],
  ];

for (const [part, change, why, isFatal] of ROWS) {
  test(`${part}: ${why.source}`, async () => {
    const trouble = await createServerParts({ ...WELL, ...change })[part]!();
    assert.match(String(trouble?.why), why);
    assert.notEqual(trouble!.next, '');
    assert.equal(trouble!.isFatal ?? false, isFatal ?? false);
  });
}

test('disk: less is free than there should be', async (t) => {
  assert.equal(adjustLimits({ diskFreeBytesMin: 2 ** 52 }), undefined);
  t.after(() => adjustLimits({ diskFreeBytesMin: 104_857_600 }));
  const trouble = await createServerParts(WELL)['disk']!();
  assert.match(trouble!.why, /^[\d.]+ MiB are free in /);
});

test('work that goes on, and work that is due just now, is no trouble', async () => {
  for (const work of [
    { underWay: 9, withoutProgressMs: 60_000, nextLookAtMs: NOW_MS - HOUR_MS },
    { nextLookAtMs: NOW_MS - 60_000 },
    { nextLookAtMs: NOW_MS + HOUR_MS },
  ])
    assert.equal(await createServerParts({ ...WELL, ...workIs(work) })['certificate work']!(), undefined);
});
