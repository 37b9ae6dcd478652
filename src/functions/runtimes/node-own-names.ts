// Inside a function the names of its gateway are reached at their usual URLs: a connection to one of them on port 443, or on its
// public port, goes to where the gateway listens. TLS, SNI and Host are as ever: the code sees nothing of it. Whether a name is the gateway's is asked as it is used.

import { isIP, Socket, type SocketConnectOpts } from 'node:net';
import { createFrameReader, frameOf } from './frames.ts';

interface OwnAddress {
  readonly address: string;
  readonly port: number;
}

/** For how long an answer counts: names come and go while a function is warm. */
const KNOWN_MS = 2_000;
const NAMES_KNOWN_MAX = 1_000;
const NAME = /^[\w-]+(?:\.[\w-]+)+$/;

type Connect = (this: Socket, ...args: unknown[]) => Socket;

/** `fd`: the socket on which the gateway is asked. It keeps the process only while an answer is awaited. */
export function reachOwnNames(fd: number): void {
  const known = new Map<string, { readonly own: OwnAddress | undefined; readonly atMs: number }>();
  const waiting = new Map<string, ((own: OwnAddress | undefined) => void)[]>();
  const connect = Socket.prototype.connect as Connect;
  let channel: Socket | undefined;

  const answered = (name: string, own: OwnAddress | undefined) => {
    if (known.size >= NAMES_KNOWN_MAX) known.clear();
    known.set(name, { own, atMs: Date.now() });
    const answers = waiting.get(name) ?? [];
    waiting.delete(name);
    if (waiting.size === 0) channel?.unref();
    for (const answer of answers) answer(own);
  };

  const open = (): Socket => {
    const opened = new Socket({ fd });
    const take = createFrameReader({ headBytesMax: Infinity, bodyBytesMax: 0 }, ({ name, port, own }) =>
      answered(`${String(name)}:${String(port)}`, own as OwnAddress | undefined),
    );
    opened.on('data', take);
    // The gateway is gone, and so will we.
    opened.on('error', () => {});
    return opened;
  };

  const ask = (host: string, port: number, answer: (own: OwnAddress | undefined) => void) => {
    const name = `${host}:${port}`;
    const others = waiting.get(name);
    if (others) return void others.push(answer);
    waiting.set(name, [answer]);
    channel ??= open();
    channel.ref();
    channel.write(frameOf({ name: host, port }));
  };

  Socket.prototype.connect = function connectOwn(this: Socket, ...args: unknown[]): Socket {
    // Called with options and a callback, or with both in one list, as Node's own modules do.
    const normalized = Array.isArray(args[0]) ? (args[0] as unknown[]) : args;
    const options = normalized[0] as (SocketConnectOpts & { host?: string; port?: number | string }) | undefined;
    const host = typeof options === 'object' ? options?.host : undefined;
    if (typeof host !== 'string' || !NAME.test(host) || isIP(host) !== 0) return connect.apply(this, args);
    const port = Number(options?.port);
    const name = `${host}:${port}`;
    const go = (own: OwnAddress | undefined) => {
      if (!own) return connect.apply(this, args);
      const changed = { ...options, host: own.address, port: own.port, lookup: undefined };
      if (normalized === args) return connect.call(this, changed, ...args.slice(1));
      return connect.call(this, Object.assign([...normalized], normalized, { 0: changed }));
    };
    const found = known.get(name);
    if (found && Date.now() - found.atMs < KNOWN_MS) return go(found.own);
    // What is written until then waits, as it does for a name that is looked up.
    Object.assign(this, { connecting: true });
    ask(host, port, (own) => {
      if (!this.destroyed) go(own);
    });
    return this;
  } as typeof connect as typeof Socket.prototype.connect;
}
