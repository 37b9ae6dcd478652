// Debian's openssl as the TLS of a client: a socket whose bytes it encrypts. Unlike Node's own client it offers a session under
// whatever name it is told to.

import { spawn } from 'node:child_process';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { next } from '../../harness/eventually.ts';
import type { ReachableGateway } from '../../harness/gateway.ts';
import { PEERS } from '../../harness/peers.ts';

export interface OpensslClient {
  readonly socket: Socket;
  /** When it has ended: the name on the certificate that was shown; undefined when a session was resumed, which shows none. */
  readonly shown: Promise<string | undefined>;
}

/** Starts `openssl s_client` towards the gateway, between the socket and the network. */
export async function connectOpenssl(
  gateway: ReachableGateway,
  servername: string,
  args: readonly string[],
): Promise<OpensslClient> {
  const relay = createServer().listen(0, '127.0.0.1');
  await next(relay, 'listening');
  const socket = connect((relay.address() as AddressInfo).port, '127.0.0.1');
  const [inner] = await next<[Socket]>(relay, 'connection');
  relay.close();
  const target = ['-connect', `127.0.0.1:${gateway.tlsPort}`, '-servername', servername];
  const child = spawn(PEERS.openssl.path, ['s_client', '-quiet', ...target, ...args]);
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  // An end that was closed takes no more: whoever waits for a reply is told by the other.
  for (const stream of [inner, child.stdin]) stream.on('error', () => {});
  inner.pipe(child.stdin);
  child.stdout.pipe(inner);
  inner.on('close', () => child.kill());
  const shown = next(child, 'close').then(() => /^depth=0 CN = (\S+)$/m.exec(said)?.[1]);
  return { socket, shown };
}
