// Debian's pebble, the test authority of Let's Encrypt's makers, as hostile as it is by itself: it refuses one nonce in twenty, waits
// up to 15 seconds before it looks at a challenge, and with `-strict` holds clients to what is to come.

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { get } from 'node:https';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { foreignAuthority } from './certificates.ts';
import { eventually } from './eventually.ts';
import { temporaryDirectory, type Owner } from './gateway.ts';
import { PEERS } from './peers.ts';

export interface PebbleOptions {
  /** Asked for every name: `127.0.0.1:10053`. */
  readonly dnsServer: string;
  /** Where it looks for answers, whatever the name's address. */
  readonly httpPort: number;
  readonly tlsPort: number;
  /** Accounts need the word of this one. */
  readonly eab?: { readonly keyId: string; readonly macKey: string };
  /** `PEBBLE_…` of its own; none makes it as hostile as it is. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface Pebble {
  readonly directoryUrl: string;
  /** What its own server is trusted by: as a file for `--acme-ca`, and its text. */
  readonly caFile: string;
  readonly caPem: string;
  /** The root of the certificates that it issues. */
  readonly rootPem: string;
  /** What it has logged so far. */
  readonly lines: readonly string[];
  stop(): Promise<void>;
}

const ADDRESS = '127.0.0.1';

/** Resolves when it answers; it ends with its owner. */
export async function startPebble(owner: Owner, options: PebbleOptions): Promise<Pebble> {
  const directory = temporaryDirectory(owner);
  const authority = await foreignAuthority(owner);
  const server = await authority.leaf(['localhost', ADDRESS]);
  const file = (name: string, content: string) => {
    const path = join(directory, name);
    writeFileSync(path, content);
    return path;
  };
  const caFile = file('ca.pem', authority.certificatePem);
  const [port, managementPort] = await freePorts();
  const config = file(
    'pebble.json',
    JSON.stringify({
      pebble: {
        listenAddress: `${ADDRESS}:${port}`,
        managementListenAddress: `${ADDRESS}:${managementPort}`,
        certificate: file('server.pem', server.certificatePem),
        privateKey: file('server.key', server.keyPem),
        httpPort: options.httpPort,
        tlsPort: options.tlsPort,
        ocspResponderURL: '',
        externalAccountBindingRequired: options.eab !== undefined,
        externalAccountMACKeys: options.eab ? { [options.eab.keyId]: options.eab.macKey } : {},
      },
    }),
  );
  const child = spawn(PEERS.pebble.path, ['-config', config, '-dnsserver', options.dnsServer, '-strict'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...options.env },
  });
  const lines = linesOf(child);
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
  owner.after(stop);
  const fetchText = (place: string) => readOver(authority.certificatePem, place);
  const directoryUrl = `https://localhost:${port}/dir`;
  await eventually('pebble answers', async () => {
    if (child.exitCode !== null) throw new Error(`pebble ended:\n${lines.join('\n')}`);
    return fetchText(directoryUrl).catch(() => undefined);
  });
  const rootPem = await fetchText(`https://localhost:${managementPort}/roots/0`);
  return { directoryUrl, caFile, caPem: authority.certificatePem, rootPem, lines, stop };
}

function linesOf(child: ChildProcess): string[] {
  const lines: string[] = [];
  for (const stream of [child.stdout!, child.stderr!])
    createInterface({ input: stream }).on('line', (line) => lines.push(line));
  return lines;
}

/** It logs the ports that it was told, not those that it was given: they are chosen for it. */
async function freePorts(): Promise<[number, number]> {
  const servers = [createServer(), createServer()] as const;
  for (const server of servers) {
    server.listen(0, ADDRESS);
    await once(server, 'listening');
  }
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  for (const server of servers) {
    server.close();
    await once(server, 'close');
  }
  return ports as [number, number];
}

async function readOver(ca: string, url: string): Promise<string> {
  const request = get(url, { ca, agent: false });
  const [response] = (await once(request, 'response')) as [import('node:http').IncomingMessage];
  const body = await text(response);
  if (response.statusCode !== 200) throw new Error(`${url} answered ${response.statusCode}`);
  return body;
}
