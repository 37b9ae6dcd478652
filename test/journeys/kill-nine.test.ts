// kill -9 at random moments while four writers are under way: after a restart on the same data directory everything that was
// acknowledged is there, and nothing is there by halves. SALLYPORT_KILL_ROUNDS and SALLYPORT_KILL_SEED choose how often and which.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import {
  ACMClient,
  DeleteCertificateCommand,
  DescribeCertificateCommand,
  paginateListCertificates,
  RequestCertificateCommand,
} from '@aws-sdk/client-acm';
import {
  CreateApiCommand,
  CreateStageCommand,
  DeleteApiCommand,
  GetApiCommand,
  GetApisCommand,
  GetStagesCommand,
  UpdateApiCommand,
  type Api,
} from '@aws-sdk/client-apigatewayv2';
import {
  ChangeResourceRecordSetsCommand,
  CreateHostedZoneCommand,
  GetHostedZoneCommand,
  ListResourceRecordSetsCommand,
  type ListResourceRecordSetsCommandOutput,
  Route53Client,
  type ResourceRecordSet,
} from '@aws-sdk/client-route-53';
import { createClients, type Clients } from '../../demo/chain.ts';
import { fetchCa } from '../../demo/client-side.ts';
import { EPHEMERAL, startGatewayProcess, type GatewayProcess } from '../../demo/gateway-process.ts';
import { createLog } from '../../src/observe/log.ts';
import type { CertificateSource, Store } from '../../src/store/contract.ts';
import { openDataDirectory } from '../../src/store/embedded/data-directory.ts';
import { openEmbeddedStore } from '../../src/store/embedded/embedded-store.ts';
import { endWith, REGION, temporaryDirectory, type Owner } from '../harness/gateway.ts';
import {
  apiId,
  BATCH,
  batchOf,
  certificateId,
  chainOf,
  keyReference,
  stepsThatShow,
  WRITERS,
  zoneId,
  type WriterLine,
} from '../harness/store-writer.ts';

const ROUNDS = Number(process.env['SALLYPORT_KILL_ROUNDS'] ?? 200);
/** One round of so many kills the whole gateway, the others a process with the store alone. */
const GATEWAY_EVERY = 20;
const GATEWAY_ROUNDS = Math.ceil(ROUNDS / GATEWAY_EVERY);
const STORE_ROUNDS = ROUNDS - GATEWAY_ROUNDS;
const STORE_STEPS_MAX = 60;
const GATEWAY_STEPS_MAX = 40;
/** About as long as a commit, or as opening the store: within it lies the very moment of the kill. */
const COMMIT_MS = 3;
const OPENING_MS = 60;

