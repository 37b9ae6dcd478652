// The composition root: settings → rooms, wired by hand → start → drain. Every port of docs/ports.md is plugged here, and
// nowhere else.

import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { LifecycleClock, realClock } from './ambient/clock.ts';
import { createConnectionIds } from './ambient/connection-id.ts';
import { ensureListenerCertificate, type ListenerCertificateOptions } from './certificates/listener-certificates.ts';
import { openKeyRing, type KeyRing } from './certificates/key-ring.ts';
import { openLocalAuthority, type LocalAuthority } from './certificates/local-authority.ts';
import { startReconciler } from './certificates/reconciler.ts';
import { createSigning } from './certificates/signing.ts';
import { bindOperations } from './controlplane/operations/operation-table.ts';
import { startControlServer, type ControlServer } from './controlplane/wire/control-server.ts';
import { createBackground } from './dataplane/connections/background.ts';
import { createDeadlines } from './dataplane/connections/deadlines.ts';
import { createHandshakeFacts } from './dataplane/connections/handshake-facts.ts';
import { drainConnections } from './dataplane/connections/drain.ts';
import { createEgress } from './dataplane/integrate/egress.ts';
import { createHttpBackends, IntegrationCaProblem } from './dataplane/integrate/http-backends.ts';
import { startTlsListener } from './dataplane/listen/tls-listener.ts';
import { createSecureContexts, type KeyPairs } from './dataplane/terminate/secure-contexts.ts';
import { shownCertificate } from './dataplane/terminate/shown-certificate.ts';
import type { DataWorld } from './dataplane/world.ts';
import { createLocalDelivery, type LocalDelivery } from './delivery/local-delivery.ts';
import { startDnsServer } from './dns/dns-server.ts';
import { AccountsProblem, developmentIdentities, readAccountsFile, type Identities } from './identity/identities.ts';
import type { Log } from './observe/log.ts';
import type { Steps } from './operator/explain-world.ts';
import { createOperatorRequests } from './operator/operator-requests.ts';
import { hostPort } from './protocol/host-name.ts';
import { publish } from './publish/publish.ts';
import type { ListenAddress, Settings } from './settings/settings.ts';
import type { Snapshot } from './snapshot/snapshot.ts';
import { DataDirectoryProblem, openDataDirectory } from './store/embedded/data-directory.ts';
import { MasterKeyProblem, readMasterKey } from './store/embedded/master-key.ts';
import { createAccountRecords } from './store/account-records.ts';
import type { Store } from './store/contract.ts';
import { openEmbeddedStore } from './store/embedded/embedded-store.ts';

/** Why the gateway cannot start; the message is one line that names the thing and the way out. */
export class StartProblem extends Error {}

export interface Gateway {
  /** What the `ready` line says: where everything listens. */
  readonly addresses: Readonly<Record<string, unknown>>;
  /** Stops accepting, closes sockets 1012 at a pace, waits for `$disconnect`, then lets go of everything. */
  stop(): Promise<void>;
}

const HTTPS_PORT = 443;
const NODE_NUMBER = 0;

/** Things to undo, last first. A start that fails half way undoes what it did; a stop undoes all. */
type Undo = (() => void | Promise<void>)[];

export async function startGateway(settings: Settings, log: Log): Promise<Gateway> {
  const undo: Undo = [];
  try {
    return await start(settings, log, undo);
  } catch (error) {
    await undoAll(undo);
    const isForeseen = [DataDirectoryProblem, MasterKeyProblem, AccountsProblem, IntegrationCaProblem].some(
      (kind) => error instanceof kind,
    );
    if (isForeseen) throw new StartProblem((error as Error).message);
    throw error;
  }
}

async function undoAll(undo: Undo): Promise<void> {
  for (const step of undo.splice(0).reverse()) await step();
}

/** What the planes share: made first, in this order. */
interface Ground {
  readonly settings: Settings;
  readonly log: Log;
  readonly undo: Undo;
  readonly identities: Identities;
  readonly clock: LifecycleClock;
  readonly store: Store;
  readonly snapshot: Snapshot;
  readonly keys: KeyRing;
  readonly authority: LocalAuthority;
  readonly listeners: ListenerCertificateOptions;
  readonly keyPairs: KeyPairs;
  /** Known once the TLS listener is bound. */
  readonly publicPort: { number: number };
  readonly shutdown: { isBegun: boolean };
}

