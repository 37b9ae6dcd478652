// A CALLBACK: POST, GET or DELETE `…/@connections/{connectionId}`. The checks stand in the order of websocket-apis 5.4; then the
// call goes to delivery, which knows where the socket is.

import type { IncomingMessage } from 'node:http';
import { readBoundedBody } from '../../ambient/bounded-body.ts';
import { authenticate, type Caller } from '../../identity/authenticate.ts';
import { policyContext } from '../../identity/policy-context.ts';
import { formatArn } from '../../model/arn.ts';
import { isRefusal, refuse, type Refusal } from '../../model/faults.ts';
import { evaluatePolicies, type Decision } from '../../protocol/iam-policy.ts';
import { signedHeadersOf } from '../../protocol/sigv4.ts';
import { limit } from '../../settings/limits.ts';
import { resolveCallback } from '../../snapshot/resolve.ts';
import type { StageEntry } from '../../snapshot/snapshot.ts';
import type { SocketDescription } from '../../delivery/delivery.ts';
import type { IamFacts } from '../admit/authorized.ts';
import { CLOSE } from '../connections/close-reasons.ts';
import type { DataWorld } from '../world.ts';
import { connectionIdOf, rightEndpoint } from './right-endpoint.ts';

const STEP = 'callback';
const SERVICE = 'execute-api';
const MANAGE = 'execute-api:ManageConnections';
const METHODS: readonly string[] = ['GET', 'POST', 'DELETE'];

export interface CallbackAnswer {
  readonly status: 200 | 204;
  readonly body: string;
}

export interface CallbackPlace {
  /** Normalised. */
  readonly host: string;
  readonly path: string;
  readonly sourceIp: string;
}

/** What came of a call: what respond/ writes, and what it was about as far as that was found out. */
export interface CallbackCourse {
  readonly answer: CallbackAnswer | Refusal;
  readonly method: string;
  /** Of the API that the connection is of. */
  readonly stage: StageEntry | undefined;
  readonly connectionId: string | undefined;
  readonly body: Buffer | undefined;
  readonly bytesIn: number;
  /** `iam` is undefined where the signature was not looked at, or is none. */
  readonly caller: { readonly iam: IamFacts | undefined; readonly userAgent: string | undefined };
}

export async function manageConnection(
  request: IncomingMessage,
  { host, path, sourceIp }: CallbackPlace,
  world: DataWorld,
): Promise<CallbackCourse> {
  const resolved = resolveCallback(world.snapshot, world.suffix, host, path);
  const isMisplaced = isRefusal(resolved);
  const connectionId = isMisplaced ? connectionIdOf(path) : resolved.connectionId;
  const method = request.method ?? '';
  const userAgent = request.headers['user-agent'];
  const end = (answer: CallbackAnswer | Refusal, stage?: StageEntry, body?: Buffer, by?: Signed): CallbackCourse => ({
    answer,
    method,
    stage,
    connectionId,
    // Of a stranger the owner of the API learns no more than that there was one.
    caller: { iam: by && by.account === stage?.api.account ? iamOf(by) : undefined, userAgent },
    body,
    bytesIn: body?.length ?? 0,
  });
  if (connectionId === undefined) return end(resolved as Refusal);
  if (!METHODS.includes(method))
    return end(refuse('Forbidden', STEP, `@connections takes GET, POST and DELETE, not ${method}`));
  const max = limit('messageBytesMax');
  const body = await readBoundedBody(request, max);
  if ('exceeding' in body) {
    if (isMisplaced) return end(resolved);
    return end(refuse('PayloadTooLarge', STEP, `the payload of ${body.exceeding} bytes exceeds ${max}`));
  }
  const signed = checkSignature(request, body, world);
  if (isMisplaced) {
    if ('refused' in signed) return end(resolved);
    return end(await misplaced(resolved, method, path, connectionId, signed, world));
  }
  const stage = resolved.stages.find(({ api }) => world.connectionIds.nodeOf(connectionId, api.apiId) !== undefined);
  // Only who was given the id is told of in the logs of its API.
  if ('refused' in signed) return end(signed, stage, body);
  if (!stage) return end(await foreignId(resolved.stages, connectionId, signed, world));
  const nowMs = world.realClock.now();
  const refusal =
    checkCaller(signed, { stage, method, connectionId, sourceIp, nowMs }) ?? world.throttle.callback(stage);
  return end(refusal ?? (await deliver(method, connectionId, body, world)), stage, body, signed);
}

function iamOf({ account: accountId, accessKeyId: accessKey, arn: userArn }: Signed): IamFacts {
  return { accountId, caller: accessKey, user: accessKey, userArn, accessKey };
}

/** There are no callbacks at this place. Who may know where the connection is called back is told. */
async function misplaced(
  refusal: Refusal,
  method: string,
  path: string,
  connectionId: string,
  { account }: Signed,
  world: DataWorld,
): Promise<Refusal> {
  const endpoint = await rightEndpoint(connectionId, account, world);
  if (endpoint === undefined) return refusal;
  const text = `No method found matching route ${path.slice(1, 256)} for http method ${method}. The endpoint of this connection is ${endpoint}`;
  return refuse('Forbidden', STEP, refusal.reason, text);
}

