// The other half of the demo: a real WebSocket client on the custom domain name. It finds the address by DNS, checks the
// certificate, talks, is pushed to, and leaves.

import { once } from 'node:events';
import type { LookupFunction } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { WebSocket } from 'ws';
import type { Backend } from './backend.ts';
import type { Runner, Step } from './chain.ts';

const WAIT_MS = 15_000;
const LOOK_MS = 10;

export interface ConversationOptions {
  readonly url: string;
  readonly ca: string;
  readonly lookup: LookupFunction;
  readonly backend: Backend;
}

export async function holdConversation(options: ConversationOptions, step: Runner): Promise<void> {
  const socket = await step(connect(options));
  await step(exchange(socket));
  await step(bePushedTo(socket, options));
  await step(leave(socket, options));
}

function connect({ url, ca, lookup }: ConversationOptions): Step<WebSocket> {
  return {
    title: 'client connects',
    async run() {
      const socket = new WebSocket(url, { ca, lookup, handshakeTimeout: WAIT_MS } as object);
      const [response] = (await once(socket, 'upgrade', { signal: AbortSignal.timeout(WAIT_MS) })) as [
        { socket: TLSSocket },
      ];
      const tls = response.socket;
      const { subject } = tls.getPeerCertificate();
      if (!tls.authorized) throw new Error(`the certificate is not trusted: ${String(tls.authorizationError)}`);
      if (socket.readyState !== WebSocket.OPEN) await once(socket, 'open', { signal: AbortSignal.timeout(WAIT_MS) });
      return { value: socket, did: `${url}, ${tls.getProtocol()}, certificate of ${subject.CN} verified` };
    },
  };
}

function exchange(socket: WebSocket): Step<void> {
  return {
    title: 'message, reply',
    async run() {
      const reply = nextMessages(socket, 1);
      socket.send(JSON.stringify({ action: 'hello', text: 'good morning' }));
      const [text] = await reply;
      if (text !== '{"youSaid":"good morning"}') throw new Error(`unexpected reply ${text}`);
      return { value: undefined, did: `${text} from the backend, by $default` };
    },
  };
}

function bePushedTo(socket: WebSocket, { backend }: ConversationOptions): Step<void> {
  return {
    title: 'backend pushes',
    async run() {
      const both = nextMessages(socket, 2);
      socket.send(JSON.stringify({ action: 'notify-me' }));
      const texts = await both.catch(() => {
        throw new Error(`no callback came; the backend saw: ${backend.seen.join('; ')}`);
      });
      const pushed = texts.find((text) => text.includes('"push"'));
      if (pushed === undefined) throw new Error(`unexpected messages ${texts.join(' ')}`);
      return { value: undefined, did: `${pushed} through @connections` };
    },
  };
}

function leave(socket: WebSocket, { backend }: ConversationOptions): Step<void> {
  return {
    title: 'client leaves',
    async run() {
      const closed = once(socket, 'close', { signal: AbortSignal.timeout(WAIT_MS) });
      socket.close(1000, 'done');
      const [code, reason] = (await closed) as [number, Buffer];
      const deadline = Date.now() + WAIT_MS;
      while (!backend.seen.some((line) => line.startsWith('DISCONNECT '))) {
        if (Date.now() > deadline) throw new Error('the backend was not told of the disconnect');
        await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      }
      return { value: undefined, did: `closed ${code} ${String(reason)}; the backend was told by $disconnect` };
    },
  };
}

function nextMessages(socket: WebSocket, count: number): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const texts: string[] = [];
    const timer = setTimeout(() => reject(new Error(`only ${texts.length} of ${count} messages came`)), WAIT_MS);
    const take = (data: unknown) => {
      if (texts.push(String(data)) < count) return;
      clearTimeout(timer);
      socket.off('message', take);
      resolve(texts);
    };
    socket.on('message', take);
  });
}