async function start(settings: Settings, log: Log, undo: Undo): Promise<Gateway> {
  const ground = await layGround(settings, log, undo);
  const { clock, snapshot, store, authority, listeners, publicPort, shutdown } = ground;
  const dns = await bind('dns', settings.dns, (addresses) =>
    startDnsServer({
      addresses,
      snapshot,
      suffix: settings.endpointSuffix,
      publicAddresses: settings.publicAddresses,
      log,
    }),
  );
  undo.push(() => dns.close());
  const { tls, delivery, background, handshakes } = await startDataPlane(ground);
  const servers = validationServers(settings, snapshot, ground.identities.isDevelopment, dns.bound);
  const reconciler = await startReconciler({ store, authority, listeners, clock, log, servers });
  undo.push(() => reconciler.stop());
  // Last: what the control plane acknowledges is served at once.
  const asked = { ...servers, lastHandshake: (name: string) => handshakes.of(name) };
  const control = await startControlPlane(ground, delivery, asked);
  ground.keys.resume();
  return {
    addresses: {
      control: control.bound.map(addressText),
      tls: tls.bound.map(addressText),
      dns: dns.bound.map(addressText),
      publicPort: publicPort.number,
      dataDir: settings.dataDir,
      pid: process.pid,
    },
    async stop() {
      shutdown.isBegun = true;
      tls.stopAccepting();
      await drainConnections(delivery, background, settings.drainMs);
      await undoAll(undo);
    },
  };
}

/** Store, snapshot and certificates: everything that must be there before anybody can connect. */
async function layGround(settings: Settings, log: Log, undo: Undo): Promise<Ground> {
  const identities =
    settings.accountsFile === undefined ? developmentIdentities : await readAccountsFile(settings.accountsFile);
  if (settings.devCredentials)
    log.warn('development credentials are accepted: anybody who reaches a listener can sign as test/test');
  const clock = new LifecycleClock();
  const { store, keys, certificateSource } = await openStore(settings, log, undo);
  const snapshot = await publish(store, log);
  const signing = createSigning();
  undo.push(() => signing.close());
  const authority = await openLocalAuthority({ store, certificateSource, keys, signing, realClock });
  const { endpointSuffix: suffix, publicAddresses, region: defaultRegion } = settings;
  const listeners = { store, authority, suffix, defaultRegion, publicAddresses };
  await ensureListenerCertificate(listeners, defaultRegion, clock.now());
  // A fifth of the memory of a first start; the thread comes back with the first certificate that is asked for.
  await signing.close();
  const keyPairs: KeyPairs = {
    read(reference) {
      const row = certificateSource.read(reference);
      return row && { chainPem: row.chainPem, keyPem: keys.open(row.sealedKey, reference) };
    },
  };
  const publicPort = { number: settings.publicPort ?? 0 };
  const shutdown = { isBegun: false };
  return {
    settings,
    log,
    undo,
    identities,
    clock,
    store,
    snapshot,
    keys,
    authority,
    listeners,
    keyPairs,
    publicPort,
    shutdown,
  };
}

/** `:8443`, or nothing for 443. */
function portSuffix({ publicPort }: Ground): string {
  return publicPort.number === HTTPS_PORT ? '' : `:${publicPort.number}`;
}

async function startDataPlane(ground: Ground) {
  const { settings, log, undo, identities, clock, snapshot, keys } = ground;
  const delivery = createLocalDelivery();
  const backends = createHttpBackends(
    createEgress(identities.isDevelopment, settings.egressAllow),
    settings.integrationCaFile,
  );
  const deadlines = createDeadlines(clock);
  const background = createBackground(log);
  const handshakes = createHandshakeFacts();
  undo.push(() => backends.close());
  undo.push(() => deadlines.stop());
  const world: DataWorld = {
    snapshot,
    delivery,
    backends,
    deadlines,
    background,
    handshakes,
    clock,
    realClock,
    log,
    suffix: settings.endpointSuffix,
    identities: () => identities,
    connectionIds: createConnectionIds(keys.connectionIdKey, NODE_NUMBER, () => clock.now()),
    strictHost: settings.strictHost,
    publicPort: () => portSuffix(ground),
    domainNamePort: () => (settings.bareDomainName ? '' : portSuffix(ground)),
    isDraining: () => ground.shutdown.isBegun,
  };
  const contexts = createSecureContexts(snapshot, ground.keyPairs, log);
  const tls = await bind('tls', settings.tls, (addresses) =>
    startTlsListener({ addresses, maxVersion: settings.tlsMaxVersion, contexts }, world),
  );
  undo.push(() => tls.close());
  if (settings.publicPort === undefined) ground.publicPort.number = tls.bound[0]!.port;
  return { tls, delivery, background, handshakes };
}

