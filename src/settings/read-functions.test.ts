// The map of functions: what it may say, and the one line that tells of each thing wrong with it, without a value of it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FunctionsProblem, readFunctions } from './read-functions.ts';

test('a function has the members of Lambda, with its defaults', () => {
  const value = {
    chat: { handler: 'src/chat.handler' },
    other: {
      handler: 'bin/bootstrap',
      runtime: 'command',
      env: { A: 'b', N: 1, YES: true },
      timeout: 30,
      memory: 512,
      account: 111122223333,
      accessKey: 'AKIAONE',
    },
  };
  const plain = { runtime: undefined, environment: {}, timeoutMs: 3_000, memoryMb: 128 };
  assert.deepEqual(readFunctions(value, '/project'), [
    {
      ...plain,
      name: 'chat',
      handler: 'src/chat.handler',
      account: undefined,
      accessKey: undefined,
      taskRoot: '/project',
    },
    {
      name: 'other',
      handler: 'bin/bootstrap',
      runtime: 'command',
      environment: { A: 'b', N: '1', YES: 'true' },
      timeoutMs: 30_000,
      memoryMb: 512,
      account: '111122223333',
      accessKey: 'AKIAONE',
      taskRoot: '/project',
    },
  ]);
  assert.deepEqual(readFunctions(undefined, '/project'), []);
});

const good = { handler: 'a.handler' };
const PROBLEMS: readonly (readonly [value: unknown, message: string])[] = [
  [[], 'functions must be a map: a name, and its handler.'],
  [{ 'a b': good }, 'a name in functions must be 1 to 64 letters, digits, - and _, as in Lambda.'],
  [{ a: 'a.handler' }, 'functions.a must be a map with a handler, for example {handler: src/app.handler}.'],
  [{ a: {} }, 'functions.a.handler is missing: give a file and its export, for example src/app.handler.'],
  [
    { a: { ...good, secret: 1 } },
    'functions.a has a key that is none of handler, runtime, env, timeout, memory, account, accessKey.',
  ],
  [{ a: { ...good, runtime: 'ruby' } }, 'functions.a.runtime must be one of nodejs, python, command.'],
  [{ a: { ...good, timeout: 0 } }, 'functions.a.timeout must be seconds, from 1 to 900.'],
  [{ a: { ...good, timeout: 901 } }, 'functions.a.timeout must be seconds, from 1 to 900.'],
  [{ a: { ...good, memory: 127 } }, 'functions.a.memory must be MB, from 128 to 10240.'],
  [{ a: { ...good, memory: '256' } }, 'functions.a.memory must be MB, from 128 to 10240.'],
  [{ a: { ...good, account: 'me' } }, 'functions.a.account must be the 12 digits of an account.'],
  [{ a: { ...good, accessKey: 'a key' } }, 'functions.a.accessKey must be the id of an access key.'],
  [{ a: { ...good, env: ['A'] } }, 'functions.a.env must be a map of names and values.'],
  [{ a: { ...good, env: { 'A-B': 'secret' } } }, 'functions.a.env has a key that is no name of a variable.'],
  [{ a: { ...good, env: { A: ['secret'] } } }, 'functions.a.env.A must be a text.'],
  [{ a: { ...good, env: { A: 'secret\0' } } }, 'functions.a.env.A must be a text.'],
  [{ a: { ...good, env: { _HANDLER: 'x' } } }, 'functions.a.env._HANDLER is reserved for the runtime.'],
  [
    Object.fromEntries(Array.from({ length: 101 }, (_, number) => [`f${number}`, good])),
    'functions has 101 entries, and may have 100.',
  ],
];
for (const [value, message] of PROBLEMS) {
  test(`refuses: ${message}`, () => {
    assert.throws(
      () => readFunctions(value, '/project'),
      (error: unknown) => error instanceof FunctionsProblem && error.message === message,
    );
  });
}
