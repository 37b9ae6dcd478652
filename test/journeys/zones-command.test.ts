// `sallyport zones`: which hosted zones are served and why, whether the world asks this server for them, what the operator decides about
// them, and that the decision holds: in the next answer, and after kill -9.

import assert from 'node:assert/strict';
import { promises as dns } from 'node:dns';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { DeleteHostedZoneCommand } from '@aws-sdk/client-route-53';
import { createClients, type Clients } from '../../demo/chain.ts';
import { sallyport } from '../harness/command-line.ts';
import { changeRecords, makeHostedZone } from '../harness/domains.ts';
import { startTestGateway, temporaryDirectory, type TestGateway } from '../harness/gateway.ts';
import { startKnot } from '../harness/knot.ts';
import { missing } from '../harness/peers.ts';
import { startUnbound } from '../harness/unbound.ts';

const skip = missing('knot') || missing('unbound');
const [OPERATOR, ANNE, BERT] = ['111111111111', '222222222222', '333333333333'] as const;
const secretOf = (account: string) => `secret of ${account}`;
const directory = temporaryDirectory({ after });
const accounts = join(directory, 'accounts.yaml');
writeFileSync(
  accounts,
  JSON.stringify({
    accounts: [OPERATOR, ANNE, BERT].map((id) => ({
      id,
      operator: id === OPERATOR,
      keys: [{ id: `AKIA${id}`, secret: secretOf(id) }],
    })),
  }),
  { mode: 0o600 },
);

interface Zone {
  readonly id: string;
  readonly name: string;
  readonly isServed: boolean;
  readonly reason: string;
  readonly decidedAt?: string;
  readonly delegation: { readonly to: string };
  readonly isWell: boolean;
  readonly cause?: string;
  readonly next?: string;
}

function as(account: string, gateway: Pick<TestGateway, 'endpoint'>) {
  const env = { AWS_ACCESS_KEY_ID: `AKIA${account}`, AWS_SECRET_ACCESS_KEY: secretOf(account) };
  const run = (...args: string[]) => sallyport(['zones', ...args, '--endpoint', gateway.endpoint], { env });
  const clients: Clients = createClients(gateway.endpoint, 'us-east-1', `AKIA${account}`, secretOf(account));
  return {
    clients,
    run,
    async list(...args: string[]): Promise<Zone[]> {
      const { stdout, stderr } = await run(...args, '--json');
      assert.equal(stderr, '');
      return JSON.parse(stdout) as Zone[];
    },
    /** Resolves to the decision as JSON. */
    async serve(...args: string[]) {
      const { stdout, stderr } = await run('serve', ...args, '--json');
      assert.equal(stderr, '');
      return JSON.parse(stdout) as { zone: Zone; began: { id: string }[]; ended: { id: string }[] };
    },
    /** A zone whose apex says whose it is. */
    async zone(name: string): Promise<string> {
      const id = await makeHostedZone(clients, name);
      const Value = `"${account}"`;
      const record = { Name: name, Type: 'TXT' as const, TTL: 60, ResourceRecords: [{ Value }] };
      await changeRecords(clients, id, { Action: 'CREATE', ResourceRecordSet: record });
      return id;
    },
    async remove(id: string, name: string): Promise<void> {
      const record = { Name: name, Type: 'TXT' as const, TTL: 60, ResourceRecords: [{ Value: `"${account}"` }] };
      await changeRecords(clients, id, { Action: 'DELETE', ResourceRecordSet: record });
      await clients.route53.send(new DeleteHostedZoneCommand({ Id: id }));
    },
  };
}

/** Whose zone answers for a name, or the code of a refusal. */
async function owner(gateway: Pick<TestGateway, 'dnsServer'>, name: string): Promise<string> {
  const resolver = new dns.Resolver();
  resolver.setServers([gateway.dnsServer]);
  return resolver.resolveTxt(name).then(
    ([[text = ''] = []]) => text,
    (error: NodeJS.ErrnoException) => error.code!,
  );
}

