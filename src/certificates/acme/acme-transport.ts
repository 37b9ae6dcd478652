// Requests to an authority of ACME, one at a time each: over https only, within a time-out and a bound on the answer, no redirect
// followed. It knows nothing of what is said.

import { rootCertificates } from 'node:tls';
import { Agent, type Dispatcher } from 'undici';
import { limit } from '../../settings/limits.ts';
import { AcmeTrouble, oneLine } from './acme-problem.ts';

export interface AcmeAnswer {
  readonly status: number;
  readonly body: string;
  /** One value of a header; undefined when it is absent or given twice. */
  header(name: string): string | undefined;
}

export interface AcmeRequest {
  readonly method: 'GET' | 'HEAD' | 'POST';
  readonly url: string;
  readonly body?: string;
  readonly signal: AbortSignal;
}

export interface AcmeTransport {
  /** Any status is an answer. Rejects with AcmeTrouble when there is none. */
  send(request: AcmeRequest): Promise<AcmeAnswer>;
  close(): Promise<void>;
}

/** Errors of a request of which the authority has seen nothing. */
const UNSENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);
/** The authority's own server has a certificate of a root that is not known here. */
const UNTRUSTED = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);
/** Node's own advice is about a flag of Node, which is nobody's to give here. */
const ADVICE_OF_NODE = /; if the root CA is installed locally.*$/s;
const KEEP_ALIVE_MS = 10_000;
const HEADERS = { 'user-agent': 'sallyport', accept: '*/*', 'accept-language': 'en' };

/** `caPem`: certificates that the authority's own server may chain to, besides the public ones. */
export function createAcmeTransport(caPem: string | undefined): AcmeTransport {
  const timeout = limit('acmeRequestTimeoutMs');
  const agent = new Agent({
    connect: { timeout, ...(caPem === undefined ? {} : { ca: [...rootCertificates, caPem] }) },
    connections: limit('acmeConnectionsMax'),
    headersTimeout: timeout,
    bodyTimeout: timeout,
    keepAliveTimeout: KEEP_ALIVE_MS,
    keepAliveMaxTimeout: KEEP_ALIVE_MS,
    maxHeaderSize: limit('headerBytesMax'),
  });
  return {
    async send({ method, url, body, signal: outer }) {
      const place = httpsUrl(url);
      const timeOut = AbortSignal.timeout(timeout);
      const signal = AbortSignal.any([outer, timeOut]);
      try {
        const response = await agent.request({
          origin: place.origin,
          path: `${place.pathname}${place.search}`,
          method,
          signal,
          headers: body === undefined ? HEADERS : { ...HEADERS, 'content-type': 'application/jose+json' },
          body: body ?? null,
        });
        return { status: response.statusCode, header: headerOf(response), body: await bodyOf(response, place.host) };
      } catch (error) {
        if (error instanceof AcmeTrouble) throw error;
        if (timeOut.aborted && !outer.aborted)
          throw new AcmeTrouble(`the authority at ${place.host} did not answer in ${timeout} ms`, { cause: error });
        outer.throwIfAborted();
        throw unreachable(place.host, error as NodeJS.ErrnoException);
      }
    },
    close: () => agent.destroy(),
  };
}

function unreachable(host: string, error: NodeJS.ErrnoException): AcmeTrouble {
  const { code = '', message } = error;
  const why = oneLine(message.replace(ADVICE_OF_NODE, '')) || code;
  const isUntrusted = UNTRUSTED.has(code);
  return new AcmeTrouble(
    `the authority at ${host} cannot be reached: ${why}${isUntrusted ? '. Give its root with --acme-ca FILE' : ''}`,
    {
      cause: error,
      isUnsent: UNSENT.has(code),
      remedy: isUntrusted ? 'restart with --acme-ca FILE, the root that its own server is trusted by' : undefined,
    },
  );
}

/** The directory is ours to choose; every further URL is the authority's word. */
function httpsUrl(url: string): URL {
  const place = URL.canParse(url) ? new URL(url) : undefined;
  if (place?.protocol === 'https:' && place.username === '' && place.password === '') return place;
  throw new AcmeTrouble(`the authority named a URL that is not https: '${oneLine(url.slice(0, 200))}'`, {
    isUnsent: true,
  });
}

function headerOf({ headers }: Dispatcher.ResponseData) {
  return (name: string): string | undefined => {
    const value = headers[name];
    return typeof value === 'string' ? value : undefined;
  };
}

async function bodyOf({ body }: Dispatcher.ResponseData, host: string): Promise<string> {
  const max = limit('acmeResponseBytesMax');
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    length += chunk.length;
    // Leaving the loop ends the connection, so the rest is never read.
    if (length > max) throw new AcmeTrouble(`the authority at ${host} answered with more than ${max} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