const SEED = Number(process.env['SALLYPORT_KILL_SEED'] ?? Date.now() % 1_000_000);
/** Mulberry32: numbers from 0 up to 1, the same for the same seed. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Passes part of a commit without giving the turn away, so that the kill falls anywhere within it. */
function pass(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

const WRITER = fileURLToPath(new URL('../harness/store-writer.ts', import.meta.url));

/** Lets the writers run until the moment of the kill; resolves to the newest step each of them reported. */
async function writeAndKill(path: string, round: number, random: () => number): Promise<number[]> {
  const child = spawn(process.execPath, [WRITER, path, String(round)], { stdio: ['ignore', 'pipe', 'pipe'] });
  const complaints: Buffer[] = [];
  child.stderr.on('data', (chunk: Buffer) => complaints.push(chunk));
  const acknowledged = Array<number>(WRITERS).fill(0);
  // Reports until the kill; none of them: while the store is being opened.
  let left = Math.floor(random() * (STORE_STEPS_MAX + 1));
  const delayMs = random() * (left === 0 ? OPENING_MS : COMMIT_MS);
  const lines = createInterface({ input: child.stdout });
  lines.on('line', (text) => {
    const line = JSON.parse(text) as WriterLine;
    if ('writer' in line) acknowledged[line.writer] = line.step;
    if (left === 0) {
      pass(delayMs);
      child.kill('SIGKILL');
    }
    left -= 1;
  });
  const [[, signal]] = await Promise.all([once(child, 'exit'), once(lines, 'close')]);
  assert.equal(signal, 'SIGKILL', `the writers ended by themselves: ${Buffer.concat(complaints).toString()}`);
  return acknowledged;
}

interface OpenedStore {
  readonly store: Store;
  readonly keys: CertificateSource;
  close(): Promise<void>;
}

async function reopen(path: string): Promise<OpenedStore> {
  const directory = openDataDirectory(path);
  const store = await openEmbeddedStore(directory.databasePath, createLog('error', false));
  const keys = directory.openCertificateSource();
  return {
    store,
    keys,
    async close() {
      keys.close();
      await store.close();
      directory.release();
    },
  };
}

const idsOf = (entities: readonly { readonly id: string }[]) => entities.map(({ id }) => id);

/** What one writer must have left: its acknowledged steps, or one more that nobody heard of. */
function settle(
  what: string,
  found: readonly string[],
  after: (done: number) => readonly string[],
  done: number,
): number {
  const have = [...found].sort();
  const one = [...after(done)].sort();
  if (have.join() === one.join()) return done;
  assert.deepEqual(have, [...after(done + 1)].sort(), `${what}: neither ${done} steps nor one more`);
  return done + 1;
}

/** Holds what is stored of a round against the steps each writer got done; resolves to the steps that are really there. */
async function checkRound({ store, keys }: OpenedStore, round: number, done: readonly number[]): Promise<number[]> {
  const settled: number[] = [];
  const records = await store.view.children('record-set', zoneId(round));
  for (const writer of [0, 1]) {
    const own = records.filter(({ name }) => name.includes(`.w${writer}-`));
    const after = (steps: number) => stepsThatShow(steps).flatMap((step) => idsOf(batchOf(round, writer, step)));
    settled.push(settle(`round ${round}, record sets of writer ${writer}`, idsOf(own), after, done[writer]!));
  }
  const zone = await store.view.get('hosted-zone', zoneId(round));
  assert.equal(zone?.recordSetCount ?? 0, records.length, `round ${round}: the zone counts its record sets`);

  const prefix = certificateId(round, 0).slice(0, -1);
  const all = idsOf(await store.view.all('certificate', { after: prefix })).filter((id) => id.startsWith(prefix));
  const after = (steps: number) => stepsThatShow(steps).map((step) => certificateId(round, step));
  settled.push(settle(`round ${round}, certificates`, all, after, done[2]!));
  for (let step = 1; step <= done[2]! + 1; step += 1) {
    const id = certificateId(round, step);
    const chain = all.includes(id) ? chainOf(id) : undefined;
    assert.equal(keys.read(keyReference(id))?.chainPem, chain, `round ${round}: ${id} and its key go together`);
  }

  const version = (await store.view.get('api', apiId(round)))?.version;
  settled.push(
    settle(
      `round ${round}, version`,
      version === undefined ? [] : [version],
      (n) => (n === 0 ? [] : [`${n}`]),
      done[3]!,
    ),
  );
  assert.deepEqual(
    (await store.view.children('stage', apiId(round))).map(({ description }) => description),
    version === undefined ? [] : Array(BATCH).fill(version),
    `round ${round}: stages are of one version`,
  );
  return settled;
}

test(`a store killed ${STORE_ROUNDS} times keeps every commit it acknowledged, whole`, async (t) => {
  t.diagnostic(`SALLYPORT_KILL_SEED=${SEED}`);
  const random = createRandom(SEED);
  const path = temporaryDirectory(t);
  const rounds: number[][] = [];
  let revision = 0;
  let acknowledged = 0;
  for (let round = 0; round < STORE_ROUNDS; round += 1) {
    const done = await writeAndKill(path, round, random);
    acknowledged += done.reduce((sum, steps) => sum + steps, 0);
    const opened = await reopen(path);
    try {
      const settled = await checkRound(opened, round, done);
      const commits = settled.reduce((sum, steps) => sum + steps, 0);
      assert.equal(await opened.store.revision(), revision + commits, `round ${round}: one revision for each commit`);
      const changes = await opened.store.changesSince(revision);
      assert.equal(changes.length, commits, `round ${round}: the log tells of each commit`);
      revision += commits;
      rounds.push(settled);
    } catch (error) {
      throw new Error(`SALLYPORT_KILL_SEED=${SEED}, round ${round}: ${(error as Error).message}`, { cause: error });
    } finally {
      await opened.close();
    }
  }
  const opened = await reopen(path);
  for (const [round, settled] of rounds.entries()) {
    assert.deepEqual(await checkRound(opened, round, settled), settled, `round ${round} is as it was found`);
  }
  await opened.close();
  assert.ok(acknowledged > 0 || STORE_ROUNDS === 0, 'something was acknowledged at all');
  t.diagnostic(`${acknowledged} commits acknowledged, ${revision} found`);
});

/** What is known of a thing: it was acknowledged to be there or to be gone, or nobody heard how its last change ended. */
type Knowledge = 'there' | 'gone' | 'unsure';

/** What clients were told, by the name of the thing; and what is found is held against it after each restart. */
class Facts {
  readonly #facts = new Map<string, Knowledge>();

  /** Between sending the change and its acknowledgement, the thing may be there or not. */
  async change(name: string, becomes: 'there' | 'gone', send: () => Promise<void>): Promise<void> {
    this.#facts.set(name, 'unsure');
    await send();
    this.#facts.set(name, becomes);
  }

  /** What went with another thing that is gone. */
  took(name: string): void {
    this.#facts.set(name, 'gone');
  }

  /** Where the first may have gone and taken the second along, the second is only asked for where the first is found. */
  checkTogether(first: string, found: ReadonlySet<string>, second: string, alongside: ReadonlySet<string>): void {
    for (const name of alongside) assert.ok(found.has(name.replace(second, first)), `${name} is without its parent`);
    for (const [name, known] of this.#facts) {
      const isWithout = name.startsWith(second) && !found.has(name.replace(second, first));
      if (isWithout && known !== 'gone') this.#facts.set(name, 'unsure');
    }
    this.check(first, found);
    this.check(second, alongside);
  }

  check(prefix: string, found: ReadonlySet<string>): void {
    for (const name of found) assert.notEqual(this.#facts.get(name) ?? 'gone', 'gone', `${name} must not be there`);
    for (const [name, known] of this.#facts) {
      if (!name.startsWith(prefix)) continue;
      if (known === 'there') assert.ok(found.has(name), `${name} was acknowledged`);
      this.#facts.set(name, found.has(name) ? 'there' : 'gone');
    }
  }
}

/** What outlives the gateways: what was acknowledged by any of them. */
interface World {
  readonly facts: Facts;
  readonly zoneId: string;
  readonly versionedApiId: string;
  version: { acknowledged: number; tried: number };
  /** Ids and ARNs by the name that the test gave. */
  readonly apiIds: Map<string, string>;
  readonly arns: Map<string, string>;
}

const ZONE = 'killed.example';

async function prepare({ gateway, route53 }: Clients): Promise<World> {
  const zone = await route53.send(new CreateHostedZoneCommand({ Name: ZONE, CallerReference: 'killed' }));
  const api = await gateway.send(new CreateApiCommand(apiNamed('versioned')));
  return {
    facts: new Facts(),
    zoneId: zone.HostedZone!.Id!.replace('/hostedzone/', ''),
    versionedApiId: api.ApiId!,
    version: { acknowledged: 0, tried: 0 },
    apiIds: new Map(),
    arns: new Map(),
  };
}

const apiNamed = (Name: string) => ({
  Name,
  ProtocolType: 'WEBSOCKET' as const,
  RouteSelectionExpression: '$request.body.action',
});
const partNames = (label: string) => Array.from({ length: BATCH }, (_, part) => `p${part}.${label}.${ZONE}.`);

type Write = (step: number) => Promise<void>;

/** Four writers; each takes back every third of its things. */
function writesOf({ gateway, acm, route53 }: Clients, world: World, round: number): readonly Write[] {
  const { facts } = world;
  const apis: Write = async (step) => {
    const name = `api-${round}-${step}`;
    await facts.change(`api ${name}`, 'there', async () => {
      world.apiIds.set(name, (await gateway.send(new CreateApiCommand(apiNamed(name)))).ApiId!);
    });
    const ApiId = world.apiIds.get(name)!;
    await facts.change(`stage ${name}`, 'there', async () => {
      await gateway.send(new CreateStageCommand({ ApiId, StageName: 'live' }));
    });
    if (step % 3 > 0) return;
    // The API takes its stage with it. While nobody has heard, the stage counts as there: an API without it is half gone.
    await facts.change(`api ${name}`, 'gone', async () => void (await gateway.send(new DeleteApiCommand({ ApiId }))));
    facts.took(`stage ${name}`);
  };
  const changeBatch = async (Action: 'CREATE' | 'DELETE', label: string) => {
    const Changes = partNames(label).map((Name) => {
      const ResourceRecordSet: ResourceRecordSet = {
        Name,
        Type: 'A',
        TTL: 60,
        ResourceRecords: [{ Value: '192.0.2.1' }],
      };
      return { Action, ResourceRecordSet };
    });
    await route53.send(new ChangeResourceRecordSetsCommand({ HostedZoneId: world.zoneId, ChangeBatch: { Changes } }));
  };
  const batches: Write = async (step) => {
    const label = `b${round}-${step}`;
    await facts.change(`batch ${label}`, 'there', () => changeBatch('CREATE', label));
    if (step % 3 === 0) await facts.change(`batch ${label}`, 'gone', () => changeBatch('DELETE', label));
  };
  const certificates: Write = async (step) => {
    const DomainName = `c${round}-${step}.${ZONE}`;
    await facts.change(`certificate ${DomainName}`, 'there', async () => {
      const requested = await acm.send(new RequestCertificateCommand({ DomainName, ValidationMethod: 'DNS' }));
      world.arns.set(DomainName, requested.CertificateArn!);
    });
    if (step % 3 > 0) return;
    await facts.change(`certificate ${DomainName}`, 'gone', async () => {
      await acm.send(new DeleteCertificateCommand({ CertificateArn: world.arns.get(DomainName) }));
    });
  };
  const versions: Write = async () => {
    world.version.tried = world.version.acknowledged + 1;
    await gateway.send(new UpdateApiCommand({ ApiId: world.versionedApiId, Version: String(world.version.tried) }));
    world.version.acknowledged = world.version.tried;
  };
  return [apis, batches, certificates, versions];
}

/** Reads everything back by SDK and holds it against what was acknowledged. */
async function checkGateway(clients: Clients, world: World): Promise<void> {
  await checkApis(clients, world);
  await checkRecords(clients.route53, world);
  await checkCertificates(clients.acm, world);
}

async function checkApis({ gateway }: Clients, world: World): Promise<void> {
  const apis: Api[] = [];
  let NextToken: string | undefined;
  do {
    const page = await gateway.send(new GetApisCommand({ NextToken, MaxResults: '500' }));
    apis.push(...(page.Items ?? []));
    ({ NextToken } = page);
  } while (NextToken !== undefined);
  const versioned = apis.find(({ ApiId }) => ApiId === world.versionedApiId);
  const { acknowledged, tried } = world.version;
  assert.ok(
    [acknowledged, tried].includes(Number(versioned?.Version ?? 0)),
    `version ${versioned?.Version} of ${tried}`,
  );
  world.version = { acknowledged: Number(versioned?.Version ?? 0), tried };

  const others = apis.filter((api) => api !== versioned);
  assert.equal(new Set(others.map(({ Name }) => Name)).size, others.length, 'no API is there twice');
  const stages = new Set<string>();
  for (const { ApiId, Name } of others) {
    const known = world.apiIds.get(Name!);
    if (known !== undefined) assert.equal(ApiId, known, `${Name} has the id that was answered`);
    const { Items } = await gateway.send(new GetStagesCommand({ ApiId }));
    if (Items?.some(({ StageName }) => StageName === 'live')) stages.add(`stage ${Name}`);
  }
  const found = new Set(others.map(({ Name }) => `api ${Name}`));
  for (const [name, ApiId] of world.apiIds) {
    if (found.has(`api ${name}`)) continue;
    world.apiIds.delete(name);
    await assert.rejects(gateway.send(new GetApiCommand({ ApiId })), { name: 'NotFoundException' });
    await assert.rejects(gateway.send(new GetStagesCommand({ ApiId })), { name: 'NotFoundException' });
  }
  world.facts.checkTogether('api ', found, 'stage ', stages);
}

async function checkRecords(route53: Route53Client, world: World): Promise<void> {
  const HostedZoneId = world.zoneId;
  const sets: ResourceRecordSet[] = [];
  let from: { StartRecordName?: string | undefined; StartRecordType?: ResourceRecordSet['Type'] } | undefined = {};
  while (from) {
    const page: ListResourceRecordSetsCommandOutput = await route53.send(
      new ListResourceRecordSetsCommand({ HostedZoneId, ...from }),
    );
    sets.push(...(page.ResourceRecordSets ?? []));
    from = page.IsTruncated
      ? { StartRecordName: page.NextRecordName, StartRecordType: page.NextRecordType }
      : undefined;
  }
  const { HostedZone } = await route53.send(new GetHostedZoneCommand({ Id: HostedZoneId }));
  assert.equal(HostedZone?.ResourceRecordSetCount, sets.length, 'the zone counts its record sets');
  const names = sets.filter(({ Type }) => Type === 'A').map(({ Name }) => Name!);
  const labels = new Set(names.map((name) => name.split('.')[1]!));
  for (const label of labels) {
    const parts = names.filter((name) => name.endsWith(`.${label}.${ZONE}.`)).sort();
    assert.deepEqual(parts, partNames(label), `the batch ${label} is there whole`);
  }
  world.facts.check('batch ', new Set([...labels].map((label) => `batch ${label}`)));
}

async function checkCertificates(acm: ACMClient, world: World): Promise<void> {
  const found = new Set<string>();
  for await (const page of paginateListCertificates({ client: acm }, {})) {
    for (const { CertificateArn, DomainName } of page.CertificateSummaryList ?? []) {
      const known = world.arns.get(DomainName!);
      if (known !== undefined) assert.equal(CertificateArn, known, `${DomainName} has the ARN that was answered`);
      const { Certificate } = await acm.send(new DescribeCertificateCommand({ CertificateArn }));
      assert.equal(Certificate?.Status, 'PENDING_VALIDATION');
      assert.match(Certificate?.DomainValidationOptions?.[0]?.ResourceRecord?.Value ?? '', /\.$/, 'and its record');
      found.add(`certificate ${DomainName}`);
    }
  }
  world.facts.check('certificate ', found);
}

async function startOn(owner: Owner, dataDir: string): Promise<GatewayProcess & { readonly clients: Clients }> {
  const gateway = await startGatewayProcess(['--data-dir', dataDir, ...EPHEMERAL]);
  endWith(owner, gateway, { dataDir, args: [], env: {} });
  return { ...gateway, clients: createClients(gateway.endpoint, REGION) };
}

/** Runs the four writers until the gateway is killed under them; resolves to how many changes were acknowledged. */
async function changeAndKill(
  gateway: GatewayProcess & { readonly clients: Clients },
  world: World,
  round: number,
  random: () => number,
): Promise<number> {
  const steps = 1 + Math.floor(random() * GATEWAY_STEPS_MAX);
  const delayMs = random() * COMMIT_MS;
  let done = 0;
  let killed: Promise<unknown> | undefined;
  await Promise.all(
    writesOf(gateway.clients, world, round).map(async (write) => {
      for (let step = 1; !killed; step += 1) {
        try {
          await write(step);
        } catch (error) {
          if (!killed) throw error;
          return;
        }
        done += 1;
        if (done < steps || killed) continue;
        pass(delayMs);
        killed = gateway.stop('SIGKILL');
      }
    }),
  );
  await killed;
  return done;
}

test(`a gateway killed ${GATEWAY_ROUNDS} times keeps every change it answered, whole`, async (t) => {
  t.diagnostic(`SALLYPORT_KILL_SEED=${SEED}`);
  const random = createRandom(SEED + 1);
  const dataDir = temporaryDirectory(t);
  let gateway = await startOn(t, dataDir);
  const ca = await fetchCa(gateway.endpoint);
  const world = await prepare(gateway.clients);
  let acknowledged = 0;
  for (let round = 0; round < GATEWAY_ROUNDS; round += 1) {
    acknowledged += await changeAndKill(gateway, world, round, random);
    gateway = await startOn(t, dataDir);
    try {
      await checkGateway(gateway.clients, world);
      assert.equal(await fetchCa(gateway.endpoint), ca, 'the local authority stays');
    } catch (error) {
      throw new Error(`SALLYPORT_KILL_SEED=${SEED}, round ${round}: ${(error as Error).message}`, { cause: error });
    }
  }
  assert.equal(await gateway.stop(), 0);
  t.diagnostic(`${acknowledged} changes answered and found`);
});
