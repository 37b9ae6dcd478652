// The HTTP backend that the gateway and its base call: reads the request, answers with a fixed text.

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { runProgram } from '../processes.ts';

await runProgram(async (reply: string) => {
  const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    request.resume();
    request.on('end', () => response.writeHead(200, { 'content-type': 'application/json' }).end(reply));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { ready: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
});
