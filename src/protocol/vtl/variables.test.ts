// What templates are given, and the overrides they give back.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { outcome, rendered, variablesOf, type GivenEvent } from '../../../test/harness/templates.ts';
import { renderTemplate } from './render.ts';
import { parseTemplate } from './template.ts';

const BODY = JSON.stringify({
  action: 'send',
  n: 7,
  f: 1.5,
  yes: true,
  nothing: null,
  text: `it's "x"`,
  list: [{ id: 1, kind: 'a' }, { id: 2, kind: 'b' }, 'z'],
  deep: { a: { b: [1, 2] } },
  'a-b': 'hyphen',
});

const EVENT: GivenEvent = {
  body: BODY,
  params: { header: { Host: 'example.com' }, querystring: { q: '1', Host: 'q' }, path: {} },
  context: {
    connectionId: 'abc=',
    requestTimeEpoch: 1_700_000_000_000,
    identity: { sourceIp: '192.0.2.1' },
    authorizer: { principalId: 'me' },
  },
  stageVariables: { url: 'https://example.com', 'with-hyphen': 'h' },
};

const ROWS: readonly (readonly [template: string, want: string])[] = [
  ['$input.body', BODY],
  ["$input.json('$')", BODY],
  ["$input.json('$.list')", '[{"id":1,"kind":"a"},{"id":2,"kind":"b"},"z"]'],
  ["$input.json('$.action') $input.json('$.n') $input.json('$.nothing')", '"send" 7 null'],
  ["$input.json('$.absent')", '""'],
  ["$input.json('$.list[*].id')", '[1,2]'],
  ["$input.path('$.action')", 'send'],
  ["$input.path('$.absent')|$input.path('$.nothing')", '|'],
  ["$input.path('$.f') $input.path('$.yes') $input.path('$.n')", '1.5 true 7'],
  ["$input.path('$.deep')", '{a={b=[1,2]}}'],
  ["$input.path('$.list')", '[{"id":1,"kind":"a"},{"id":2,"kind":"b"},"z"]'],
  ["$input.path('$.list[0]')", '{id=1, kind=a}'],
  ["$input.path('$').deep.a.b[1]", '2'],
  ["$input.path('$.a-b') $input.path('a-b')", 'hyphen hyphen'],
  ["$input.path('$.list.length()') $input.path('$.list').size()", '3 3'],
  ["$input.path('$.list[?(@.kind == ''b'')].id')", '[2]'],
  ["#foreach($e in $input.path('$.list[0:2]'))$e.id#end", '12'],
  ["#set($all = $input.path('$'))$all.put('new', 1)$all.new $input.path('$').new", '1 1'],
  ["$input.params('q') $input.params('Host') [$input.params('absent')]", '1 q []'],
  ['$input.params()', '{path={}, querystring={q=1, Host=q}, header={Host=example.com}}'],
  ["$input.params().header.get('Host') $input.params().get('querystring').q", 'example.com 1'],
  ['#foreach($n in $input.params().header.keySet())$n#end', 'Host'],
  ['$context.connectionId $context.identity.sourceIp $context.authorizer.principalId', 'abc= 192.0.2.1 me'],
  ['#set($t = $context.requestTimeEpoch + 86400)$t', '1700000086400'],
  ['[$context.absent|$context.identity.absent]', '[|]'],
  [
    '$stageVariables.url $stageVariables["url"] ${stageVariables["url"]}',
    Array(3).fill('https://example.com').join(' '),
  ],
  ["$stageVariables['with-hyphen'] [$stageVariables.absent] $stageVariables.size()", 'h [] 2'],
  ['$stageVariables', '{url=https://example.com, with-hyphen=h}'],
  ['$util.escapeJavaScript($input.path("$.text"))', `it\\'s \\"x\\"`],
  [`$util.escapeJavaScript($input.path("$.text")).replaceAll("\\\\'", "'")`, `it's \\"x\\"`],
  ['$util.escapeJavaScript("a/b\\c\u00e9\u{1f600}\u0001\t")', 'a\\/b\\\\c\\u00E9\\uD83D\\uDE00\\u0001\\t'],
  [`$util.parseJson('{"a": [1, {"b": null}]}').a[0]`, '1'],
  [`$util.parseJson('[1, "x"]')`, '[1,"x"]'],
  ["$util.urlEncode('a b&c=d/é~*!')", 'a+b%26c%3Dd%2F%C3%A9%7E*%21'],
  ["$util.urlDecode('a+b%26%C3%A9%zz%')", 'a b&é%zz%'],
  ["$util.base64Encode('é') $util.base64Decode('w6k=')", 'w6k= é'],
  ['[$util.urlEncode($no)|$util.absent(1)]', '[|]'],
  [
    'Action=SendMessage&MessageBody=$util.urlEncode($input.json("$.list[0]"))',
    'Action=SendMessage&MessageBody=%7B%22id%22%3A1%2C%22kind%22%3A%22a%22%7D',
  ],
];

