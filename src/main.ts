// The composition root: settings → rooms, wired by hand → start → drain. Every port of docs/ports.md is plugged here, and
// nowhere else.

import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { LifecycleClock, realClock } from './ambient/clock.ts';
import { compactHeap } from './ambient/compact-heap.ts';
import { ListenProblem, listenFor } from './ambient/listening.ts';
import { undoAll, type Undo } from './ambient/undo.ts';
import { createConnectionIds } from './ambient/connection-id.ts';
import { openAuthority, type Authority } from './certificates/open-authority.ts';
import type { AcmeIssuer } from './certificates/acme/acme-issuer.ts';
import { budgetLines } from './certificates/acme/budget-lines.ts';
import { openCertificates } from './certificates/open-certificates.ts';
import { openSealedStore, type SealedStore } from './certificates/open-sealed-store.ts';
import type { Reconciler } from './certificates/reconciler.ts';
import { openMail, type Mail } from './certificates/mail/open-mail.ts';
import { createApprovals } from './certificates/mail/approvals.ts';
import { bindOperations } from './controlplane/operations/operation-table.ts';
import { startControlServer, type ControlServer } from './controlplane/wire/control-server.ts';
import { createBackground } from './dataplane/connections/background.ts';
import { createDeadlines } from './dataplane/connections/deadlines.ts';
import { openDisconnectJournal, type DisconnectJournal } from './dataplane/connections/disconnect-journal.ts';
import { createWitnesses } from './dataplane/happening.ts';
import { openWitnesses } from './dataplane/witness/open-witnesses.ts';
import { createHandshakeFacts } from './dataplane/connections/handshake-facts.ts';
import { socketsUnder } from './dataplane/connections/sockets-under.ts';
import { drainConnections } from './dataplane/connections/drain.ts';
import { createEntrance } from './dataplane/listen/entrance.ts';
import { startHttpListener } from './dataplane/listen/http-listener.ts';
import { APPROVAL_PATH, approvalHost, createApprovalPage } from './dataplane/listen/approval-page.ts';
import { createOwnNames } from './dataplane/listen/own-names.ts';
import { createProxiedConnections } from './dataplane/listen/proxied-connections.ts';
import { startTlsListener } from './dataplane/listen/tls-listener.ts';
import { createSecureContexts, type SecureContexts } from './dataplane/terminate/secure-contexts.ts';
import { shownCertificate } from './dataplane/terminate/shown-certificate.ts';
import { createApiKeys } from './dataplane/admit/api-keys.ts';
import { createUsageTelling } from './dataplane/admit/usage-telling.ts';
import { openUsageCounts, type UsageCounts } from './dataplane/admit/usage-counts.ts';
import { Throttle } from './dataplane/admit/throttle.ts';
import { redeliverDisconnects } from './dataplane/redeliver-disconnects.ts';
import { createTenantBounds } from './dataplane/tenant-bounds.ts';
import type { DataWorld } from './dataplane/world.ts';
import { createLocalDelivery, type LocalDelivery } from './delivery/local-delivery.ts';
import { startDnsServer } from './dns/dns-server.ts';
import { createValidationServers } from './dns/validation-servers.ts';
import { createZoneAnswers } from './dns/zone-answers.ts';
import type { FunctionCalls } from './functions/invoke-client.ts';
import { openFunctions, type Functions } from './functions/open-functions.ts';
import { openAccounts, type Accounts } from './identity/accounts.ts';
import { createFunctionAccounts } from './identity/function-accounts.ts';
import { NO_OPTIONS } from './model/stage-options.ts';
import { StartProblem } from './model/start-problem.ts';
import type { Log } from './observe/log.ts';
import type { RenewalLeave, Steps } from './operator/explain-world.ts';
import { createOperatorRequests } from './operator/operator-requests.ts';
import { createReadiness } from './operator/readiness.ts';
import { createServerParts } from './operator/server-parts.ts';
import { startPointingWatch } from './operator/pointing-watch.ts';
import { createApiKeyValues, type ApiKeyValues } from './protocol/api-key-values.ts';
import { HmacSha256 } from './protocol/hmac-sha256.ts';
import { hostPort } from './protocol/host-name.ts';
import { addressRanges } from './protocol/ip-address.ts';
import { publish } from './publish/publish.ts';
import type { Settings } from './settings/settings.ts';
import { readVersion } from './settings/version.ts';
import type { Snapshot } from './snapshot/snapshot.ts';
import { createAccountRecords } from './store/account-records.ts';
import { createCertificateRecords } from './store/certificate-records.ts';
import type { Store } from './store/contract.ts';
import { createPointingRecords } from './store/pointing-records.ts';
import { createZoneRecords } from './store/zone-records.ts';
import { createUsageRecords } from './store/usage-records.ts';

