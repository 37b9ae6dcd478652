// Who may talk to the control port: the table of Host, Origin and Sec-Fetch-Site.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { foreignRequestProblem } from './foreign-request.ts';

const ALLOWED = ['gateway.example.com'];

const OWN_HOSTS = [
  'localhost',
  'localhost:4566',
  'LOCALHOST:4566',
  'localhost.',
  '127.0.0.1',
  '127.0.0.1:4566',
  '127.9.9.9',
  '[::1]',
  '[::1]:4566',
  'a.localhost',
  'apigateway.us-east-1.localhost:4566',
  'gateway.example.com',
  'Gateway.Example.com:4566',
];

for (const host of OWN_HOSTS) {
  void test(`welcomes Host ${host}`, () => assert.equal(foreignRequestProblem({ host }, ALLOWED), undefined));
}

const FOREIGN_HOSTS: readonly (readonly [host: string | undefined, named: string])[] = [
  ['example.com:4566', 'example.com'],
  ['evil.gateway.example.com', 'evil.gateway.example.com'],
  ['localhost.example.com', 'localhost.example.com'],
  ['notlocalhost', 'notlocalhost'],
  ['127.0.0.1.nip.io', '127.0.0.1.nip.io'],
  ['127.1', '127.1'],
  ['0.0.0.0:4566', '0.0.0.0'],
  ['10.0.0.1', '10.0.0.1'],
  ['[::]', '[::]'],
  ['[::ffff:10.0.0.1]', '[::ffff:10.0.0.1]'],
  ['project_gateway_1:4566', 'project_gateway_1'],
];

for (const host of [undefined, '', ':4566', '[::1', 'localhost@example.com', 'example.com:x.localhost']) {
  void test(`refuses Host ${host}, which is none`, () => {
    assert.equal(foreignRequestProblem({ host }, ALLOWED), `The Host '${host ?? ''}' is no host name. Use localhost.`);
  });
}

for (const [host, named] of FOREIGN_HOSTS) {
  void test(`refuses Host ${host}, naming it and the way out`, () => {
    assert.equal(
      foreignRequestProblem({ host }, ALLOWED),
      `The Host '${named}' is not a name of this control port. Use localhost, or start with --control-host ${named}.`,
    );
  });
}

void test('shows no more than the beginning of a long Host', () => {
  const problem = foreignRequestProblem({ host: 'a'.repeat(5_000) }, []);
  assert.ok(problem !== undefined && problem.length < 400 && problem.includes('a'.repeat(128)));
});

const HOST = 'localhost:4566';

const ORIGINS: readonly (readonly [name: string, headers: { origin?: string; site?: string }, problem?: string])[] = [
  ['a program', {}],
  ['a page of this port', { origin: 'http://localhost:4566' }],
  ['a page of this port, in capitals', { origin: 'http://LOCALHOST:4566' }],
  ['a typed address', { site: 'none' }],
  ['a page of this origin', { origin: 'http://localhost:4566', site: 'same-origin' }],
  ['another port', { origin: 'http://localhost:3000' }, "the Origin 'http://localhost:3000' is foreign."],
  ['another host', { origin: 'https://example.com' }, "the Origin 'https://example.com' is foreign."],
  ['another loopback name', { origin: 'http://127.0.0.1:4566' }, "the Origin 'http://127.0.0.1:4566' is foreign."],
  ['a page without an origin', { origin: 'null' }, "the Origin 'null' is foreign."],
  ['an empty origin', { origin: '' }, "the Origin '' is foreign."],
  ['an extension', { origin: 'chrome-extension://abc' }, "the Origin 'chrome-extension://abc' is foreign."],
  ['another site', { site: 'cross-site' }, "Sec-Fetch-Site is 'cross-site'."],
  ['a neighbour of the site', { site: 'same-site' }, "Sec-Fetch-Site is 'same-site'."],
  ['an empty site', { site: '' }, "Sec-Fetch-Site is ''."],
  ['two sites', { site: 'none, cross-site' }, "Sec-Fetch-Site is 'none, cross-site'."],
  [
    'another site with an origin that looks right',
    { origin: 'http://localhost:4566', site: 'cross-site' },
    "Sec-Fetch-Site is 'cross-site'.",
  ],
];

for (const [name, { origin, site }, problem] of ORIGINS) {
  void test(`${problem === undefined ? 'welcomes' : 'refuses'} ${name}`, () => {
    const headers = {
      host: HOST,
      ...(origin === undefined ? {} : { origin }),
      ...(site === undefined ? {} : { 'sec-fetch-site': site }),
    };
    const want = problem && `The control port serves programs, not web pages: ${problem}`;
    assert.equal(foreignRequestProblem(headers, []), want);
  });
}

void test('an own origin does not make a foreign Host welcome', () => {
  const problem = foreignRequestProblem({ host: 'evil.example', origin: 'http://evil.example' }, []);
  assert.match(problem ?? '', /^The Host 'evil\.example' is not a name of this control port\./);
});
