// The live view: happenings as lines for whoever watches. Listens while somebody does, and renders what some watcher asked for, once for all
// of them. Keys, signatures, headers and queries are no part of a line; bodies are where they were asked for, up to a bound.

import { isUtf8 } from 'node:buffer';
import { isWithin, type EndedBy, type EventFilter, type LiveEvent, type Place } from '../../observe/live-event.ts';
import { hostOfDomainName } from '../../protocol/host-name.ts';
import { redactText } from '../../protocol/redaction.ts';
import { limit } from '../../settings/limits.ts';
import { ABNORMAL } from '../connections/close-reasons.ts';
import { principalOf } from '../connections/connection-facts.ts';
import type { Happening } from '../happening.ts';
import type { IntegrationEvent } from '../integrate/event-context.ts';
import type { DataWorld } from '../world.ts';

const ERROR_MIN = 400;

export interface Watcher {
  /** Who watches; whose traffic is seen is for the filter to say. */
  readonly account: string;
  readonly filter: EventFilter;
  readonly hasBodies: boolean;
  /** Gets each line in the turn of what it tells of, so it must neither wait nor throw. */
  take(line: string): void;
}

export interface LiveView {
  /** Why a further watcher of the account is one too many; undefined when there is room. */
  crowded(account: string): string | undefined;
  /** Tells the watcher until the returned function is called. */
  watch(watcher: Watcher): () => void;
}

export function createLiveView({ witnesses, snapshot }: Pick<DataWorld, 'witnesses' | 'snapshot'>): LiveView {
  const watchers = new Set<Watcher>();
  let stopListening: (() => void) | undefined;
  const domainOf = (host: string) => snapshot.domainFor(host)?.domainName;

  const tell = (happening: Happening) => {
    const place = placeOf(happening, snapshot);
    let plain: string | undefined;
    let full: string | undefined;
    for (const { filter, hasBodies, take } of watchers) {
      if (!isWithin(filter, place, domainOf) || !isKind(filter, happening)) continue;
      if (hasBodies) take((full ??= lineOf(happening, place, domainOf, true)));
      else take((plain ??= lineOf(happening, place, domainOf, false)));
    }
  };
  return {
    crowded(account) {
      const [max, ownMax] = [limit('eventWatchersMax'), limit('eventWatchersPerAccountMax')];
      const own = [...watchers].filter((watcher) => watcher.account === account).length;
      if (own >= ownMax) return `Account ${account} has ${ownMax} watchers already, the most that there may be.`;
      return watchers.size < max ? undefined : `The server has ${max} watchers already, the most that there may be.`;
    },
    watch(watcher) {
      watchers.add(watcher);
      stopListening ??= witnesses.watch(tell);
      return () => {
        watchers.delete(watcher);
        if (watchers.size > 0) return;
        stopListening?.();
        stopListening = undefined;
      };
    },
  };
}

/** A handshake that led to no stage is the account's whose name it came by. */
function placeOf({ stage, event, domainName, connectionId }: Happening, snapshot: DataWorld['snapshot']): Place {
  const facts = event?.connection;
  const host = hostOfDomainName(domainName);
  return {
    account: stage?.api.account ?? facts?.account ?? snapshot.domainFor(host)?.account,
    apiId: stage?.api.apiId ?? facts?.apiId,
    stageName: stage?.stageName ?? facts?.stageName,
    host,
    connectionId,
  };
}

function isKind({ routeKey, status, slowerMs, isErrorsOnly }: EventFilter, happening: Happening): boolean {
  if (routeKey !== undefined && routeKey !== happening.routeKey) return false;
  if (isErrorsOnly && !happening.refusal && happening.status < ERROR_MIN) return false;
  if (slowerMs !== undefined && happening.tookMs <= slowerMs) return false;
  if (status === undefined) return true;
  return status.endsWith('xx') ? happening.status.toString()[0] === status[0] : String(happening.status) === status;
}

function lineOf(
  happening: Happening,
  place: Place,
  domainOf: (host: string) => string | undefined,
  hasBodies: boolean,
): string {
  const { event, refusal, answer, stage } = happening;
  const line: LiveEvent = {
    event: happening.eventType,
    at: new Date(happening.atMs).toISOString(),
    requestId: happening.requestId,
    account: place.account,
    region: stage?.api.region ?? event?.connection.region,
    apiId: place.apiId,
    stage: place.stageName,
    host: place.host,
    domain: domainOf(place.host),
    path: happening.path && redactText(happening.path.slice(0, limit('eventBodyBytesMax'))),
    route: happening.routeKey,
    connectionId: happening.connectionId,
    sourceIp: happening.sourceIp,
    principal: event ? principalOf(event.connection) : happening.caller?.iam?.userArn,
    status: happening.status,
    tookMs: rounded(happening.tookMs),
    integrationMs: happening.integrationMs === undefined ? undefined : rounded(happening.integrationMs),
    integrationStatus: answer?.status,
    bytesIn: happening.bytesIn,
    bytesOut: happening.bytesOut,
    refusal: refusal && { step: refusal.step, code: refusal.code, reason: redactText(refusal.reason) },
    close: closeOf(event),
    ...(hasBodies && { body: shown(happening.body), integrationBody: shown(answer?.body) }),
  };
  return `${JSON.stringify(line)}\n`;
}

/** To the microsecond. */
const rounded = (ms: number) => Math.round(ms * 1_000) / 1_000;

function closeOf(event: IntegrationEvent | undefined): LiveEvent['close'] {
  if (!event?.disconnect) return undefined;
  const { code, reason, isOurs } = event.disconnect;
  const by: EndedBy = code === ABNORMAL ? 'network' : 'client';
  return { code, reason, by: event.isRedelivery ? 'restart' : isOurs ? 'gateway' : by };
}

/** As text, up to the bound; what is no text as base64. */
function shown(body: Buffer | undefined): string | undefined {
  if (!body || body.length === 0) return undefined;
  const max = limit('eventBodyBytesMax');
  const cut = body.subarray(0, max);
  const text = isUtf8(body) ? cut.toString('utf8') : `base64:${cut.toString('base64')}`;
  return body.length > max ? `${text}… (${body.length} bytes)` : text;
}
