// Selection expressions: the worked examples of the documentation, what they make of odd messages, and what is none.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { evaluateSelection, parseSelectionExpression, type SelectionExpression } from './selection-expression.ts';

const CHAT = '{"service":"chat","action":"join","data":{"room":"room1234"}}';

function parsed(text: string): SelectionExpression {
  const expression = parseSelectionExpression(text);
  assert.ok(!('problem' in expression), 'problem' in expression ? expression.problem : '');
  return expression;
}

const SELECTED: readonly (readonly [name: string, expression: string, message: string, want: string])[] = [
  ['a member', '$request.body.action', CHAT, 'join'],
  ['two members and a text', '${request.body.service}/${request.body.action}', CHAT, 'chat/join'],
  ['a path that leads nowhere', '${request.body.action}-${request.body.invalidPath}', CHAT, 'join-'],
  ['a text', 'action', CHAT, 'action'],
  ['an escaped dollar', '\\$default', CHAT, '$default'],
  ['a member of a member', '$request.body.data.room', CHAT, 'room1234'],
  ['an object', '$request.body.data', CHAT, '{room=room1234}'],
  ['a member with a hyphen', '$request.body.detail-type', '{"detail-type":"order"}', 'order'],
  ['a member in brackets', "$request.body['detail-type']", '{"detail-type":"order"}', 'order'],
  ['a member in brackets, wrapped', "${request.body['a b']}", '{"a b":"c"}', 'c'],
  ['an element', '$request.body.rooms[1]', '{"rooms":["a","b"]}', 'b'],
  ['a list', '$request.body.rooms', '{"rooms":["a","b"]}', '[a, b]'],
  ['a number', '$request.body.action', '{"action":1}', '1'],
  ['a truth value', '$request.body.action', '{"action":true}', 'true'],
  ['null', '$request.body.action', '{"action":null}', ''],
  ['the whole message', '$request.body', '[1,2]', '[1, 2]'],
  ['variables side by side', '$request.body.a$request.body.b', '{"a":"1","b":"2"}', '12'],
  ['a text around a variable', 'x-${request.body.a}-y', '{"a":"1"}', 'x-1-y'],
  [
    'a dollar in the message',
    '$request.body.action',
    '{"action":"$request.body.other","other":"x"}',
    '$request.body.other',
  ],
  ['a backslash before another letter', 'a\\b', CHAT, 'a\\b'],
  ['nothing in a text', '$request.body.action', '"join"', ''],
  ['nothing in a number', '$request.body.action', '5', ''],
  ['nothing in a list', '$request.body.action', '["join"]', ''],
  ['nothing in null', '$request.body.action', 'null', ''],
  ['nothing at constructor', '$request.body.constructor', CHAT, ''],
  ['nothing at the name of constructor', '$request.body.constructor.name', CHAT, ''],
  ['nothing at __proto__', '$request.body.__proto__', CHAT, ''],
  ['nothing at toString', "${request.body['toString']}", CHAT, ''],
  ['nothing at the length of a text', '$request.body.action.length', CHAT, ''],
];

for (const [name, expression, message, want] of SELECTED) {
  void test(`selects ${name}`, () => assert.equal(evaluateSelection(parsed(expression), JSON.parse(message)), want));
}

void test('a message that is not JSON selects nothing', () => {
  assert.equal(evaluateSelection(parsed('$request.body.action'), undefined), '');
});

void test('only an expression without a variable is literal', () => {
  assert.equal(parsed('\\$default').isLiteral, true);
  assert.equal(parsed('').isLiteral, true);
  assert.equal(parsed('$request.body.action').isLiteral, false);
  assert.equal(parsed('a${request.body}').isLiteral, false);
});

const PROBLEMS: readonly (readonly [name: string, expression: string, problem: string])[] = [
  ['a dollar alone', 'a$', "'a$' has a '$' that starts no variable (write \\$ for a dollar sign)"],
  ['a dollar before a digit', '$5', "'$5' has a '$' that starts no variable (write \\$ for a dollar sign)"],
  [
    'braces that never end',
    '${request.body.a',
    "'${request.body.a' has a '$' that starts no variable (write \\$ for a dollar sign)",
  ],
  [
    'a dollar that is not escaped',
    '$default',
    "'default' in '$default' is not a variable of a request; use request.body.{path}",
  ],
  [
    'a header',
    '$request.header.x',
    "'request.header.x' in '$request.header.x' is not a variable of a request; use request.body.{path}",
  ],
  [
    'the context',
    '${context.routeKey}',
    "'context.routeKey' in '${context.routeKey}' is not a variable of a request; use request.body.{path}",
  ],
  [
    'a longer word than body',
    '$request.bodyguard',
    "'request.bodyguard' in '$request.bodyguard' is not a variable of a request; use request.body.{path}",
  ],
  ['a path with two dots', '${request.body..a}', "'request.body..a' in '${request.body..a}' is not a JSON path"],
  ['a path that ends in a dot', '$request.body.', "'request.body.' in '$request.body.' is not a JSON path"],
];

for (const [name, expression, problem] of PROBLEMS) {
  void test(`refuses ${name}`, () => assert.deepEqual(parseSelectionExpression(expression), { problem }));
}

// ---- the answer of a backend ----

const ANSWER = { status: 404, headers: { 'content-type': 'text/plain', 'x-many': ['a', 'b'], 'x-none': undefined } };

const ANSWERED: readonly (readonly [name: string, expression: string, want: string])[] = [
  ['the status', '$integration.response.statuscode', '404'],
  ['a header', '$integration.response.header.Content-Type', 'text/plain'],
  ['the last value of a header', '${integration.response.header.x-many}', 'b'],
  ['all values of a header', '${integration.response.multivalueheader.x-many}', '[a, b]'],
  ['the one value of a header as a list', '${integration.response.multivalueheader.content-type}', '[text/plain]'],
  ['nothing of a header that is not there', '$integration.response.header.nothing', ''],
  ['nothing of a header without a value', '$integration.response.header.x-none', ''],
  ['nothing of what every object has', '$integration.response.header.constructor', ''],
  ['the message beside the answer', '${request.body.action}-${integration.response.statuscode}', 'join-404'],
];

for (const [name, text, want] of ANSWERED) {
  void test(`of an answer selects ${name}`, () => {
    const expression = parseSelectionExpression(text, 'response');
    assert.ok(!('problem' in expression), 'problem' in expression ? expression.problem : '');
    assert.equal(expression.isLiteral, false);
    assert.equal(evaluateSelection(expression, JSON.parse(CHAT), ANSWER), want);
  });
}

void test('variables of an answer select nothing before there is one', () => {
  const expression = parseSelectionExpression('x$integration.response.statuscode', 'response');
  assert.ok(!('problem' in expression));
  assert.equal(evaluateSelection(expression, {}), 'x');
});

for (const name of [
  'integration.response.body.a',
  'integration.response.header.',
  'context.routeKey',
  'method.response.header.x',
]) {
  void test(`of an answer refuses ${name}`, () => {
    const expression = parseSelectionExpression(`\${${name}}`, 'response');
    assert.ok('problem' in expression);
    assert.match(expression.problem, /is not a variable of a response/);
  });
}

void test('the answer of a backend is no variable of a message', () => {
  const expression = parseSelectionExpression('$integration.response.statuscode');
  assert.ok('problem' in expression);
  assert.match(expression.problem, /is not a variable of a request/);
});
