// Tests that leave something out or sleep, and tests that only look like it.

import { testRule } from '../sample-tree.ts';
import { testHonesty } from './test-honesty.ts';

const SLEEP = 'setTimeout as a sleep';

testRule(testHonesty, [
  [
    'keeps whole tests, reasons, limits of a wait, and words in strings and in other code',
    {
      'src/dns/a.test.ts': [
        `describe.skip('needs a second machine', () => {});`,
        `test('a', { skip: 'no IPv6 here' }, () => {});`,
        `test('b', { timeout: 5, skip: hasDocker ? false : 'no container engine' }, () => {});`,
        `test('c', { skip: false, only: false }, () => {});`,
        `const s = "test.only('x'); await new Promise(r => setTimeout(r, 5))"; // test.skip('x')`,
        `list({ skip: 3, only: true }); interface Options { skip: boolean; todo: string }`,
        `await new Promise((resolve, reject) => { setTimeout(() => reject(new Error('late')), 5); once('x', resolve); });`,
        `await new Promise((ok) => { const t = setTimeout(() => ok(false), 5); once('x', () => { clearTimeout(t); ok(true); }); });`,
        `import { setTimeout } from 'node:timers';`,
        `await new Promise((resolve) => setImmediate(resolve)); await new Promise(later);`,
      ],
      'src/dns/a.ts': `await new Promise((r) => setTimeout(r, 5)); list.skip(3);`,
      'test/data.json': '{"a": "test.only("}',
    },
    [],
  ],
  [
    'finds tests that are left out',
    {
      'src/dns/a.test.ts': [
        `test.skip('a', () => {});`,
        `it.only('b', () => {});`,
        `describe.only('c', () => {});`,
        `test.todo('d');`,
        `describe.skip(() => {});`,
        `test('e', { skip: true }, () => {});`,
        `test('f', { only: true }, () => {});`,
        `test('g', (t) => t.skip('later'));`,
        `(slow ? test.skip : test)('h', () => {});`,
        `t.test('i', { todo: 'later' }, () => {});`,
        `test('j', { skip: slow, timeout: 5 }, () => {});`,
        `describe.skip('', () => {});`,
      ],
      'test/journeys/b.ts': `test.only('a', () => {});`,
    },
    [
      ['src/dns/a.test.ts:1', '.skip leaves tests out'],
      ['src/dns/a.test.ts:2', '.only leaves tests out'],
      ['src/dns/a.test.ts:3', '.only'],
      ['src/dns/a.test.ts:4', '.todo'],
      ['src/dns/a.test.ts:5', 'describe.skip gives no reason'],
      ['src/dns/a.test.ts:6', 'skip: gives no reason'],
      ['src/dns/a.test.ts:7', 'only: leaves tests out'],
      ['src/dns/a.test.ts:8', '.skip'],
      ['src/dns/a.test.ts:9', '.skip'],
      ['src/dns/a.test.ts:10', 'todo: leaves tests out'],
      ['src/dns/a.test.ts:11', 'skip: gives no reason'],
      ['src/dns/a.test.ts:12', 'describe.skip gives no reason'],
      ['test/journeys/b.ts:1', '.only'],
    ],
  ],
  [
    'finds sleeps',
    {
      'test/a.ts': [
        `await new Promise(r => setTimeout(r, 5));`,
        `await new Promise<void>((resolve) => { setTimeout(resolve, 5); });`,
        `const sleep = (ms) => new Promise((done) => setTimeout(() => { done(); }, ms));`,
        `new Promise(function (ok) { globalThis.setTimeout(ok, 5); });`,
        `const wait = promisify(setTimeout);`,
        `const { promise, resolve } = Promise.withResolvers(); setTimeout(resolve, 5);`,
        `import { setTimeout as sleep } from 'node:timers/promises';`,
        `const { setTimeout: nap } = await import('timers/promises');`,
      ],
    },
    [
      ...[1, 2, 3, 4, 5, 6].map((line) => [`test/a.ts:${line}`, SLEEP] as const),
      ['test/a.ts:7', 'timers/promises sleeps'],
      ['test/a.ts:8', 'timers/promises sleeps'],
    ],
  ],
]);
