// Domain names whose zone is kept by somebody else: `explain` and `domains` say which record to create, in the form of whoever keeps the zone,
// and name the mistakes that people make there, by real queries to a real resolver and Debian's Knot behind it.

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { UpdateDomainNameCommand } from '@aws-sdk/client-apigatewayv2';
import { foreignAuthority } from '../harness/certificates.ts';
import { sallyport } from '../harness/command-line.ts';
import { createDomain, importCertificate, mapDomain, requestCertificate, type MadeDomain } from '../harness/domains.ts';
import { eventually } from '../harness/eventually.ts';
import { startTestGateway } from '../harness/gateway.ts';
import { freeAddress, startKnot } from '../harness/knot.ts';
import { missing } from '../harness/peers.ts';
import { makeApi, mock } from '../harness/sockets.ts';
import { startUnbound } from '../harness/unbound.ts';

const skip = missing('knot') || missing('unbound');

interface RecordForm {
  readonly provider: string;
  readonly title: string;
  readonly why: string;
  readonly lines: readonly string[];
}

interface Explained {
  readonly isGood: boolean;
  readonly cause?: string;
  readonly fix?: string;
  readonly record?: RecordForm;
  readonly steps: { step: string; isGood: boolean; found: string }[];
  readonly notes: { cause: string; fix: string }[];
}

const ZONE = 'elsewhere.test';
const DEFAULT_SUFFIX = 'gateway.test';
const WITHOUT_MORE: readonly string[] = [];

