// Client hellos of every shape against the TLS listener, octet by octet: whose certificate is shown, and that bytes which are no
// name never get a tenant's (RFC 5246 6.2, RFC 6066 3, RFC 1123 2.1).

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { startTestGateway } from '../../harness/gateway.ts';
import {
  APPLICATION_DATA,
  clientHello,
  concat,
  extension,
  hello,
  nameEntry,
  outcome,
  pieces,
  record,
  serverName,
  shake,
  u16,
  u8,
  vector,
  type ShakeOptions,
} from './raw-hello.ts';
import { DEFAULT_NAME, makeLandlord, reach } from './tenants.ts';

const ONE = 'one.example.com';
const TWO = 'two.example.com';
const WILDCARD = '*.tenants.example.com';

const gateway = await startTestGateway({ after });
const makeTenant = await makeLandlord(gateway);
await makeTenant('111122223333', ONE);
await makeTenant('222233334444', TWO);
await makeTenant('333344445555', WILDCARD);

/** What the client is shown: the name on a certificate, an alert, or how the connection ended. */
async function shown(chunks: readonly Buffer[], options: ShakeOptions = {}): Promise<string> {
  return outcome(await shake(gateway.tlsPort, chunks, options));
}

function shownFor(name: string | Buffer): Promise<string> {
  return shown([hello({ name })]);
}

/** Resolves when the gateway has looked at its sockets: the first answer may be of the turn that accepts, the second is not. */
async function takenUp(): Promise<void> {
  for (let turn = 0; turn < 2; turn += 1) await (await fetch(`${gateway.endpoint}/_sallyport/health`)).arrayBuffer();
}

const ALERT = /^alert \d+$/;

/** No certificate but the default one, and the connection answered or ended as TLS does it. */
function assertNobodys(found: string): void {
  assert.ok(found === DEFAULT_NAME || found === 'closed' || ALERT.test(found), `the client was shown ${found}`);
}

const WHOLE = hello({ name: ONE });

describe('a hello in pieces', () => {
  test('in two TCP segments, cut at every octet: its certificate each time', async () => {
    for (let cut = 1; cut < WHOLE.length; cut += 1) {
      const halves = [WHOLE.subarray(0, cut), WHOLE.subarray(cut)];
      assert.equal(await shown(halves, { between: takenUp }), ONE, `cut at ${cut}`);
    }
  });

  test('one octet a TCP segment: its certificate', async () => {
    assert.equal(await shown(pieces(WHOLE, 1), { between: takenUp }), ONE);
  });

  for (const size of [1, 2, 3, 4, 5, 17, 64]) {
    test(`in records of ${size} octets: its certificate`, async () => {
      const records = pieces(clientHello({ name: ONE }), size).map((piece) => record(piece));
      assert.equal(await shown([concat(...records)]), ONE);
      assert.equal(await shown(records, { between: takenUp }), ONE, 'each record a segment of its own');
    });
  }

  test('two hellos at once on two connections, their octets in turns: to each its own certificate', async () => {
    const [one, two] = [pieces(WHOLE, 8), pieces(hello({ name: TWO }), 8)];
    const both = [shown(one, { between: takenUp }), shown(two, { between: takenUp })];
    assert.deepEqual(await Promise.all(both), [ONE, TWO]);
  });

  test('with nothing behind it: its certificate still', async () => {
    assert.equal(await shown([WHOLE], { fin: true }), ONE);
  });
});

describe('the same name in other letters', () => {
  const rows: readonly [name: string, expected: string][] = [
    ['ONE.EXAMPLE.COM', ONE],
    ['oNe.eXaMpLe.cOm', ONE],
    ['one.example.com.', ONE],
    ['TWO.example.com.', TWO],
    ['cust7.tenants.example.com', WILDCARD],
    ['CUST7.tenants.example.com.', WILDCARD],
    [`${'a'.repeat(63)}.tenants.example.com`, WILDCARD],
    ['xn--bcher-kva.tenants.example.com', WILDCARD],
  ];
  for (const [name, expected] of rows) {
    test(`${name}: ${expected}`, async () => assert.equal(await shownFor(name), expected));
  }
});

