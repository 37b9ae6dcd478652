// The control plane, wired by hand: the AWS services, the operator's pages, and mail. Part of the composition root.

import { join } from 'node:path';
import { realClock } from '../ambient/clock.ts';
import { listenFor } from '../ambient/listening.ts';
import type { AcmeIssuer } from '../certificates/acme/acme-issuer.ts';
import { budgetLines } from '../certificates/acme/budget-lines.ts';
import type { Reconciler } from '../certificates/reconciler.ts';
import { openMail, type Mail } from '../certificates/mail/open-mail.ts';
import { bindOperations } from '../controlplane/operations/operation-table.ts';
import { startControlServer, type ControlServer } from '../controlplane/wire/control-server.ts';
import type { DisconnectJournal } from '../dataplane/connections/disconnect-journal.ts';
import { createOpenSockets } from '../dataplane/connections/open-sockets.ts';
import type { Watching } from '../dataplane/witness/open-witnesses.ts';
import { socketsUnder } from '../dataplane/connections/sockets-under.ts';
import { APPROVAL_PATH, approvalHost } from '../dataplane/listen/approval-page.ts';
import type { SecureContexts } from '../dataplane/terminate/secure-contexts.ts';
import { shownCertificate } from '../dataplane/terminate/shown-certificate.ts';
import { createUsageTelling } from '../dataplane/admit/usage-telling.ts';
import type { UsageCounts } from '../dataplane/admit/usage-counts.ts';
import type { LocalDelivery } from '../delivery/local-delivery.ts';
import { createZoneAnswers } from '../dns/zone-answers.ts';
import type { Functions } from '../functions/open-functions.ts';
import type { RenewalLeave, Steps } from '../operator/explain-world.ts';
import { createOperatorRequests } from '../operator/operator-requests.ts';
import { createReadiness } from '../operator/readiness.ts';
import { createServerParts } from '../operator/server-parts.ts';
import type { MetricSources } from '../operator/metrics-page.ts';
import type { TenantCounts } from '../operator/tenants.ts';
import { startPointingWatch } from '../operator/pointing-watch.ts';
import { readVersion } from '../settings/version.ts';
import { createAccountRecords } from '../store/account-records.ts';
import { createCertificateRecords } from '../store/certificate-records.ts';
import { createPointingRecords } from '../store/pointing-records.ts';
import { createZoneRecords } from '../store/zone-records.ts';
import type { Approvals } from './data-plane.ts';
import { portSuffix, type Ground } from './ground.ts';

/** Who says of the rooms what the operator's pages show. */
export interface Told {
  readonly delivery: LocalDelivery;
  readonly contexts: SecureContexts;
  readonly reconciler: Reconciler;
  readonly acme: AcmeIssuer | undefined;
  readonly renewalLeave: RenewalLeave;
  readonly mail: Mail;
  readonly functions: Functions;
  readonly usage: UsageCounts;
  readonly watching: Watching;
  readonly metricSources: MetricSources;
  readonly tenantCounts: TenantCounts;
  readonly disconnects: DisconnectJournal;
  readonly listeners: Readonly<Record<'tls' | 'http' | 'dns', { isListening(): boolean }>>;
}

export function startMail(ground: Ground, { look }: Approvals): Mail {
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

export async function startControlPlane(
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
    ...ground.stacks,
    functions: told.functions,
    endpoints: endpointsOf(ground),
    certificates: createCertificateRecords(store),
    budget: async () => told.acme && budgetLines(await told.acme.budget()),
    acceptsDevelopmentCredentials: () => identities().isDevelopment,
    mail: told.mail.records,
    metricSources: told.metricSources,
    tenantCounts: told.tenantCounts,
    live: told.watching.live,
    sockets: createOpenSockets({ ...told, snapshot, clock }),
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
  const operations = bindServices(ground, told);
  const allowedHosts = settings.controlHosts;
  const control = await listenFor('control', settings.control, (addresses) =>
    startControlServer({ addresses, allowedHosts, operator, operations, identities, realClock, log }),
  );
  undo.push(() => control.close());
  return control;
}

const endpointsOf = (ground: Ground) => ({
  suffix: ground.settings.endpointSuffix,
  portSuffix: () => portSuffix(ground),
});

/** Every operation of the AWS services. */
function bindServices(ground: Ground, told: Told) {
  const { settings, clock, store, snapshot, keys, keyPairs, accounts } = ground;
  return bindOperations({
    store,
    clock,
    realClock,
    sessions: accounts.sessions,
    endpoints: endpointsOf(ground),
    identities: () => accounts.current(),
    tokenKey: keys.tokenKey,
    vpcLinkTargets: settings.vpcLinks,
    apiKeyValues: ground.apiKeyValues,
    usage: createUsageTelling(snapshot, told.usage),
    seal: (keyPem, reference) => keys.seal(keyPem, reference),
    openKey: (reference) => keyPairs.read(reference)?.keyPem,
    dnsAnswers: createZoneAnswers(snapshot, settings),
    functions: told.functions,
    issuers: { names: ['local', ...(settings.acme ? ['acme'] : [])], default: settings.issuer },
  });
}