describe('a zone that is kept elsewhere', { skip }, async () => {
  const own = await freeAddress();
  const knot = await startKnot({ after }, ZONE);
  const clouds = await startKnot({ after }, 'clouds.test', {
    nameServers: ['ada.ns.cloudflare.com.', 'bob.ns.cloudflare.com.'],
  });
  // What lies above is asked for CAA records, too.
  const above = await startKnot({ after }, 'test');
  const unbound = await startUnbound(
    { after },
    { test: above.address, [ZONE]: knot.address, 'clouds.test': clouds.address, [DEFAULT_SUFFIX]: own },
    true,
  );
  const flags = ['--dns', own, '--resolver', unbound.address, '--endpoint-suffix', DEFAULT_SUFFIX];
  const gateway = await startTestGateway({ after }, [
    ...flags,
    '--public-address',
    '127.0.0.1',
    '--public-address',
    '::1',
    '--clock',
    'movable',
  ]);
  const { clients } = gateway;
  const authority = await foreignAuthority({ after });
  const api = await makeApi(clients, { $default: { target: mock('hello'), isTwoWay: true } });

  async function makeDomain(name: string): Promise<MadeDomain> {
    const made = await createDomain(clients, name, await importCertificate(clients, await authority.leaf([name])));
    await mapDomain(clients, name, 'chat', api);
    return made;
  }

  /** With a certificate of the local CA, proven by the record that the command line shows. */
  async function makeProvenDomain(name: string): Promise<MadeDomain & { arn: string; proof: string }> {
    const arn = await requestCertificate(clients, name);
    const args = ['certificates', 'show', arn, '--provider', 'knot', '--endpoint', gateway.endpoint];
    const proof = /^ {8}(_\S+ 60 IN CNAME \S+)$/m.exec((await sallyport(args)).stdout)![1]!;
    await knot.serve([proof]);
    await gateway.advance('1h');
    const made = await eventually('the domain name is made', () =>
      createDomain(clients, name, arn).catch(() => undefined),
    );
    await mapDomain(clients, name, 'chat', api);
    return { ...made, arn, proof };
  }

  async function explain(host: string, ...args: string[]): Promise<Explained> {
    const url = `wss://${host}/chat`;
    const { stdout, stderr } = await sallyport(['explain', url, '--json', '--endpoint', gateway.endpoint, ...args]);
    assert.equal(stderr, '');
    return JSON.parse(stdout) as Explained;
  }

  /** What is wrong with the records as they are, and with DNS alone. */
  async function causeWith(host: string, records: readonly string[]): Promise<string> {
    await knot.serve(records);
    const { steps, cause } = await explain(host);
    assert.deepEqual(
      steps.filter(({ isGood }) => !isGood).map(({ step }) => step),
      ['dns'],
    );
    return cause!;
  }

  async function isWellWith(host: string, records: readonly string[]): Promise<Explained> {
    await knot.serve(records);
    const explained = await explain(host);
    assert.ok(explained.isGood, JSON.stringify(explained));
    return explained;
  }

  test('the record is shown in a form, and what is pasted into the zone mends it', async () => {
    const host = `paste.${ZONE}`;
    const { regionalName } = await makeDomain(host);
    await knot.serve(WITHOUT_MORE);
    const plain = await explain(host);
    assert.equal(plain.cause, `there is no DNS record for ${host}`);
    assert.equal(plain.record!.provider, 'plain');
    assert.equal(plain.record!.why, `the name servers of ${ZONE} are ns1.other.net`);
    assert.match(
      plain.fix!,
      /^create this record at your DNS provider \(.*\): Type CNAME · Name paste\.elsewhere\.test · /,
    );
    const { record } = await explain(host, '--provider', 'knot');
    assert.deepEqual(record!.lines, [`${host}. 60 IN CNAME ${regionalName}.`]);
    assert.deepEqual((await isWellWith(host, record!.lines)).notes, []);
  });

  test('a form that is asked for has names relative to the zone as DNS shows it; one that does not exist is refused', async () => {
    const host = `deep.form.${ZONE}`;
    const { regionalName } = await makeDomain(host);
    const run = (...args: string[]) => sallyport([...args, '--endpoint', gateway.endpoint]);
    const { stdout } = await run('explain', `wss://${host}/chat`, '--provider', 'hetzner');
    const lines = ['Type   CNAME', 'Name   deep\\.form', `Value  ${regionalName}\\.`, 'TTL    60'];
    assert.match(
      stdout,
      new RegExp(
        `\nfix\n {7}create this record at Hetzner \\(as you say\\):\n${lines.map((one) => ` {9}${one}\n`).join('')}$`,
      ),
    );
    const domains = await run('domains', host, '--provider', 'gandi');
    assert.match(
      domains.stdout,
      /^ {10}create this record at Gandi \(as you say\):\n {12}Type +CNAME\n {12}Name +deep\.form$/m,
    );
    const refused = await run('domains', host, '--provider', 'nobody');
    assert.equal(refused.code, 2);
    assert.match(refused.stderr, /There is no form of records for 'nobody'\. There are: cloudflare, .*, plain\.\n$/);
  });

  test('whose form it is, is guessed from the name servers of the zone, and said so', async () => {
    const host = 'ws.clouds.test';
    await makeDomain(host);
    const { record } = await explain(host);
    assert.equal(record!.title, 'Cloudflare');
    assert.equal(
      record!.why,
      'guessed: the name servers of clouds.test are ada.ns.cloudflare.com, bob.ns.cloudflare.com',
    );
    assert.ok(record!.lines.includes('Proxy status  DNS only'));
    await makeDomain('clouds.test');
    const apex = await explain('clouds.test');
    assert.equal(apex.cause, 'the zone has no address record at its apex clouds.test');
    assert.match(apex.record!.lines.join('\n'), /^Type +CNAME\nName +@\n/);
  });

  test('the CNAME that proves a name is shown in a form, too', async () => {
    const host = `proof.${ZONE}`;
    const arn = await requestCertificate(clients, host);
    const show = async (...args: string[]) =>
      (await sallyport(['certificates', 'show', arn, ...args, '--endpoint', gateway.endpoint])).stdout;
    assert.match(
      await show(),
      /^ {6}create this record at your DNS provider \(.*elsewhere\.test are ns1\.other\.net\):$/m,
    );
    const relative = /^ {8}Name +(_\w+\.proof)\n {8}Value +_\S+\.acm-validations\.aws$/m.exec(
      await show('--provider', 'godaddy'),
    );
    assert.ok(relative);
    const line = /^ {8}(_\S+ 60 IN CNAME \S+)$/m.exec(await show('--provider', 'nsd'))![1]!;
    assert.ok(line.startsWith(`${relative[1]}.${ZONE}. `), line);
    await knot.serve([line]);
    await gateway.advance('1h');
    await eventually('what was pasted proves the name', async () =>
      / SUCCESS$/m.test(await show()) ? true : undefined,
    );
    assert.doesNotMatch(await show(), /create this record/);
  });

  describe('mistakes', () => {
    test('the API’s default host instead of the Regional name', async () => {
      const host = `default.${ZONE}`;
      await makeDomain(host);
      const target = `${api.apiId}.execute-api.us-east-1.${DEFAULT_SUFFIX}`;
      assert.equal(
        await causeWith(host, [`default CNAME ${target}.`]),
        `the record leads to ${target}, the API's default host, whose certificate is not for ${host}`,
      );
    });

    test('an old address, and Cloudflare’s proxy in between', async () => {
      const host = `old.${ZONE}`;
      await makeDomain(host);
      assert.equal(
        await causeWith(host, ['old A 192.0.2.1']),
        `${host} leads to 192.0.2.1, and this gateway is at 127.0.0.1, ::1`,
      );
      assert.equal(
        await causeWith(host, ['old A 104.16.1.1', 'old A 104.17.1.1']).then((cause) =>
          cause.replace(/\d+\.1\.1/g, 'N'),
        ),
        `${host} leads to 104.N, 104.N, Cloudflare's proxy, which stands between clients and this gateway: set the record's proxy status to DNS only`,
      );
    });

    test('a Regional name that is another’s is a note, and one that is gone a mistake', async () => {
      const [host, other] = [`mine.${ZONE}`, `other.${ZONE}`];
      const { regionalName } = await makeDomain(other);
      const own_ = await makeDomain(host);
      const { notes } = await isWellWith(host, [`mine CNAME ${regionalName}.`]);
      assert.deepEqual(
        notes.map(({ cause }) => cause),
        [
          `the record leads to ${regionalName}, the Regional name of ${other}: it works for as long as that one is there. The Regional name of ${host} is ${own_.regionalName}`,
        ],
      );
      assert.match(notes[0]!.fix, new RegExp(`Value ${own_.regionalName} `));
      const deleted = await sallyport(['domains', 'delete', other, '--yes', '--endpoint', gateway.endpoint]);
      assert.equal(deleted.code, 0, deleted.stderr);
      assert.equal(
        await causeWith(host, [`mine CNAME ${regionalName}.`]),
        `the record leads to ${regionalName}, the Regional name of a domain name that is gone`,
      );
    });

    test('a name below a wildcard is led to the wildcard’s Regional name, as it should', async () => {
      const { regionalName, proof } = await makeProvenDomain(`*.wild.${ZONE}`);
      const host = `a.wild.${ZONE}`;
      await makeDomain(host);
      assert.deepEqual((await isWellWith(host, [proof, `*.wild CNAME ${regionalName}.`])).notes, []);
      assert.equal(
        await causeWith(`b.wild.${ZONE}`, [`a.wild CNAME ${regionalName}.`]),
        `there is no DNS record for b.wild.${ZONE}: the wildcard record *.wild.${ZONE} is missing`,
      );
      assert.equal(
        await causeWith(`b.wild.${ZONE}`, [`*.wild CNAME ${regionalName}.`, 'b.wild TXT "taken"']),
        `b.wild.${ZONE} has records of its own, none of them an address, and so the record of *.wild.${ZONE} does not answer for it (RFC 4592)`,
      );
      assert.match((await explain(`b.wild.${ZONE}`)).fix!, new RegExp(`Name b\\.wild\\.${ZONE} `));
      assert.equal(
        await causeWith(`b.wild.${ZONE}`, [`*.wild.${ZONE} CNAME ${regionalName}.`]),
        `the record stands at *.wild.${ZONE}.${ZONE}: the provider appended the zone a second time. Enter its name as *.wild`,
      );
    });

    test('a zone that is appended twice, to the name or to the value', async () => {
      const host = `twice.${ZONE}`;
      const { regionalName } = await makeDomain(host);
      assert.equal(
        await causeWith(host, [`${host} CNAME ${regionalName}.`]),
        `the record stands at ${host}.${ZONE}: the provider appended the zone a second time. Enter its name as twice`,
      );
      assert.equal(
        await causeWith(host, [`* CNAME ${regionalName}.`, 'twice TXT "taken"']),
        `there is no DNS record for ${host}`,
        'a wildcard of the zone doubles nothing',
      );
      assert.equal(
        await causeWith(host, [`twice CNAME ${regionalName}`]),
        `the record leads to ${regionalName}.${ZONE}: the provider appended its zone to the value. Write it with a dot at its end, ${regionalName}.`,
      );
    });

    test('IPv6 by half', async () => {
      const host = `dual.${ZONE}`;
      await makeDomain(host);
      const DomainNameConfigurations = [{ IpAddressType: 'dualstack' as const }];
      assert.deepEqual((await isWellWith(host, ['dual A 127.0.0.1'])).notes, []);
      await clients.gateway.send(new UpdateDomainNameCommand({ DomainName: host, DomainNameConfigurations }));
      const { notes } = await isWellWith(host, ['dual A 127.0.0.1']);
      assert.deepEqual(
        notes.map(({ cause }) => cause),
        [`${host} has no AAAA record: clients that have IPv6 alone do not come here`],
      );
      assert.equal(
        await causeWith(host, ['dual AAAA ::1']),
        `${host} has no A record: clients that have IPv4 alone do not come here`,
      );
      assert.equal(
        await causeWith(host, ['dual A 127.0.0.1', 'dual AAAA 2001:db8::1']),
        `${host} leads to 2001:db8::1 over IPv6, and this gateway is at 127.0.0.1, ::1`,
      );
      assert.deepEqual((await isWellWith(host, ['dual A 127.0.0.1', 'dual AAAA ::1'])).notes, []);
    });

    test('CAA records in the way of a renewal are a note, in domains as well', async () => {
      const host = `caa.${ZONE}`;
      const { arn, proof, regionalName } = await makeProvenDomain(host);
      const records = [proof, `caa CNAME ${regionalName}.`];
      assert.deepEqual((await isWellWith(host, records)).notes, []);
      const { notes } = await isWellWith(host, [...records, '@ CAA 0 issue "other.example"']);
      assert.match(
        notes[0]!.cause,
        new RegExp(
          `^the renewal of ${arn} will be refused: the CAA records of ${ZONE} \\(issue "other\\.example"\\) allow none of amazon\\.com, `,
        ),
      );
      const { code, stdout } = await sallyport(['domains', host, '--endpoint', gateway.endpoint]);
      assert.equal(code, 0, 'it works today');
      assert.match(stdout, /^ {4}note {3}the renewal of \S+ will be refused: /m);
      assert.deepEqual((await isWellWith(host, [...records, '@ CAA 0 issue "amazon.com"'])).notes, []);
    });
  });

  test('a view of our own server that the resolver contradicts is a split view', async () => {
    const { makeHostedZone, putRecord, aliasRecord } = await import('../harness/domains.ts');
    const host = `split.${ZONE}`;
    const made = await makeDomain(host);
    await knot.serve(['split A 192.0.2.9']);
    const zoneId = await makeHostedZone(clients, `split.${ZONE}`);
    await putRecord(clients, zoneId, aliasRecord(host, made));
    const { cause, steps } = await explain(host);
    assert.match(steps[0]!.found, /^127\.0\.0\.1 /);
    assert.equal(
      cause,
      `our own server leads here, and whoever asks ${unbound.address} is told otherwise: ${host} leads to 192.0.2.9, and this gateway is at 127.0.0.1, ::1`,
    );
  });
});

