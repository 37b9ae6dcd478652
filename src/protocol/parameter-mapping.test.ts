// Parameter mappings: every source and target there is, and the sentence for what is none.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import {
  fillStageVariables,
  parseParameterMapping,
  type MappingSource,
  type MappingTarget,
} from './parameter-mapping.ts';

const HEADER = 'integration.request.header.X-Id';

const SOURCES: readonly (readonly [name: string, source: string, want: MappingSource])[] = [
  ['a static text', "'a b'", { from: 'static', text: 'a b' }],
  ['the empty static text', "''", { from: 'static', text: '' }],
  ['a static text with a quote', "'it's'", { from: 'static', text: "it's" }],
  ['the context', 'context.connectionId', { from: 'context', path: ['connectionId'] }],
  ['the context of an authorizer', 'context.authorizer.a', { from: 'context', path: ['authorizer', 'a'] }],
  ['a stage variable', 'stageVariables.name_1', { from: 'stageVariable', name: 'name_1' }],
  ['a header', 'route.request.header.X-Forwarded-For', { from: 'header', name: 'X-Forwarded-For' }],
  ['a query value', 'route.request.querystring.a.b', { from: 'querystring', name: 'a.b' }],
  ['all values of a header', 'route.request.multivalueheader.A', { from: 'multivalueheader', name: 'A' }],
  [
    'all values of a query name',
    'route.request.multivaluequerystring.$a',
    { from: 'multivaluequerystring', name: '$a' },
  ],
  ['the whole message', 'route.request.body', { from: 'body', path: [] }],
  ['a member of the message', 'route.request.body.a.b', { from: 'body', path: ['a', 'b'] }],
  ['a member in brackets', "route.request.body['a b'][0]", { from: 'body', path: ['a b', 0] }],
];

for (const [name, source, want] of SOURCES) {
  void test(`reads ${name}`, () => {
    const mapping = parseParameterMapping(HEADER, source);
    assert.deepEqual(mapping, { target: { place: 'header', name: 'X-Id' }, source: want });
  });
}

const TARGETS: readonly (readonly [target: string, want: MappingTarget])[] = [
  ['integration.request.header.Content-Type', { place: 'header', name: 'Content-Type' }],
  ['integration.request.querystring.a.b', { place: 'querystring', name: 'a.b' }],
  ['integration.request.path.proxy', { place: 'path', name: 'proxy' }],
  ['integration.request.header.$_', { place: 'header', name: '$_' }],
];

for (const [target, want] of TARGETS) {
  void test(`writes to ${target}`, () => {
    const mapping = parseParameterMapping(target, "'x'");
    assert.deepEqual('target' in mapping && mapping.target, want);
  });
}

const BAD_TARGETS = [
  '',
  'header.a',
  'integration.request.header.',
  'integration.request.header.a b',
  'integration.request.header.a:b',
  'integration.request.body.a',
  'integration.response.header.a',
  'x.integration.request.header.a',
  'integration.request.header.a\n',
];

for (const target of BAD_TARGETS) {
  void test(`refuses the target ${JSON.stringify(target)}`, () => {
    assert.deepEqual(parseParameterMapping(target, "'x'"), {
      problem: `Invalid mapping expression specified: '${target}' is not integration.request.header|querystring|path.NAME`,
    });
  });
}

const BAD_SOURCES = [
  '',
  "'",
  'static',
  "'open",
  'context',
  'context.',
  'context.a..b',
  'contexts.a',
  'stageVariables.a-b',
  'stageVariables.',
  'route.request.header.',
  'route.request.header.a b',
  'route.request.path.a',
  'route.request.bodyguard',
  'route.request.body.',
  'route.request.body..a',
  'route.request.body[*]',
  'method.request.header.a',
  'integration.response.body',
];

for (const source of BAD_SOURCES) {
  void test(`refuses the source ${JSON.stringify(source)}`, () => {
    assert.deepEqual(parseParameterMapping(HEADER, source), {
      problem: `Invalid mapping expression specified: '${source}' for ${HEADER}`,
    });
  });
}

const FILLED: readonly (readonly [name: string, uri: string, want: string])[] = [
  ['a host', 'https://${stageVariables.host}/x', 'https://backend.example/x'],
  ['one twice', '${stageVariables.v}${stageVariables.v}', '22'],
  ['one that the stage lacks', 'https://a/${stageVariables.none}/x', 'https://a//x'],
  ['one that every object has', 'https://a/${stageVariables.constructor}', 'https://a/'],
  ['the prototype', 'https://a/${stageVariables.__proto__}', 'https://a/'],
  ['one with signs of its own', '${stageVariables.odd}', "$&$'${stageVariables.v}"],
  ['no other variable', 'https://a/${context.stage}/$stageVariables.v', 'https://a/${context.stage}/$stageVariables.v'],
];

for (const [name, uri, want] of FILLED) {
  void test(`fills in ${name}`, () => {
    const variables = { host: 'backend.example', v: '2', odd: "$&$'${stageVariables.v}" };
    assert.equal(fillStageVariables(uri, variables), want);
  });
}
