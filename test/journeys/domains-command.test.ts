// `sallyport domains`: one rolled-up state for each domain name of the caller, with the one next action; and what the two commands
// look like for people: colours on a terminal, help with examples, problems on one line.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { createClients } from '../../demo/chain.ts';
import { foreignAuthority } from '../harness/certificates.ts';
import { LAUNCHER, paste, sallyport } from '../harness/command-line.ts';
import {
  aliasRecord,
  createDomain,
  importCertificate,
  issueCertificate,
  makeHostedZone,
  mapDomain,
  putRecord,
} from '../harness/domains.ts';
import { startTestGateway, temporaryDirectory } from '../harness/gateway.ts';
import { makeApi, mock, openSocket, RefusedHandshake } from '../harness/sockets.ts';

const gateway = await startTestGateway({ after });
const { clients } = gateway;
const authority = await foreignAuthority({ after });
const zoneId = await makeHostedZone(clients, 'example.com');
const api = await makeApi(clients, { $default: { target: mock('hello'), isTwoWay: true } });

async function makeDomain(name: string, options: { record?: boolean; key?: string } = {}): Promise<void> {
  const made = await createDomain(clients, name, await importCertificate(clients, await authority.leaf([name])));
  if (options.record !== false) await putRecord(clients, zoneId, aliasRecord(name, made));
  if (options.key !== undefined) await mapDomain(clients, name, options.key, api);
}

const domains = (...names: string[]) => sallyport(['domains', ...names, '--endpoint', gateway.endpoint]);

await makeDomain('good.example.com', { key: 'chat' });
await makeDomain('norecord.example.com', { key: 'chat', record: false });
await makeDomain('unmapped.example.com');

test('each domain name has its certificate, DNS, mapping and last handshake, and the one next action', async () => {
  const url = `wss://good.example.com:${gateway.tlsPort}`;
  const client = await openSocket(gateway, `${url}/chat`, { rejectUnauthorized: false });
  client.socket.terminate();
  const { code, stdout } = await domains();
  assert.equal(code, 1);
  const until = /until 20\d\d-\d\d-\d\d/.source;
  const regional = /wss-never|127\.0\.0\.1 \(asked 127\.0\.0\.1:\d+\)/.source;
  const expected = [
    '✓ good\\.example\\.com',
    `    ✓ certificate ${until}`,
    `    ✓ dns         points here: (${regional})`,
    `    ✓ mapping     /chat → ${api.apiId}/test`,
    '    ✓ handshake   opened 20\\S+Z',
    '✗ norecord\\.example\\.com',
    `    ✓ certificate ${until}`,
    '    ✗ dns         does not point here: no address \\(asked 127\\.0\\.0\\.1:\\d+\\)',
    `    ✓ mapping     /chat → ${api.apiId}/test`,
    '    ✓ handshake   none since the start',
    '    next  there is no DNS record for norecord\\.example\\.com',
    `          aws --endpoint-url ${gateway.endpoint} route53 change-resource-record-sets .*`,
    '✗ unmapped\\.example\\.com',
    `    ✓ certificate ${until}`,
    `    ✓ dns         points here: (${regional})`,
    '    ✗ mapping     none',
    '    ✓ handshake   none since the start',
    '    next  unmapped\\.example\\.com has no API mapping for / and no root mapping',
    `          aws --endpoint-url ${gateway.endpoint} apigatewayv2 create-api-mapping --domain-name unmapped\\.example\\.com --api-id ${api.apiId} --stage test`,
  ];
  assert.match(stdout, new RegExp(`^${expected.join('\n')}\n$`));
});

