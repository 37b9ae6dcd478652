// A record that stands in a hosted zone here, and whoever asks does not see it: the zone is not served, nobody delegates it, somebody else has
// it, or a resolver still keeps that there was no such name. With accounts, so that the world's view counts.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { createClients } from '../../demo/chain.ts';
import { foreignAuthority } from '../harness/certificates.ts';
import { sallyport } from '../harness/command-line.ts';
import {
  aliasRecord,
  createDomain,
  importCertificate,
  makeHostedZone,
  mapDomain,
  putRecord,
} from '../harness/domains.ts';
import { startTestGateway, temporaryDirectory } from '../harness/gateway.ts';
import { freeAddress, startKnot } from '../harness/knot.ts';
import { missing } from '../harness/peers.ts';
import { makeApi, mock } from '../harness/sockets.ts';
import { startUnbound } from '../harness/unbound.ts';

const skip = missing('knot') || missing('unbound');
const [ANNE, BERT] = ['111111111111', '222222222222'] as const;
const SUFFIX = 'gateway.test';
const NAME_SERVERS = [1, 2, 3, 4].map((number) => `ns-${number}.dns.${SUFFIX}`).join(', ');

describe('a record that nobody sees', { skip }, async () => {
  const accounts = join(temporaryDirectory({ after }), 'accounts.yaml');
  const rows = [ANNE, BERT].map((id) => ({ id, keys: [{ id: `AKIA${id}`, secret: `secret of ${id}` }] }));
  writeFileSync(accounts, JSON.stringify({ accounts: rows }), { mode: 0o600 });
  const own = await freeAddress();
  const others = await startKnot({ after }, 'others.test');
  const nobody = await startKnot({ after }, 'nobody.test');
  const unbound = await startUnbound(
    { after },
    { 'others.test': others.address, 'nobody.test': nobody.address, 'us.test': own, [SUFFIX]: own },
  );
  const flags = ['--dns', own, '--resolver', unbound.address, '--endpoint-suffix', SUFFIX, '--accounts', accounts];
  const gateway = await startTestGateway({ after }, flags);
  const env = (id: string) => ({ AWS_ACCESS_KEY_ID: `AKIA${id}`, AWS_SECRET_ACCESS_KEY: `secret of ${id}` });
  const as = (id: string) => createClients(gateway.endpoint, 'us-east-1', `AKIA${id}`, `secret of ${id}`);
  const clients = as(ANNE);
  const authority = await foreignAuthority({ after });
  const api = await makeApi(clients, { $default: { target: mock('hello'), isTwoWay: true } });

  async function explain(host: string): Promise<{ isGood: boolean; cause?: string; fix?: string }> {
    const args = ['explain', `wss://${host}/chat`, '--json', '--endpoint', gateway.endpoint];
    return JSON.parse((await sallyport(args, { env: env(ANNE) })).stdout) as { isGood: boolean };
  }

  /** Domain name and zone; `record` puts the alias. */
  async function make(host: string, zone: string) {
    const zoneId = await makeHostedZone(clients, zone);
    const made = await createDomain(clients, host, await importCertificate(clients, await authority.leaf([host])));
    await mapDomain(clients, host, 'chat', api);
    return { zoneId, record: () => putRecord(clients, zoneId, aliasRecord(host, made)) };
  }

  test('because nobody delegates the zone', async () => {
    const { zoneId, record } = await make('ws.sub.nobody.test', 'sub.nobody.test');
    await record();
    const { cause, fix } = await explain('ws.sub.nobody.test');
    assert.equal(
      cause,
      `the record is in hosted zone ${zoneId} (sub.nobody.test), and ${unbound.address} knows no name servers of sub.nobody.test`,
    );
    assert.equal(fix, `have the registrar of sub.nobody.test delegate it to ${NAME_SERVERS}`);
  });

  test('because the zone is delegated to others', async () => {
    const { zoneId, record } = await make('ws.others.test', 'others.test');
    await record();
    const { cause, fix } = await explain('ws.others.test');
    assert.equal(
      cause,
      `the record is in hosted zone ${zoneId} (others.test), and others.test is delegated to ns1.other.net`,
    );
    assert.match(fix!, /^have the registrar .*, or create the record where others\.test is kept$/);
  });

  test('because the zone is not served', async () => {
    await makeHostedZone(as(BERT), 'taken.test');
    const { zoneId, record } = await make('ws.taken.test', 'taken.test');
    await record();
    const { cause, fix } = await explain('ws.taken.test');
    assert.match(
      cause!,
      new RegExp(
        `^the record is in hosted zone ${zoneId} \\(taken\\.test\\), which is not served: taken\\.test\\. is served by a zone of another account already$`,
      ),
    );
    assert.equal(fix, `sallyport zones --endpoint ${gateway.endpoint} ${zoneId}`);
    const words = await sallyport(['domains', 'ws.taken.test', '--endpoint', gateway.endpoint], { env: env(ANNE) });
    const line = /^ +sallyport (zones --endpoint \S+ \S+)$/m.exec(words.stdout)?.[1];
    assert.ok(line, words.stdout);
    const pasted = await sallyport(line.split(' '), { env: env(ANNE) });
    assert.match(pasted.stdout, /^✗ taken\.test {2}Z\w+$/m);
  });

  test('because the resolver keeps that there was none; and it is good where all is well', async () => {
    const { record } = await make('ws.us.test', 'us.test');
    assert.equal((await explain('ws.us.test')).cause, 'there is no DNS record for ws.us.test');
    await record();
    const { cause, fix } = await explain('ws.us.test');
    assert.match(
      cause!,
      /^127\.0\.0\.1:\d+ still keeps that there was no such record, until 20\S+Z at the latest \(SOA minimum of us\.test: 86400 s\)$/,
    );
    assert.match(fix!, /^wait until /);
    const fresh = await makeHostedZone(clients, 'fresh.us.test');
    const host = 'fresh.us.test';
    const made = await createDomain(clients, host, await importCertificate(clients, await authority.leaf([host])));
    await mapDomain(clients, host, 'chat', api);
    await putRecord(clients, fresh, aliasRecord(host, made));
    const explained = await explain(host);
    assert.ok(explained.isGood, JSON.stringify(explained));
  });
});
