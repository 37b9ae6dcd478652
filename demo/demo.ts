// `npm run demo`: the whole chain in front of your eyes, through the unmodified AWS SDK and an unmodified WebSocket client. It
// starts the gateway on a temporary data directory, ends by itself with 0, and with --keep leaves everything running.

import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { LookupFunction } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { startBackend, type Backend } from './backend.ts';
import { buildChain, createClients, type Chain, type Runner, type Step } from './chain.ts';
import { createLookup, fetchCa } from './client-side.ts';
import { EPHEMERAL, startGatewayProcess, type GatewayProcess } from './gateway-process.ts';

const REGION = 'us-east-1';
const ZONE = 'example.com';
const DOMAIN_NAME = 'ws.example.com';
const MAPPING_KEY = 'myservice';
const POLL_MS = 50;
const WAIT_MS = 15_000;

const isColoured = process.stdout.isTTY;
const paint = (code: number, text: string) => (isColoured ? `\x1b[${code}m${text}\x1b[0m` : text);
const commands: string[] = [];

const step: Runner = async <T>(one: Step<T>): Promise<T> => {
  const startedAt = performance.now();
  try {
    const { value, did } = await one.run();
    const took = `${Math.round(performance.now() - startedAt)} ms`.padStart(8);
    console.log(`${paint(32, '✓')} ${one.title.padEnd(20)} ${did} ${paint(90, took)}`);
    if (one.cli !== '') commands.push(one.cli);
    return value;
  } catch (error) {
    console.log(`${paint(31, '✗')} ${one.title.padEnd(20)} ${(error as Error).message}`);
    throw error;
  }
};

/** A step that is not an API call, so there is no command for it. */
function plain<T>(title: string, run: () => Promise<{ value: T; did: string }>): Promise<T> {
  return step({ title, run, cli: '' });
}

async function openSocket(url: string, ca: string, lookup: LookupFunction): Promise<WebSocket> {
  const socket = new WebSocket(url, { ca, lookup, handshakeTimeout: WAIT_MS } as never);
  await once(socket, 'open', { signal: AbortSignal.timeout(WAIT_MS) });
  return socket;
}

async function ask(socket: WebSocket, message: object): Promise<string> {
  const reply = once(socket, 'message', { signal: AbortSignal.timeout(WAIT_MS) });
  socket.send(JSON.stringify(message));
  return String((await reply)[0]);
}