/** The id was not issued for the APIs at this place; perhaps for another one of the caller's. */
async function foreignId(
  stages: readonly StageEntry[],
  connectionId: string,
  { account }: Signed,
  world: DataWorld,
): Promise<Refusal> {
  const endpoint = await rightEndpoint(connectionId, account, world);
  const hint = endpoint === undefined ? '' : `. The endpoint of this connection is ${endpoint}`;
  const text = `Invalid connectionId: ${connectionId.slice(0, 64)}${hint}`;
  return refuse('InvalidConnectionId', STEP, `the id was never issued for ${apiIdsOf(stages)}`, text);
}

function apiIdsOf(stages: readonly StageEntry[]): string {
  return stages.map(({ api }) => api.apiId).join(', ');
}

interface Signed {
  readonly account: string;
  readonly accessKeyId: string;
  readonly arn: string;
  readonly region: string;
  readonly policies: Caller['policies'];
}

function checkSignature(request: IncomingMessage, body: Buffer, world: DataWorld): Signed | Refusal {
  const headers = signedHeadersOf(request.rawHeaders);
  const signed = { method: request.method ?? '', target: request.url ?? '/', headers, body };
  const result = authenticate(signed, world.identities(), world.realClock);
  if ('unauthenticated' in result) {
    const code = result.unauthenticated === 'missing' ? 'MissingAuthenticationToken' : 'InvalidSignature';
    return refuse(code, STEP, result.message, result.message);
  }
  const { caller, claim } = result;
  if (claim.service !== SERVICE) {
    const text = `Credential should be scoped to correct service: '${SERVICE}'.`;
    return refuse('InvalidSignature', STEP, text, text);
  }
  const { account, accessKeyId, arn, policies } = caller;
  return { account, accessKeyId, arn, policies, region: claim.region };
}

interface Managing {
  readonly stage: StageEntry;
  readonly method: string;
  readonly connectionId: string;
  readonly sourceIp: string;
  readonly nowMs: number;
}

function checkCaller(signed: Signed, managing: Managing): Refusal | undefined {
  const { account, region, apiId } = managing.stage.api;
  if (signed.region !== region) {
    const text = `Credential should be scoped to a valid region, not '${signed.region}'.`;
    return refuse('InvalidSignature', STEP, text, text);
  }
  const isOwner = signed.account === account;
  const decision = isOwner ? decide(signed, managing) : 'implicitDeny';
  if (decision === 'allowed') return undefined;
  // AWS masks the account and leaves the id a literal template.
  const resource = `arn:aws:execute-api:${region}:********${account.slice(-4)}:${apiId}/${managing.stage.stageName}/${managing.method}/@connections/{connectionId}`;
  const why =
    decision === 'explicitDeny'
      ? 'with an explicit deny in an identity-based policy'
      : `because no identity-based policy allows the ${MANAGE} action`;
  const text = `User: ${signed.arn} is not authorized to perform: ${MANAGE} on resource: ${resource} ${why}`;
  const reason = isOwner ? `${decision} of ${MANAGE}` : `the API belongs to another account than ${signed.account}`;
  return refuse('AccessDenied', STEP, reason, text);
}

/**
 * By AWS's template, in which the connection id is spelled `{connectionId}` (websocket-apis 5.5); and by the id itself, which is an
 * extension: it allows what the template does not, and denies as well.
 */
function decide(caller: Signed, { stage, method, connectionId, sourceIp, nowMs }: Managing): Decision {
  const { policies } = caller;
  if (!policies) return 'allowed';
  const { account, region, apiId } = stage.api;
  const prefix = formatArn('execute-api', region, account, `${apiId}/${stage.stageName}/${method}/@connections/`);
  const context = policyContext({ nowMs, sourceIp, isSecure: true, region, caller });
  const decisions = ['{connectionId}', connectionId].map((id) =>
    evaluatePolicies(policies, { action: MANAGE, resource: `${prefix}${id}`, context, isTagsUnknown: true }),
  );
  if (decisions.includes('explicitDeny')) return 'explicitDeny';
  return decisions.includes('allowed') ? 'allowed' : 'implicitDeny';
}

async function deliver(
  method: string,
  connectionId: string,
  body: Buffer,
  world: DataWorld,
): Promise<CallbackAnswer | Refusal> {
  const gone = refuse('Gone', STEP, 'no connection of this id is open');
  if (method === 'POST') {
    const result = await world.delivery.send(connectionId, body);
    if (result === 'gone') return gone;
    if (result === 'busy') return refuse('LimitExceeded', STEP, 'the send queue of the connection is full');
    return { status: 200, body: '' };
  }
  if (method === 'DELETE') {
    const isClosed = await world.delivery.close(connectionId, CLOSE.deleted.code, CLOSE.deleted.reason);
    return isClosed ? { status: 204, body: '' } : gone;
  }
  const description = await world.delivery.describe(connectionId);
  return description ? { status: 200, body: describe(description) } : gone;
}

/** Pretty-printed with ` : `, as AWS does (websocket-apis 5.2). */
function describe({ connectedAtMs, lastActiveAtMs, sourceIp, userAgent }: SocketDescription): string {
  const identity = [
    `    "sourceIp" : ${JSON.stringify(sourceIp)}`,
    `    "userAgent" : ${JSON.stringify(userAgent ?? '')}`,
  ];
  return [
    '{',
    '  "identity" : {',
    identity.join(',\n'),
    '  },',
    `  "connectedAt" : "${new Date(connectedAtMs).toISOString()}",`,
    `  "lastActiveAt" : "${new Date(lastActiveAtMs).toISOString()}"`,
    '}',
  ].join('\n');
}