export interface Gateway {
  /** What the `ready` line says: where everything listens. */
  readonly addresses: Readonly<Record<string, unknown>>;
  /** What it stands on, for whoever runs it inside a process of their own. */
  readonly store: Store;
  /** Reads the accounts file anew. What comes of it is in the log: a file that cannot be used changes nothing. */
  reloadAccounts(): Promise<void>;
  /** Stops accepting, closes sockets 1012 at a pace, waits for `$disconnect`, then lets go of everything. */
  stop(): Promise<void>;
}

const HTTPS_PORT = 443;
const NODE_NUMBER = 0;

export async function startGateway(settings: Settings, log: Log): Promise<Gateway> {
  const undo: Undo = [];
  try {
    return await start(settings, log, undo);
  } catch (error) {
    await undoAll(undo);
    if (error instanceof ListenProblem) throw new StartProblem(error.message);
    throw error;
  }
}

/** What the planes share: made first, in this order. */
interface Ground extends SealedStore, Authority {
  readonly settings: Settings;
  readonly log: Log;
  readonly undo: Undo;
  readonly accounts: Accounts;
  readonly clock: LifecycleClock;
  readonly snapshot: Snapshot;
  readonly apiKeyValues: ApiKeyValues;
  /** Known once the TLS listener is bound. */
  readonly publicPort: { number: number };
  /** What the `ready` line says, once everything listens. */
  readonly bound: { addresses: Readonly<Record<string, unknown>> };
  readonly shutdown: { isBegun: boolean };
}

async function start(settings: Settings, log: Log, undo: Undo): Promise<Gateway> {
  const ground = await layGround(settings, log, undo);
  const { snapshot, publicPort, shutdown } = ground;
  const dns = await listenFor('dns', settings.dns, (addresses) =>
    startDnsServer({
      addresses,
      snapshot,
      suffix: settings.endpointSuffix,
      region: settings.region,
      publicAddresses: settings.publicAddresses,
      log,
    }),
  );
  undo.push(() => dns.close());
  const { keys, store, clock } = ground;
  const approvals = createApprovals({ store, key: keys.approvalKey, clock, log });
  const plane = await startDataPlane(ground, approvals);
  const { tls, http, delivery, background, handshakes } = plane;
  const { isDevelopment } = ground.accounts.current();
  const servers = createValidationServers({ settings, snapshot, isDevelopment, bound: dns.bound });
  const mail = startMail(ground, approvals);
  const addressProof = { isOwner: () => ground.accounts.current().hasOneAccount };
  const { mailer } = mail;
  const certificates = await openCertificates({ ...ground, realClock, servers, mailer, addressProof });
  undo.push(() => certificates.close());
  // Last: what the control plane acknowledges is served at once.
  const asked = { ...servers, lastHandshake: (name: string) => handshakes.of(name) };
  const told = { ...plane, listeners: { tls, http, dns }, ...certificates, mail };
  const control = await startControlPlane(ground, told, asked);
  // What loading left behind is a tenth of all memory.
  compactHeap();
  ground.keys.resume();
  ground.bound.addresses = {
    control: control.bound.map(addressText),
    tls: tls.bound.map(addressText),
    http: http.bound.map(addressText),
    dns: dns.bound.map(addressText),
    publicPort: publicPort.number,
    dataDir: settings.dataDir,
    pid: process.pid,
  };
  return {
    store: ground.store,
    addresses: ground.bound.addresses,
    reloadAccounts: () =>
      ground.accounts.reload().then(
        () => {},
        () => {},
      ),
    async stop() {
      shutdown.isBegun = true;
      tls.stopAccepting();
      http.stopAccepting();
      await drainConnections(delivery, background, settings.drainMs);
      await undoAll(undo);
    },
  };
}

/** Store, snapshot and certificates: everything that must be there before anybody can connect. */
async function layGround(settings: Settings, log: Log, undo: Undo): Promise<Ground> {
  if (settings.devCredentials)
    log.warn('development credentials are accepted: anybody who reaches a listener can sign as test/test');
  const clock = new LifecycleClock();
  const sealed = await openSealedStore(settings, log, undo);
  const { store, keys } = sealed;
  const accounts = await openAccounts(settings.accountsFile, keys.accessKeysKey, log);
  // With several tenants nobody's zone may speak for the server's own names.
  const reservedZone = accounts.current().isDevelopment ? undefined : `${settings.endpointSuffix}.`;
  const snapshot = await publish(store, log, reservedZone);
  const opened = await openAuthority(sealed, settings, clock, undo);
  const apiKeyValues = createApiKeyValues(keys.accessKeysKey);
  const publicPort = { number: settings.publicPort ?? 0 };
  const shutdown = { isBegun: false };
  const bound = { addresses: {} };
  const made = { settings, log, undo, accounts, clock, snapshot, apiKeyValues, publicPort, bound, shutdown };
  return { ...sealed, ...opened, ...made };
}