async function talk(gateway: GatewayProcess, backend: Backend, ca: string, lookup: LookupFunction): Promise<string> {
  const url = `wss://${DOMAIN_NAME}:${gateway.tlsPort}/${MAPPING_KEY}`;
  const socket = await plain('client connects', async () => {
    const opened = await openSocket(url, ca, lookup);
    const tls = (opened as unknown as { _socket: { getProtocol(): string; getPeerCertificate(): { subject: { CN: string } } } })._socket;
    return { value: opened, did: `${url}, ${tls.getProtocol()}, certificate of ${tls.getPeerCertificate().subject.CN} verified` };
  });
  await plain('message, reply', async () => {
    const reply = await ask(socket, { action: 'hello', text: 'good morning' });
    if (reply !== '{"youSaid":"good morning"}') throw new Error(`unexpected reply ${reply}`);
    return { value: undefined, did: `${reply} from the backend, by $default` };
  });
  await plain('backend pushes', async () => {
    const received: string[] = [];
    const both = new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no callback came; the backend saw: ${backend.seen.join('; ')}`)), WAIT_MS);
      socket.on('message', (data) => {
        received.push(String(data));
        if (received.length < 2) return;
        clearTimeout(timer);
        resolve();
      });
    });
    socket.send(JSON.stringify({ action: 'notify-me' }));
    await both;
    const pushed = received.find((text) => text.includes('"push"'));
    if (!pushed) throw new Error(`unexpected messages ${received.join(' ')}`);
    return { value: undefined, did: `${pushed} through @connections` };
  });
  await plain('client leaves', async () => {
    socket.close(1000, 'done');
    const [code, reason] = (await once(socket, 'close', { signal: AbortSignal.timeout(WAIT_MS) })) as [number, Buffer];
    return { value: undefined, did: `closed ${code} ${String(reason)}, $disconnect goes to the backend` };
  });
  return url;
}

function showPicture(url: string, chain: Chain, gateway: GatewayProcess, backend: Backend): void {
  const posted = backend.seen.find((line) => line.startsWith('posted '))?.slice('posted '.length) ?? '';
  console.log(`
  ${paint(1, url)}
      │  DNS      ${DOMAIN_NAME} A → alias → ${chain.regionalDomainName}      (${gateway.dnsServer}, zone ${chain.zoneId})
      │  TLS      by server name: certificate/${chain.certificateArn.split('/')[1]}
      │  Host     ${DOMAIN_NAME} → custom domain name
      │  path     /${MAPPING_KEY} → API mapping → ${chain.apiId}, stage ${chain.stage} → its deployment
      │  message  {"action": …} → route → HTTP_PROXY
      ▼
  ${paint(1, backend.url)}      the backend: plain HTTP, holds no socket
      │  POST ${posted}/@connections/{connectionId}      signed by the AWS SDK
      ▼
  the same socket
`);
}

function showCommands(gateway: GatewayProcess): void {
  console.log(`The same by hand${gateway.child.exitCode === null ? '' : ', against a gateway of your own (npm start)'}:\n`);
  console.log('  export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_DEFAULT_REGION=us-east-1');
  for (const command of commands) console.log(`  ${command.replaceAll('aws ', `aws --endpoint-url ${gateway.endpoint} `)}`);
  console.log('');
}

async function main(): Promise<void> {
  const isKept = process.argv.includes('--keep');
  const dataDir = mkdtempSync(join(tmpdir(), 'sallyport-demo-'));
  const gateway = await startGatewayProcess(['--data-dir', dataDir, ...(isKept ? [] : EPHEMERAL), '--log-level', 'warn'], {
    onLine: (line) => {
      if (!line.startsWith('{"ready"')) console.log(`  gateway: ${line}`);
    },
  });
  let backend: Backend | undefined;
  const close = async () => {
    await backend?.close();
    await gateway.stop();
    rmSync(dataDir, { recursive: true, force: true });
  };
  try {
    const ca = await fetchCa(gateway.endpoint);
    const lookup = createLookup(gateway.dnsServer);
    console.log(`${paint(1, 'Sallyport')}: control ${gateway.endpoint}, TLS ${gateway.ready.tls[0]}, DNS ${gateway.dnsServer}\n`);
    backend = await startBackend({ ca, lookup, region: REGION });
    const options = { zone: ZONE, domainName: DOMAIN_NAME, mappingKey: MAPPING_KEY, backendUrl: backend.url, pollMs: POLL_MS };
    const chain = await buildChain(createClients(gateway.endpoint, REGION), options, step);
    const url = await talk(gateway, backend, ca, lookup);
    showPicture(url, chain, gateway, backend);
    showCommands(gateway);
    if (isKept) await keepRunning(gateway, ca, dataDir, url);
  } finally {
    await close();
  }
}

/** Leaves gateway and backend running until Ctrl-C, with what a client of one's own needs. */
async function keepRunning(gateway: GatewayProcess, ca: string, dataDir: string, url: string): Promise<void> {
  const caFile = join(dataDir, 'ca.pem');
  writeFileSync(caFile, ca);
  console.log(`Still running. Connect with a client of your own:
  npx wscat --ca ${caFile} --host ${DOMAIN_NAME} -c wss://localhost:${gateway.tlsPort}/${MAPPING_KEY} -n   # ${url}
  dig @127.0.0.1 -p ${gateway.dnsServer.split(':').at(-1)} ${DOMAIN_NAME}
Ctrl-C ends it and removes ${dataDir}.`);
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM'), once(gateway.child, 'exit')]);
}

await main();
