// The composition root: settings → rooms, wired by hand → start → drain. Every port of docs/ports.md is plugged here and in main/, and
// nowhere else.

import type { AddressInfo } from 'node:net';
import { realClock } from './ambient/clock.ts';
import { compactHeap } from './ambient/compact-heap.ts';
import { ListenProblem, listenFor } from './ambient/listening.ts';
import { undoAll, type Undo } from './ambient/undo.ts';
import { openCertificates } from './certificates/open-certificates.ts';
import { createApprovals } from './certificates/mail/approvals.ts';
import { drainConnections } from './dataplane/connections/drain.ts';
import { startDnsServer } from './dns/dns-server.ts';
import { createValidationServers } from './dns/validation-servers.ts';
import { StartProblem } from './model/start-problem.ts';
import type { Log } from './observe/log.ts';
import { hostPort } from './protocol/host-name.ts';
import { announceGateway } from './settings/running-gateway.ts';
import type { Settings } from './settings/settings.ts';
import type { Store } from './store/contract.ts';
import { startControlPlane, startMail } from './main/control-plane.ts';
import { startDataPlane } from './main/data-plane.ts';
import { layGround } from './main/ground.ts';
import { openMetrics } from './main/metrics.ts';

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
  const metrics = openMetrics(ground, { plane, dns, certificates });
  const told = { ...plane, listeners: { tls, http, dns }, ...certificates, mail, ...metrics };
  const control = await startControlPlane(ground, told, asked);
  undo.push(announceGateway(settings.dataDir, control.bound[0]!, ground.stacks.codeToken));
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

const addressText = ({ address, port }: AddressInfo) => hostPort(address, port);
