// Many custom domain names, each with a certificate of its own: what they cost at start, in memory and in handshakes, and how soon
// a change of one takes effect. The built package; what has no bare base is set beside the fewest names.

import { CreateStageCommand } from '@aws-sdk/client-apigatewayv2';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClients } from '../demo/chain.ts';
import { buildPackage, startGateway, type ReadyGateway } from './built-package.ts';
import { EMPTY_STAGE, measureChanges, type ChangedGateway, type Changed } from './change-to-effect.ts';
import { comparePerCpuSecond, type Claim, type Compared, type Settings } from './claim.ts';
import { domainNameAt, serialAt } from './domain-names.ts';
import { isWarmed, domainRows, type Start, type Use } from './domain-rows.ts';
import { openWebSocket } from './load/open.ts';
import type { NamedLoad, NamedTarget } from './load/named-handshakes.ts';
import { addDomains, type Source } from './many-domains.ts';
import { createIssuer, type Validity } from './p256-certificates.ts';
import { cpuSeconds, residentBytes, startProgram } from './processes.ts';
import { MESSAGE, withStarted } from './sides.ts';
import { makeApi, mock, REGION, STAGE, wait, type Target } from './subject.ts';

const DAY_MS = 86_400_000;
/** A start with many names takes long; the spread is seen soon. */
const START_ROUNDS_MAX = 3;
const PATH = `/${STAGE}`;

/** The data directories of all sizes, and the package that serves them. */
interface Ground {
  readonly settings: Settings;
  readonly root: string;
  readonly source: Source;
  readonly dataDirOf: (names: number) => string;
}

export const claim: Claim = {
  title: 'many custom domain names with a certificate each, against the fewest of them and bare https + ws',
  async measure(settings) {
    const temporary = mkdtempSync(join(tmpdir(), 'sallyport-bench-'));
    try {
      const ground = await layGround(temporary, settings);
      const starts = await measureStarts(ground);
      const uses = new Map<number, Use>();
      for (const [number, names] of settings.domainNames.entries()) {
        uses.set(names, await measureUse(ground, names, number > 0));
      }
      return domainRows(settings.domainNames, { starts, uses, changed: await measureChange(ground) });
    } finally {
      rmSync(temporary, { recursive: true, force: true });
    }
  },
};

/** The places of the names that have a second certificate, spread over all. */
function renewedOf(names: number, { changes }: Settings): number[] {
  return Array.from({ length: changes }, (_, number) => Math.floor((number * names) / changes));
}

/** Each size is the next smaller one with more added. */
async function layGround(temporary: string, settings: Settings): Promise<Ground> {
  const root = await buildPackage(join(temporary, 'package'));
  const dataDirOf = (names: number) => join(temporary, `data-${names}`);
  const apiId = await makeEmpty(root, dataDirOf(0));
  const validity: Validity = { notBeforeMs: Date.now() - DAY_MS, notAfterMs: Date.now() + 198 * DAY_MS };
  const source = { issuer: await createIssuer(validity), validity, apiId };
  let from = 0;
  for (const to of settings.domainNames) {
    cpSync(dataDirOf(from), dataDirOf(to), { recursive: true });
    await addDomains(dataDirOf(to), source, { from, to, renewed: renewedOf(to, settings) });
    from = to;
  }
  return { settings, root, source, dataDirOf };
}

/** A data directory as a first start leaves it, with the API; fills the compile cache, too. */
async function makeEmpty(root: string, dataDir: string): Promise<string> {
  const gateway = await startGateway(root, dataDir, {});
  try {
    const clients = createClients(gateway.endpoint, REGION);
    const apiId = await makeApi(clients, { $connect: mock(''), echo: mock(MESSAGE) });
    await clients.gateway.send(new CreateStageCommand({ ApiId: apiId, StageName: EMPTY_STAGE }));
    return apiId;
  } finally {
    await gateway.stop();
  }
}

