// The page behind the links of validation mail, on the TLS listener, beside the paths of connections and callbacks. Looking at it
// approves nothing, because mail scanners follow links; its form does. It is served on a host of the server's own alone: the paths of
// custom domain names are their owners'. A token is a secret of whoever reads the mailbox, and is in no log line.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { endOnceRead, readBoundedBody } from '../../ambient/bounded-body.ts';
import { APPROVALS_LABEL } from '../../model/certificate.ts';
import { Fault } from '../../model/faults.ts';
import type { Log } from '../../observe/log.ts';
import { limit } from '../../settings/limits.ts';
import { isLoopback } from '../../settings/read-settings.ts';
import {
  APPROVAL_CONTENT_SECURITY_POLICY,
  noticePage,
  questionPage,
  type ApprovalFacts,
} from '../respond/approval-html.ts';

/** 'accepted' is said by the call that approved, 'approved' by every later one. */
export type ApprovalState =
  | { readonly state: 'forged' }
  | { readonly state: 'expired' | 'superseded' | 'closed' | 'gone'; readonly domainName: string }
  | ({ readonly state: 'waiting' | 'approved' | 'accepted' } & ApprovalFacts);

/**
 * What a link approves, and approving it. Both reject with ServiceUnavailableException while the store is away. A token that is not
 * ours is told apart without a look at the store.
 * @port approvals
 */
export interface Approvals {
  look(token: string): Promise<ApprovalState>;
  /** `from` is the address that it came from. */
  approve(token: string, from: string): Promise<ApprovalState>;
}

export interface ApprovalPageOptions {
  readonly approvals: Approvals;
  readonly suffix: string;
  readonly region: string;
  readonly log: Log;
}

export interface ApprovalAsked {
  readonly requestId: string;
  readonly sourceIp: string;
}

export interface ApprovalPage {
  /** `host` is normalised. */
  isAt(host: string, path: string): boolean;
  answer(request: IncomingMessage, response: ServerResponse, asked: ApprovalAsked): Promise<void>;
}

export const APPROVAL_PATH = '/_sallyport/approve';

/** The host of the links: one that the listener's own certificate is for. */
export function approvalHost(suffix: string, region: string): string {
  return suffix === LOCAL_SUFFIX ? LOCAL_SUFFIX : `${APPROVALS_LABEL}.execute-api.${region}.${suffix}`;
}

const LOCAL_SUFFIX = 'localhost';
const FORM = 'application/x-www-form-urlencoded';
const METHODS: readonly string[] = ['GET', 'HEAD', 'POST'];
const NO_FORM = 'This is not the form of this page';
const RETRY_SECONDS = 5;