async function startControlPlane(
  ground: Ground,
  delivery: LocalDelivery,
  asked: Omit<Steps, 'certificateFor'>,
): Promise<ControlServer> {
  const { settings, log, undo, clock, store, snapshot, keys, keyPairs, authority } = ground;
  const identities = () => ground.identities;
  const operator = createOperatorRequests({
    version: readVersion(),
    caPem: authority.certificatePem,
    clock,
    realClock,
    isClockMovable: settings.movableClock,
    identities,
    keys,
    snapshot,
    suffix: settings.endpointSuffix,
    publicAddresses: settings.publicAddresses,
    nowMs: () => clock.now(),
    region: settings.region,
    steps: { ...asked, certificateFor: (serverName) => shownCertificate(snapshot, keyPairs, serverName) },
    records: createAccountRecords(store),
    facts: {
      notReady: () => (ground.shutdown.isBegun ? { server: 'is shutting down' } : {}),
      openConnections: () => delivery.size,
      revision: () => snapshot.revision,
    },
  });
  const endpoints = { suffix: settings.endpointSuffix, portSuffix: () => portSuffix(ground) };
  const operations = bindOperations({
    store,
    clock,
    endpoints,
    identities,
    tokenKey: keys.tokenKey,
    seal: (keyPem, reference) => keys.seal(keyPem, reference),
  });
  const allowedHosts = settings.controlHosts;
  const control = await bind('control', settings.control, (addresses) =>
    startControlServer({ addresses, allowedHosts, operator, operations, identities, realClock, log }),
  );
  undo.push(() => control.close());
  return control;
}

async function openStore(settings: Settings, log: Log, undo: Undo) {
  const { dataDir, masterKey, previousMasterKey } = settings;
  const directory = openDataDirectory(dataDir);
  undo.push(() => directory.release());
  const read = (text: string | undefined, flag: 'master-key' | 'previous-master-key') => {
    const key = readMasterKey(text, { dataDir, environment: process.env, flag });
    if (key.warning !== undefined) log.warn(key.warning);
    return key;
  };
  const master = read(masterKey, 'master-key');
  const store = await openEmbeddedStore(directory.databasePath, log).catch((error: Error) => {
    throw new StartProblem(
      `--data-dir ${settings.dataDir} holds no usable store: ${String(error.cause ?? error.message)}.`,
    );
  });
  undo.push(() => store.close());
  const certificateSource = directory.openCertificateSource();
  undo.push(() => certificateSource.close());
  const previous = previousMasterKey === undefined ? undefined : () => read(previousMasterKey, 'previous-master-key');
  const { vault } = store;
  const keys = await openKeyRing({ vault, certificateSource, master, previous, dataDir, realClock, log });
  undo.push(() => keys.stop());
  return { store, keys, certificateSource };
}

/** Names the flag when an address cannot be listened on. */
async function bind<T>(
  flag: string,
  addresses: readonly ListenAddress[],
  listen: (addresses: readonly ListenAddress[]) => Promise<T>,
): Promise<T> {
  try {
    return await listen(addresses);
  } catch (error) {
    const { code, address, port, message } = error as NodeJS.ErrnoException & { address?: string; port?: number };
    const where =
      address === undefined
        ? addresses.map(({ host, port: wanted }) => hostPort(host, wanted)).join(' ')
        : hostPort(address, port ?? 0);
    if (code === 'EADDRINUSE')
      throw new StartProblem(
        `--${flag} ${where} is taken by another program. Stop it, or choose another with --${flag}.`,
      );
    if (code !== undefined) throw new StartProblem(`--${flag} ${where} cannot be listened on: ${message}.`);
    throw error;
  }
}

/** Own zones count as they are without accounts; with accounts below --own-names only, and all else asks the resolver. */
function validationServers(
  settings: Settings,
  snapshot: Snapshot,
  isDevelopment: boolean,
  bound: readonly AddressInfo[],
) {
  const counts = (name: string) =>
    isDevelopment || settings.ownNames.some((own) => name === `${own}.` || name.endsWith(`.${own}.`));
  return {
    serversFor(name: string): readonly string[] {
      const [own] = bound;
      const isOurs = name.endsWith(`.${settings.endpointSuffix}.`) || (counts(name) && snapshot.zones.zoneFor(name));
      if (own && isOurs) {
        const host = own.address === '0.0.0.0' ? '127.0.0.1' : own.address === '::' ? '::1' : own.address;
        return [hostPort(host, own.port)];
      }
      return settings.resolvers;
    },
  };
}

function addressText({ address, port }: AddressInfo): string {
  return hostPort(address, port);
}

function readVersion(): string {
  const file = new URL('../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
