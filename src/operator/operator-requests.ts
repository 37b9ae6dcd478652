// Everything under `/_sallyport`: health, readiness, the local CA's root, and the movable clock. A surface of its own beside the
// AWS services; what is not open is signed as the service `sallyport`.

import type { Clock, LifecycleClock } from '../ambient/clock.ts';
import { authenticate } from '../identity/authenticate.ts';
import type { Identities } from '../identity/identities.ts';
import { Fault, type ControlFaultCode } from '../model/faults.ts';
import { parseDurationMs, SettingsProblem } from '../settings/read-settings.ts';
import { domainState, domainStates, DOMAINS_PAGE_SIZE } from './domains.ts';
import { explain } from './explain.ts';
import type { ExplainWorld } from './explain-world.ts';
import { keysPage, type Keys } from './keys.ts';

export interface OperatorRequest {
  readonly method: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
  readonly requestId: string;
}

export interface OperatorAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * What the other rooms say of themselves.
 * @port facts
 */
export interface Facts {
  /** Names of the parts that are not ready, with why; empty when the server is. */
  notReady(): Readonly<Record<string, string>>;
  openConnections(): number;
  revision(): number;
}

export interface OperatorWorld extends ExplainWorld {
  readonly version: string;
  readonly caPem: string;
  readonly facts: Facts;
  readonly keys: Keys;
  readonly clock: LifecycleClock;
  readonly realClock: Clock;
  readonly isClockMovable: boolean;
  readonly identities: () => Identities;
}

const PREFIX = '/_sallyport';
const SERVICE = 'sallyport';
const SERVICES = ['apigatewayv2', 'acm', 'route53', 'apigatewaymanagementapi'];

type Answerer = (request: OperatorRequest, world: OperatorWorld) => OperatorAnswer | Promise<OperatorAnswer>;

const PAGES: Readonly<Record<string, Answerer>> = {
  'GET /_sallyport/health': health,
  'GET /_localstack/health': health,
  'GET /_sallyport/ready': ready,
  'GET /_sallyport/ca.pem': (_, world) => ({
    status: 200,
    headers: { 'Content-Type': 'application/x-pem-file' },
    body: world.caPem,
  }),
  'GET /_sallyport/explain': explainUrl,
  'GET /_sallyport/domains': listDomains,
  'GET /_sallyport/keys': listKeys,
  'POST /_sallyport/keys/rotate': rotateKeys,
  'POST /_sallyport/clock': moveClock,
};

