// The protocol of ACME, one method a request (RFC 8555 7, RFC 9773 4): what is sent is signed and carries a fresh nonce, and what
// comes back is read member by member, for an authority may answer anything. It decides nothing and keeps no row.

import type { Clock } from '../../ambient/clock.ts';
import { limit } from '../../settings/limits.ts';
import { AcmeProblem, AcmeTrouble, members } from './acme-problem.ts';
import type { AcmeAnswer, AcmeRequest, AcmeTransport } from './acme-transport.ts';
import { createDirectoryReader, parseJson, type Directory, type DirectoryReader } from './directory.ts';
import { externalBinding, signedBody, type AccountKey, type Signer } from './jws.ts';
import { parseRetryAfter } from './retry-after.ts';

export interface Order {
  readonly url: string;
  readonly status: string;
  readonly authorizations: readonly string[];
  readonly finalize: string;
  readonly certificate: string | undefined;
  /** Why it is invalid. */
  readonly error: unknown;
  readonly retryAtMs: number | undefined;
}

export interface AcmeChallenge {
  readonly type: string;
  readonly url: string;
  readonly token: string;
  readonly error: unknown;
}

export interface Authorization {
  readonly url: string;
  /** As it stands in the certificate: with its star. */
  readonly name: string;
  readonly status: string;
  readonly challenges: readonly AcmeChallenge[];
  readonly retryAtMs: number | undefined;
}

export interface AccountRequest {
  readonly email: string | undefined;
  readonly areTermsAgreed: boolean;
  readonly eab: { readonly keyId: string; readonly macKey: string } | undefined;
}

interface Asked {
  readonly signer: Signer;
  readonly signal: AbortSignal;
}

const NONCE = /^[A-Za-z0-9_-]{1,512}$/;
const NAME_CHARACTERS_MAX = 260;

export class AcmeClient {
  readonly #transport: AcmeTransport;
  readonly #realClock: Clock;
  readonly #directory: DirectoryReader;
  /** The newest is taken first, for the oldest may be good no longer. */
  readonly #nonces: string[] = [];

  constructor(transport: AcmeTransport, directoryUrl: string, realClock: Clock) {
    this.#transport = transport;
    this.#realClock = realClock;
    this.#directory = createDirectoryReader(transport, directoryUrl, realClock);
  }

  directory(signal: AbortSignal): Promise<Directory> {
    return this.#directory.read(signal);
  }

  /** Makes an account for the key, or finds the one that it has already. Resolves to the account's URL. */
  async newAccount(
    key: AccountKey,
    { email, areTermsAgreed, eab }: AccountRequest,
    signal: AbortSignal,
  ): Promise<string> {
    const { newAccount: url } = await this.#directory.read(signal);
    const payload = {
      ...(areTermsAgreed ? { termsOfServiceAgreed: true } : {}),
      ...(email === undefined ? {} : { contact: [`mailto:${email}`] }),
      ...(eab === undefined ? {} : { externalAccountBinding: externalBinding(key, eab, url) }),
    };
    const answer = await this.#post('the account was refused', url, payload, { signer: { key }, signal });
    return locationOf(answer, 'account');
  }

  /** `replaces` is the identifier of the certificate that the new one will replace (RFC 9773 5). */
  async newOrder(names: readonly string[], replaces: string | undefined, asked: Asked): Promise<Order> {
    const { newOrder: url } = await this.#directory.read(asked.signal);
    const identifiers = names.map((value) => ({ type: 'dns', value }));
    const payload = replaces === undefined ? { identifiers } : { identifiers, replaces };
    const answer = await this.#post('the order was refused', url, payload, asked);
    return this.#readOrder(answer, locationOf(answer, 'order'));
  }

  async order(url: string, asked: Asked): Promise<Order> {
    return this.#readOrder(await this.#post('the order cannot be read', url, undefined, asked), url);
  }

  async authorization(url: string, asked: Asked): Promise<Authorization> {
    const answer = await this.#post('the authorization cannot be read', url, undefined, asked);
    const { identifier, status, challenges, wildcard } = documentOf(answer, 'authorization');
    const { value } = members(identifier);
    if (typeof value !== 'string' || value.length > NAME_CHARACTERS_MAX || typeof status !== 'string')
      throw new AcmeTrouble('the authority answered with an authorization that has no name or status');
    return {
      url,
      name: wildcard === true ? `*.${value.toLowerCase()}` : value.toLowerCase(),
      status,
      challenges: (Array.isArray(challenges) ? challenges : []).flatMap(readChallenge),
      retryAtMs: this.#retryAt(answer),
    };
  }

  /** Tells the authority that the answer to its challenge is there. */
  async answerChallenge(url: string, asked: Asked): Promise<void> {
    await this.#post('the challenge cannot be answered', url, {}, asked);
  }

  /** `csr`: DER in base64url. */
  async finalize({ finalize, url }: Order, csr: string, asked: Asked): Promise<Order> {
    return this.#readOrder(await this.#post('the order was not finalized', finalize, { csr }, asked), url);
  }