/** `:8443`, or nothing for 443. */
function portSuffix({ publicPort }: Ground): string {
  return publicPort.number === HTTPS_PORT ? '' : `:${publicPort.number}`;
}

/** What runs functions. `bound`: of the TLS listener, once it is. */
async function startFunctions(ground: Ground, calls: FunctionCalls, bound: () => readonly AddressInfo[]) {
  const { settings, log, undo, accounts, clock } = ground;
  const functions = await openFunctions({
    ...settings,
    calls,
    accounts: createFunctionAccounts(() => accounts.current(), accounts.sessions, realClock),
    ownNames: createOwnNames({ ...ground, suffix: settings.endpointSuffix, bound }),
    caPem: ground.authority.certificatePem,
    clock,
    log,
  });
  undo.push(() => functions.close());
  return functions;
}

async function startDataPlane(ground: Ground, approvals: Approvals) {
  const { settings, log, undo, accounts, clock, snapshot, keys, apiKeyValues: values } = ground;
  const identities = () => accounts.current();
  const delivery = createLocalDelivery();
  // The largest library: read when the thread that made the first certificates is gone, so that the two are never there together.
  const { openBackends } = await import('./dataplane/integrate/open-backends.ts');
  const calling = {
    credentialsOf: (account: string, role?: string) => identities().backendCredentials(account, role),
    nowMs: () => realClock.now(),
    log,
  };
  const isDevelopment = () => identities().isDevelopment;
  const linkOf = (vpcLinkId: string) => snapshot.vpcLink(vpcLinkId);
  const backends = openBackends({ ...calling, settings, isDevelopment, linkOf });
  const functions = await startFunctions(ground, backends.named, () => tls.bound);
  const deadlines = createDeadlines(
    clock,
    ({ facts }) => snapshot.stage(facts.apiId, facts.stageName)?.options ?? NO_OPTIONS,
  );
  const background = createBackground(log);
  const handshakes = createHandshakeFacts();
  const disconnects = openDisconnectJournal(join(settings.dataDir, 'disconnects'), log);
  undo.push(() => disconnects.close());
  const planKeyOf = (id: string) => snapshot.apiKeys.planKey(id);
  const usage = await openUsageCounts(createUsageRecords(ground.store), planKeyOf, clock, log);
  undo.push(() => usage.stop());
  undo.push(() => backends.close());
  undo.push(() => deadlines.stop());
  const { endpointSuffix: suffix, region, strictHost, errorDetail, tlsMaxVersion: maxVersion } = settings;
  const world: DataWorld = {
    snapshot,
    delivery,
    backends: { ...backends, invoke: functions.invoke },
    deadlines,
    throttle: new Throttle(clock),
    ...createTenantBounds(realClock),
    apiKeys: createApiKeys({ snapshot, values, usage, clock }),
    background,
    disconnects,
    handshakes,
    witnesses: createWitnesses(),
    clock,
    realClock,
    log,
    suffix,
    identities,
    connectionIds: createConnectionIds(new HmacSha256(keys.connectionIdKey), NODE_NUMBER, () => clock.now()),
    strictHost,
    errorDetail,
    publicPort: () => portSuffix(ground),
    domainNamePort: () => (settings.bareDomainName ? '' : portSuffix(ground)),
    isDraining: () => ground.shutdown.isBegun,
  };
  openWitnesses(world, settings, undo);
  const contexts = createSecureContexts(snapshot, ground.keyPairs, log);
  const approvalPage = createApprovalPage({ approvals, suffix, region, log });
  const entrance = createEntrance(approvalPage, world);
  const trusted = addressRanges(settings.trustedProxies);
  const proxied = createProxiedConnections(trusted, log);
  const tls = await listenFor('tls', settings.tls, (addresses) =>
    startTlsListener({ addresses, maxVersion, contexts, keyPairs: ground.keyPairs, entrance, proxied }, world),
  );
  undo.push(() => tls.close());
  if (settings.publicPort === undefined) ground.publicPort.number = tls.bound[0]!.port;
  const http = await listenFor('http', settings.http, (addresses) =>
    startHttpListener({ addresses, trusted, entrance }, world),
  );
  undo.push(() => http.close());
  background.add(redeliverDisconnects(world));
  return { tls, http, contexts, delivery, background, disconnects, handshakes, functions, usage };
}