interface Page {
  /** For the log. */
  readonly state: string;
  readonly status: number;
  readonly html: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export function createApprovalPage({ approvals, suffix, region, log }: ApprovalPageOptions): ApprovalPage {
  const ownHost = `${APPROVALS_LABEL}.execute-api.${region}.${suffix}`;

  async function pageFor(request: IncomingMessage, sourceIp: string): Promise<Page> {
    const refused = refusalOf(request);
    if (refused) return refused;
    const isPost = request.method === 'POST';
    const token = isPost ? await tokenOfForm(request) : tokenOf(new URL(request.url!, 'https://any').searchParams);
    if (typeof token !== 'string') return token;
    return stateOf(await (isPost ? approvals.approve(token, sourceIp) : approvals.look(token)), token);
  }

  return {
    isAt(host, path) {
      if (path !== APPROVAL_PATH) return false;
      return host === ownHost || (suffix === LOCAL_SUFFIX && isLoopback(host.replace(/^\[|\]$/g, '')));
    },
    async answer(request, response, { requestId, sourceIp }) {
      const { method } = request;
      const page = await pageFor(request, sourceIp).catch(awayPage);
      log.info('an approval link was followed', {
        method,
        status: page.status,
        state: page.state,
        requestId,
        sourceIp,
      });
      write(response, page);
    },
  };
}

/** Anything but a store that is away, or too busy, is not foreseen. */
function awayPage(error: unknown): Page {
  const isAway = error instanceof Fault && ['ServiceUnavailableException', 'ConflictException'].includes(error.code);
  if (!isAway) throw error;
  const html = noticePage('This cannot be looked up at the moment', ['Nothing was changed. Try again in a moment.']);
  return { state: 'unavailable', status: 503, html, headers: { 'Retry-After': String(RETRY_SECONDS) } };
}

/** Why a request is refused before its token is read. */
function refusalOf(request: IncomingMessage): Page | undefined {
  const { method = '' } = request;
  if (!METHODS.includes(method)) {
    const html = noticePage('This page is looked at, and its form sent', [`The method ${method} does neither.`]);
    return { state: 'refused', status: 405, html, headers: { Allow: METHODS.join(', ') } };
  }
  if ((request.url ?? '').length > limit('urlBytesMax')) return forgedPage();
  if (method !== 'POST') return undefined;
  if (isForeign(request)) {
    const html = noticePage('This form was not sent from here', [
      'Nothing was approved. Open the link in the mail, and approve on the page that it leads to.',
    ]);
    return { state: 'refused', status: 403, html };
  }
  if ((request.headers['content-type'] ?? '').split(';', 1)[0]!.trim().toLowerCase() === FORM) return undefined;
  const html = noticePage(NO_FORM, [`Nothing was approved. A form is sent as ${FORM}.`]);
  return { state: 'refused', status: 415, html };
}

/**
 * What a browser says of where the form came from. Our own Referrer-Policy makes browsers send `Origin: null`, which therefore says
 * nothing; Sec-Fetch-Site, which no page can set, then tells.
 */
function isForeign({ headers }: IncomingMessage): boolean {
  const { origin, host = '' } = headers;
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return true;
  return origin !== undefined && origin !== 'null' && origin.toLowerCase() !== `https://${host.toLowerCase()}`;
}

async function tokenOfForm(request: IncomingMessage): Promise<string | Page> {
  const max = limit('approvalBodyBytesMax');
  const body = await readBoundedBody(request, max);
  if (!('exceeding' in body)) return tokenOf(new URLSearchParams(body.toString()));
  const html = noticePage(NO_FORM, [
    `Nothing was approved. It has ${body.exceeding} bytes, and at most ${max} are read.`,
  ]);
  return { state: 'refused', status: 413, html };
}

function tokenOf(parameters: URLSearchParams): string {
  const [token = '', ...others] = parameters.getAll('token');
  return others.length === 0 ? token : '';
}

function stateOf(found: ApprovalState, token: string): Page {
  const { state } = found;
  switch (state) {
    case 'waiting':
      return { state, status: 200, html: questionPage(found, APPROVAL_PATH, token) };
    case 'accepted': {
      const text = 'The certificate comes when all of its names are approved. You can close this page.';
      return { state, status: 200, html: noticePage(`${found.domainName} is approved`, [text], found) };
    }
    case 'approved': {
      const text = 'Nothing was changed.';
      return { state, status: 200, html: noticePage(`${found.domainName} is approved already`, [text], found) };
    }
    case 'forged':
      return forgedPage();
    default:
      return { state, status: 410, html: noticePage(...OVER[state](found.domainName)) };
  }
}

const OVER: Readonly<
  Record<'expired' | 'superseded' | 'closed' | 'gone', (name: string) => [title: string, paragraphs: string[]]>
> = {
  expired: (name) => [
    'This link has expired',
    [`Nothing was approved. Whoever asked for the certificate for ${name} can have the mail sent again.`],
  ],
  superseded: (name) => [
    'This link has been superseded',
    [
      `Nothing was approved. The certificate for ${name} is validated anew since: a later mail has the link, or none is needed.`,
    ],
  ],
  closed: (name) => [
    'This certificate waits for no approval',
    [`Nothing was approved. The request for ${name} ended in time or failed; it can only be made anew.`],
  ],
  gone: (name) => ['This certificate was deleted', [`Nothing was approved. The request for ${name} was withdrawn.`]],
};

function forgedPage(): Page {
  const html = noticePage('This link is not whole', [
    'Nothing was approved. It was cut off or changed on its way, or did not come from here.',
    'Open it from the mail again; some mail programs break long links.',
  ]);
  return { state: 'forged', status: 400, html };
}

function write(response: ServerResponse, { status, html, headers }: Page): void {
  response.writeHead(status, {
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Length': Buffer.byteLength(html),
    'Content-Security-Policy': APPROVAL_CONTENT_SECURITY_POLICY,
    'Referrer-Policy': 'no-referrer',
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    ...headers,
  });
  endOnceRead(response, Buffer.from(html));
}
