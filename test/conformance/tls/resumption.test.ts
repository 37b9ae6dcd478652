// TLS sessions that are resumed: the certificate is not looked at again, so the Host of each request must lead to its stage by the
// configuration of that moment, whatever the session was made for (RFC 5077, RFC 8446 4.6.1, custom-domains 3.3).

import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { connect as connectTls, type ConnectionOptions, type PeerCertificate, type TLSSocket } from 'node:tls';
import {
  DeleteDomainNameCommand,
  UpdateApiMappingCommand,
  UpdateDomainNameCommand,
} from '@aws-sdk/client-apigatewayv2';
import { next } from '../../harness/eventually.ts';
import { startTestGateway, temporaryDirectory, type TestGateway } from '../../harness/gateway.ts';
import { missing } from '../../harness/peers.ts';
import { openSocket, RefusedHandshake } from '../../harness/sockets.ts';
import { connectOpenssl } from './openssl-client.ts';
import { DEFAULT_NAME, makeLandlord, replyOf, type Tenant } from './tenants.ts';

const ONE = 'one.example.com';
const TWO = 'two.example.com';
const FORBIDDEN = '403 {"message":"Forbidden"}';

/** What a client keeps of a connection for its next one. */
interface Kept {
  readonly session: Buffer;
  readonly ticket: Buffer | undefined;
}

/** A finished TLS handshake. */
interface Secured {
  readonly socket: TLSSocket;
  readonly isReused: boolean;
  readonly protocol: string | null;
  /** Of the certificate that was shown; a resumed handshake shows none. */
  readonly fingerprint: string | undefined;
  readonly name: string | undefined;
  /** The newest, of all that came so far. */
  kept(): Kept | undefined;
}

async function secure(gateway: TestGateway, servername: string, options: ConnectionOptions = {}): Promise<Secured> {
  const { ca, tlsPort: port } = gateway;
  const socket = connectTls({ host: '127.0.0.1', port, ca, servername, ...options });
  let kept: Kept | undefined;
  socket.on('session', (session) => (kept = { session, ticket: socket.getTLSTicket() }));
  await next(socket, 'secureConnect');
  const certificate: Partial<PeerCertificate> = socket.getPeerCertificate();
  return {
    socket,
    isReused: socket.isSessionReused(),
    protocol: socket.getProtocol(),
    fingerprint: certificate.fingerprint256,
    name: certificate.subject && String(certificate.subject.CN),
    kept: () => kept,
  };
}

/** Upgrades a TLS connection with this Host. Resolves to the reply of the API that it led to, or to the refusal. */
async function ask({ socket }: { socket: Socket }, gateway: TestGateway, host: string): Promise<string> {
  try {
    return await replyOf(await openSocket(gateway, `ws://${host}/`, { createConnection: () => socket }));
  } catch (error) {
    if (!(error instanceof RefusedHandshake)) throw error;
    return `${error.status} ${error.body}`;
  } finally {
    socket.destroy();
  }
}

/** Of a connection to this name that was used once: whatever the server sends behind its handshake has come with the reply. */
async function keep(gateway: TestGateway, name: string, options: ConnectionOptions = {}): Promise<Kept> {
  const first = await secure(gateway, name, options);
  assert.deepEqual([first.isReused, first.name], [false, name]);
  assert.equal(await ask(first, gateway, name), `${name} alpha`);
  return first.kept()!;
}

interface World {
  readonly gateway: TestGateway;
  readonly protocol: 'TLSv1.2' | 'TLSv1.3';
  tenant(name: string): Promise<Tenant>;
}

async function makeWorld(protocol: World['protocol'], args: readonly string[]): Promise<World> {
  const gateway = await startTestGateway({ after }, args);
  const makeTenant = await makeLandlord(gateway);
  let account = 111122220000;
  const tenant = (name: string) => makeTenant(String((account += 1)), name);
  await tenant(ONE);
  await tenant(TWO);
  return { gateway, protocol, tenant };
}

