// An authority of ACME inside the test (RFC 8555, RFC 9773), over HTTPS. It checks signatures and nonces for real, and misbehaves as
// the test tells it to: refusals, silence, broken connections, endless answers, certificates of somebody else's.

import { randomBytes, type webcrypto } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { join } from 'node:path';
import { Readable, pipeline } from 'node:stream';
import { text } from 'node:stream/consumers';
import { listenOn } from '../../src/ambient/listening.ts';
import { temporaryDirectory, type Owner } from './gateway.ts';
import { createIssuingChain, newKeys, readRequest, type IssuedLeaf, type IssuingChain } from './issuing-chain.ts';
import { UnknownAccount, isBound, thumbprint, verifyRequest, type AccountJwk } from './verify-jws.ts';

export type RequestKind =
  | 'directory'
  | 'nonce'
  | 'account'
  | 'order'
  | 'authorization'
  | 'challenge'
  | 'order-status'
  | 'finalize'
  | 'certificate'
  | 'renewal-info';

/** A refusal; `type` without the prefix of ACME's. */
export interface ScriptedProblem {
  readonly type: string;
  readonly detail?: string;
  readonly status?: number;
  readonly retryAfter?: string;
  readonly subproblems?: readonly object[];
  readonly instance?: string;
}

export type Misdeed =
  | { readonly problem: ScriptedProblem }
  | { readonly answer: { status: number; body?: string; headers?: Record<string, string> } }
  /** `hang`: no answer until `release()`. `close`: the connection ends. `endless`: a body that never does. */
  | 'hang'
  | 'close'
  | 'endless'
  /** The request is done as usual, and its answer is lost. */
  | 'lose-answer';

/** What is handed out as the certificate of an order. */
export type Returned =
  | 'what was ordered'
  | 'with the root'
  | 'for another name'
  | 'for a further name'
  | 'for another key'
  | 'expired'
  | 'not valid yet'
  | 'out of order'
  | 'of another authority'
  | 'garbage'
  | 'nothing';

export interface Script {
  /** Real time of this process plus this is when certificates begin to be counted from. */
  offsetMs: number;
  validityMs: number;
  returns: Returned;
  challengeTypes: readonly string[];
  /** Reads of an authorization, and of an order, that still show it under way. */
  readsUntilWord: number;
  /** Authorizations that are valid serve later orders, too. */
  isReusing: boolean;
  validate: (type: string, name: string, keyAuthorization: string) => Promise<boolean | object> | boolean | object;
  renewalWindow: (identifier: string) => RenewalAnswer | undefined;
  /** Changes the directory before it is handed out. */
  directory: (directory: Record<string, unknown>) => Record<string, unknown>;
}

export interface RenewalAnswer {
  readonly start: string;
  readonly end: string;
  readonly retryAfter?: string;
}

export interface ScriptedOrder {
  readonly names: readonly string[];
  readonly replaces: string | undefined;
  readonly status: () => string;
}

export interface ScriptedAuthority {
  readonly directoryUrl: string;
  /** A PEM file for `--acme-ca`. */
  readonly caFile: string;
  readonly rootPem: string;
  readonly script: Script;
  readonly orders: readonly ScriptedOrder[];
  /** The certificates that were issued, by the identifier of renewal information. */
  readonly certificates: readonly IssuedLeaf[];
  readonly accounts: readonly { readonly contact: unknown; readonly isBound: boolean }[];
  requests(kind: RequestKind): number;
  /** The next requests of the kind are not served. `keepDoing` until `behave`. */
  misbehave(kind: RequestKind, misdeed: Misdeed, times?: number): void;
  behave(): void;
  /** Those that it has given out are good no longer. */
  forgetNonces(): void;
  /** So many requests are told that their nonce is not good. */
  refuseNonces(times: number): void;
  /** Ends everything that hangs. */
  release(): void;
  /** As if its database were lost: no account is known. */
  forgetAccounts(): void;
}

export interface AuthorityOptions {
  readonly termsOfService?: string;
  readonly eab?: { readonly keyId: string; readonly macKey: string };
  readonly caaIdentities?: readonly string[];
  readonly hasRenewalInfo?: boolean;
}

interface Account {
  readonly kid: string;
  readonly jwk: AccountJwk;
  readonly contact: unknown;
  readonly isBound: boolean;
}