  /** The certificate and what certifies it, as the authority sent it. */
  async certificate(url: string, asked: Asked): Promise<string> {
    return (await this.#post('the certificate cannot be read', url, undefined, asked)).body;
  }

  /** When the authority wants the certificate renewed, unread; undefined when it never says such things. */
  async renewalInfo(identifier: string, signal: AbortSignal) {
    const { renewalInfo } = await this.#directory.read(signal);
    if (renewalInfo === undefined) return undefined;
    const url = `${renewalInfo.replace(/\/$/, '')}/${identifier}`;
    const answer = await this.#send({ method: 'GET', url, signal });
    if (answer.status !== 200) throw this.#refusal('the renewal information cannot be read', answer);
    const { suggestedWindow } = documentOf(answer, 'renewal information');
    return { ...members(suggestedWindow), retryAtMs: this.#retryAt(answer) };
  }

  async #post(what: string, url: string, payload: object | undefined, { signer, signal }: Asked): Promise<AcmeAnswer> {
    for (let attempt = 1; ; attempt += 1) {
      const nonce = this.#nonces.pop() ?? (await this.#newNonce(signal));
      const body = await signedBody(signer, { url, nonce }, payload);
      const answer = await this.#send({ method: 'POST', url, body, signal });
      const isNonceRefused = answer.status >= 400 && members(parseJson(answer.body))['type'] === BAD_NONCE;
      // A refusal brings a good one, which is then the next to be taken.
      this.#keepNonce(answer);
      if (answer.status < 300 && answer.status >= 200) return answer;
      if (isNonceRefused && attempt < limit('acmeAttemptsMax')) continue;
      throw this.#refusal(what, answer);
    }
  }

  /** After trouble the directory is read anew: its places may have moved. */
  async #send(request: AcmeRequest): Promise<AcmeAnswer> {
    try {
      const answer = await this.#transport.send(request);
      if (answer.status === 404 || answer.status >= 500) this.#directory.forget();
      return answer;
    } catch (error) {
      this.#directory.forget();
      throw error;
    }
  }

  async #newNonce(signal: AbortSignal): Promise<string> {
    const { newNonce: url } = await this.#directory.read(signal);
    const answer = await this.#send({ method: 'HEAD', url, signal });
    const nonce = answer.header('replay-nonce');
    if (nonce !== undefined && NONCE.test(nonce)) return nonce;
    if (answer.status >= 400) throw this.#refusal('no nonce was given', answer);
    throw new AcmeTrouble('the authority gave no nonce (RFC 8555 7.2)');
  }

  #keepNonce(answer: AcmeAnswer): void {
    const nonce = answer.header('replay-nonce');
    if (nonce === undefined || !NONCE.test(nonce)) return;
    if (this.#nonces.length >= limit('acmeNoncesMax')) this.#nonces.shift();
    this.#nonces.push(nonce);
  }

  #refusal(what: string, answer: AcmeAnswer): Error {
    if (answer.status < 400) return new AcmeTrouble(`${what}: the authority answered ${answer.status}`);
    return new AcmeProblem(what, answer.status, parseJson(answer.body), this.#retryAt(answer));
  }

  #retryAt(answer: AcmeAnswer): number | undefined {
    return parseRetryAfter(answer.header('retry-after'), this.#realClock);
  }

  #readOrder(answer: AcmeAnswer, url: string): Order {
    const { status, authorizations, finalize, certificate, error } = documentOf(answer, 'order');
    const urls = Array.isArray(authorizations) ? authorizations.filter((one) => typeof one === 'string') : [];
    if (typeof status !== 'string' || typeof finalize !== 'string')
      throw new AcmeTrouble('the authority answered with an order that has no status, or no place to finalize it');
    return {
      url,
      status,
      authorizations: urls,
      finalize,
      certificate: typeof certificate === 'string' ? certificate : undefined,
      error,
      retryAtMs: this.#retryAt(answer),
    };
  }
}

const BAD_NONCE = 'urn:ietf:params:acme:error:badNonce';

function locationOf(answer: AcmeAnswer, thing: string): string {
  const location = answer.header('location');
  if (location !== undefined) return location;
  throw new AcmeTrouble(`the authority did not say where the ${thing} is`);
}

function documentOf(answer: AcmeAnswer, thing: string): Readonly<Record<string, unknown>> {
  const document = parseJson(answer.body);
  if (typeof document === 'object' && document !== null) return members(document);
  const kind = (answer.header('content-type') ?? 'nothing').slice(0, 60);
  throw new AcmeTrouble(`the authority answered with no ${thing} but with ${kind}`);
}

function readChallenge(one: unknown): AcmeChallenge[] {
  const { type, url, token, error } = members(one);
  if (typeof type !== 'string' || typeof url !== 'string') return [];
  return [{ type, url, token: typeof token === 'string' ? token : '', error }];
}
