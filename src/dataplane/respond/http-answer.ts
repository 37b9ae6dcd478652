// Answers to plain HTTP requests on the TLS listener: callbacks, and everything that is neither callback nor handshake.

import type { ServerResponse } from 'node:http';
import { endOnceRead } from '../../ambient/bounded-body.ts';
import { traceId } from '../../ambient/ids.ts';
import type { Refusal } from '../../model/faults.ts';
import { wordsOf } from './fault-words.ts';

/** The headers of a callback's answer besides its length (websocket-apis 5.2). */
function callbackHeaders(requestId: string, apigwId: string): Record<string, string> {
  return {
    'Content-Type': 'application/json',
    'x-amzn-RequestId': requestId,
    'x-amz-apigw-id': apigwId,
    'X-Amzn-Trace-Id': traceId(Date.now()),
  };
}

export function writeCallback(
  response: ServerResponse,
  status: 200 | 204,
  requestId: string,
  apigwId: string,
  body: string,
): void {
  const headers = callbackHeaders(requestId, apigwId);
  response.writeHead(status, status === 204 ? headers : { ...headers, 'Content-Length': Buffer.byteLength(body) });
  // An empty chunk would still be a write of its own.
  if (body === '') response.end();
  else response.end(body);
}

export function writeRefusal(response: ServerResponse, refusal: Refusal, requestId: string, apigwId: string): void {
  const { status, errorType, text, member } = wordsOf(refusal);
  const body = member === undefined ? '' : JSON.stringify({ [member]: text });
  // AWS sends a 413 bare.
  if (refusal.code === 'PayloadTooLarge') response.writeHead(status, { 'Content-Length': 0 });
  else {
    response.writeHead(status, {
      ...callbackHeaders(requestId, apigwId),
      ...(errorType === undefined ? {} : { 'x-amzn-ErrorType': errorType }),
      'Content-Length': Buffer.byteLength(body),
    });
  }
  endOnceRead(response, Buffer.from(body));
}
