// Signature Version 4 as an SDK makes it for a POST to @connections: host, date and body hash are signed, the path is encoded once
// more. The tests prove the gateway with the SDK itself; here many requests are signed ahead, and cheaply.

import { createHash, createHmac } from 'node:crypto';
import { REGION, type Target } from '../subject.ts';

const ACCESS_KEY_ID = 'test';
const SECRET = 'test';
const SIGNED_HEADERS = 'content-type;host;x-amz-content-sha256;x-amz-date';

/** The whole request as it goes over the wire. */
export function signedPost(target: Target, connectionId: string, body: string): Buffer {
  const host = `${target.name}:${target.port}`;
  const path = `${target.path}/@connections/${encodeURIComponent(connectionId)}`;
  const timestamp = new Date().toISOString().replace(/[-:]|\.\d{3}/g, '');
  const bodyHash = hash(body);
  const headers = {
    'content-type': 'application/octet-stream',
    host,
    'x-amz-content-sha256': bodyHash,
    'x-amz-date': timestamp,
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}:${value}\n`);
  const canonicalPath = path.split('/').map(encodeURIComponent).join('/');
  const canonical = ['POST', canonicalPath, '', lines.join(''), SIGNED_HEADERS, bodyHash].join('\n');
  const scope = [timestamp.slice(0, 8), REGION, 'execute-api', 'aws4_request'];
  const key = scope.reduce<string | Buffer>((previous, part) => mac(previous, part), `AWS4${SECRET}`);
  const toSign = ['AWS4-HMAC-SHA256', timestamp, scope.join('/'), hash(canonical)].join('\n');
  const credential = `Credential=${ACCESS_KEY_ID}/${scope.join('/')}`;
  const signature = `Signature=${mac(key, toSign).toString('hex')}`;
  const authorization = `AWS4-HMAC-SHA256 ${credential}, SignedHeaders=${SIGNED_HEADERS}, ${signature}`;
  const sent = { ...headers, authorization, 'content-length': String(Buffer.byteLength(body)) };
  const head = Object.entries(sent).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(`POST ${path} HTTP/1.1\r\n${head.join('')}\r\n${body}`);
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function mac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