describe('a client that names nobody is shown the default certificate', () => {
  test('no server name', async () => assert.equal(await shown([hello({})]), DEFAULT_NAME));

  for (const name of ['nobody.example.com', 'example.com', 'com', 'localhost', 'a.b.tenants.example.com']) {
    test(`${name}`, async () => assert.equal(await shownFor(name), DEFAULT_NAME));
  }

  for (const name of ['127.0.0.1', '192.0.2.1', '::1', '[::1]', '2001:db8::1', '::ffff:127.0.0.1']) {
    test(`the address ${name} for a name: that, or an end`, async () => assertNobodys(await shownFor(name)));
  }
});

/** `octets` octets under a name of a tenant, in one label and in labels of a legal length. */
function longNames(octets: number, under: string): string[] {
  const length = octets - under.length - 1;
  const labels = 'a'.repeat(length).replace(/a{50}(?=a{2})/g, `${'a'.repeat(49)}.`);
  return ['a'.repeat(length), labels].map((start) => `${start}.${under}`);
}

describe('a name of a length that no name has is nobody’s', () => {
  for (const octets of [254, 255, 256, 300, 1_000, 16_000]) {
    test(`${octets} octets`, async () => {
      const names = [TWO, 'tenants.example.com'].flatMap((under) => longNames(octets, under));
      for (const name of ['a'.repeat(octets), ...names]) {
        assert.equal(name.length, octets);
        assertNobodys(await shownFor(name));
      }
    });
  }

  test('no octets', async () => assertNobodys(await shownFor('')));
  test('a label of 64 octets under a wildcard', async () =>
    assertNobodys(await shownFor(`${'a'.repeat(64)}.tenants.example.com`)));
});

describe('bytes that are no name are nobody’s', () => {
  const utf8 = (text: string) => Buffer.from(text, 'utf8').toString('latin1');
  /** Around a whole name of a tenant. */
  const whole: readonly ((name: string) => string)[] = [
    (name) => `${name}\0`,
    (name) => `${name}\0.evil`,
    (name) => `\0${name}`,
    (name) => `${name}\0.${TWO}`,
    (name) => `${name}:443`,
    (name) => `${name}:`,
    (name) => `${name}.:443`,
    (name) => `:${name}`,
    (name) => ` ${name}`,
    (name) => `${name} `,
    (name) => `${name}\t`,
    (name) => `${name}\r\n`,
    (name) => `${name}\r\nHost: ${TWO}`,
    (name) => `.${name}`,
    (name) => `${name}..`,
    (name) => `${name}/`,
    (name) => `${name}?`,
    (name) => `${name}#`,
    (name) => `https://${name}`,
    (name) => `user@${name}`,
    (name) => `[${name}]`,
    (name) => `"${name}"`,
    (name) => `${name},${TWO}`,
    (name) => `${name}%00`,
    (name) => `${name}\xff`,
    (name) => `\xff${name}`,
    (name) => utf8(`${name}\u200b`),
    (name) => utf8(`\ufeff${name}`),
    // Octets that are letters of Latin-1, and would be those of a name when they are mapped as IDNA maps them.
    (name) => name.replace('o', '\xba'),
    (name) => name.replace('a', '\xaa'),
    (name) => name.replace('e', 'e\xad'),
    (name) => name.replace('.', '..'),
    (name) => name.replace('.', '\\.'),
    (name) => utf8(name.replace('.', '\u3002')),
    (name) => utf8(name.replace('c', '\uff43')),
  ];
  /** In the place of a wildcard's star. */
  const first = ['*', '', '.', 'a b', ' a', 'a ', 'a\0', '\0', 'a:1', '-a', 'a-', 'a/', 'a*', '**', 'a@b'];
  const octets = ['\x01', '\x7f', '\x80', '\xff\xff\xff', '\xc0\xaf', utf8('ü'), utf8('\u212aey'), utf8('a\u0130')];

  const names = [
    ...[ONE, 'cust7.tenants.example.com'].flatMap((name) => whole.map((around) => around(name))),
    ...[...first, ...octets].map((label) => `${label}.tenants.example.com`),
    'one .example.com',
    'one_.example.com',
    'one.exam\0ple.com',
    'onE.EXAMPLE.COM\xff',
    '..',
    '.',
    '*',
    '*.',
    '[',
    ':',
    ':443',
    '\0',
    '\xff'.repeat(200),
  ];
  for (const name of names) {
    test(inspect(name), async () => assertNobodys(await shownFor(name)));
  }
});