describe('who is served', { skip }, async () => {
  const knot = await startKnot({ after }, 'nowhere.test');
  const unbound = await startUnbound({ after }, { test: knot.address });
  const gateway = await startTestGateway({ after }, ['--accounts', accounts, '--resolver', unbound.address]);
  const [operator, anne, bert] = [as(OPERATOR, gateway), as(ANNE, gateway), as(BERT, gateway)];

  test('each account sees its own, an operator all; a name finds the zone that holds it', async () => {
    const [ofAnne, ofBert] = [await anne.zone('seen-a.test'), await bert.zone('seen-b.test')];
    assert.deepEqual(
      (await anne.list()).map(({ id }) => id),
      [ofAnne],
    );
    assert.deepEqual(
      (await operator.list()).map(({ id }) => id),
      [ofAnne, ofBert].sort(),
    );
    assert.deepEqual(
      (await bert.list('www.seen-b.test')).map(({ id }) => id),
      [ofBert],
    );
    assert.deepEqual(
      (await bert.list(ofBert)).map(({ id }) => id),
      [ofBert],
    );
    for (const which of [ofAnne, 'seen-a.test', 'Z0', 'nothing.test']) {
      const { code, stderr } = await bert.run(which);
      assert.equal(code, 2);
      assert.match(stderr, /^sallyport: .* There is no hosted zone \S+, or it is not yours\.\n$/);
    }
  });

  test('of equal zones the operator chooses one, in the next answer; undone, the first is served again', async () => {
    const name = 'equal.test';
    const [first, second] = [await anne.zone(name), await bert.zone(name)];
    assert.equal(await owner(gateway, name), ANNE);
    const [refused] = await bert.list(name);
    assert.equal(refused!.isServed, false);
    assert.equal(
      refused!.next,
      `ask the operator of the server for: sallyport zones serve --endpoint ${gateway.endpoint} ${second}`,
    );
    const [shown] = await operator.list(second);
    assert.equal(shown!.next, `sallyport zones serve --endpoint ${gateway.endpoint} ${second}`);

    const decision = await operator.serve(second);
    assert.equal(await owner(gateway, name), BERT);
    assert.deepEqual([decision.began.map(({ id }) => id), decision.ended.map(({ id }) => id)], [[second], [first]]);
    const { stdout } = await bert.run(name);
    assert.match(stdout, /^ {4}served {7}yes: decided by the operator on 20\S+Z$/m);
    assert.match(
      (await anne.list(name))[0]!.reason,
      /is served by a zone of another account, decided by the operator on 20\S+Z$/,
    );

    await operator.serve(first);
    assert.equal(await owner(gateway, name), ANNE);
    await operator.serve(first, '--undo');
    assert.equal(await owner(gateway, name), BERT, 'the decision before holds');
    const undone = await operator.run('serve', second, '--undo');
    assert.match(
      undone.stdout,
      new RegExp(`^✓ equal\\.test is served by ${first} of account ${ANNE} now\n✗ ${second} `),
    );
    assert.equal(await owner(gateway, name), ANNE);
    const again = await operator.run('serve', second, '--undo');
    assert.equal(again.code, 2);
    assert.match(again.stderr, /decided nothing about the hosted zone \S+, so there is nothing to undo\.\n$/);
  });

  test('nobody but an operator decides, and nobody decides about a zone that is not there', async () => {
    const name = 'mine.test';
    await anne.zone(name);
    const id = await bert.zone(name);
    for (const args of [[id], [id, '--undo']]) {
      const { code, stderr } = await bert.run('serve', ...args);
      assert.equal(code, 2);
      assert.match(stderr, /answered 403: This is for the operator of the server, and account 333333333333 is none\./);
    }
    assert.equal(await owner(gateway, name), ANNE);
    const { code, stderr } = await operator.run('serve', 'Z00000000000000000000');
    assert.equal(code, 2);
    assert.match(stderr, /answered 404: There is no hosted zone Z0+/);
  });

  test('a child of another account answers once it is delegated, or the operator decides', async () => {
    const parent = await anne.zone('family.test');
    const child = await bert.zone('child.family.test');
    assert.equal(await owner(gateway, 'child.family.test'), 'ENOTFOUND');
    const [shown] = await bert.list(child);
    assert.match(
      shown!.next!,
      /^have the account of the zone above create an NS record set at child\.family\.test with ns-1\.dns\.localhost, .*; or ask the operator/,
    );
    await operator.serve(child);
    assert.deepEqual(
      [await owner(gateway, 'child.family.test'), await owner(gateway, 'family.test')],
      [BERT, ANNE],
      'and the parent is served as before',
    );
    await operator.serve(child, '--undo');
    assert.equal(await owner(gateway, 'child.family.test'), 'ENOTFOUND');
    const ResourceRecords = [{ Value: 'ns-1.dns.localhost.' }];
    const delegation = { Name: 'child.family.test', Type: 'NS' as const, TTL: 60, ResourceRecords };
    await changeRecords(anne.clients, parent, { Action: 'CREATE', ResourceRecordSet: delegation });
    assert.equal(await owner(gateway, 'child.family.test'), BERT);
  });

  test('a decision about a parent takes a child along that slipped in, and says so', async () => {
    const child = await bert.zone('early.order.test');
    const [first, second] = [await anne.zone('order.test'), await bert.zone('order.test')];
    assert.deepEqual([await owner(gateway, 'early.order.test'), await owner(gateway, 'order.test')], [BERT, ANNE]);
    const decision = await operator.serve(first);
    assert.deepEqual([decision.began, decision.ended.map(({ id }) => id)], [[], [child]]);
    assert.equal(await owner(gateway, 'early.order.test'), 'ENOTFOUND');
    await operator.serve(second);
    assert.deepEqual(
      [await owner(gateway, 'early.order.test'), await owner(gateway, 'order.test')],
      [BERT, BERT],
      'the child of its own account needs no delegation',
    );
  });

  test('a decision goes with its zone, and outlives every other', async () => {
    const name = 'gone.test';
    const [first, second, third] = [
      await anne.zone(name),
      await bert.zone(name),
      await as(OPERATOR, gateway).zone(name),
    ];
    await operator.serve(third);
    await anne.remove(first, name);
    assert.equal(await owner(gateway, name), OPERATOR, 'the deletion of the one that came first changes nothing');
    await operator.remove(third, name);
    assert.equal(await owner(gateway, name), BERT);
    assert.equal((await bert.list(second))[0]!.decidedAt, undefined);
  });

  test('a change of records and counts keeps the decision', async () => {
    const name = 'counted.test';
    await anne.zone(name);
    const id = await bert.zone(name);
    await operator.serve(id);
    const record = { Name: `www.${name}`, Type: 'A' as const, TTL: 60, ResourceRecords: [{ Value: '192.0.2.1' }] };
    await changeRecords(bert.clients, id, { Action: 'CREATE', ResourceRecordSet: record });
    assert.equal(await owner(gateway, name), BERT);
    assert.match((await bert.list(id))[0]!.decidedAt!, /^20/);
  });
});

