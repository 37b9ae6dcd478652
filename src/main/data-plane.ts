// The data plane, wired by hand: what carries connections, messages, disconnects and callbacks. Part of the composition root.

import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { realClock } from '../ambient/clock.ts';
import { listenFor } from '../ambient/listening.ts';
import { createConnectionIds } from '../ambient/connection-id.ts';
import { createApprovals } from '../certificates/mail/approvals.ts';
import { createBackground } from '../dataplane/connections/background.ts';
import { createDeadlines } from '../dataplane/connections/deadlines.ts';
import { openDisconnectJournal } from '../dataplane/connections/disconnect-journal.ts';
import { createWitnesses, type Witnesses } from '../dataplane/happening.ts';
import { Meters } from '../dataplane/meters/meters.ts';
import { createHandshakeFacts } from '../dataplane/connections/handshake-facts.ts';
import { createEntrance } from '../dataplane/listen/entrance.ts';
import { startHttpListener } from '../dataplane/listen/http-listener.ts';
import { createApprovalPage } from '../dataplane/listen/approval-page.ts';
import { createOwnNames } from '../dataplane/listen/own-names.ts';
import { createProxiedConnections } from '../dataplane/listen/proxied-connections.ts';
import { startTlsListener } from '../dataplane/listen/tls-listener.ts';
import { createSecureContexts } from '../dataplane/terminate/secure-contexts.ts';
import { createApiKeys } from '../dataplane/admit/api-keys.ts';
import { openUsageCounts } from '../dataplane/admit/usage-counts.ts';
import { Throttle } from '../dataplane/admit/throttle.ts';
import { redeliverDisconnects } from '../dataplane/redeliver-disconnects.ts';
import { openWitnesses } from '../dataplane/witness/open-witnesses.ts';
import { createTenantBounds } from '../dataplane/tenant-bounds.ts';
import type { DataWorld } from '../dataplane/world.ts';
import { createLocalDelivery } from '../delivery/local-delivery.ts';
import type { FunctionCalls } from '../functions/invoke-client.ts';
import { openFunctions } from '../functions/open-functions.ts';
import { followStacks } from '../functions/stack-functions.ts';
import { createFunctionAccounts } from '../identity/function-accounts.ts';
import { NO_OPTIONS } from '../model/stage-options.ts';
import { HmacSha256 } from '../protocol/hmac-sha256.ts';
import { addressRanges } from '../protocol/ip-address.ts';
import { createUsageRecords } from '../store/usage-records.ts';
import { portSuffix, type Ground } from './ground.ts';

const NODE_NUMBER = 0;

export type Approvals = ReturnType<typeof createApprovals>;

export async function startDataPlane(ground: Ground, approvals: Approvals) {
  const { settings, log, undo, accounts, clock, store, snapshot, keys, apiKeyValues: values } = ground;
  const identities = () => accounts.current();
  const delivery = createLocalDelivery();
  // The largest library: read when the thread that made the first certificates is gone, so that the two are never there together.
  const { openBackends } = await import('../dataplane/integrate/open-backends.ts');
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
  const usage = await openUsageCounts(createUsageRecords(store), (id) => snapshot.apiKeys.planKey(id), clock, log);
  undo.push(() => usage.stop());
  undo.push(() => backends.close());
  undo.push(() => deadlines.stop());
  const witnesses = createWitnesses(log);
  const { endpointSuffix: suffix, strictHost, errorDetail } = settings;
  const world: DataWorld = {
    snapshot,
    delivery,
    backends: { ...backends, invoke: functions.call },
    deadlines,
    throttle: new Throttle(clock),
    ...createTenantBounds(realClock),
    apiKeys: createApiKeys({ snapshot, values, usage, clock }),
    background,
    disconnects,
    handshakes,
    meters: new Meters(snapshot, clock),
    witnesses,
    tracing: await startTracing(ground, witnesses),
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
  const watching = openWitnesses(world, settings, undo);
  const { tls, http, contexts } = await startListeners(ground, approvals, world);
  background.add(redeliverDisconnects(world));
  const rooms = { delivery, background, disconnects, handshakes, watching, functions, usage, backends };
  return { tls, http, contexts, meters: world.meters, ...rooms };
}

/** What clients come in by. */
async function startListeners(ground: Ground, approvals: Approvals, world: DataWorld) {
  const { settings, log, undo, snapshot } = ground;
  const contexts = createSecureContexts(snapshot, ground.keyPairs, log);
  const { endpointSuffix: suffix, region, tlsMaxVersion: maxVersion } = settings;
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
  return { tls, http, contexts };
}

/** Undefined, and nothing of it is loaded, where spans go nowhere. */
async function startTracing({ settings, log, undo }: Ground, witnesses: Witnesses): Promise<DataWorld['tracing']> {
  if (!settings.tracing) return undefined;
  const { openTraces } = await import('../dataplane/witness/open-traces.ts');
  return openTraces(settings.tracing, witnesses, log, undo);
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
  await followStacks(ground.stacks, functions.setStack, log);
  return functions;
}
