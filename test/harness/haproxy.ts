// Somebody's proxy in front of the gateway: Debian's HAProxy, with the configuration of its manual for each way of handing on.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { foreignAuthority } from './certificates.ts';
import { eventually } from './eventually.ts';
import { temporaryDirectory, type Owner } from './gateway.ts';
import { PEERS } from './peers.ts';

export interface Haproxy {
  /** Hands on bytes, with a header of that version before them. */
  readonly version1: number;
  readonly version2: number;
  /** Speaks TLS itself, by the certificate of `caPem`, and hands on HTTP. */
  readonly terminating: number;
  /** Hands on what comes without TLS. */
  readonly insecure: number;
  readonly caPem: string;
}

export interface Behind {
  readonly tlsPort: number;
  readonly httpPort: number;
  /** Where its connections to the gateway come from. */
  readonly from: string;
  /** The name of its certificate. */
  readonly host: string;
}

export async function startHaproxy(owner: Owner, { tlsPort, httpPort, from, host }: Behind): Promise<Haproxy> {
  const directory = temporaryDirectory(owner);
  const { certificatePem: caPem, leaf } = await foreignAuthority(owner);
  const { certificatePem, keyPem } = await leaf([host]);
  const pem = join(directory, 'own.pem');
  writeFileSync(pem, `${certificatePem}\n${keyPem}\n`, { mode: 0o600 });
  const ports = await freePorts(4);
  const [version1, version2, terminating, insecure] = ports as [number, number, number, number];
  const configuration = `
global
  stats timeout 1s
defaults
  timeout connect 5s
  timeout client 60s
  timeout server 60s
  timeout tunnel 60s

listen version1
  bind 127.0.0.1:${version1}
  mode tcp
  server gateway 127.0.0.1:${tlsPort} source ${from} send-proxy

# With its checks, which speak for nobody.
listen version2
  bind 127.0.0.1:${version2}
  mode tcp
  server gateway 127.0.0.1:${tlsPort} source ${from} send-proxy-v2 check inter 100ms

listen terminating
  bind 127.0.0.1:${terminating} ssl crt ${pem}
  mode http
  option forwardfor
  http-request set-header X-Forwarded-Proto https
  http-request set-header X-Forwarded-Port %[dst_port]
  server gateway 127.0.0.1:${httpPort} source ${from}

listen insecure
  bind 127.0.0.1:${insecure}
  mode http
  option forwardfor
  http-request set-header X-Forwarded-Proto http
  server gateway 127.0.0.1:${httpPort} source ${from}
`;
  writeFileSync(join(directory, 'haproxy.cfg'), configuration);
  const child = spawn(PEERS.haproxy.path, ['-db', '-f', join(directory, 'haproxy.cfg')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const said: string[] = [];
  child.stderr!.on('data', (chunk) => said.push(String(chunk)));
  const exited = once(child, 'exit');
  owner.after(async () => {
    child.kill('SIGKILL');
    await exited;
  });
  for (const port of ports) {
    await eventually(`haproxy listens; it said: ${said.join('')}`, async () =>
      (await isListening(port)) ? true : undefined,
    );
  }
  return { version1, version2, terminating, insecure, caPem };
}

/** Held together, so that they are different ones. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

export async function isListening(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    // Not yet.
    return false;
  } finally {
    socket.destroy();
  }
}