test('a decision survives kill -9', { skip }, async (t) => {
  const dataDir = temporaryDirectory(t);
  const args = ['--accounts', accounts, '--data-dir', dataDir];
  const before = await startTestGateway(t, args);
  await as(ANNE, before).zone('lasting.test');
  const id = await as(BERT, before).zone('lasting.test');
  await as(OPERATOR, before).serve(id);
  await before.stop('SIGKILL');
  const now = await startTestGateway(t, args);
  assert.equal(await owner(now, 'lasting.test'), BERT);
});

describe('whether the world asks us', { skip }, async () => {
  // Whom the resolver asks for `us.test` is known once the gateway listens, so that one comes first and the gateway again after it.
  const dataDir = temporaryDirectory({ after });
  const others = await startKnot({ after }, 'others.test');
  const partly = await startKnot({ after }, 'partly.test');
  const nobody = await startKnot({ after }, 'nobody.test');
  await partly.serve(['@ NS ns-2.dns.localhost.']);
  const first = await startTestGateway({ after }, ['--accounts', accounts, '--data-dir', dataDir]);
  const { dnsServer } = first;
  await first.stop();
  const unbound = await startUnbound(
    { after },
    {
      'others.test': others.address,
      'partly.test': partly.address,
      'nobody.test': nobody.address,
      'us.test': dnsServer,
    },
  );
  const flags = ['--accounts', accounts, '--data-dir', dataDir, '--dns', dnsServer, '--resolver', unbound.address];
  const gateway = await startTestGateway({ after }, [...flags, '--own-names', 'counted.test']);
  const anne = as(ANNE, gateway);

  const rows: readonly [name: string, to: string, cause: RegExp | undefined, next: RegExp | undefined][] = [
    ['us.test', 'us', undefined, undefined],
    [
      'others.test',
      'others',
      /^it is delegated to ns1\.other\.net \(asked 127\.0\.0\.1:\d+\), so the world does not ask this server$/,
      /^at the registrar of others\.test, .*, enter ns-1\.dns\.localhost, ns-2\.dns\.localhost, /,
    ],
    [
      'partly.test',
      'us-and-others',
      /^others answer for it, too: ns-2\.dns\.localhost, ns1\.other\.net /,
      /take the other/,
    ],
    ['sub.nobody.test', 'nobody', /^it is delegated to nobody /, /^at the registrar of sub\.nobody\.test/],
    [
      'elsewhere.net',
      'unknown',
      /^whether it is delegated .* not known: .*SERVFAIL/,
      /at port 53, then: dig NS elsewhere\.net$/,
    ],
    ['counted.test', 'unknown', undefined, undefined],
  ];
  for (const [name, to, cause, next] of rows) {
    test(`${name}: ${to}`, async () => {
      const id = await makeHostedZone(anne.clients, name);
      const [zone] = (await anne.list(id)) as [Zone];
      assert.deepEqual(
        [zone.isServed, zone.delegation.to, zone.isWell],
        [true, to, cause === undefined],
        JSON.stringify(zone),
      );
      if (cause) assert.match(zone.cause!, cause);
      if (next) assert.match(zone.next!, next);
    });
  }

  test('all of them are printed for people, with exit code 1', async () => {
    const { code, stdout } = await anne.run();
    assert.equal(code, 1);
    assert.match(
      stdout,
      /^✓ us\.test {2}Z\w+\n {4}account {6}222222222222\n {4}record sets {2}2\n {4}served {7}yes: first zone of its name\n/m,
    );
    assert.match(
      stdout,
      /^ {4}name servers ns-1\.dns\.localhost, ns-2\.dns\.localhost, ns-3\.dns\.localhost, ns-4\.dns\.localhost$/m,
    );
    assert.match(stdout, /^ {4}delegated {4}to others: ns1\.other\.net \(asked 127\.0\.0\.1:\d+\)\n {4}next/m);
  });
});

