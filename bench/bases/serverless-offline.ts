// A base of local functions: serverless-offline, which runs them in threads of its one process, on the certificate of the bases. Here in
// the program's own process, so that it ends with it.

import { mkdtempSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import tls from 'node:tls';
import { runProgram } from '../processes.ts';
import { wait, type BaseTls } from '../subject.ts';

const FOLDER = fileURLToPath(new URL('../peers/serverless-offline', import.meta.url));
const POLL_MS = 50;
const START_TIMEOUT_MS = 30_000;

await runProgram(async ({ cert, key }: BaseTls) => {
  const certificates = mkdtempSync(join(tmpdir(), 'sallyport-bench-'));
  writeFileSync(join(certificates, 'cert.pem'), cert);
  writeFileSync(join(certificates, 'key.pem'), key);
  // As on the other side.
  tls.DEFAULT_MAX_VERSION = 'TLSv1.2';
  const [port, httpPort, lambdaPort] = await freePorts();
  process.chdir(FOLDER);
  const ports = ['--websocketPort', port, '--httpPort', httpPort, '--lambdaPort', lambdaPort].map(String);
  const flags = ['--noSponsor', '--host', '127.0.0.1', '--httpsProtocol', certificates];
  process.argv = [process.execPath, 'osls', 'offline', 'start', ...ports, ...flags];
  // Its greetings, and a line for each message, which would cost it a terminal.
  process.stdout.write = process.stderr.write = () => true;
  createRequire(join(FOLDER, 'package.json'))('osls/bin/serverless.js');
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (!(await isListening(port))) {
    if (Date.now() > deadline) throw new Error('serverless-offline did not listen in time');
    await wait(POLL_MS);
  }
  return { ready: port };
});

async function freePorts(): Promise<[number, number, number]> {
  const servers = await Promise.all(
    [0, 1, 2].map(async () => {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports as [number, number, number];
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => end(true)).once('error', () => end(false));
  });
}
