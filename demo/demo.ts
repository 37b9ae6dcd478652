// `npm run demo`: the whole chain in front of your eyes, through the unmodified AWS SDK and an unmodified WebSocket client. It
// starts the gateway on a temporary data directory, ends by itself with 0, and with --keep leaves everything running.

import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startBackend, type Backend } from './backend.ts';
import { commandsByHand } from './by-hand.ts';
import { buildChain, createClients, type Chain, type Runner, type Step } from './chain.ts';
import { createLookup, fetchCa } from './client-side.ts';
import { holdConversation } from './conversation.ts';
import { EPHEMERAL, startGatewayProcess, type GatewayProcess } from './gateway-process.ts';

const REGION = 'us-east-1';
const ZONE = 'example.com';
const DOMAIN_NAME = 'ws.example.com';
const MAPPING_KEY = 'myservice';
const POLL_MS = 50;

const isColoured = process.stdout.isTTY;
const paint = (code: number, text: string) => (isColoured ? `\x1b[${code}m${text}\x1b[0m` : text);

const step: Runner = async <T>(one: Step<T>): Promise<T> => {
  const startedAt = performance.now();
  try {
    const { value, did } = await one.run();
    const took = `${Math.round(performance.now() - startedAt)} ms`.padStart(8);
    console.log(`${paint(32, '✓')} ${one.title.padEnd(20)} ${did} ${paint(90, took)}`);
    return value;
  } catch (error) {
    console.log(`${paint(31, '✗')} ${one.title.padEnd(20)} ${(error as Error).message}`);
    throw error;
  }
};

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

function showCommands(gateway: GatewayProcess, backend: Backend, isKept: boolean): void {
  const commands = commandsByHand({
    endpoint: isKept ? gateway.endpoint : 'http://127.0.0.1:4566',
    region: REGION,
    zone: 'example.net',
    domainName: 'ws.example.net',
    mappingKey: MAPPING_KEY,
    backendUrl: isKept ? backend.url : undefined,
  });
  console.log(`The same by hand, for bash${isKept ? '' : ' (against a gateway of your own: npm start)'}:\n`);
  for (const command of commands) console.log(`  ${command}`);
  console.log('');
}

async function main(): Promise<void> {
  const isKept = process.argv.includes('--keep');
  const dataDir = mkdtempSync(join(tmpdir(), 'sallyport-demo-'));
  const gateway = await startGatewayProcess(
    ['--data-dir', dataDir, ...(isKept ? [] : EPHEMERAL), '--log-level', 'warn'],
    {
      onLine: (line) => {
        if (!line.startsWith('{"ready"')) console.log(`  gateway: ${line}`);
      },
    },
  );
  let backend: Backend | undefined;
  const close = async () => {
    await backend?.close();
    await gateway.stop();
    rmSync(dataDir, { recursive: true, force: true });
  };
  try {
    const ca = await fetchCa(gateway.endpoint);
    const lookup = createLookup(gateway.dnsServer);
    console.log(
      `${paint(1, 'Sallyport')}: control ${gateway.endpoint}, TLS ${gateway.ready.tls[0]}, DNS ${gateway.dnsServer}\n`,
    );
    backend = await startBackend({ ca, lookup, region: REGION });
    const options = {
      zone: ZONE,
      domainName: DOMAIN_NAME,
      mappingKey: MAPPING_KEY,
      backendUrl: backend.url,
      pollMs: POLL_MS,
    };
    const chain = await buildChain(createClients(gateway.endpoint, REGION), options, step);
    const url = `wss://${DOMAIN_NAME}:${gateway.tlsPort}/${MAPPING_KEY}`;
    await holdConversation({ url, ca, lookup, backend }, step);
    showPicture(url, chain, gateway, backend);
    showCommands(gateway, backend, isKept);
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
