// Requests of the control port with good and bad bodies in every protocol, for every operation that there is: each is read, or is a
// problem of its own; what is read is held against its shape; and the answer that refuses it can be written.

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { faultResponse } from '../../src/controlplane/wire/fault-response.ts';
import { InputProblem } from '../../src/protocol/wire/input-problem.ts';
import { describeViolations, violationsOf } from '../../src/controlplane/wire/input-rules.ts';
import { routeRest, routeTarget, type RoutedOperation } from '../../src/controlplane/wire/operation-router.ts';
import { PROTOCOLS } from '../../src/controlplane/wire/protocols.ts';
import { escapeXml, parseXml } from '../../src/protocol/wire/xml-shapes.ts';
import { Fault } from '../../src/model/faults.ts';
import { SERVICES } from '../../src/protocol/wire/model.ts';
import { changed, fuzz, textOf, throwsOnly } from './fuzzing.ts';
import { bodyText, OPERATIONS, SERVICE_NAMES, triesOf } from './inputs.ts';

const { property } = fuzz('bodies');
const TRIES = triesOf(OPERATIONS);

function read(routed: RoutedOperation, body: Uint8Array, query = ''): void {
  const { protocol } = SERVICES[routed.service];
  throwsOnly([InputProblem], () => {
    const input = PROTOCOLS[protocol].readInput(routed, { query: new URLSearchParams(query), headers: {}, body });
    assert.equal(({} as Record<string, unknown>)['polluted'], undefined);
    if (routed.model.input === null) return;
    const violations = violationsOf(routed.service, routed.model.input, input);
    if (violations.length === 0) return;
    const message = describeViolations(violations);
    const { body: answer } = faultResponse(new Fault('ValidationException', message), protocol, 'id');
    assert.ok(answer.length > 0);
    if (protocol === 'rest-xml' || protocol === 'query') parseXml(String(answer));
    else assert.equal(typeof JSON.parse(String(answer)), 'object');
  });
}

property(
  'a body of about the right shape is read, or is a problem',
  TRIES,
  (one) => read(one.routed, Buffer.from(bodyText(one))),
  1_500,
);

property(
  'a body that was changed octet by octet is read, or is a problem',
  TRIES.chain((one) => changed(Buffer.from(bodyText(one))).map((octets) => ({ routed: one.routed, octets }))),
  ({ routed, octets }) => read(routed, octets),
  1_000,
);

property(
  'a query of any kind is read, or is a problem',
  fc.tuple(
    fc.constantFrom(...OPERATIONS),
    textOf(
      'maxResults=',
      'maxitems=',
      '1',
      '-1',
      'NaN',
      '&',
      '=',
      '%',
      '%ff',
      '%00',
      '%01',
      '%EF%BF%BF',
      'type=A',
      'name=a.',
      'tagKeys=',
      'nextToken=',
    ),
  ),
  ([routed, query]) => read(routed, Buffer.alloc(0), query),
);

const XML = textOf(
  '<a>',
  '</a>',
  '<a/>',
  '<b x="y">',
  '</b>',
  '<![CDATA[',
  ']]>',
  '<!--',
  '-->',
  '<?xml version="1.0"?>',
  '&amp;',
  '&lt;',
  '&x;',
  '&#0;',
  '&#x10ffff;',
  '<!DOCTYPE a [',
  '<!ENTITY x "y">',
  ']>',
  '<?pi ?>',
  'text',
  '<n:a xmlns:n="u">',
  '</n:a>',
  '<',
  '>',
  '"',
);

property('XML of any kind is an element, or a problem', XML, (text) => {
  throwsOnly([InputProblem], () => assert.equal(typeof parseXml(text).name, 'string'));
  const lacks = (one: string) => /[^\t\n\r -\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u.test(one);
  const kept = [...text].map((one) => (lacks(one) ? '\ufffd' : one)).join('');
  assert.equal(parseXml(`<a>${escapeXml(text)}</a>`).text, kept);
});

property(
  'XML that nests without end is a problem before it is a stack',
  fc.integer({ min: 1, max: 20_000 }),
  (levels) => {
    throwsOnly([InputProblem], () => parseXml('<a>'.repeat(levels) + '</a>'.repeat(levels)));
  },
  30,
);

property(
  'JSON that nests without end is read, or is a problem',
  fc.tuple(
    fc.constantFrom(
      ...OPERATIONS.filter(({ service }) => service !== 'route53' && service !== 'sts' && service !== 'lambda'),
    ),
    fc.integer({ min: 1, max: 100_000 }),
  ),
  ([routed, levels]) => {
    read(routed, Buffer.from('{"a":'.repeat(levels) + '1' + '}'.repeat(levels)));
    read(routed, Buffer.from('['.repeat(levels) + ']'.repeat(levels)));
  },
  40,
);

const WORDS = textOf(
  'CertificateManager.',
  'ListCertificates',
  '__proto__',
  'constructor',
  'toString',
  '.',
  '/v2/',
  'apis',
  '/',
  '%2F',
  '%',
  '2013-04-01',
  'hostedzone',
  'GET',
);
const isOperation = ({ service, name }: RoutedOperation) => Object.hasOwn(SERVICES[service].operations, name);

property('a target or path of any kind is an operation of the model, or none', WORDS, (text) => {
  const routed = [
    ...SERVICE_NAMES.map((service) => routeRest(service, 'GET', text)),
    routeTarget('acm', text),
    routeTarget('acm', `CertificateManager.${text}`),
  ];
  for (const one of routed) if (one) assert.ok(isOperation(one), one.name);
});