test('named ones only, as JSON; a refused handshake is told until one is opened', async () => {
  const url = `wss://good.example.com:${gateway.tlsPort}`;
  const look = async () => {
    const { stdout, code } = await domains('good.example.com', '--json');
    const [state] = JSON.parse(stdout) as [
      { domainName: string; state: string; lastHandshake: Record<string, string> },
    ];
    return { code, ...state };
  };
  await assert.rejects(openSocket(gateway, `${url}/none`, { rejectUnauthorized: false }), RefusedHandshake);
  const refused = await look();
  assert.deepEqual([refused.code, refused.domainName, refused.state], [0, 'good.example.com', 'ok']);
  assert.match(refused.lastHandshake['refusal']!, /no API mapping for \/none/);
  const { stdout } = await domains('good.example.com');
  assert.match(stdout, /✗ handshake {3}refused 20\S+Z: good\.example\.com has no API mapping for \/none/);
  const client = await openSocket(gateway, `${url}/chat`, { rejectUnauthorized: false });
  client.socket.terminate();
  assert.match((await domains('good.example.com')).stdout, /✓ handshake {3}opened 20/);
});

test('more than a page of names is printed in order, each once', async () => {
  const other = createClients(gateway.endpoint, 'us-east-1', '999988887777');
  const names = Array.from({ length: 60 }, (_, at) => `n${String(at).padStart(2, '0')}.pages.test`);
  const arn = await importCertificate(other, await authority.leaf(names));
  for (const name of names) await createDomain(other, name, arn);
  const env = { AWS_ACCESS_KEY_ID: '999988887777', AWS_SECRET_ACCESS_KEY: 'test' };
  const { stdout } = await sallyport(['domains', '--json', '--endpoint', gateway.endpoint], { env });
  assert.deepEqual(
    (JSON.parse(stdout) as { domainName: string }[]).map(({ domainName }) => domainName),
    names,
  );
});

test('an account without domain names is told how to make one, and a name that it lacks is said so', async () => {
  const env = { AWS_ACCESS_KEY_ID: '111122223333', AWS_SECRET_ACCESS_KEY: 'test' };
  const none = await sallyport(['domains', '--endpoint', gateway.endpoint], { env });
  assert.equal(none.stdout, 'no custom domain names; aws apigatewayv2 create-domain-name makes one\n');
  const absent = await sallyport(['domains', 'good.example.com', '--endpoint', gateway.endpoint], { env });
  assert.equal(absent.code, 2);
  assert.match(
    absent.stderr,
    /^sallyport: .* There is no custom domain name good\.example\.com in account 111122223333\.\n$/,
  );
});

test('more names than a page holds are refused with the bound', async () => {
  const { code, stderr } = await domains(...Array.from({ length: 51 }, (_, at) => `n${at}.example.com`));
  assert.equal(code, 2);
  assert.match(stderr, /At most 50 domain names can be asked for at a time, and these are 51\./);
});

test('two accounts of one owner may have overlapping names, and see that the operator recorded it', async (t) => {
  const accounts = join(temporaryDirectory(t), 'accounts.yaml');
  const key = (id: string) => ({ id, keys: [{ id: `AKIA${id}`, secret: `secret of ${id}` }] });
  const [one, two, three] = ['111111111111', '222222222222', '333333333333'];
  const sharedOwners = [[one, two]];
  writeFileSync(accounts, JSON.stringify({ accounts: [one, two, three].map((id) => key(id!)), sharedOwners }), {
    mode: 0o600,
  });
  const shared = await startTestGateway(t, ['--accounts', accounts, '--own-names', 'shared.test']);
  const as = (id: string) => createClients(shared.endpoint, 'us-east-1', `AKIA${id}`, `secret of ${id}`);
  const exact = async (id: string, name: string) =>
    createDomain(as(id), name, await importCertificate(as(id), await authority.leaf([name])));
  await exact(one!, 'a.shared.test');
  const zoneOfTwo = await makeHostedZone(as(two!), 'shared.test');
  const wildcard = '*.shared.test';
  await createDomain(as(two!), wildcard, await issueCertificate(as(two!), zoneOfTwo, wildcard));
  await exact(one!, 'b.shared.test');
  await assert.rejects(exact(three!, 'c.shared.test'), {
    name: 'BadRequestException',
    message: 'The domain name c.shared.test conflicts with a domain name of another account.',
  });
  const listed = (id: string) =>
    sallyport(['domains', '--endpoint', shared.endpoint], {
      env: { AWS_ACCESS_KEY_ID: `AKIA${id}`, AWS_SECRET_ACCESS_KEY: `secret of ${id}` },
    });
  assert.match(
    (await listed(one!)).stdout,
    /^account 111111111111 has one owner with 222222222222 \(accounts file\): their names may overlap\n/,
  );
  assert.doesNotMatch((await listed(three!)).stdout, /owner/);
});