interface ScriptedChallenge {
  readonly id: string;
  readonly type: string;
  readonly token: string;
  status: string;
  error?: object;
}

interface ScriptedAuthorization {
  readonly id: string;
  readonly name: string;
  status: string;
  reads: number;
  readonly challenges: ScriptedChallenge[];
}

interface KeptOrder extends ScriptedOrder {
  readonly id: string;
  readonly authorizations: readonly ScriptedAuthorization[];
  isFinalized: boolean;
  reads: number;
  pem?: string;
}

class Refused extends Error {
  readonly problem: ScriptedProblem;
  constructor(type: string, detail: string, status = 400) {
    super(detail);
    this.problem = { type, detail, status };
  }
}

interface Reply {
  readonly status: number;
  readonly body?: object | string;
  readonly headers?: Readonly<Record<string, string>>;
}

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const ERROR_PREFIX = 'urn:ietf:params:acme:error:';

export async function startScriptedAuthority(owner: Owner, options: AuthorityOptions = {}): Promise<ScriptedAuthority> {
  const chain = await createIssuingChain();
  const authority = new Authority(chain, options);
  const server = createServer({ ...chain.server }, (request, response) => void authority.serve(request, response));
  const { port } = await listenOn(server, '127.0.0.1', 0);
  authority.origin = `https://localhost:${port}`;
  owner.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const caFile = join(temporaryDirectory(owner), 'authority.pem');
  writeFileSync(caFile, chain.rootPem);
  return Object.assign(authority, { caFile, directoryUrl: `${authority.origin}/directory`, rootPem: chain.rootPem });
}

class Authority {
  origin = '';
  readonly script: Script = {
    offsetMs: 0,
    validityMs: 90 * DAY_MS,
    returns: 'what was ordered',
    challengeTypes: ['http-01', 'dns-01', 'tls-alpn-01'],
    readsUntilWord: 0,
    isReusing: false,
    validate: () => true,
    renewalWindow: () => undefined,
    directory: (directory) => directory,
  };
  readonly orders: KeptOrder[] = [];
  readonly certificates: IssuedLeaf[] = [];
  readonly accounts: Account[] = [];
  readonly #chain: IssuingChain;
  readonly #options: AuthorityOptions;
  readonly #nonces = new Set<string>();
  readonly #authorizations = new Map<string, ScriptedAuthorization>();
  readonly #misdeeds = new Map<RequestKind, Misdeed[]>();
  readonly #counts = new Map<RequestKind, number>();
  readonly #replaced = new Set<string>();
  readonly #held = new Set<ServerResponse>();
  readonly #lostAccounts = new Set<string>();
  #noncesToRefuse = 0;

  constructor(chain: IssuingChain, options: AuthorityOptions) {
    this.#chain = chain;
    this.#options = options;
  }

  requests(kind: RequestKind): number {
    return this.#counts.get(kind) ?? 0;
  }

  misbehave(kind: RequestKind, misdeed: Misdeed, times = 1): void {
    const queue = this.#misdeeds.get(kind) ?? [];
    this.#misdeeds.set(kind, [...queue, ...Array.from({ length: times }, () => misdeed)]);
  }

  behave(): void {
    this.#misdeeds.clear();
    this.#noncesToRefuse = 0;
  }

  forgetNonces(): void {
    this.#nonces.clear();
  }

  refuseNonces(times: number): void {
    this.#noncesToRefuse = times;
  }