function resumptionTests({ gateway, protocol, tenant }: World): void {
  test('a session resumes, and leads to its own API', async () => {
    const { session } = await keep(gateway, ONE);
    const again = await secure(gateway, ONE, { session });
    assert.deepEqual([again.isReused, again.protocol], [true, protocol]);
    assert.equal(await ask(again, gateway, ONE), `${ONE} alpha`);
  });

  test('a session outlives its certificate; the next full handshake sees the new one', async () => {
    const name = 'renewed.example.com';
    const { clients, issue } = await tenant(name);
    const { session } = await keep(gateway, name);
    const before = await secure(gateway, name);
    before.socket.destroy();
    const CertificateArn = await issue();
    const update = { DomainName: name, DomainNameConfigurations: [{ CertificateArn }] };
    await clients.gateway.send(new UpdateDomainNameCommand(update));
    const resumed = await secure(gateway, name, { session });
    assert.equal(resumed.isReused, true);
    assert.equal(await ask(resumed, gateway, name), `${name} alpha`);
    const full = await secure(gateway, name);
    assert.deepEqual([full.isReused, full.name], [false, name]);
    assert.notEqual(full.fingerprint, before.fingerprint);
    assert.equal(await ask(full, gateway, name), `${name} alpha`);
  });

  test('a session of a domain name that was deleted resumes, and its Host is forbidden', async () => {
    const name = 'deleted.example.com';
    const { clients } = await tenant(name);
    const { session } = await keep(gateway, name);
    await clients.gateway.send(new DeleteDomainNameCommand({ DomainName: name }));
    const resumed = await secure(gateway, name, { session });
    assert.equal(resumed.isReused, true);
    assert.equal(await ask(resumed, gateway, name), FORBIDDEN);
  });

  test('a ticket that was changed resumes nothing, and the handshake is a full one', async () => {
    const { session, ticket } = await keep(gateway, ONE);
    const at = session.indexOf(ticket!);
    assert.notEqual(at, -1);
    for (const offset of [0, ticket!.length >> 1, ticket!.length - 1]) {
      const changed = Buffer.from(session);
      changed[at + offset]! ^= 1;
      const offered = await secure(gateway, ONE, { session: changed });
      assert.deepEqual([offered.isReused, offered.name], [false, ONE]);
      assert.equal(await ask(offered, gateway, ONE), `${ONE} alpha`);
    }
  });
}

/** How openssl names a version. */
const FLAGS = { 'TLSv1.2': '-tls1_2', 'TLSv1.3': '-tls1_3' } as const;
const sessions = temporaryDirectory({ after });
let sessionFiles = 0;

/** A connection by openssl: what its Host was answered, the certificate that it saw, and the session that it was left. */
async function visit(
  { gateway, protocol }: Pick<World, 'gateway' | 'protocol'>,
  { servername, host, session }: { servername: string; host: string; session?: string },
): Promise<{ reply: string; shown: string | undefined; session: string }> {
  const left = join(sessions, String((sessionFiles += 1)));
  const offered = session === undefined ? [] : ['-sess_in', session];
  const client = await connectOpenssl(gateway, servername, [FLAGS[protocol], '-sess_out', left, ...offered]);
  const reply = await ask(client, gateway, host);
  return { reply, shown: await client.shown, session: left };
}

function otherNameTests(world: World): void {
  const skip = missing('openssl');

  test('openssl resumes its session under the name that it was made for', { skip }, async () => {
    const first = await visit(world, { servername: ONE, host: ONE });
    assert.deepEqual([first.reply, first.shown], [`${ONE} alpha`, ONE]);
    const again = await visit(world, { servername: ONE, host: ONE, session: first.session });
    assert.deepEqual([again.reply, again.shown], [`${ONE} alpha`, undefined]);
  });

  test('a session offered under another tenant’s name: the Host alone decides', { skip }, async () => {
    const { session } = await visit(world, { servername: ONE, host: ONE });
    for (const host of [TWO, ONE]) {
      const other = await visit(world, { servername: TWO, host, session });
      assert.equal(other.reply, `${host} alpha`);
      assert.ok(other.shown === undefined || other.shown === TWO, other.shown);
    }
  });

  test('a session of the default certificate under a tenant’s name: the Host alone decides', { skip }, async () => {
    const nobody = await visit(world, { servername: 'nobody.test', host: 'nobody.test' });
    assert.deepEqual([nobody.reply, nobody.shown], [FORBIDDEN, DEFAULT_NAME]);
    const other = await visit(world, { servername: TWO, host: TWO, session: nobody.session });
    assert.equal(other.reply, `${TWO} alpha`);
    assert.ok(other.shown === undefined || other.shown === TWO, other.shown);
  });
}

