// What proves a name: its CNAME, asked of a DNS server over UDP, directly or through a short chain; and the words for all that
// does not (custom-domains 5.7).

import dnsPacket, { type Answer, type DecodedPacket } from 'dns-packet';
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { after, test } from 'node:test';
import type { DomainValidation } from '../model/certificate.ts';
import { limit } from '../settings/limits.ts';
import { createDnsQueries } from './dns-queries.ts';
import { validateName } from './validate-name.ts';

const NAME = '_a79865eb4cd1a6ab990a45779b4e0b96.example.com.';
const VALUE = '_424c7224e9b0146f9a8808af955727d0.lkwmzfhcjn.acm-validations.aws.';
const VALIDATION: DomainValidation = {
  domainName: 'example.com',
  status: 'PENDING_VALIDATION',
  validationDomain: 'example.com',
  recordName: NAME,
  recordValue: VALUE,
};

/** What the server says of a name: the target of its CNAME, a code, or nothing at all. */
type Saying = { readonly target: string } | { readonly code: number } | 'silence';
const NOERROR = { code: 0 };
const SERVFAIL = { code: 2 };
const NXDOMAIN = { code: 3 };
const REFUSED = { code: 5 };

const sayings = new Map<string, Saying>();
const asked: string[] = [];
const socket = createSocket('udp4');
socket.on('message', (message, from) => {
  const query = dnsPacket.decode(message);
  const reply = replyTo(query);
  if (reply) socket.send(reply, from.port, from.address);
});
await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
after(() => socket.close());
const server = `127.0.0.1:${socket.address().port}`;

function replyTo(query: DecodedPacket): Buffer | undefined {
  const [question] = query.questions!;
  asked.push(`${question!.name} ${question!.type}`);
  const saying = sayings.get(question!.name.toLowerCase()) ?? NXDOMAIN;
  if (saying === 'silence') return undefined;
  const answers: Answer[] =
    'target' in saying ? [{ type: 'CNAME', name: question!.name, ttl: 60, class: 'IN', data: saying.target }] : [];
  const flags = dnsPacket.AUTHORITATIVE_ANSWER | ('code' in saying ? saying.code : 0);
  return dnsPacket.encode({ id: query.id ?? 0, type: 'response', flags, questions: [question!], answers });
}

const bare = (name: string) => name.replace(/\.$/, '');

/** Says these things, and asks. `servers` are asked in place of the test's own. */
async function validate(table: Readonly<Record<string, Saying>>, servers: readonly string[] = [server]) {
  sayings.clear();
  asked.length = 0;
  for (const [name, saying] of Object.entries(table)) sayings.set(bare(name), saying);
  return validateName(VALIDATION, createDnsQueries(servers));
}

/** `length` CNAMEs, of which the last leads to the value. */
function chain(length: number): Record<string, Saying> {
  const names = [NAME, ...Array.from({ length: length - 1 }, (_, at) => `step${at + 1}.example.net`), VALUE];
  return Object.fromEntries(names.slice(0, -1).map((name, at) => [name, { target: bare(names[at + 1]!) }]));
}

const PROVEN: readonly (readonly [behaviour: string, target: string])[] = [
  ['the expected value', bare(VALUE)],
  ['the expected value in another case', bare(VALUE).toUpperCase()],
  ['the value without its leading underscore, as some providers want it', bare(VALUE).slice(1)],
];

for (const [behaviour, target] of PROVEN) {
  test(`is proven by ${behaviour}`, async () => {
    assert.deepEqual(await validate({ [NAME]: { target } }), {
      isProven: true,
      lookedUp: `${NAME} CNAME`,
      server,
      found: target,
      target: undefined,
      isMissing: false,
    });
    assert.deepEqual(asked, [`${bare(NAME)} CNAME`]);
  });
}

const OTHERS: readonly (readonly [behaviour: string, target: string])[] = [
  ['another value', 'elsewhere.example.net'],
  ['the value with something before it', `x${bare(VALUE)}`],
  ['the value with something below it', `www.${bare(VALUE)}`],
  ['the value without its first two characters', bare(VALUE).slice(2)],
  ['the first label of the value alone', VALUE.split('.')[0]!],
];

for (const [behaviour, target] of OTHERS) {
  test(`is not proven by ${behaviour}`, async () => {
    const lookup = await validate({ [NAME]: { target } });
    assert.equal(lookup.isProven, false);
    assert.equal(lookup.found, `${target}, which is not the expected value`);
  });
}

test('is not proven by a record at the name without its underscore', async () => {
  const lookup = await validate({ [NAME.slice(1)]: { target: bare(VALUE) } });
  assert.equal(lookup.isProven, false);
});

for (const length of [2, limit('cnameChainMax')]) {
  test(`is proven through a chain of ${length} CNAMEs`, async () => {
    const lookup = await validate(chain(length));
    assert.deepEqual([lookup.isProven, lookup.found], [true, bare(VALUE)]);
    assert.equal(asked.length, length);
  });
}

test('is not proven through a chain of six CNAMEs, and the sixth is not asked for', async () => {
  const lookup = await validate(chain(6));
  assert.equal(lookup.isProven, false);
  const steps = [1, 2, 3, 4, 5].map((step) => `step${step}.example.net`);
  const tooLong = 'a chain of more than 5 CNAMEs is not followed';
  assert.equal(lookup.found, `${steps.join(' → ')}, which is not the expected value; ${tooLong}`);
  assert.deepEqual(
    asked,
    [bare(NAME), ...steps.slice(0, 4)].map((name) => `${name} CNAME`),
  );
});

test('is not proven by a chain that breaks off', async () => {
  const lookup = await validate({ [NAME]: { target: 'step1.example.net' }, 'step1.example.net': NXDOMAIN });
  assert.deepEqual([lookup.isProven, lookup.found], [false, 'step1.example.net, which is not the expected value']);
});

test('is not proven by a chain in a circle, which ends', async () => {
  const lookup = await validate({
    [NAME]: { target: 'step1.example.net' },
    'step1.example.net': { target: bare(NAME) },
  });
  assert.equal(lookup.isProven, false);
  assert.equal(asked.length, limit('cnameChainMax'));
});

const WORDS: readonly (readonly [behaviour: string, saying: Saying, words: string, isMissing: boolean])[] = [
  ['the name does not exist', NXDOMAIN, 'there is no such name (NXDOMAIN)', true],
  ['the name has no CNAME', NOERROR, 'the name has no CNAME record', true],
  ['the server refuses', REFUSED, 'the server refused to answer: it serves no zone of this name', false],
  ['the server fails', SERVFAIL, 'the server failed (SERVFAIL)', false],
  ['the server is silent', 'silence', 'no answer in time', false],
];

for (const [behaviour, saying, words, isMissing] of WORDS) {
  test(`says so when ${behaviour}`, async () => {
    const lookup = await validate({ [NAME]: saying });
    const expected = { isProven: false, lookedUp: `${NAME} CNAME`, server, found: words, target: undefined, isMissing };
    assert.deepEqual(lookup, expected);
  });
}

test('says so when nothing listens at the server’s address', async () => {
  const nobody = createSocket('udp4');
  await new Promise<void>((resolve) => nobody.bind(0, '127.0.0.1', resolve));
  const address = `127.0.0.1:${nobody.address().port}`;
  await new Promise<void>((resolve) => nobody.close(() => resolve()));
  const lookup = await validate({}, [address]);
  assert.deepEqual([lookup.isProven, lookup.server, lookup.found], [false, address, 'no server answers there']);
});