test('on a terminal it is coloured, and not with NO_COLOR', async () => {
  const line = `script -qec "'${process.execPath}' '${LAUNCHER}' explain wss://good.example.com/chat --endpoint ${gateway.endpoint}" /dev/null`;
  const green = '\x1b[32m✓\x1b[0m dns';
  assert.ok((await paste(line)).stdout.includes(green));
  assert.ok(!(await paste(line, { env: { NO_COLOR: '1' } })).stdout.includes(green));
});

test('as JSON the next action is the command that is shown for people', async () => {
  const [text, json] = [await domains('unmapped.example.com'), await domains('unmapped.example.com', '--json')];
  const [{ next }] = JSON.parse(json.stdout) as [{ next: string }];
  assert.ok(next.startsWith(`aws --endpoint-url ${gateway.endpoint} apigatewayv2 create-api-mapping `), next);
  assert.ok(text.stdout.includes(`          ${next}\n`), text.stdout);
});

test('--help shows examples and the variables that are read, and a gateway that does not answer is one line', async () => {
  for (const [command, example] of [
    ['explain', 'sallyport explain wss://'],
    ['domains', 'sallyport domains\n'],
  ] as const) {
    const { stdout } = await sallyport([command, '--help']);
    assert.ok(stdout.includes(`\nExamples:\n  ${example}`), stdout);
    for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_REGION', 'AWS_DEFAULT_REGION'])
      assert.ok(stdout.includes(name), name);
    assert.match(stdout, /AWS_ENDPOINT_URL .* no --endpoint[^]*Exit codes: 0 .*, 1 .*, 2 /);
  }
  const { code, stderr } = await sallyport(['domains', '--endpoint', 'http://127.0.0.1:9']);
  assert.equal(code, 2);
  assert.match(stderr, /^sallyport: no gateway answers at http:\/\/127\.0\.0\.1:9 .*--endpoint\.\n$/);
});

test('the gateway may be named by AWS_ENDPOINT_URL, and the flag wins', async () => {
  const gone = 'http://127.0.0.1:9';
  const found = await sallyport(['domains', 'good.example.com'], { env: { AWS_ENDPOINT_URL: gateway.endpoint } });
  assert.equal(found.code, 0, found.stderr);
  const flag = ['domains', 'good.example.com', '--endpoint', gateway.endpoint];
  assert.equal((await sallyport(flag, { env: { AWS_ENDPOINT_URL: gone } })).code, 0);
  assert.equal((await sallyport(flag.slice(0, 2), { env: { AWS_ENDPOINT_URL: gone } })).code, 2);
  const words = await sallyport(['domains'], { env: { AWS_ENDPOINT_URL: 'localhost' } });
  assert.match(words.stderr, /^sallyport: --endpoint, or AWS_ENDPOINT_URL: 'localhost' is not a URL/);
});

test('half a pair of credentials is refused, and nobody is asked', async () => {
  for (const [given, lacking] of [
    ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'],
    ['AWS_SECRET_ACCESS_KEY', 'AWS_ACCESS_KEY_ID'],
  ] as const) {
    const env = { [given]: '111122223333', [lacking]: undefined };
    const { code, stderr } = await sallyport(['domains', '--endpoint', gateway.endpoint], { env });
    assert.equal(code, 2);
    assert.equal(
      stderr,
      `sallyport: ${given} is set and ${lacking} is not: set both, or neither for the development credentials.\n`,
    );
  }
});