function laterChangeTests({ gateway, tenant }: World): void {
  for (const [how, offersSession] of [
    ['fresh', false],
    ['resumed', true],
  ] as const) {
    test(`a ${how} TLS connection that waits while its mapping moves is led by the new mapping`, async () => {
      const DomainName = `moved-${how}.example.com`;
      const { clients, apiId: ApiId, mappingId: ApiMappingId } = await tenant(DomainName);
      const { session } = await keep(gateway, DomainName);
      const waiting = await secure(gateway, DomainName, offersSession ? { session } : {});
      assert.equal(waiting.isReused, offersSession);
      const update = { DomainName, ApiMappingId, ApiId, Stage: 'beta' };
      await clients.gateway.send(new UpdateApiMappingCommand(update));
      assert.equal(await ask(waiting, gateway, DomainName), `${DomainName} beta`);
    });

    test(`a ${how} TLS connection that waits while its domain name is deleted is forbidden`, async () => {
      const DomainName = `gone-${how}.example.com`;
      const { clients } = await tenant(DomainName);
      const { session } = await keep(gateway, DomainName);
      const waiting = await secure(gateway, DomainName, offersSession ? { session } : {});
      assert.equal(waiting.isReused, offersSession);
      await clients.gateway.send(new DeleteDomainNameCommand({ DomainName }));
      assert.equal(await ask(waiting, gateway, DomainName), FORBIDDEN);
    });
  }
}

const worlds = [await makeWorld('TLSv1.2', []), await makeWorld('TLSv1.3', ['--tls-max', '1.3'])];
for (const world of worlds) {
  describe(world.protocol, () => {
    resumptionTests(world);
    otherNameTests(world);
    laterChangeTests(world);
  });
}

const strict = await makeWorld('TLSv1.3', ['--strict-host', '--tls-max', '1.3']);
describe('--strict-host', () => {
  const { gateway } = strict;

  test('no ticket is given under TLS 1.2', async () => {
    const first = await secure(gateway, ONE, { maxVersion: 'TLSv1.2' });
    assert.deepEqual([first.protocol, first.socket.getTLSTicket()], ['TLSv1.2', undefined]);
    first.socket.destroy();
  });

  for (const protocol of ['TLSv1.2', 'TLSv1.3'] as const) {
    test(`no session of ${protocol} resumes`, async () => {
      const { session } = await keep(gateway, ONE, { maxVersion: protocol });
      const again = await secure(gateway, ONE, { session, maxVersion: protocol });
      assert.deepEqual([again.isReused, again.name, again.protocol], [false, ONE, protocol]);
      assert.equal(await ask(again, gateway, ONE), `${ONE} alpha`);
    });

    test(`no session of ${protocol} gets around the name`, { skip: missing('openssl') }, async () => {
      const world = { gateway, protocol };
      const { session } = await visit(world, { servername: ONE, host: ONE });
      for (const servername of [ONE, TWO]) {
        for (const host of [ONE, TWO]) {
          const again = await visit(world, { servername, host, session });
          assert.equal(again.shown, servername, 'a full handshake');
          if (servername === host) assert.equal(again.reply, `${host} alpha`);
          else assert.match(again.reply, /^421 /);
        }
      }
    });
  }
});

test('the gateways live and have logged no error', () => {
  for (const { gateway } of [...worlds, strict]) {
    assert.deepEqual([gateway.child.exitCode, gateway.child.signalCode], [null, null]);
    const errors = gateway.logged().filter(({ level }) => level === 'error');
    assert.deepEqual(errors, []);
  }
});
