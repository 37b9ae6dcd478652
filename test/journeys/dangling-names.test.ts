// Names that no longer lead here and records that lead nowhere: found by the watch, told once in the log, shown by `domains`; and deleting a
// domain name by the command line, which tells first what that breaks.

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { DeleteDomainNameCommand, GetApiMappingsCommand, GetDomainNameCommand } from '@aws-sdk/client-apigatewayv2';
import { createClients } from '../../demo/chain.ts';
import { foreignAuthority } from '../harness/certificates.ts';
import { LAUNCHER, paste, sallyport } from '../harness/command-line.ts';
import {
  aliasRecord,
  changeRecords,
  createDomain,
  importCertificate,
  issueCertificate,
  makeHostedZone,
  mapDomain,
  putRecord,
} from '../harness/domains.ts';
import { eventually } from '../harness/eventually.ts';
import { startTestGateway, temporaryDirectory } from '../harness/gateway.ts';
import { freeAddress, startKnot } from '../harness/knot.ts';
import { missing } from '../harness/peers.ts';
import { makeApi, mock, openSocket } from '../harness/sockets.ts';
import { startUnbound } from '../harness/unbound.ts';

const SUFFIX = 'gateway.test';
/** Longer than from one round to the next. */
const ROUND = '8h';
const skip = missing('knot') || missing('unbound') || missing('aws');