type Approvals = ReturnType<typeof createApprovals>;

/** Who says of the rooms what the operator's pages show. */
interface Told {
  readonly delivery: LocalDelivery;
  readonly contexts: SecureContexts;
  readonly reconciler: Reconciler;
  readonly acme: AcmeIssuer | undefined;
  readonly renewalLeave: RenewalLeave;
  readonly mail: Mail;
  readonly functions: Functions;
  readonly usage: UsageCounts;
  readonly disconnects: DisconnectJournal;
  readonly listeners: Readonly<Record<'tls' | 'http' | 'dns', { isListening(): boolean }>>;
}

function startMail(ground: Ground, { look }: Approvals): Mail {
  const { settings, undo, keys } = ground;
  const { smtp, mailFrom, endpointSuffix: suffix, region, dataDir } = settings;
  const host = approvalHost(suffix, region);
  const mail = openMail({
    smtp,
    outboxPath: join(dataDir, 'outbox'),
    from: mailFrom ?? `certificates@${suffix}`,
    key: keys.approvalKey,
    look,
    linkTo: (token) => `https://${host}${portSuffix(ground)}${APPROVAL_PATH}?token=${token}`,
  });
  undo.push(() => mail.mailer.close());
  return mail;
}

async function startControlPlane(
  ground: Ground,
  told: Told,
  asked: Omit<Steps, 'certificateFor'>,
): Promise<ControlServer> {
  const { settings, log, undo, clock, store, snapshot, keys, keyPairs, authority } = ground;
  const { accounts } = ground;
  const identities = () => accounts.current();
  const { endpointSuffix: suffix, publicAddresses, resolvers } = settings;
  const steps = { ...asked, certificateFor: (name: string) => shownCertificate(snapshot, keyPairs, name) };
  const watched = { snapshot, suffix, publicAddresses, steps, clock, log, random: Math.random };
  const pointing = startPointingWatch({ ...watched, pointingRecords: createPointingRecords(store) });
  undo.push(() => pointing.stop());
  const operator = createOperatorRequests({
    ...watched,
    version: readVersion(),
    caPem: authority.certificatePem,
    realClock,
    isClockMovable: settings.movableClock,
    identities,
    keys,
    accounts,
    resolvers,
    pointing,
    zoneRecords: createZoneRecords(store),
    renewalLeave: told.renewalLeave,
    nowMs: () => clock.now(),
    region: settings.region,
    records: createAccountRecords(store),
    certificates: createCertificateRecords(store),
    budget: async () => told.acme && budgetLines(await told.acme.budget()),
    acceptsDevelopmentCredentials: () => identities().isDevelopment,
    mail: told.mail.records,
    readiness: createReadiness(createServerParts({ ...ground, ...told, ...steps, dataDir: settings.dataDir })),
    facts: {
      openConnections: () => told.delivery.size,
      openConnectionsOf: (name) => socketsUnder(name, told.delivery, snapshot),
      revision: () => snapshot.revision,
      certificateWork: () => told.reconciler.state(),
      unknownServerNames: () => told.contexts.unknownServerNames(),
      addresses: () => ground.bound.addresses,
    },
  });
  const endpoints = { suffix, portSuffix: () => portSuffix(ground) };
  const operations = bindOperations({
    store,
    clock,
    realClock,
    sessions: accounts.sessions,
    endpoints,
    identities,
    tokenKey: keys.tokenKey,
    vpcLinkTargets: settings.vpcLinks,
    apiKeyValues: ground.apiKeyValues,
    usage: createUsageTelling(snapshot, told.usage),
    seal: (keyPem, reference) => keys.seal(keyPem, reference),
    openKey: (reference) => keyPairs.read(reference)?.keyPem,
    dnsAnswers: createZoneAnswers(snapshot, settings),
    functions: told.functions.local,
    issuers: { names: ['local', ...(settings.acme ? ['acme'] : [])], default: settings.issuer },
  });
  const allowedHosts = settings.controlHosts;
  const control = await listenFor('control', settings.control, (addresses) =>
    startControlServer({ addresses, allowedHosts, operator, operations, identities, realClock, log }),
  );
  undo.push(() => control.close());
  return control;
}

const addressText = ({ address, port }: AddressInfo) => hostPort(address, port);
