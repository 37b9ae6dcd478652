// A refused handshake → one HTTP answer on the raw socket, which then ends (websocket-apis 2.5, custom-domains 3.2).

import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { endWithLastWords } from '../../ambient/last-words.ts';
import type { Refusal } from '../../model/faults.ts';
import { isHeaderValue } from '../../protocol/header-text.ts';
import { limit } from '../../settings/limits.ts';
import type { Answer } from '../stages.ts';
import { wordsOf } from './fault-words.ts';
import { errorBody } from './frames.ts';

function writeHttp(socket: Duplex, status: number, headers: Readonly<Record<string, string>>, body: Buffer): void {
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`.trimEnd(),
    `Date: ${new Date().toUTCString()}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    `Content-Length: ${body.length}`,
    'Connection: close',
  ];
  const bytes = Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), body]);
  endWithLastWords(socket, bytes, limit('closeTimeoutMs'));
}

/** Before a connection id exists. `more` are further headers. */
export function refuseHandshake(
  socket: Duplex,
  refusal: Refusal,
  requestId: string,
  more: Readonly<Record<string, string>> = {},
): void {
  const { status, errorType, text } = wordsOf(refusal);
  const headers = {
    'Content-Type': 'application/json',
    'x-amzn-RequestId': requestId,
    ...(errorType === undefined ? {} : { 'x-amzn-ErrorType': errorType }),
    ...more,
  };
  writeHttp(socket, status, headers, Buffer.from(JSON.stringify({ message: text })));
}

/** The `$connect` integration could not be called, or was not there. */
export function refuseConnect(socket: Duplex, refusal: Refusal, connectionId: string, requestId: string): void {
  const { status, text } = wordsOf(refusal);
  const headers = { 'Content-Type': 'application/json; charset=UTF-8', 'x-amz-apigw-id': requestId };
  writeHttp(socket, status, headers, errorBody(text, connectionId, requestId));
}

/** The backend said no: its status, body and content type go to the client. */
export function relayRefusal(socket: Duplex, answer: Answer, requestId: string): void {
  const contentType = sentHeader(answer, 'content-type') ?? 'application/json';
  const hasCharset = /charset=/i.test(contentType) || !/^(text\/|application\/json)/i.test(contentType);
  const headers = {
    'Content-Type': hasCharset ? contentType : `${contentType}; charset=UTF-8`,
    'x-amz-apigw-id': requestId,
  };
  // A status below 200 would not end the exchange.
  writeHttp(socket, answer.status < 200 ? 502 : answer.status, headers, answer.body);
}

/** A header of the backend's; undefined for one that cannot be sent: a function, and a template, may say anything. */
function sentHeader({ headers }: Answer, name: string): string | undefined {
  const value = [headers[name]].flat()[0];
  return value && isHeaderValue(value) ? value : undefined;
}
