// A `command` looks names up by itself, so that those of the gateway would lead it to port 443 of nowhere. For HTTPS it has a proxy
// (HTTPS_PROXY), which is this: names of the gateway's own go to where the gateway listens, all others on as they are. TLS is between the
// two ends; nothing of it is read here.

import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { limit } from '../settings/limits.ts';
import type { RuntimeRequests } from './runtime-requests.ts';

const TARGET = /^(?:\[([0-9A-Fa-f:.]+)\]|([\w.-]+)):(\d{1,5})$/;
const PORT_MAX = 65_535;

/** Answers one CONNECT. `requests` is undefined for somebody who may not. */
export function passOn(
  target: string,
  socket: Duplex,
  head: Buffer,
  requests: Pick<RuntimeRequests, 'ownName'> | undefined,
): void {
  const refuse = (status: string) => socket.end(`HTTP/1.1 ${status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
  if (!requests) return void refuse('407 Proxy Authentication Required');
  const [, address, name, digits] = TARGET.exec(target) ?? [];
  const host = address ?? name;
  const port = Number(digits);
  if (host === undefined || port < 1 || port > PORT_MAX) return void refuse('400 Bad Request');
  const own = requests.ownName(host, port);
  const upstream = connect({ host: own?.address ?? host, port: own?.port ?? port, allowHalfOpen: true });
  upstream.setTimeout(limit('functionProxyConnectMs'), () => upstream.destroy(new Error('it does not answer')));
  let isOpen = false;
  upstream.once('connect', () => {
    isOpen = true;
    upstream.setTimeout(0);
    socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
    if (head.length > 0) upstream.write(head);
    socket.pipe(upstream);
    upstream.pipe(socket);
  });
  upstream.on('error', () => {
    if (isOpen) socket.destroy();
    else refuse('502 Bad Gateway');
  });
  upstream.once('close', () => {
    if (isOpen) socket.destroy();
  });
  socket.once('close', () => upstream.destroy());
}