  release(): void {
    for (const response of this.#held) response.destroy();
    this.#held.clear();
  }

  forgetAccounts(): void {
    for (const { kid } of this.accounts) this.#lostAccounts.add(kid);
  }

  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url!;
    const [, place = '', id = ''] = path.split('/');
    const kind = KINDS[place];
    if (!kind) return send(response, { status: 404, body: { detail: 'there is no such place' } });
    this.#counts.set(kind, this.requests(kind) + 1);
    const misdeed = this.#misdeeds.get(kind)?.shift();
    if (misdeed !== undefined && misdeed !== 'lose-answer') return this.#misbehave(misdeed, response);
    let reply: Reply;
    try {
      reply = await this.#answer(place, id, request);
    } catch (error) {
      const problem =
        error instanceof Refused
          ? error.problem
          : { type: 'serverInternal', detail: `the scripted authority failed: ${String(error)}`, status: 500 };
      reply = problemReply(problem);
    }
    if (misdeed === 'lose-answer') response.destroy();
    else send(response, { ...reply, headers: { ...reply.headers, 'replay-nonce': this.#newNonce() } });
  }

  #misbehave(misdeed: Exclude<Misdeed, 'lose-answer'>, response: ServerResponse): void {
    if (misdeed === 'close') response.destroy();
    else if (misdeed === 'hang') this.#held.add(response);
    else if (misdeed === 'endless') pourForever(response);
    else if ('problem' in misdeed) {
      const { headers, ...reply } = problemReply(misdeed.problem);
      send(response, { ...reply, headers: { ...headers, 'replay-nonce': this.#newNonce() } });
    } else send(response, misdeed.answer);
  }

  async #answer(place: string, id: string, request: IncomingMessage): Promise<Reply> {
    if (place === 'directory') return { status: 200, body: this.script.directory(this.#directory()) };
    if (place === 'new-nonce') return { status: request.method === 'HEAD' ? 200 : 204 };
    if (place === 'renewal-info') return this.#renewalInfo(id);
    const url = `${this.origin}${request.url!}`;
    const body = await text(request);
    if (request.headers['content-type'] !== 'application/jose+json')
      throw new Refused('malformed', 'the content type is not application/jose+json', 415);
    const { jwk, kid, nonce, payload } = this.#verify(body, url);
    if (!this.#nonces.delete(nonce)) throw new Refused('badNonce', 'the nonce is not one of mine');
    if (this.#noncesToRefuse > 0) {
      this.#noncesToRefuse -= 1;
      throw new Refused('badNonce', 'the nonce is refused');
    }
    if (place === 'new-account') return this.#newAccount(url, jwk, payload ?? {});
    if (kid === undefined) throw new Refused('malformed', 'the account must be named by kid');
    switch (place) {
      case 'new-order':
        return this.#newOrder(payload!);
      case 'authorization':
        return this.#readAuthorization(id, payload);
      case 'challenge':
        return this.#takeAnswer(id, jwk, payload);
      case 'order':
        return this.#readOrder(id);
      case 'finalize':
        return this.#finalize(id, payload!);
      default:
        return this.#certificate(id);
    }
  }

  #verify(body: string, url: string) {
    const keyOf = (kid: string) =>
      this.#lostAccounts.has(kid) ? undefined : this.accounts.find((account) => account.kid === kid)?.jwk;
    try {
      return verifyRequest(body, url, keyOf);
    } catch (error) {
      if (error instanceof UnknownAccount) throw new Refused('accountDoesNotExist', error.message);
      throw new Refused('malformed', (error as Error).message);
    }
  }

  #directory(): Record<string, unknown> {
    const at = (place: string) => `${this.origin}/${place}`;
    const { termsOfService, eab, caaIdentities, hasRenewalInfo = true } = this.#options;
    return {
      newNonce: at('new-nonce'),
      newAccount: at('new-account'),
      newOrder: at('new-order'),
      ...(hasRenewalInfo ? { renewalInfo: at('renewal-info') } : {}),
      meta: { termsOfService, caaIdentities, externalAccountRequired: eab !== undefined },
    };
  }

  #newNonce(): string {
    const nonce = randomBytes(12).toString('base64url');
    this.#nonces.add(nonce);
    return nonce;
  }

  #newAccount(url: string, jwk: AccountJwk, payload: Record<string, unknown>): Reply {
    const { termsOfService, eab } = this.#options;
    const known = this.accounts.find(
      (account) => thumbprint(account.jwk) === thumbprint(jwk) && !this.#lostAccounts.has(account.kid),
    );
    if (known) return { status: 200, headers: { location: known.kid }, body: { status: 'valid' } };
    if (termsOfService !== undefined && payload['termsOfServiceAgreed'] !== true)
      throw new Refused('userActionRequired', 'the terms must be agreed to', 403);
    const binding = payload['externalAccountBinding'];
    if (eab && binding === undefined)
      throw new Refused('externalAccountRequired', 'an external account is needed', 403);
    if (eab && !isBound(binding, eab, url, jwk)) throw new Refused('unauthorized', 'the binding is wrong', 403);
    const kid = `${this.origin}/account/${this.accounts.length + 1}`;
    this.accounts.push({ kid, jwk, contact: payload['contact'], isBound: eab !== undefined });
    return { status: 201, headers: { location: kid }, body: { status: 'valid' } };
  }

  #newOrder(payload: Record<string, unknown>): Reply {
    const names = (payload['identifiers'] as { type: string; value: string }[]).map(({ value }) => value);
    const replaces = payload['replaces'] as string | undefined;
    if (replaces !== undefined) this.#replace(replaces);
    const id = String(this.orders.length + 1);
    const authorizations = names.map((name) => this.#authorize(name));
    const order: KeptOrder = {
      id,
      names,
      replaces,
      authorizations,
      isFinalized: false,
      reads: 0,
      status() {
        const statuses = new Set(authorizations.map(({ status }) => status));
        if (statuses.has('invalid')) return 'invalid';
        if (statuses.has('pending')) return 'pending';
        if (!this.isFinalized) return 'ready';
        return this.reads > 0 ? 'processing' : 'valid';
      },
    };
    this.orders.push(order);
    return { ...this.#orderReply(order), status: 201 };
  }

  #replace(identifier: string): void {
    if (!this.certificates.some((known) => known.identifier === identifier))
      throw new Refused('malformed', 'the certificate that would be replaced is not one of mine', 404);
    if (this.#replaced.has(identifier))
      throw new Refused('alreadyReplaced', 'the certificate was replaced already', 409);
    this.#replaced.add(identifier);
  }

  #authorize(name: string): ScriptedAuthorization {
    const earlier =
      this.script.isReusing &&
      [...this.#authorizations.values()].find((one) => one.name === name && one.status === 'valid');
    if (earlier) return earlier;
    const id = String(this.#authorizations.size + 1);
    const types = name.startsWith('*.') ? ['dns-01'] : this.script.challengeTypes;
    const challenges = types.map((type) => ({
      id: `${id}-${type}`,
      type,
      token: randomBytes(24).toString('base64url'),
      status: 'pending',
    }));
    const authorization = { id, name, status: 'pending', reads: 0, challenges };
    this.#authorizations.set(id, authorization);
    return authorization;
  }

  #orderReply(order: KeptOrder): Reply {
    const status = order.status();
    return {
      status: 200,
      headers: { location: `${this.origin}/order/${order.id}` },
      body: {
        status,
        identifiers: order.names.map((value) => ({ type: 'dns', value })),
        authorizations: order.authorizations.map(({ id }) => `${this.origin}/authorization/${id}`),
        finalize: `${this.origin}/finalize/${order.id}`,
        ...(status === 'valid' ? { certificate: `${this.origin}/certificate/${order.id}` } : {}),
      },
    };
  }

  #readAuthorization(id: string, payload: unknown): Reply {
    if (payload !== undefined) throw new Refused('malformed', 'an authorization is only read');
    const found = this.#authorizations.get(id)!;
    const isTold = found.challenges.some(({ status }) => status !== 'pending');
    const isUnderWay = isTold && found.reads > 0;
    if (isUnderWay) found.reads -= 1;
    return {
      status: 200,
      body: {
        identifier: { type: 'dns', value: found.name.replace(/^\*\./, '') },
        ...(found.name.startsWith('*.') ? { wildcard: true } : {}),
        status: isUnderWay ? 'pending' : found.status,
        challenges: found.challenges.map((challenge) => this.#challengeBody(challenge)),
      },
    };
  }

  #challengeBody({ id, type, token, status, error }: ScriptedChallenge): object {
    return { type, token, status, url: `${this.origin}/challenge/${id}`, ...(error ? { error } : {}) };
  }

  async #takeAnswer(id: string, jwk: AccountJwk, payload: unknown): Promise<Reply> {
    if (JSON.stringify(payload) !== '{}') throw new Refused('malformed', 'the answer to a challenge is {}');
    const authorization = this.#authorizations.get(id.slice(0, id.indexOf('-')))!;
    const challenge = authorization.challenges.find((one) => one.id === id)!;
    const { type, token } = challenge;
    const name = authorization.name.replace(/^\*\./, '');
    const word = await this.script.validate(type, name, `${token}.${thumbprint(jwk)}`);
    authorization.status = challenge.status = word === true ? 'valid' : 'invalid';
    authorization.reads = this.script.readsUntilWord;
    if (word === false)
      challenge.error = { type: `${ERROR_PREFIX}unauthorized`, detail: `${name} was not answered for` };
    if (typeof word === 'object') challenge.error = word;
    return { status: 200, body: this.#challengeBody(challenge) };
  }

  #readOrder(id: string): Reply {
    const order = this.orders[Number(id) - 1]!;
    const reply = this.#orderReply(order);
    if (order.isFinalized && order.reads > 0) order.reads -= 1;
    return reply;
  }

  async #finalize(id: string, payload: Record<string, unknown>): Promise<Reply> {
    const order = this.orders[Number(id) - 1]!;
    if (order.status() !== 'ready') throw new Refused('orderNotReady', `the order is ${order.status()}`, 403);
    const { names, publicKey } = await readRequest(Buffer.from(payload['csr'] as string, 'base64url'));
    if (String(names.toSorted()) !== String(order.names.toSorted()))
      throw new Refused('badCSR', 'the names are not those of the order');
    order.pem = await this.#issue(order.names, publicKey);
    order.isFinalized = true;
    order.reads = this.script.readsUntilWord;
    return this.#orderReply(order);
  }

  async #issue(ordered: readonly string[], ownKey: webcrypto.CryptoKey): Promise<string> {
    const { offsetMs, validityMs, returns } = this.script;
    const now = Date.now();
    const names =
      returns === 'for another name'
        ? ['other.example.net', ...ordered.slice(1)]
        : returns === 'for a further name'
          ? [...ordered, 'other.example.net']
          : ordered;
    const publicKey = returns === 'for another key' ? (await newKeys()).publicKey : ownKey;
    const notBeforeMs = returns === 'not valid yet' ? now + HOUR_MS : now - 2 * HOUR_MS;
    const notAfterMs = returns === 'expired' ? now - HOUR_MS : now + offsetMs + validityMs;
    const leaf = await this.#chain.certify({ names, publicKey, notBeforeMs, notAfterMs });
    this.certificates.push(leaf);
    const { intermediatePem, rootPem } = this.#chain;
    switch (returns) {
      case 'with the root':
        return leaf.pem + intermediatePem + rootPem;
      case 'out of order':
        return leaf.pem + rootPem + intermediatePem;
      case 'of another authority':
        return leaf.pem + (await createIssuingChain()).intermediatePem;
      case 'garbage':
        return '-----BEGIN CERTIFICATE-----\nbm90IGEgY2VydGlmaWNhdGU=\n-----END CERTIFICATE-----\n';
      case 'nothing':
        return '';
      default:
        return leaf.pem + intermediatePem;
    }
  }

