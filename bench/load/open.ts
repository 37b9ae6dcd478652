// WebSocket clients of the loads, as little of one as will do: TLS without resumption, the upgrade, and frames that were made
// before. A load that costs less than the server leaves the server something to do.

import { randomBytes } from 'node:crypto';
import type { LookupFunction } from 'node:net';
import { connect, createSecureContext, type SecureContext, type TLSSocket } from 'node:tls';
import type { Target } from '../subject.ts';

const OPENED_AT_ONCE = 8;
const END_OF_HEAD = '\r\n\r\n';
/** Text, final; the mask of zeros leaves the payload as it is. */
const TEXT_FINAL = 0x81;
const MASKED = 0x80;
const SHORT_MAX = 125;

/** Trust is read once: an authority that each connection reads again costs more than its handshake. */
const trusting = new Map<string, SecureContext>();

function contextTrusting(ca: string): SecureContext {
  const found = trusting.get(ca) ?? createSecureContext({ ca });
  trusting.set(ca, found);
  return found;
}

/** Dials the loopback address whatever the name; the certificate is verified for the name. */
export function openTls({ name, port, ca }: Target): Promise<TLSSocket> {
  const lookup = ((_name, options, callback) => {
    if (options.all) callback(null, [{ address: '127.0.0.1', family: 4 }]);
    else callback(null, '127.0.0.1', 4);
  }) as LookupFunction;
  const secureContext = contextTrusting(ca);
  const socket = connect({ host: name, port, secureContext, servername: name, lookup });
  socket.setNoDelay(true);
  return new Promise((resolve, reject) => {
    socket.once('error', reject).once('secureConnect', () => {
      socket.off('error', reject);
      resolve(socket);
    });
  });
}

/** A socket on which the handshake is done. */
export async function openWebSocket(target: Target): Promise<TLSSocket> {
  const { socket, answer } = await askForWebSocket(target);
  if (!answer.startsWith('HTTP/1.1 101 ')) throw new Error(`the handshake was answered ${answer.slice(0, 200)}`);
  return socket;
}

/** A socket with what the server answered to the upgrade, whatever that is. */
export async function askForWebSocket(target: Target): Promise<{ socket: TLSSocket; answer: string }> {
  const socket = await openTls(target);
  const lines = [
    `GET ${target.path} HTTP/1.1`,
    `Host: ${target.name}:${target.port}`,
    'Upgrade: websocket',
    'Connection: Upgrade',
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
  ];
  const head = nextHead(socket);
  socket.write(`${lines.join('\r\n')}${END_OF_HEAD}`);
  return { socket, answer: await head };
}

/** Opens many, a few at a time. */
export async function openWebSockets(target: Target, count: number): Promise<TLSSocket[]> {
  const sockets: TLSSocket[] = [];
  let begun = 0;
  const opener = async () => {
    while (begun < count) {
      begun += 1;
      sockets.push(await openWebSocket(target));
    }
  };
  await Promise.all(Array.from({ length: OPENED_AT_ONCE }, opener));
  return sockets;
}

/** Resolves to what has come when an HTTP head is complete. */
export function nextHead(socket: TLSSocket): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const onData = (chunk: Buffer) => {
      text += chunk.toString('latin1');
      if (!text.includes(END_OF_HEAD)) return;
      socket.off('data', onData).off('close', onClose);
      resolve(text);
    };
    const onClose = () => reject(new Error(`the connection was closed after '${text}'`));
    socket.on('data', onData).once('close', onClose);
  });
}

/** A text message as a client sends it. */
export function clientFrame(text: string): Buffer {
  return frame(text, MASKED);
}

/** How many bytes a text message has as a server sends it. */
export function serverFrameBytes(text: string): number {
  return frame(text, 0).length;
}

function frame(text: string, mask: number): Buffer {
  const payload = Buffer.from(text);
  const isShort = payload.length <= SHORT_MAX;
  const length = isShort
    ? [mask | payload.length]
    : [mask | (SHORT_MAX + 1), payload.length >> 8, payload.length & 255];
  return Buffer.concat([Buffer.from([TEXT_FINAL, ...length]), Buffer.alloc(mask === 0 ? 0 : 4), payload]);
}
