// XML in and out by the shapes of Route 53, and what the parser refuses before any shape is looked at.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { SERVICES } from './model.ts';
import { InputProblem } from './input-problem.ts';
import { escapeXml, parseXml, structureFromXml, structureToXml } from './xml-shapes.ts';

const ROUTE53 = SERVICES.route53;

function nested(depth: number): string {
  return `${'<a>'.repeat(depth)}${'</a>'.repeat(depth)}`;
}

const LAUGHS = `<?xml version="1.0"?>
<!DOCTYPE lolz [
 <!ENTITY lol "lol">
 <!ENTITY lol1 "&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;">
 <!ENTITY lol2 "&lol1;&lol1;&lol1;&lol1;&lol1;&lol1;&lol1;&lol1;&lol1;&lol1;">
]>
<a>&lol2;</a>`;

const REFUSED: readonly (readonly [name: string, text: string, problem: RegExp])[] = [
  ['a document type', '<!DOCTYPE a><a/>', /^Invalid XML ; a document type is not allowed$/],
  [
    'a document type after a declaration',
    '<?xml version="1.0"?>\n<!DOCTYPE a []><a/>',
    /a document type is not allowed/,
  ],
  [
    'a document type of another place',
    '<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
    /a document type is not allowed/,
  ],
  ['a billion laughs', LAUGHS, /a document type is not allowed/],
  ['an entity that nobody declared', '<a>&lol;</a>', /^Invalid XML ; .*entity/],
  ['65 levels', nested(65), /^Invalid XML ; more than 64 levels of elements$/],
  ['100,000 levels', nested(100_000), /more than 64 levels/],
  ['an element that never ends', '<a><b></b>', /^Invalid XML ; .*unclosed tag/],
  ['elements that cross', '<a><b></a></b>', /^Invalid XML ; .*unexpected close tag/],
  ['two roots', '<a/><b/>', /^Invalid XML ; /],
  ['text after the root', '<a/>b', /^Invalid XML ; /],
  ['text alone', 'hello', /^Invalid XML ; /],
  ['JSON', '{"a": 1}', /^Invalid XML ; /],
  ['nothing', '', /^Invalid XML ; /],
  ['a comment alone', '<!-- a -->', /^Invalid XML ; /],
  ['a bare ampersand', '<a>b & c</a>', /^Invalid XML ; /],
  ['an attribute twice', '<a b="1" b="2"/>', /^Invalid XML ; .*duplicate attribute/],
  ['a character that XML has not', '<a>\u0000</a>', /^Invalid XML ; /],
  ['a reference to one', '<a>&#0;</a>', /^Invalid XML ; /],
];

for (const [name, text, problem] of REFUSED) {
  void test(`refuses ${name}`, () => {
    assert.throws(
      () => parseXml(text),
      (error: unknown) => {
        assert.ok(error instanceof InputProblem, String(error));
        assert.match(error.message, problem);
        return true;
      },
    );
  });
}

const TEXTS: readonly (readonly [name: string, inner: string, want: string])[] = [
  ['the five entities', '&lt;&gt;&amp;&quot;&apos;', '<>&"\''],
  ['character references', '&#65;&#x42;&#x1F600;', 'AB😀'],
  ['a CDATA section', 'a<![CDATA[<b>&amp;]]>c', 'a<b>&amp;c'],
  ['a comment in between', 'a<!-- b -->c', 'ac'],
  ['space around', '  a \n', '  a \n'],
  ['letters of all kinds', 'é☂😀', 'é☂😀'],
];

for (const [name, inner, want] of TEXTS) {
  void test(`reads ${name}`, () => assert.equal(parseXml(`<a>${inner}</a>`).text, want));
}

void test('reads 64 levels, a declaration, a byte order mark and prefixes', () => {
  assert.equal(parseXml(nested(64)).name, 'a');
  assert.equal(parseXml('\uFEFF<?xml version="1.0" encoding="UTF-8"?>\n<a/>').name, 'a');
  const root = parseXml('<x:a xmlns:x="urn:x"><x:b>1</x:b></x:a>');
  assert.deepEqual(root, { name: 'a', text: '', children: [{ name: 'b', text: '1', children: [] }] });
});

const CHANGE = {
  ChangeBatch: {
    Comment: 'c',
    Changes: [
      {
        Action: 'UPSERT',
        ResourceRecordSet: {
          Name: 'a.example.com',
          Type: 'A',
          TTL: 60,
          ResourceRecords: [{ Value: '1.1.1.1' }, { Value: '2.2.2.2' }],
        },
      },
      {
        Action: 'DELETE',
        ResourceRecordSet: {
          Name: 'b.example.com',
          Type: 'A',
          AliasTarget: { HostedZoneId: 'Z1', DNSName: 'd.example.com', EvaluateTargetHealth: false },
        },
      },
    ],
  },
};

const IN_ORDER = `<ChangeResourceRecordSetsRequest xmlns="https://route53.amazonaws.com/doc/2013-04-01/"><ChangeBatch><Comment>c</Comment>
  <Changes>
    <Change><Action>UPSERT</Action><ResourceRecordSet><Name>a.example.com</Name><Type>A</Type><TTL> 60 </TTL><ResourceRecords>
      <ResourceRecord><Value>1.1.1.1</Value></ResourceRecord><ResourceRecord><Value>2.2.2.2</Value></ResourceRecord>
    </ResourceRecords></ResourceRecordSet></Change>
    <Change><Action>DELETE</Action><ResourceRecordSet><Name>b.example.com</Name><Type>A</Type><AliasTarget>
      <HostedZoneId>Z1</HostedZoneId><DNSName>d.example.com</DNSName><EvaluateTargetHealth>false</EvaluateTargetHealth>
    </AliasTarget></ResourceRecordSet></Change>
  </Changes></ChangeBatch></ChangeResourceRecordSetsRequest>`;