describe('a server name extension that is not as it should be is nobody’s', () => {
  const one = nameEntry(ONE);
  const bytes = Buffer.from(ONE);
  const list = vector(one);
  /** The name with a length that says something else, in a list and an extension of the true length. */
  const lying = (length: number) => serverName(concat(u8(0), u16(length), bytes));
  const rows: readonly [name: string, sni: Buffer][] = [
    ['two names in one list', serverName(one, nameEntry(TWO))],
    ['the same name twice', serverName(one, one)],
    ['the extension twice', concat(serverName(one), serverName(nameEntry(TWO)))],
    ['a type of name that nobody knows', serverName(nameEntry(ONE, 1))],
    ['a known type behind an unknown one', serverName(nameEntry('x', 255), one)],
    ['an unknown type behind a known one', serverName(one, nameEntry('x', 7))],
    ['no name in the list', serverName()],
    ['no list', extension(0, Buffer.alloc(0))],
    ['half a length', extension(0, u8(0))],
    ['a type and no name', serverName(u8(0))],
    ['a name shorter than its bytes', lying(bytes.length - 1)],
    ['a name of no length before its bytes', lying(0)],
    ['a name one longer than its bytes', lying(bytes.length + 1)],
    ['a name of 65535', lying(65_535)],
    ['a list shorter than its entries', extension(0, concat(u16(one.length - 1), one))],
    ['a list longer than its entries', extension(0, concat(u16(one.length + 1), one))],
    ['a list of no length before an entry', extension(0, concat(u16(0), one))],
    ['bytes behind the list', extension(0, concat(list, u8(0)))],
    ['an extension shorter than its list', concat(u16(0), u16(list.length - 1), list)],
    ['an extension longer than its list, into the next one', concat(u16(0), u16(list.length + 4), list)],
    ['an extension of 65535', concat(u16(0), u16(65_535), list)],
  ];
  for (const [name, sni] of rows) {
    test(name, async () => assertNobodys(await shown([hello({ sni })])));
  }
});

