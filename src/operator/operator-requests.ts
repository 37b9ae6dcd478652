// Everything under `/_sallyport`: health, readiness, the local CA's root, explanations, domain names, zones, certificates and the movable clock. A
// surface of its own beside the AWS services; what is not open is signed as the service `sallyport`.

import type { Identities } from '../identity/identities.ts';
import { reloadAccounts, sealSecret, type AccountsWorld } from './accounts-requests.ts';
import { Fault } from '../model/faults.ts';
import {
  listCertificates,
  renewCertificate,
  showBudget,
  type CertificateRequestsWorld,
} from './certificate-requests.ts';
import { moveClock, showClock, type ClockWorld } from './clock-requests.ts';
import type { ConnectionsWorld } from './connections.ts';
import { explainUrl, listDomains, showImpact, type DomainRequestsWorld } from './domain-requests.ts';
import type { EventsWorld } from './events.ts';
import { keysPage, type Keys } from './keys.ts';
import { mailPage, type MailRecords } from './mail.ts';
import { showMetrics, type MetricsWorld } from './metrics-page.ts';
import { readyPage, statusPage, type Facts, type ReadinessWorld } from './readiness.ts';
import {
  jsonAnswer,
  requireOperator,
  requireSigned,
  type OperatorAnswer,
  type OperatorRequest,
  type OperatorStream,
} from './signed-request.ts';
import { deleteStack, listStacks, putStack, showStack, type StackRequestsWorld } from './stack-requests.ts';
import { listTenants, type TenantsWorld } from './tenants.ts';
import { listZones, serveZone, undoServing, type ZoneRequestsWorld } from './zone-requests.ts';

export interface OperatorWorld
  extends
    DomainRequestsWorld,
    CertificateRequestsWorld,
    ZoneRequestsWorld,
    ClockWorld,
    AccountsWorld,
    MetricsWorld,
    TenantsWorld,
    ReadinessWorld,
    StackRequestsWorld,
    EventsWorld,
    ConnectionsWorld {
  readonly caPem: string;
  readonly facts: Facts;
  readonly keys: Keys;
  /** True when anybody who reaches the control port can sign. */
  readonly acceptsDevelopmentCredentials: () => boolean;
  readonly mail: MailRecords;
  readonly identities: () => Identities;
}

const PREFIX = '/_sallyport';
const SERVICES = ['apigatewayv2', 'apigateway', 'acm', 'route53', 'sts', 'lambda', 'apigatewaymanagementapi'];

type Page = OperatorAnswer | OperatorStream;
type Answerer = (request: OperatorRequest, world: OperatorWorld) => Page | Promise<Page>;

const PAGES: Readonly<Record<string, Answerer>> = {
  'GET /_sallyport/health': health,
  'GET /_localstack/health': health,
  'GET /_sallyport/ready': readyPage,
  'GET /_sallyport/ca.pem': (_, world) => ({
    status: 200,
    headers: { 'Content-Type': 'application/x-pem-file' },
    body: world.caPem,
  }),
  'GET /_sallyport/status': statusPage,
  'GET /_sallyport/explain': explainUrl,
  'GET /_sallyport/domains': listDomains,
  'GET /_sallyport/domains/impact': showImpact,
  'GET /_sallyport/zones': listZones,
  'POST /_sallyport/zones/serve': serveZone,
  'POST /_sallyport/zones/serve/undo': undoServing,
  'GET /_sallyport/keys': listKeys,
  'POST /_sallyport/keys/rotate': rotateKeys,
  'GET /_sallyport/trust': trust,
  'GET /_sallyport/certificates': listCertificates,
  'GET /_sallyport/certificates/budget': showBudget,
  'POST /_sallyport/certificates/renew': renewCertificate,
  'POST /_sallyport/accounts/reload': reloadAccounts,
  'POST /_sallyport/accounts/seal': sealSecret,
  'GET /_sallyport/clock': showClock,
  'GET /_sallyport/mail': listMail,
  'GET /_sallyport/metrics': showMetrics,
  'GET /_sallyport/tenants': listTenants,
  'POST /_sallyport/clock': moveClock,
  'GET /_sallyport/stacks': listStacks,
  'GET /_sallyport/stack': showStack,
  'PUT /_sallyport/stack': putStack,
  'DELETE /_sallyport/stack': deleteStack,
  'GET /_sallyport/events': async (request, world) => (await import('./events.ts')).watchEvents(request, world),
  'GET /_sallyport/connections': async (request, world) =>
    (await import('./connections.ts')).listConnections(request, world),
  'POST /_sallyport/connections/close': async (request, world) =>
    (await import('./connections.ts')).closeConnections(request, world),
};

/** Answers the operator's paths; undefined for every other path. Refusals are thrown as faults. */
export function createOperatorRequests(world: OperatorWorld) {
  return {
    answer(request: OperatorRequest): Promise<OperatorAnswer | OperatorStream> | undefined {
      const path = request.target.split('?', 1)[0]!;
      const page = PAGES[`${request.method} ${path}`];
      if (!page && path !== PREFIX && !path.startsWith(`${PREFIX}/`)) return undefined;
      return Promise.resolve().then(() => {
        if (page) return page(request, world);
        const known = Object.keys(PAGES).join(', ');
        throw new Fault(
          'NotImplemented',
          `${request.method} ${path.slice(0, 128)} is not available. There are: ${known}.`,
          {
            step: 'operator',
          },
        );
      });
    },
  };
}

function health(_: OperatorRequest, world: OperatorWorld): OperatorAnswer {
  return jsonAnswer(200, {
    status: 'ok',
    version: world.version,
    services: Object.fromEntries(SERVICES.map((name) => [name, 'running'])),
  });
}

/** The root of the local CA, and whether trusting it hands this machine's TLS to anybody who reaches the control port. */
function trust(request: OperatorRequest, world: OperatorWorld): OperatorAnswer {
  requireSigned(request, world);
  return jsonAnswer(200, {
    pem: world.caPem,
    acceptsDevelopmentCredentials: world.acceptsDevelopmentCredentials(),
  });
}

/** The master key's name, and every key and secret under it: never one itself. */
async function listKeys(request: OperatorRequest, world: OperatorWorld): Promise<OperatorAnswer> {
  requireOperator(request, world);
  return jsonAnswer(200, await keysPage(world.keys));
}

/** Begins a rotation, or finds the one that is under way; `GET /_sallyport/keys` tells how far it is. */
async function rotateKeys(request: OperatorRequest, world: OperatorWorld): Promise<OperatorAnswer> {
  requireOperator(request, world);
  await world.keys.rotate();
  return jsonAnswer(202, await keysPage(world.keys));
}

/** The validation mail of the caller's account that lies in the outbox. */
async function listMail(request: OperatorRequest, world: OperatorWorld): Promise<OperatorAnswer> {
  const account = requireSigned(request, world);
  return jsonAnswer(200, await mailPage(account, world.identities().isOperator(account), world.mail));
}
