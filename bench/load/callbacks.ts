// Load of callbacks: signed POSTs over kept-alive TLS connections, to sockets of this same process. All are signed before the time
// that counts.

import { once } from 'node:events';
import type { TLSSocket } from 'node:tls';
import { runProgram } from '../processes.ts';
import type { Target } from '../subject.ts';
import { awake } from './awake.ts';
import { clientFrame, nextHead, openTls, openWebSockets } from './open.ts';
import { signedPost } from './sign.ts';

interface Settings {
  readonly target: Target;
  readonly connections: number;
}

const AT_ONCE = 16;
const SIGNED_AHEAD = 512;
/** No route is chosen by it, so the gateway answers with the id of the connection; and so does the base. */
const WHO_AM_I = clientFrame('{"action":"who-am-i"}');
const ID = /"connectionId": ?"([^"]+)"/;

await runProgram(async ({ target, connections }: Settings) => {
  const sockets = await openWebSockets(target, connections);
  const ids = await Promise.all(sockets.map(connectionIdOf));
  let bytesReceived = 0;
  for (const socket of sockets) socket.on('data', (chunk: Buffer) => (bytesReceived += chunk.length));
  const callers = await Promise.all(Array.from({ length: AT_ONCE }, () => openTls(target)));

  const body = (at: number) => JSON.stringify({ push: String(at).padStart(64, '0') });
  const bodyBytes = body(0).length;
  let posts: readonly Buffer[] = [];
  return {
    ready: true,
    async answer(question: 'sign' | number) {
      if (question === 'sign') {
        posts = Array.from({ length: SIGNED_AHEAD }, (_, at) => signedPost(target, ids[at % ids.length]!, body(at)));
        return;
      }
      const deadline = performance.now() + question;
      let count = 0;
      bytesReceived = 0;
      const call = async (caller: TLSSocket) => {
        while (performance.now() < deadline) {
          const answer = nextHead(caller);
          caller.write(posts[count % posts.length]!);
          count += 1;
          const head = await answer;
          if (!head.startsWith('HTTP/1.1 200 ')) throw new Error(`a callback was answered ${head}`);
        }
      };
      await awake(() => Promise.all(callers.map(call)));
      // What was posted last may still be on its way.
      const posted = Math.max(0, count - AT_ONCE) * bodyBytes;
      if (bytesReceived < posted) throw new Error(`of ${posted} bytes that were posted ${bytesReceived} came`);
      return count;
    },
  };
});

async function connectionIdOf(socket: TLSSocket): Promise<string> {
  socket.write(WHO_AM_I);
  const [chunk] = (await once(socket, 'data')) as [Buffer];
  const id = ID.exec(chunk.toString('latin1'))?.[1];
  if (id === undefined) throw new Error(`no connection id in '${chunk.toString('latin1')}'`);
  return id;
}