function targetOf({ tlsPort: port }: ReadyGateway, { source }: Ground): Omit<Target, 'name'> {
  return { port, path: PATH, ca: source.issuer.certificatePem };
}

/** All sizes take turns. */
async function measureStarts(ground: Ground): Promise<ReadonlyMap<number, readonly Start[]>> {
  const { domainNames, rounds } = ground.settings;
  const starts = new Map(domainNames.map((names) => [names, [] as Start[]]));
  for (let round = 0; round < Math.min(rounds, START_ROUNDS_MAX); round += 1) {
    for (const [names, ofSize] of starts) ofSize.push(await measureStart(ground, names));
  }
  return starts;
}

function measureStart(ground: Ground, names: number): Promise<Start> {
  return withStarted(async (started) => {
    const { root, dataDirOf, settings } = ground;
    const gateway = started(await startGateway(root, dataDirOf(names), settings.gatewayEnv));
    const { pid, startedAt, readyMs } = gateway;
    const readyBytes = residentBytes(pid);
    const name = domainNameAt(Math.floor(Math.random() * names));
    const socket = await openWebSocket({ ...targetOf(gateway, ground), name });
    const firstMs = performance.now() - startedAt;
    socket.destroy();
    const before = cpuSeconds(pid);
    await wait(settings.settleMs);
    return { readyMs, firstMs, readyBytes, idleCpu: (1_000 * (cpuSeconds(pid) - before)) / settings.settleMs };
  });
}

/** Memory after many handshakes on random names; and, beside a bare server with one name, how many there are per CPU-second. */
function measureUse(ground: Ground, names: number, isCompared: boolean): Promise<Use> {
  return withStarted(async (started) => {
    const { root, dataDirOf, settings } = ground;
    const gateway = started(await startGateway(root, dataDirOf(names), settings.gatewayEnv));
    const side = started(await startSide(gateway.pid, { ...targetOf(gateway, ground), names }));
    if (isWarmed(names)) await side.ask('each');
    let perCpuSecond: Compared | undefined;
    if (isCompared) {
      const { certificatePem: ca, issue } = ground.source.issuer;
      const { certificatePem, keyPem: key } = await issue(domainNameAt(0), serialAt(0, 'second'));
      const bare = started(await startProgram<number>('./bases/echo.ts', { cert: certificatePem, key, ca }));
      const base = started(await startSide(bare.pid, { port: bare.ready, path: PATH, ca, names: 1 }));
      perCpuSecond = await comparePerCpuSecond(side, base, settings);
    }
    const missing = Math.max(names, settings.handshakesMin) - side.done();
    if (missing > 0) await side.ask({ count: missing });
    await wait(settings.settleMs);
    return { perCpuSecond, handshakes: side.done(), bytes: residentBytes(gateway.pid) };
  });
}

/** A server under the load of handshakes, which counts them. */
async function startSide(pid: number, target: NamedTarget) {
  const program = await startProgram<true, NamedLoad, number>('./load/named-handshakes.ts', target);
  let done = 0;
  const ask = async (load: NamedLoad) => {
    const count = await program.ask(load);
    done += count;
    return count;
  };
  return {
    pid,
    ask,
    done: () => done,
    prepare: async () => {},
    load: (forMs: number) => ask({ forMs }),
    stop: program.stop,
  };
}

/** How soon changes take effect among the fewest and among the most names. */
function measureChange(ground: Ground): Promise<Changed> {
  return withStarted(async (started) => {
    const { root, dataDirOf, settings, source } = ground;
    const subjectOf = async (names: number): Promise<ChangedGateway> => {
      const gateway = started(await startGateway(root, dataDirOf(names), settings.gatewayEnv));
      const target = targetOf(gateway, ground);
      return { gateway, target, apiId: source.apiId, names, renewed: renewedOf(names, settings) };
    };
    const { domainNames } = settings;
    const [fewest, most] = [domainNames[0]!, domainNames.at(-1)!];
    return measureChanges(await subjectOf(fewest), await subjectOf(most));
  });
}