for (const [template, want] of ROWS) {
  void test(`${template.slice(0, 80)} shows what it should`, () => assert.equal(rendered(template, EVENT), want));
}

void test('an empty payload shows as an empty object and holds nothing', () => {
  assert.equal(rendered(`$input.body [$input.path('$')] $input.json('$')`), '{} [] ""');
});

void test('a payload that is no JSON is shown as it is and holds nothing', () => {
  assert.equal(rendered(`$input.body [$input.path('$.a')] $input.json('$.a')`, { body: 'plain' }), 'plain [] ""');
});

void test('a text that is not JSON is a problem of parseJson that does not repeat it', () => {
  assert.equal(rendered(`$util.parseJson('secret')`), 'problem: $util.parseJson was given a text that is not JSON');
});

void test('a path that is none is a problem, also when a template makes it', () => {
  assert.equal(
    rendered(`#set($p = '$.a[')$input.path($p)`),
    'problem: a path that the template makes is not a JSON path',
  );
  assert.equal(rendered(`$input.path('$.a[')`), "problem: line 1: '$.a[' is not a JSON path");
});

void test('overrides leave the template; what is no text becomes one', () => {
  const result = outcome(
    `#set($context.requestOverride.header.a = "x")#set($p = "q q")#set($context.requestOverride.querystring[$p] = 1)
     #set($context.requestOverride.path.id = true)#set($context.responseOverride.header["__proto__"] = "own")
     #set($context.responseOverride.status = 418)done`,
  );
  assert.ok('overrides' in result);
  assert.deepEqual(
    JSON.parse(JSON.stringify(result.overrides)),
    JSON.parse(
      '{"request":{"header":{"a":"x"},"path":{"id":"true"},"querystring":{"q q":"1"}},"response":{"header":{"__proto__":"own"},"status":418}}',
    ),
  );
});

for (const status of ['"abc"', '99', '600', '4.5', 'true', '{}', '$no']) {
  void test(`a status override of ${status} is none`, () => {
    const result = outcome(`#set($context.responseOverride.status = ${status})`);
    assert.ok('overrides' in result);
    assert.equal(result.overrides.response.status, undefined);
  });
}

void test('overrides of an earlier template are seen and kept', () => {
  const context = { responseOverride: { status: 201, header: { a: 'b' } } };
  const result = outcome('$context.responseOverride.status', { context });
  assert.ok('overrides' in result);
  assert.equal(result.text, '201');
  assert.equal(result.overrides.response.status, 201);
  assert.equal(result.overrides.response.header['a'], 'b');
});

void test('a template changes neither what it was given nor the next rendering', () => {
  const template = parseTemplate(
    `#set($all = $input.path('$'))$all.put('x', 1)#set($all.deep.a = 2)$all.list.clear()$context.identity.put('sourceIp', 'gone')
     $stageVariables.put('url', 'gone')#set($util = 1)$input.path('$').x$context.identity.sourceIp$stageVariables.url`,
  );
  assert.ok('block' in template);
  const document: unknown = JSON.parse(BODY);
  const variables = { ...variablesOf(EVENT), document: () => document };
  const first = renderTemplate(template, variables);
  assert.deepEqual(document, JSON.parse(BODY));
  assert.deepEqual(variables.stageVariables, EVENT.stageVariables);
  assert.deepEqual(renderTemplate(template, variables), first);
});

void test('nothing is asked for that a template does not use', () => {
  const template = parseTemplate('#set($a = 1)$a $input.body $context.stage');
  assert.ok('block' in template);
  const asked: string[] = [];
  const variables = {
    ...variablesOf(EVENT),
    document: () => asked.push('document'),
    context: {
      names: () => [],
      member: (name: string) => void asked.push(name),
    },
  };
  assert.ok('text' in renderTemplate(template, variables));
  assert.deepEqual(asked, ['stage']);
});

for (const template of [
  '$input.path($input.body)',
  '$util.parseJson($input.body)',
  '#set($s = "x")$s.matches($input.body)',
  '#set($s = "x")$s.replaceAll("[x]", $input.body)',
  '#set($i = 0)$i.parseInt($input.body)',
  '#set($i = 0.5)$i.valueOf($input.body)',
  '#set($l = [])$l.get($input.body)',
]) {
  void test(`the problem of ${template} holds nothing of the payload`, () => {
    const problem = rendered(template, { body: 'secret(${secret}' });
    assert.match(problem, /^problem: /);
    assert.doesNotMatch(problem, /secret/);
  });
}
