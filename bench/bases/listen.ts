// An HTTPS server with the gateway's TLS settings, for the bases: TLS 1.2, the same ciphers, on a free port.

import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { BaseTls } from '../subject.ts';

const CIPHERS = [
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
].join(':');

export function createBaseServer({ cert, key }: BaseTls): Server {
  return createServer({
    cert,
    key,
    minVersion: 'TLSv1.2',
    maxVersion: 'TLSv1.2',
    ciphers: CIPHERS,
    honorCipherOrder: true,
  });
}

/** Resolves to the port. */
export async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}
