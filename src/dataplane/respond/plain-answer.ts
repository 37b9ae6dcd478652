// Answers on the plain HTTP listener: a challenge, the way to https, or a few words. Nothing that AWS defines is said here.

import { STATUS_CODES, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { endOnceRead } from '../../ambient/bounded-body.ts';
import { endWithLastWords } from '../../ambient/last-words.ts';
import { limit } from '../../settings/limits.ts';

const TEXT = 'text/plain; charset=utf-8';

/** The key authorization and not an octet more (RFC 8555 8.3). */
export function writeChallenge(response: ServerResponse, keyAuthorization: string): void {
  write(response, 200, { 'Content-Type': 'application/octet-stream' }, keyAuthorization);
}

export function writeRedirect(response: ServerResponse, location: string): void {
  write(response, 308, { Location: location, 'Content-Type': TEXT }, `${location}\n`);
}

export function writeWords(
  response: ServerResponse,
  status: number,
  words: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  write(response, status, { ...headers, 'Content-Type': TEXT }, `${words}\n`);
}

function write(
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>>,
  text: string,
): void {
  const body = Buffer.from(text);
  response.writeHead(status, { ...headers, 'Content-Length': body.length });
  endOnceRead(response, body);
}

/** To what is no HTTP, or no request that can have an answer of its own: the connection ends with it. */
export function endWithWords(socket: Duplex, status: number, words: string, allow?: string): void {
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    ...(allow === undefined ? [] : [`Allow: ${allow}`]),
    `Content-Type: ${TEXT}`,
    `Content-Length: ${Buffer.byteLength(words) + 1}`,
    'Connection: close',
  ];
  endWithLastWords(socket, `${lines.join('\r\n')}\r\n\r\n${words}\n`, limit('closeTimeoutMs'));
}
