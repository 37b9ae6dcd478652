// Sockets as whoever runs them sees them: listed by the page, counted, and closed. Each account its own, an operator all. Closing is an act
// of its own: no change of the configuration does it.

import type { PlaceFilter } from '../observe/live-event.ts';
import type { Log } from '../observe/log.ts';
import { limit } from '../settings/limits.ts';
import { asker, PLACE_WORDS, placeFilter, wordsOf, type Words } from './place-asked.ts';
import {
  jsonAnswer,
  queryOf,
  refused,
  type OperatorAnswer,
  type OperatorRequest,
  type SigningWorld,
} from './signed-request.ts';

interface SocketsAsked {
  readonly filter: PlaceFilter;
  readonly connectionIds: ReadonlySet<string> | undefined;
  readonly after: string | undefined;
}

/**
 * Finds the sockets that are open, oldest first, and closes them.
 * @port open-sockets
 */
export interface OpenSockets {
  /** Whether a text is where an earlier page can have ended. */
  isCursor(text: string): boolean;
  page(asked: SocketsAsked): Promise<{ readonly sockets: readonly object[]; readonly after?: string | undefined }>;
  count(asked: Omit<SocketsAsked, 'after'>): Promise<number>;
  /** A bounded number at a time, at a pace. */
  close(asked: SocketsAsked, code: number, reason: string): Promise<{ closed: number; after?: string | undefined }>;
}

export interface ConnectionsWorld extends SigningWorld {
  readonly sockets: OpenSockets;
  readonly log: Log;
}

/** What a client reads, and `$disconnect`, where nothing else is asked for. */
const CLOSE_CODE = 1_000;
const CLOSE_REASON = 'Closed by an administrator';
const REASON_BYTES_MAX = 123;

/** `?api=…&stage=…&domain=…&tenant=…&connection=…&after=…`, and of an operator `account`; `count=true` for their number alone. */
export async function listConnections(request: OperatorRequest, world: ConnectionsWorld): Promise<OperatorAnswer> {
  const who = asker(request, world);
  const words = wordsOf(queryOf(request), [...PLACE_WORDS, 'after', 'count']);
  const asked = { filter: placeFilter(words, who), connectionIds: undefined, after: cursorOf(words, world) };
  if (words['count'] === 'true') return jsonAnswer(200, { count: await world.sockets.count(asked) });
  return jsonAnswer(200, { account: who.account, ...(await world.sockets.page(asked)) });
}

/** The same members as the query of the list, or `ids`; `code` and `reason`. `after` in the answer when some are left. */
export async function closeConnections(request: OperatorRequest, world: ConnectionsWorld): Promise<OperatorAnswer> {
  const who = asker(request, world);
  const { ids, code = CLOSE_CODE, reason = CLOSE_REASON, ...others } = bodyOf(request);
  const words = wordsOf(Object.entries(others), [...PLACE_WORDS, 'after']);
  const { after, ...places } = words;
  const connectionIds = ids === undefined ? undefined : idsOf(ids);
  if (!connectionIds && Object.keys(places).length === 0)
    throw refused(`Which sockets? Give ids, or one of ${PLACE_WORDS.join(', ')}.`);
  const filter = placeFilter(places, who);
  const closing = { code: codeOf(code), reason: reasonOf(reason) };
  const asked = { filter, connectionIds, after: cursorOf({ after }, world) };
  const result = await world.sockets.close(asked, closing.code, closing.reason);
  const { requestId } = request;
  world.log.info('connections closed', { requestId, by: who.account, closed: result.closed, ...places, ...closing });
  return jsonAnswer(200, { ...result, ...closing });
}

function bodyOf(request: OperatorRequest): Readonly<Record<string, unknown>> {
  let body: unknown;
  try {
    body = JSON.parse(Buffer.from(request.body).toString());
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  if (typeof body === 'object' && body !== null && !Array.isArray(body))
    return body as Readonly<Record<string, unknown>>;
  throw refused('The body must be like {"api":"a1b2c3d4e5","stage":"prod","code":1000,"reason":"…"}.');
}

function cursorOf({ after }: Words, { sockets }: ConnectionsWorld): string | undefined {
  if (after === undefined || sockets.isCursor(after)) return after;
  throw refused(`'after' must be what an earlier page ended with, and is '${after.slice(0, 64)}'.`);
}

function idsOf(ids: unknown): ReadonlySet<string> {
  const max = limit('socketsClosedPerRequestMax');
  if (Array.isArray(ids) && ids.length > 0 && ids.length <= max && ids.every((id) => typeof id === 'string'))
    return new Set(ids as string[]);
  throw refused(`'ids' must be a list of 1 to ${max} connection ids.`);
}

/** Those that an endpoint may send (RFC 6455 7.4). */
function codeOf(code: unknown): number {
  const isStandard =
    typeof code === 'number' && code >= 1_000 && code <= 1_014 && ![1_004, 1_005, 1_006].includes(code);
  const isOwn = typeof code === 'number' && code >= 3_000 && code <= 4_999;
  if (Number.isInteger(code) && (isStandard || isOwn)) return code as number;
  throw refused('The close code must be 1000 to 1014 but 1004 to 1006, or 3000 to 4999.');
}

function reasonOf(reason: unknown): string {
  if (typeof reason === 'string' && reason.isWellFormed() && Buffer.byteLength(reason) <= REASON_BYTES_MAX)
    return reason;
  throw refused(`The close reason must be a text of at most ${REASON_BYTES_MAX} bytes.`);
}