test('more than a page of zones is printed in order, each once; without any one is told how to make one', async (t) => {
  const gateway = await startTestGateway(t);
  const env = { AWS_ACCESS_KEY_ID: '999988887777', AWS_SECRET_ACCESS_KEY: 'test' };
  const list = (...args: string[]) => sallyport(['zones', ...args, '--endpoint', gateway.endpoint], { env });
  assert.equal((await list()).stdout, 'no hosted zones; aws route53 create-hosted-zone makes one\n');
  const clients = createClients(gateway.endpoint, 'us-east-1', '999988887777');
  const made = [];
  for (let at = 0; at < 60; at += 1) made.push(await makeHostedZone(clients, `n${at}.pages.test`));
  const { stdout, code } = await list('--json');
  assert.equal(code, 0, 'on the loopback default zones count as they are');
  assert.deepEqual(
    (JSON.parse(stdout) as Zone[]).map(({ id }) => id),
    made.sort(),
  );
});

test('--help shows examples', async () => {
  for (const args of [['zones'], ['zones', 'serve'], ['zones', 'list']]) {
    assert.match(
      (await sallyport([...args, '--help'])).stdout,
      args[1] === 'serve' ? /Examples:\n {2}sallyport zones serve Z.*--undo\n/s : /Examples:\n {2}sallyport zones\n/,
    );
  }
});