const NAME_SERVER = '127.0.53.7';
const port53 = await freeAddress(NAME_SERVER, 53).catch((error: Error) => error);
const isPort53Free = !(port53 instanceof Error);

describe(
  'a resolver that keeps what it was told, and the name servers of the zone',
  { skip: skip || (!isPort53Free && `not shown: ${NAME_SERVER}:53 cannot be bound`) },
  async () => {
    const own = await freeAddress();
    const zone = 'late.test';
    const glue = `ns1 A ${NAME_SERVER}`;
    const knot = await startKnot({ after }, zone, { nameServers: [`ns1.${zone}.`], address: `${NAME_SERVER}:53` });
    await knot.serve([glue]);
    const unbound = await startUnbound({ after }, { [zone]: `${NAME_SERVER}:53`, [DEFAULT_SUFFIX]: own });
    const flags = ['--dns', own, '--resolver', unbound.address, '--endpoint-suffix', DEFAULT_SUFFIX];
    const gateway = await startTestGateway({ after }, flags);
    const { clients } = gateway;
    const authority = await foreignAuthority({ after });
    const api = await makeApi(clients, { $default: { target: mock('hello'), isTwoWay: true } });

    async function explain(host: string): Promise<Explained> {
      const { stdout } = await sallyport(['explain', `wss://${host}/chat`, '--json', '--endpoint', gateway.endpoint]);
      return JSON.parse(stdout) as Explained;
    }

    async function makeDomain(name: string): Promise<MadeDomain> {
      const made = await createDomain(clients, name, await importCertificate(clients, await authority.leaf([name])));
      await mapDomain(clients, name, 'chat', api);
      return made;
    }

    test('a denial that is kept is told, and until when at the latest', async () => {
      const host = `kept.${zone}`;
      const { regionalName } = await makeDomain(host);
      assert.equal((await explain(host)).cause, `there is no DNS record for ${host}`);
      await knot.serve([glue, `kept CNAME ${regionalName}.`]);
      const { cause, fix, record } = await explain(host);
      assert.match(
        cause!,
        new RegExp(
          `^${unbound.address} still keeps that there was no such record, until 20\\S+Z at the latest \\(SOA minimum of late\\.test: 60 s\\)$`,
        ),
      );
      assert.match(fix!, /^wait until 20\S+Z, or have its cache flushed$/);
      assert.equal(record, undefined, 'there is nothing to create');
    });

    test('an older address that is kept is told, and a newer one that leads away is a note', async () => {
      const host = `moved.${zone}`;
      await makeDomain(host);
      await knot.serve([glue, 'moved A 192.0.2.1']);
      assert.match((await explain(host)).cause!, /leads to 192\.0\.2\.1/);
      await knot.serve([glue, 'moved A 127.0.0.1']);
      const { cause, fix } = await explain(host);
      assert.equal(
        cause,
        `${unbound.address} still keeps an older answer; the name servers of ${zone} lead here already`,
      );
      assert.equal(fix, 'wait until the TTL of the older record has passed');

      const leaving = `leaving.${zone}`;
      await makeDomain(leaving);
      await knot.serve([glue, 'leaving A 127.0.0.1']);
      assert.deepEqual((await explain(leaving)).notes, []);
      await knot.serve([glue, 'leaving A 192.0.2.2']);
      const { isGood, notes } = await explain(leaving);
      assert.ok(isGood);
      assert.equal(
        notes[0]!.cause,
        `the name servers of ${zone} say otherwise than ${unbound.address}: ${leaving} leads to 192.0.2.2, and this gateway is at 127.0.0.1`,
      );
    });
  },
);
