// Makes test/kept/VERSION/: a data directory of this version with something of everything in it, and what it told and served. Run
// once for each release, and never again for it: later versions must open what was kept.
//
//   node scripts/make-kept-data.ts

import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { readVersion } from '../src/settings/version.ts';
import { startTestGateway, type Owner } from '../test/harness/gateway.ts';
import {
  dnsAnswers,
  FUNCTIONS,
  KEPT_FLAGS,
  makeKept,
  NAMES,
  PATHS,
  readAll,
  shownSerials,
  type Served,
} from '../test/harness/kept-data.ts';
import { startLambdaServer } from '../test/harness/lambda-server.ts';
import { ask, openSocket } from '../test/harness/sockets.ts';

const BYTES_MAX = 1_000_000;
const ALLOW = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] };

const folder = join(fileURLToPath(new URL('../test/kept', import.meta.url)), readVersion());
if (existsSync(folder)) {
  console.error(`${folder} is there already: what was kept stays as it is. A new release has a version of its own.`);
  process.exit(2);
}

const ends: (() => unknown)[] = [];
const owner: Owner = { after: (end) => void ends.unshift(end) };
try {
  await keep();
} finally {
  for (const end of ends) await end();
}

async function keep(): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), 'sallyport-kept-'));
  ends.push(() => rmSync(dataDir, { recursive: true }));
  const lambda = await startLambdaServer(owner);
  lambda.functions.set(FUNCTIONS.authorize, () => ({ returns: { principalId: 'anne', policyDocument: ALLOW } }));
  lambda.functions.set(FUNCTIONS.gone, () => ({ returns: {} }));
  // Certificates that no later test finds renewed.
  const args = ['--data-dir', dataDir, '--local-validity', '3500d', ...KEPT_FLAGS, ...lambda.flags];
  const gateway = await startTestGateway(owner, args);
  const apiId = await makeKept(owner, gateway.clients);
  await gateway.settled();
  const told = await readAll(gateway.clients, apiId);
  const client = await openSocket(gateway, `wss://${NAMES.issued}:${gateway.tlsPort}/${PATHS.live}?token=t`);
  const served: Served = {
    owedConnectionId: await ask(client, 'who am I?'),
    serials: await shownSerials(gateway),
    answers: await dnsAnswers(gateway),
  };
  // Killed, so that a $disconnect is owed; what its log of the database holds goes into the one file that is kept.
  await gateway.stop('SIGKILL');
  const database = new DatabaseSync(join(dataDir, 'sallyport.db'));
  database.exec('PRAGMA wal_checkpoint(TRUNCATE); VACUUM');
  database.close();
  mkdirSync(folder, { recursive: true });
  for (const name of ['sallyport.db', 'master.key', 'disconnects'])
    cpSync(join(dataDir, name), join(folder, 'data', name), { recursive: true });
  writeFileSync(join(folder, 'told.json'), `${JSON.stringify({ apiId, told }, null, 2)}\n`);
  writeFileSync(join(folder, 'served.json'), `${JSON.stringify(served, null, 2)}\n`);
  const bytes = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
  if (bytes > BYTES_MAX) throw new Error(`${folder} has ${bytes} octets, more than ${BYTES_MAX}.`);
  console.log(`${folder}: ${bytes} octets`);
}