  #certificate(id: string): Reply {
    const { pem } = this.orders[Number(id) - 1]!;
    return { status: 200, body: pem!, headers: { 'content-type': 'application/pem-certificate-chain' } };
  }

  #renewalInfo(identifier: string): Reply {
    const window = this.script.renewalWindow(identifier);
    if (!window) throw new Refused('malformed', 'the certificate is not one of mine', 404);
    const { start, end, retryAfter } = window;
    return {
      status: 200,
      headers: retryAfter === undefined ? {} : { 'retry-after': retryAfter },
      body: { suggestedWindow: { start, end } },
    };
  }
}

const KINDS: Readonly<Record<string, RequestKind>> = {
  directory: 'directory',
  'new-nonce': 'nonce',
  'new-account': 'account',
  'new-order': 'order',
  authorization: 'authorization',
  challenge: 'challenge',
  order: 'order-status',
  finalize: 'finalize',
  certificate: 'certificate',
  'renewal-info': 'renewal-info',
};

function problemReply({ type, status = 400, retryAfter, ...rest }: ScriptedProblem): Reply {
  return {
    status,
    headers: {
      'content-type': 'application/problem+json',
      ...(retryAfter === undefined ? {} : { 'retry-after': retryAfter }),
    },
    body: { type: `${ERROR_PREFIX}${type}`, status, ...rest },
  };
}

function send(response: ServerResponse, { status, body, headers }: Reply): void {
  const isText = typeof body === 'string';
  response.writeHead(status, { 'content-type': isText ? 'text/plain' : 'application/json', ...headers });
  response.end(isText ? body : body === undefined ? '' : JSON.stringify(body));
}

/** As fast as it is read, until the connection ends. */
function pourForever(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/json' });
  const pouring = new Readable({ read: () => void pouring.push('a'.repeat(65_536)) });
  pipeline(pouring, response, () => {});
}