/** Answers the operator's paths; undefined for every other path. Refusals are thrown as faults. */
export function createOperatorRequests(world: OperatorWorld) {
  return {
    answer(request: OperatorRequest): Promise<OperatorAnswer> | undefined {
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

function json(status: number, value: unknown): OperatorAnswer {
  return { status, headers: { 'Content-Type': 'application/json' }, body: `${JSON.stringify(value)}\n` };
}

function health(_: OperatorRequest, world: OperatorWorld): OperatorAnswer {
  return json(200, {
    status: 'ok',
    version: world.version,
    services: Object.fromEntries(SERVICES.map((name) => [name, 'running'])),
  });
}

function ready(_: OperatorRequest, world: OperatorWorld): OperatorAnswer {
  const notReady = world.facts.notReady();
  const isReady = Object.keys(notReady).length === 0;
  const { facts } = world;
  return json(isReady ? 200 : 503, {
    ready: isReady,
    ...(isReady ? {} : { notReady }),
    revision: facts.revision(),
    openConnections: facts.openConnections(),
  });
}

function queryOf(request: OperatorRequest): URLSearchParams {
  return new URLSearchParams(request.target.split('?')[1] ?? '');
}

/** `?url=wss://…`: the steps of a connection, for the caller's account. */
async function explainUrl(request: OperatorRequest, world: OperatorWorld): Promise<OperatorAnswer> {
  const account = requireSigned(request, world);
  const url = queryOf(request).get('url');
  if (url === null) {
    throw new Fault(
      'BadRequestException',
      'Give the URL to explain: /_sallyport/explain?url=wss://ws.example.com/myservice',
      {
        step: 'operator',
      },
    );
  }
  return json(200, await explain(url, account, world));
}

/**
 * The caller's domain names, each with its state and the next action: a page of them behind `?after=`, or those that `?name=`
 * names. `sharesOwnerWith` are the accounts whose names may overlap with the caller's, because the operator recorded one owner.
 */
async function listDomains(request: OperatorRequest, world: OperatorWorld): Promise<OperatorAnswer> {
  const account = requireSigned(request, world);
  const query = queryOf(request);
  const sharesOwnerWith = world.identities().sharedOwners(account);
  const names = query.getAll('name');
  if (names.length > DOMAINS_PAGE_SIZE) {
    const text = `At most ${DOMAINS_PAGE_SIZE} domain names can be asked for at a time, and these are ${names.length}. Ask for all without naming any.`;
    throw new Fault('BadRequestException', text, { step: 'operator' });
  }
  if (names.length === 0) {
    return json(200, { account, sharesOwnerWith, ...(await domainStates(account, query.get('after') ?? '', world)) });
  }
  const states = await Promise.all(names.map((name) => domainState(name, account, world)));
  const absent = names.find((_, position) => states[position] === undefined);
  if (absent !== undefined) {
    throw new Fault(
      'NotFoundException',
      `There is no custom domain name ${absent.slice(0, 300)} in account ${account}.`,
      {
        step: 'operator',
      },
    );
  }
  return json(200, { account, sharesOwnerWith, domains: states });
}

/** The master key's name, and every key and secret under it: never one itself. */
async function listKeys(request: OperatorRequest, world: OperatorWorld): Promise<OperatorAnswer> {
  requireOperator(request, world);
  return json(200, await keysPage(world.keys));
}

/** Begins a rotation, or finds the one that is under way; `GET /_sallyport/keys` tells how far it is. */
async function rotateKeys(request: OperatorRequest, world: OperatorWorld): Promise<OperatorAnswer> {
  requireOperator(request, world);
  await world.keys.rotate();
  return json(202, await keysPage(world.keys));
}

/** `{"advance": "10m"}`: lifecycle time goes forward, for tests and rehearsals. */
function moveClock(request: OperatorRequest, world: OperatorWorld): OperatorAnswer {
  requireSigned(request, world);
  if (!world.isClockMovable) {
    throw new Fault('BadRequestException', 'The clock is real. Start with --clock movable to move it.', {
      step: 'operator',
    });
  }
  let advance: unknown;
  try {
    advance = (JSON.parse(Buffer.from(request.body).toString()) as { advance?: unknown } | null)?.advance;
    world.clock.advance(parseDurationMs('clock', String(advance)));
  } catch (error) {
    if (!(error instanceof SettingsProblem || error instanceof SyntaxError)) throw error;
    throw new Fault('BadRequestException', 'The body must be like {"advance": "10m"}; units are ms, s, m and h.', {
      step: 'operator',
    });
  }
  return json(200, { now: new Date(world.clock.now()).toISOString() });
}

/** The caller's account. */
function requireSigned(request: OperatorRequest, world: OperatorWorld): string {
  const result = authenticate(request, world.identities(), world.realClock);
  if ('unauthenticated' in result) {
    const code: ControlFaultCode =
      result.unauthenticated === 'missing' ? 'MissingAuthenticationTokenException' : 'InvalidSignatureException';
    throw new Fault(code, result.message, { step: 'signature' });
  }
  if (result.claim.service !== SERVICE) {
    throw new Fault('InvalidSignatureException', `Credential should be scoped to correct service: '${SERVICE}'.`, {
      step: 'signature',
    });
  }
  return result.caller.account;
}

/** For what concerns the whole server and no account of it alone. */
function requireOperator(request: OperatorRequest, world: OperatorWorld): void {
  const account = requireSigned(request, world);
  if (world.identities().isOperator(account)) return;
  const text = `This is for the operator of the server, and account ${account} is none. Accounts with operator: true in the accounts file are.`;
  throw new Fault('AccessDeniedException', text, { step: 'operator' });
}