const OUT_OF_ORDER = `<ChangeResourceRecordSetsRequest><ChangeBatch><Changes>
    <Unknown>1</Unknown>
    <Change><ResourceRecordSet><ResourceRecords>
      <ResourceRecord><Value>1.1.1.1</Value></ResourceRecord><Unknown/><ResourceRecord><Value>2.2.2.2</Value></ResourceRecord>
    </ResourceRecords><TTL>60</TTL><Type>A</Type><Name>a.example.com</Name></ResourceRecordSet><Action>UPSERT</Action></Change>
    <Change><ResourceRecordSet><AliasTarget>
      <EvaluateTargetHealth>false</EvaluateTargetHealth><DNSName>d.example.com</DNSName><HostedZoneId>Z1</HostedZoneId>
    </AliasTarget><Type>A</Type><Name>b.example.com</Name></ResourceRecordSet><Action>DELETE</Action></Change>
  </Changes><Comment>c</Comment></ChangeBatch></ChangeResourceRecordSetsRequest>`;

for (const [name, text] of [
  ['in the order of the model', IN_ORDER],
  ['in any other order, between elements that nobody knows', OUT_OF_ORDER],
] as const) {
  void test(`reads a structure whose children are ${name}`, () => {
    assert.deepEqual(structureFromXml(ROUTE53, 'ChangeResourceRecordSetsRequest', parseXml(text), ''), CHANGE);
  });
}

void test('reads what structureToXml writes', () => {
  const text = `<a>${structureToXml(ROUTE53, 'ChangeResourceRecordSetsRequest', CHANGE)}</a>`;
  assert.deepEqual(structureFromXml(ROUTE53, 'ChangeResourceRecordSetsRequest', parseXml(text), ''), CHANGE);
});

const WRONG: readonly (readonly [name: string, text: string, problem: string])[] = [
  ['no number', '<a><TTL>soon</TTL></a>', 'RecordSet.TTL must be a number'],
  ['a number in hexadecimal', '<a><TTL>0x10</TTL></a>', 'RecordSet.TTL must be a number'],
  ['an empty number', '<a><TTL/></a>', 'RecordSet.TTL must be a number'],
  [
    'a truth value in capitals',
    '<a><AliasTarget><EvaluateTargetHealth>TRUE</EvaluateTargetHealth></AliasTarget></a>',
    'RecordSet.AliasTarget.EvaluateTargetHealth must be true or false',
  ],
];

for (const [name, text, message] of WRONG) {
  void test(`refuses ${name}, naming the member`, () => {
    assert.throws(() => structureFromXml(ROUTE53, 'ResourceRecordSet', parseXml(text), 'RecordSet'), { message });
  });
}

void test('refuses a timestamp that is none', () => {
  const element = parseXml('<a><SubmittedAt>yesterday</SubmittedAt></a>');
  assert.throws(() => structureFromXml(ROUTE53, 'ChangeInfo', element, ''), {
    message: 'SubmittedAt must be a timestamp',
  });
});

void test('names the element of a list', () => {
  const element = parseXml(
    '<a><HostedZone/><HostedZone><ResourceRecordSetCount>x</ResourceRecordSetCount></HostedZone></a>',
  );
  const list = { name: 'a', text: '', children: [{ ...element, name: 'HostedZones' }] };
  assert.throws(() => structureFromXml(ROUTE53, 'ListHostedZonesResponse', list, ''), {
    message: 'HostedZones[1].ResourceRecordSetCount must be a number',
  });
});

void test('writes exact bytes', () => {
  const xml = structureToXml(ROUTE53, 'ChangeInfo', {
    Id: '/change/C1',
    Status: 'PENDING',
    SubmittedAt: new Date(Date.UTC(2026, 0, 2, 3, 4, 5, 678)),
    Comment: `<a href="x">&'\r\n</a>`,
  });
  assert.equal(
    xml,
    '<Id>/change/C1</Id><Status>PENDING</Status><SubmittedAt>2026-01-02T03:04:05.678Z</SubmittedAt>' +
      '<Comment>&#60;a href=&#34;x&#34;&#62;&#38;&#39;&#13;\n&#60;/a&#62;</Comment>',
  );
  assert.equal(structureToXml(ROUTE53, 'ChangeInfo', { Id: undefined, Status: null }), '');
});

void test('what was escaped is read as it was', () => {
  const text = `<>&"'\r\n]]> é😀`;
  assert.equal(parseXml(`<a>${escapeXml(text)}</a>`).text, text);
});

const ESCAPED: readonly (readonly [name: string, text: string, read: string])[] = [
  ['a null octet', 'a\0b', 'a\ufffdb'],
  ['a control character of a URL', '\x01\x1f', '\ufffd\ufffd'],
  ['half of a surrogate pair', 'a\ud800', 'a\ufffd'],
  ['a non-character', '\uffff', '\ufffd'],
  ['what documents can hold', 'a\t\n\r\u{1f600}\u007f\ue000', 'a\t\n\r\u{1f600}\u007f\ue000'],
];

for (const [name, text, read] of ESCAPED) {
  test(`${name} is written so that every parser reads it`, () => {
    assert.equal(parseXml(`<a>${escapeXml(text)}</a>`).text, read);
  });
}
