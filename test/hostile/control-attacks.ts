// What is done to ports of plain requests: requests that come octet by octet, answers that nobody reads, calls without end, and
// questions to the DNS server.

import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';
import { signRequest } from '../../src/protocol/sigv4.ts';
import { runAttacks, type Counts, type Orders } from './attack-process.ts';

interface Slow {
  readonly port: number;
  readonly isTls: boolean;
  readonly count: number;
  /** What is sent at once, and what is then sent again and again. */
  readonly begin: string;
  readonly drip: string;
  readonly addresses: readonly string[];
}

const DRIP_MS = 200;

/** Requests that never end; stands when all of them were opened, and ends when all of them were cut off. */
async function slow(settings: Slow, { stand, stopped }: Orders): Promise<Counts> {
  let closed = 0;
  const sockets: Socket[] = [];
  const allClosed = new Promise<void>((resolve) => {
    const drop = () => {
      closed += 1;
      if (closed === settings.count) resolve();
    };
    for (let turn = 0; turn < settings.count; turn += 1) {
      const localAddress = settings.addresses[turn % settings.addresses.length]!;
      const place = { host: '127.0.0.1', port: settings.port, localAddress };
      const options = { ...place, servername: 'localhost', rejectUnauthorized: false };
      const socket = settings.isTls ? connectTls(options as ConnectionOptions) : connect(place);
      socket.on('error', () => socket.destroy());
      socket.once('close', drop);
      socket.resume();
      socket.write(settings.begin);
      sockets.push(socket);
    }
  });
  const drip = setInterval(() => {
    for (const socket of sockets) if (socket.writable) socket.write(settings.drip);
  }, DRIP_MS);
  stand({ opened: settings.count });
  await Promise.race([allClosed, stopped]);
  clearInterval(drip);
  return { closed };
}

interface Calls {
  readonly port: number;
  readonly credentials: { readonly accessKeyId: string; readonly secret: string };
  readonly region: string;
  readonly until: number;
  readonly lanes: number;
  readonly path: string;
  readonly addresses: readonly string[];
}

function signedHeaders({ credentials, region, path: target }: Calls): Record<string, string> {
  const asked = { method: 'GET', target, host: 'localhost', body: new Uint8Array() };
  const host = { Host: 'localhost' };
  return { ...host, ...signRequest(asked, credentials, { region, service: 'apigateway' }, Date.now()) };
}

/** Valid calls as fast as they are answered. */
async function calls(settings: Calls, { isStopped, stand }: Orders): Promise<Counts> {
  let [answered, throttled, done] = [0, 0, 0];
  const lane = async (number: number) => {
    const localAddress = settings.addresses[number % settings.addresses.length]!;
    const agent = new Agent({ keepAlive: true, localAddress });
    while (!isStopped()) {
      const headers = signedHeaders(settings);
      const asked = request({ host: '127.0.0.1', port: settings.port, path: settings.path, headers, agent }).end();
      const [response] = (await once(asked, 'response')) as [
        { statusCode: number; resume(): void } & NodeJS.EventEmitter,
      ];
      response.resume();
      await once(response, 'end');
      if (response.statusCode === 200) answered += 1;
      else if (response.statusCode === 429) throttled += 1;
      done += 1;
      if (done === settings.until) stand({ answered, throttled });
    }
    agent.destroy();
  };
  await Promise.all(Array.from({ length: settings.lanes }, (_, number) => lane(number)));
  return { answered, throttled, done };
}

/** Asks for large answers, many on each connection, and reads none. */
async function unread(settings: Calls, { stand, stopped }: Orders): Promise<Counts> {
  let closed = 0;
  const head = Object.entries(signedHeaders(settings)).map(([name, value]) => `${name}: ${value}\r\n`);
  const asked = `GET ${settings.path} HTTP/1.1\r\n${head.join('')}\r\n`;
  const allClosed = new Promise<void>((resolve) => {
    for (let turn = 0; turn < settings.lanes; turn += 1) {
      const localAddress = settings.addresses[turn % settings.addresses.length]!;
      const socket = connect({ host: '127.0.0.1', port: settings.port, localAddress });
      // Never read: what ends it is seen by writing.
      const writing = setInterval(() => socket.write(asked), DRIP_MS);
      socket.on('error', () => socket.destroy());
      socket.once('close', () => {
        clearInterval(writing);
        closed += 1;
        if (closed === settings.lanes) resolve();
      });
      socket.pause();
      socket.write(asked.repeat(settings.until));
    }
  });
  stand({});
  await Promise.race([allClosed, stopped]);
  return { closed };
}

interface Questions {
  readonly port: number;
  readonly until: number;
  readonly name: string;
}

function question(name: string, id: number): Buffer {
  const labels = name.split('.').map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)]));
  const head = Buffer.from([id >> 8, id & 255, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
  return Buffer.concat([head, ...labels, Buffer.from([0, 0, 1, 0, 1])]);
}

/** Questions over UDP as fast as they go, for another name each time. */
async function udp({ port, until, name }: Questions, { isStopped, stand }: Orders): Promise<Counts> {
  const socket = createSocket('udp4');
  let [sent, answered] = [0, 0];
  socket.on('message', () => (answered += 1));
  socket.bind(0, '127.0.8.1');
  await once(socket, 'listening');
  while (!isStopped()) {
    for (let burst = 0; burst < 100; burst += 1) {
      socket.send(question(`n${sent}.${name}`, sent & 0xffff), port, '127.0.0.1');
      sent += 1;
      if (sent === until) stand({ sent, answered });
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
  return { sent, answered };
}

/** Connections to the DNS server that ask without end, and read nothing. */
async function tcp({ port, until, name }: Questions, { isStopped, stopped, stand }: Orders): Promise<Counts> {
  let [opened, closed] = [0, 0];
  const one = question(name, 7);
  const framed = Buffer.concat([Buffer.from([0, one.length]), one]);
  const many = Buffer.concat(Array<Buffer>(200).fill(framed));
  const open = new Set<Socket>();
  void stopped.then(() => open.forEach((socket) => socket.destroy()));
  const lane = async () => {
    while (!isStopped()) {
      const socket = connect({ host: '127.0.0.1', port, localAddress: `127.0.8.${2 + (opened % 20)}` });
      opened += 1;
      open.add(socket);
      socket.on('error', () => socket.destroy());
      socket.pause();
      socket.write(many, () => socket.destroy());
      await new Promise((resolve) => socket.once('close', resolve));
      open.delete(socket);
      closed += 1;
      if (closed === until) stand({ opened, closed });
    }
  };
  await Promise.all(Array.from({ length: 32 }, lane));
  return { opened, closed };
}

await runAttacks({ slow, calls, unread, udp, tcp });