describe('what leads nowhere', { skip }, async () => {
  const own = await freeAddress();
  const dataDir = temporaryDirectory({ after });
  const knot = await startKnot({ after }, 'elsewhere.test');
  const unbound = await startUnbound({ after }, { 'elsewhere.test': knot.address, [SUFFIX]: own }, true);
  const flags = [
    '--dns',
    own,
    '--resolver',
    unbound.address,
    '--endpoint-suffix',
    SUFFIX,
    '--clock',
    'movable',
    '--log-level',
    'debug',
  ];
  const start = () => startTestGateway({ after }, ['--data-dir', dataDir, ...flags]);
  let gateway = await start();
  let { clients } = gateway;
  /** After kill -9. */
  const restart = async () => {
    await gateway.stop('SIGKILL');
    gateway = await start();
    clients = gateway.clients;
  };
  const authority = await foreignAuthority({ after });
  const zoneId = await makeHostedZone(clients, 'example.com');
  const api = await makeApi(clients, { $default: { target: mock('hello'), isTwoWay: true } });

  const run = (...args: string[]) => sallyport([...args, '--endpoint', gateway.endpoint]);

  async function makeDomain(name: string) {
    const made = await createDomain(clients, name, await importCertificate(clients, await authority.leaf([name])));
    await mapDomain(clients, name, 'chat', api);
    return made;
  }

  /** Log lines of the running gateway about a name. */
  const warnings = (message: string, name: string) =>
    gateway
      .logged()
      .filter((line) => line['message'] === message && (line['domainName'] === name || line['name'] === name));
  const LOST = 'a domain name no longer leads here';
  const FOUND = 'a domain name leads here again';
  const NOWHERE = 'a record leads to the Regional name of a domain name that is gone';

  /** Lets a whole round pass. */
  async function round(): Promise<void> {
    const over = () =>
      gateway.logged().filter((line) => line['message'] === 'every name and record was looked at').length;
    const before = over();
    await gateway.advance(ROUND);
    await eventually('the round is over', () => (over() > before ? true : undefined));
  }

  interface Shown {
    readonly domainName: string;
    readonly state: string;
    readonly dns?: { readonly lostSince?: string };
    readonly leadsTo?: string;
    readonly since?: string;
    readonly next?: string;
  }

  async function shown(name?: string): Promise<Shown[]> {
    return JSON.parse((await run('domains', ...(name === undefined ? [] : [name]), '--json')).stdout) as Shown[];
  }

  const lostSince = async (name: string) => (await shown(name))[0]!.dns!.lostSince;

  test('a name that led here and does no longer is told once, shown since when, and told when it leads here again', async () => {
    const [name, never] = ['lost.elsewhere.test', 'never.elsewhere.test'];
    const { regionalName } = await makeDomain(name);
    await makeDomain(never);
    const here = `lost CNAME ${regionalName}.`;
    await knot.serve([here]);
    await round();
    await knot.serve(['lost A 192.0.2.1']);
    await round();
    await round();
    assert.equal(warnings(LOST, name).length, 1);
    assert.deepEqual([warnings(LOST, name)[0]!['level'], warnings(LOST, name)[0]!['found']], ['warn', '192.0.2.1']);
    const since = await lostSince(name);
    assert.match(since!, /^20/);
    assert.match(
      (await run('domains', name)).stdout,
      new RegExp(`✗ dns {9}does not point here since ${since}: 192\\.0\\.2\\.1`),
    );
    await restart();
    assert.equal(await lostSince(name), since, 'it is known after kill -9');
    await round();
    await knot.serve([here]);
    await round();
    assert.equal(warnings(FOUND, name).length, 1);
    assert.equal(warnings(LOST, name).length, 0, 'what was told is not told again');
    assert.equal(await lostSince(name), undefined);
    assert.equal(warnings(LOST, never).length, 0, 'a name that never led here is not lost');
  });

  test('after a deletion by any client the log tells of the records that still lead to the Regional name, and domains shows them', async () => {
    const name = 'left.example.com';
    const made = await makeDomain(name);
    await putRecord(clients, zoneId, aliasRecord(name, made));
    await clients.gateway.send(new DeleteDomainNameCommand({ DomainName: name }));
    const [warning] = await eventually('the log tells', () => {
      const found = warnings(NOWHERE, name);
      return found.length > 0 ? found : undefined;
    });
    assert.deepEqual(
      [warning!['type'], warning!['target'], warning!['hostedZone'], warning!['level']],
      ['A', made.regionalName, zoneId, 'warn'],
    );
    const { code, stdout } = await run('domains');
    assert.equal(code, 1);
    const at = stdout.indexOf(`✗ ${name} (a record alone)\n`);
    assert.ok(at > 0, stdout);
    assert.match(
      stdout.slice(at),
      new RegExp(`^.*\n {4}✗ A {11}leads to ${made.regionalName}, seen since 20\\S+Z\n {4}next {2}the A record of `),
    );
    assert.equal((await fetch(`${gateway.endpoint}/_sallyport/ready`)).status, 200, 'the server is ready all the same');
    const command = /^ +(aws .* route53 .*)$/m.exec(stdout.slice(at))![1]!;
    const pasted = await paste(command);
    assert.equal(pasted.code, 0, pasted.stderr);
    assert.ok(!(await shown()).some(({ domainName }) => domainName === name), 'what was mended is not shown');
    assert.equal(warnings(NOWHERE, name).length, 1);
  });

  test('records under other names are found by a round, once, and still known after a restart', async () => {
    const name = 'source.example.com';
    const made = await makeDomain(name);
    await putRecord(clients, zoneId, aliasRecord('second.example.com', made));
    const Value = `${made.regionalName}.`;
    const cname = { Name: 'third.example.com', Type: 'CNAME' as const, TTL: 60, ResourceRecords: [{ Value }] };
    await putRecord(clients, zoneId, cname);
    await clients.gateway.send(new DeleteDomainNameCommand({ DomainName: name }));
    const found = async () => {
      const all = await shown();
      const two = all.filter(({ leadsTo }) => leadsTo === made.regionalName);
      return two.length === 2 ? two : undefined;
    };
    await round();
    const before = (await found())!;
    assert.deepEqual(before.map(({ domainName }) => domainName).sort(), ['second.example.com', 'third.example.com']);
    assert.deepEqual(
      ['second', 'third'].map((label) => warnings(NOWHERE, `${label}.example.com`).length),
      [1, 1],
    );
    await restart();
    await round();
    const again = (await found())!;
    assert.deepEqual(
      again.map(({ since }) => since),
      before.map(({ since }) => since),
    );
    assert.equal(warnings(NOWHERE, 'second.example.com').length, 0, 'what was told is not told again');
    await changeRecords(clients, zoneId, { Action: 'DELETE', ResourceRecordSet: cname });
    assert.equal((await shown()).filter(({ leadsTo }) => leadsTo === made.regionalName).length, 1);
  });

  test('a record in somebody else’s DNS is told, too, until it is gone', async () => {
    const name = 'foreign.elsewhere.test';
    const { regionalName } = await makeDomain(name);
    await knot.serve([`foreign CNAME ${regionalName}.`]);
    const deleted = await run('domains', 'delete', name, '--yes');
    assert.equal(deleted.code, 0, deleted.stderr);
    assert.equal(
      deleted.stdout,
      `${name} and its mappings are deleted\nnext  delete the record ${name} at your DNS provider, which leads to ${regionalName}\n`,
    );
    await eventually('the log tells', () => (warnings(NOWHERE, name).length > 0 ? true : undefined));
    const [one] = (await shown()).filter(({ domainName }) => domainName === name);
    assert.deepEqual([one!.state, one!.next], ['dangling', `delete the CNAME record ${name} where its zone is kept`]);
    const stranger = await sallyport(['domains', '--json', '--endpoint', gateway.endpoint], {
      env: { AWS_ACCESS_KEY_ID: '999988887777', AWS_SECRET_ACCESS_KEY: 'test' },
    });
    assert.equal(stranger.stdout, '[]\n', 'another account sees nothing of it');
    await knot.serve([]);
    await round();
    assert.ok(!(await shown()).some(({ domainName }) => domainName === name));
  });

  test('while DNS leads to a name it is not deleted without being asked, and what that breaks is told', async () => {
    const name = 'used.example.com';
    await putRecord(clients, zoneId, aliasRecord(name, await makeDomain(name)));
    const url = `wss://${name}:${gateway.tlsPort}/chat`;
    const client = await openSocket(gateway, url, { rejectUnauthorized: false });
    const { code, stderr } = await run('domains', 'delete', name);
    assert.equal(code, 2);
    const rows = [
      `DNS leads clients to ${name}, and they will be refused:`,
      '    dns         127\\.0\\.0\\.1 \\(asked 127\\.0\\.0\\.1:\\d+\\)',
      `    mapping     /chat → ${api.apiId}/test`,
      '    sockets     1 open; they stay until they end',
      '    handshake   opened 20\\S+Z',
      `sallyport: ${name} is not deleted: to delete it all the same, give --yes\\.`,
    ];
    assert.match(stderr, new RegExp(`^${rows.join('\n')}\n$`));
    const there = await clients.gateway.send(new GetDomainNameCommand({ DomainName: name }));
    assert.equal(there.DomainName, name);

    const typed = (answer: string) =>
      paste(
        `printf '%s\\n' '${answer}' | script -qec "'${process.execPath}' '${LAUNCHER}' domains delete ${name} --endpoint ${gateway.endpoint}" /dev/null`,
      );
    assert.match((await typed('another.example.com')).stdout, /is not deleted\./);
    assert.equal((await clients.gateway.send(new GetApiMappingsCommand({ DomainName: name }))).Items!.length, 1);
    const deleted = await typed(name);
    assert.match(deleted.stdout, new RegExp(`${name} and its mappings are deleted`));
    await assert.rejects(clients.gateway.send(new GetDomainNameCommand({ DomainName: name })), {
      name: 'NotFoundException',
    });
    assert.equal(client.socket.readyState, client.socket.OPEN, 'the open socket stays');
    client.socket.terminate();
    const command = /(aws --endpoint-url .* route53 change-resource-record-sets .*)\r?$/m.exec(deleted.stdout)![1]!;
    assert.equal((await paste(command.trim())).code, 0, 'the record that was left is deleted by what is shown');
  });

  test('a name that DNS does not lead to is deleted at once, a wildcard in its region as well', async () => {
    await makeDomain('unused.example.com');
    const deleted = await run('domains', 'delete', 'unused.example.com', '--json');
    assert.deepEqual(JSON.parse(deleted.stdout), { domainName: 'unused.example.com', deleted: true, leftover: null });
    const there = createClients(gateway.endpoint, 'eu-west-1');
    const name = '*.unused.example.com';
    await createDomain(there, name, await issueCertificate({ ...clients, acm: there.acm }, zoneId, name));
    assert.equal((await run('domains', 'delete', name)).stdout, `${name} and its mappings are deleted\n`);
    await assert.rejects(there.gateway.send(new GetDomainNameCommand({ DomainName: name })), {
      name: 'NotFoundException',
    });
  });

  test('a name of another account is not there for anybody else', async () => {
    const name = 'kept.example.com';
    await makeDomain(name);
    const { code, stderr } = await sallyport(['domains', 'delete', name, '--yes', '--endpoint', gateway.endpoint], {
      env: { AWS_ACCESS_KEY_ID: '999988887777', AWS_SECRET_ACCESS_KEY: 'test' },
    });
    assert.equal(code, 2);
    assert.match(stderr, /There is no custom domain name kept\.example\.com in account 999988887777\.\n$/);
    assert.equal((await clients.gateway.send(new GetDomainNameCommand({ DomainName: name }))).DomainName, name);
  });
});
