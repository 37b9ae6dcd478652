// One happening as one line for people: what, how it went and how long it took first, in columns; then where, and why not.

import type { LiveEvent } from '../observe/live-event.ts';
import { seemly, sizeInWords } from './columns.ts';
import { bold, dim, green, red, yellow } from './terminal.ts';

const WORDS: Readonly<Record<LiveEvent['event'], string>> = {
  CONNECT: 'CONNECT',
  MESSAGE: 'MESSAGE',
  DISCONNECT: 'DISCONNECT',
  CONNECTION_API: 'CALLBACK',
};
const EVENT_WIDTH = 10;
const TOOK_WIDTH = 9;
const ID_WIDTH = 20;
const BY: Readonly<Record<NonNullable<LiveEvent['close']>['by'], string>> = {
  client: 'by the client',
  gateway: 'by the gateway',
  network: 'without a goodbye',
  restart: 'when the gateway was killed',
};

/** Columns grow with what was seen, up to a bound: what came before stays as it was printed. */
const COLUMN_WIDTH_MAX = 36;

/** Makes the lines of one watch: without a line end; with bodies, where events have them, on lines of their own below. */
export function createEventLines(): (event: LiveEvent) => string {
  const widths = [0, 0, 0];
  const column = (at: number, text: string) => {
    widths[at] = Math.max(widths[at]!, Math.min(text.length, COLUMN_WIDTH_MAX));
    return text.padEnd(widths[at]!);
  };
  return (event) => eventLines(event, column);
}

function eventLines(event: LiveEvent, column: (at: number, text: string) => string): string {
  const { at, status, connectionId, apiId, stage, route, refusal } = event;
  const place = apiId === undefined ? '-' : `${apiId}/${stage ?? '-'}`;
  const parts = [
    dim(at.slice(11, 23)),
    bold(WORDS[event.event].padEnd(EVENT_WIDTH)),
    statusInColour(status),
    msInWords(event.tookMs).padStart(TOOK_WIDTH),
    seemly(connectionId ?? '-').padEnd(ID_WIDTH),
    column(0, seemly(place)),
    column(1, seemly(route ?? 'no route')),
    column(2, `${seemly(event.host)}${seemly(event.path ?? '')}`),
    dim(seemly(event.sourceIp)),
  ];
  const found = details(event);
  const more = found.length === 0 ? '' : `  ${found.join(', ')}`;
  const why = refusal ? `  ${red(`✗ ${refusal.step} ${refusal.code}: ${seemly(refusal.reason)}`)}` : '';
  return [`${parts.join(' ')}${more}${why}`, ...bodies(event)].join('\n');
}

function details({ integrationMs, integrationStatus, bytesIn, bytesOut, principal, close }: LiveEvent): string[] {
  const found: string[] = [];
  if (principal !== undefined) found.push(`as ${seemly(principal)}`);
  if (integrationMs !== undefined)
    found.push(`backend ${integrationStatus ?? 'failed'} in ${msInWords(integrationMs)}`);
  if (bytesIn > 0) found.push(`in ${sizeInWords(bytesIn)}`);
  if (bytesOut > 0) found.push(`out ${sizeInWords(bytesOut)}`);
  if (close) {
    const reason = close.reason === '' ? '' : ` (${seemly(close.reason)})`;
    found.push(`closed ${close.code}${reason} ${BY[close.by]}`);
  }
  return found;
}

function bodies({ body, integrationBody }: LiveEvent): string[] {
  const line = (arrow: string, text: string | undefined) =>
    text === undefined ? [] : [`${' '.repeat(12)} ${arrow} ${dim(seemly(text))}`];
  return [...line('>', body), ...line('<', integrationBody)];
}

function statusInColour(status: number): string {
  if (status >= 500) return red(String(status));
  return status >= 400 ? yellow(String(status)) : green(String(status));
}

/** `0.42ms`, `12ms`, `3.1s`. */
export function msInWords(ms: number): string {
  if (ms >= 1_000) return `${(ms / 1_000).toFixed(1)}s`;
  return ms >= 10 ? `${Math.round(ms)}ms` : `${ms.toFixed(2)}ms`;
}
