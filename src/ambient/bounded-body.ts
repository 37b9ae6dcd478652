// The body of a request, read within a bound: the same for both planes.

import type { IncomingMessage, ServerResponse } from 'node:http';

export interface ExceedingBody {
  /** How many bytes it has, in words: as declared, or `more than` the bound. */
  readonly exceeding: string;
}

/**
 * The body, or what exceeds the bound, known as soon as it can be. What is left unread is for
 * `endOnceRead`. Rejects when the client breaks off.
 */
export function readBoundedBody(request: IncomingMessage, bytesMax: number): Promise<Buffer | ExceedingBody> {
  const declared = Number(request.headers['content-length'] ?? 0);
  if (declared > bytesMax) return Promise.resolve({ exceeding: String(declared) });
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    // Events, not iteration: this is read for every callback, and an iterator would cost more than the signature.
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length <= bytesMax) chunks.push(chunk);
      else resolve({ exceeding: `more than ${bytesMax}` });
    });
    request.on('end', () => resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)));
    request.on('error', reject);
  });
}

/**
 * Ends an answer whose head is written. A request that was answered before it was read whole is read on and thrown away, within
 * its own time, before the connection may close: else a client that is still sending would lose the answer.
 */
export function endOnceRead(response: ServerResponse, body: Uint8Array): void {
  const { req: request } = response;
  if (request.complete) {
    response.end(body);
    return;
  }
  response.flushHeaders();
  if (body.length > 0) response.write(body);
  request.once('close', () => response.end());
  request.resume();
}