describe('what is no hello is ended', () => {
  const body = clientHello({ name: ONE });
  const cut = Buffer.from(body);
  cut.writeUIntBE(body.length, 1, 3);
  const random = Buffer.from(Array.from({ length: 4_096 }, (_, at) => (at * 73 + 41) & 255));
  const ssl2Suites = Buffer.from([0, 0xc0, 0x2b, 0, 0xc0, 0x2f, 0, 0, 0x9c]);
  const ssl2Body = concat(Buffer.from([1, 3, 3]), u16(ssl2Suites.length, 0, 32), ssl2Suites, Buffer.alloc(32, 7));
  const rows: readonly [name: string, bytes: Buffer][] = [
    ['nothing', Buffer.alloc(0)],
    ['one octet', u8(22)],
    ['a hello without its end', WHOLE.subarray(0, -1)],
    ['a hello that says it is longer', record(cut)],
    ['a hello behind its own first half', concat(WHOLE.subarray(0, WHOLE.length >> 1), WHOLE)],
    ['garbage', random],
    ['zeros', Buffer.alloc(4_096)],
    ['0xff', Buffer.alloc(4_096, 255)],
    ['HTTP without TLS', Buffer.from(`GET / HTTP/1.1\r\nHost: ${ONE}\r\nUpgrade: websocket\r\n\r\n`)],
    ['the preface of HTTP/2', Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')],
    ['a hello of SSL 2', concat(u16(0x8000 | ssl2Body.length), ssl2Body)],
    ['application data', record(Buffer.from(`GET / HTTP/1.1\r\nHost: ${ONE}\r\n\r\n`), APPLICATION_DATA)],
    ['an alert', record(Buffer.from([2, 40]), 21)],
    ['a change of ciphers', record(u8(1), 20)],
    ['a record that is too long', concat(Buffer.from([22, 3, 1, 255, 255]), Buffer.alloc(65_535))],
    ['2000 empty records', concat(...Array.from({ length: 2_000 }, () => record(Buffer.alloc(0))))],
    ['200 warnings', concat(...Array.from({ length: 200 }, () => record(Buffer.from([1, 90]), 21)))],
  ];
  for (const [name, bytes] of rows) {
    test(name, async () => {
      const found = await shown([bytes], { fin: true });
      // What was sent and not read makes the kernel answer with a reset.
      if (found !== 'reset') assertNobodys(found);
    });
  }

  test('empty records before a hello: its certificate, or an end', async () => {
    const found = await shown([...Array.from({ length: 8 }, () => record(Buffer.alloc(0))), WHOLE]);
    if (found !== ONE) assertNobodys(found);
  });
});

describe('octets changed at random', () => {
  const octet = fc.oneof(fc.integer({ min: 0, max: 255 }), fc.constantFrom(...Buffer.from('.:-_*/@ \0aeotwn0Z')));
  const changesOf = (bytes: Buffer, from = 0) =>
    fc.array(fc.tuple(fc.integer({ min: from, max: bytes.length - 1 }), octet), { minLength: 1, maxLength: 4 });
  const changed = (bytes: Buffer, changes: readonly (readonly [at: number, octet: number])[]) => {
    const copy = Buffer.from(bytes);
    for (const [at, value] of changes) copy[at] = value;
    return copy;
  };

  test('anywhere in a hello: a certificate is shown only to who spells its name', async () => {
    await fc.assert(
      fc.asyncProperty(changesOf(WHOLE), async (changes) => {
        const bytes = changed(WHOLE, changes);
        const found = await shown([bytes], { fin: true });
        const spells = (name: string) => bytes.toString('latin1').toLowerCase().includes(name);
        const isRight = found === 'reset' || ((found === ONE || found === TWO) && spells(found));
        if (!isRight) assertNobodys(found);
      }),
      { numRuns: 600 },
    );
  });

  const starts = [ONE, TWO, 'cust7.tenants.example.com'].map((name) => Buffer.from(name));
  const names = fc.constantFrom(...starts).chain((start) => changesOf(start).map((changes) => changed(start, changes)));

  test('in the name: its certificate when it is one, else nobody’s', async () => {
    const legal = [ONE, TWO].map((name) => [name, new RegExp(`^${name.replaceAll('.', '\\.')}\\.?$`, 'i')] as const);
    const tables = [...legal, [WILDCARD, /^[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?\.tenants\.example\.com\.?$/i] as const];
    await fc.assert(
      fc.asyncProperty(names, async (name) => {
        const found = await shownFor(name);
        const expected = tables.find(([, pattern]) => pattern.test(name.toString('latin1')))?.[0];
        if (expected === undefined) assertNobodys(found);
        else assert.equal(found, expected);
      }),
      { numRuns: 600 },
    );
  });
});

describe('after all of it', () => {
  for (const [host, expected] of [
    [ONE, 'one.example.com alpha'],
    [TWO, 'two.example.com alpha'],
  ] as const) {
    test(`a client reaches ${host}`, async () => assert.equal(await reach(gateway, host), expected));
  }

  test('the gateway lives and has logged no error', () => {
    assert.deepEqual([gateway.child.exitCode, gateway.child.signalCode], [null, null]);
    assert.equal(gateway.logged().length, gateway.lines.length, 'each line is JSON');
    const errors = gateway.logged().filter(({ level }) => level === 'error');
    assert.deepEqual(errors, []);
  });
});
