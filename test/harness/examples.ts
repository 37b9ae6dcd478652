// An application of examples/ as its README has it: the command that the README tells to type, against a gateway and stand-ins of the
// test's own in place of the default addresses.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';
import { sallyport } from './command-line.ts';
import type { DynamoDb } from './dynamodb.ts';
import { startTestGateway, type Owner, type TestGateway } from './gateway.ts';
import type { PeerResult } from './peers.ts';
import type { TestSocket } from './sockets.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** Not those of the outputs, which are the template's own. */
const URL_LINE = /^ {2}(wss:\/\/\S+)$/gm;
const UP = /^npx sallyport up (.+)$/m;

export interface Example {
  readonly gateway: TestGateway;
  /** What `up` printed. */
  readonly printed: string;
  /** Where clients connect, as it was printed: at the default endpoint, then at names of its own. */
  readonly urls: readonly string[];
  /** The same command again. */
  up(): Promise<PeerResult>;
  down(): Promise<PeerResult>;
}

/** What lives as long as the file of tests, also where it is made in `before`. */
export function ownerOfFile(): Owner {
  const ends: (() => unknown)[] = [];
  after(async () => {
    for (const end of ends) await end();
  });
  return { after: (end) => void ends.unshift(end) };
}

export const tablesOf = async (dynamo: DynamoDb) => (await dynamo.call('ListTables', {}))['TableNames'] as string[];

/** Of the first table that there is. */
export async function rowsOf<Row extends object>(dynamo: DynamoDb): Promise<Row[]> {
  const [TableName] = await tablesOf(dynamo);
  return (await dynamo.call('Scan', { TableName }))['Items'] as Row[];
}

export interface Told {
  readonly type: string;
  readonly [more: string]: unknown;
}

/** The next message that has these members. Others are passed by: of somebody who has left, clients hear when the application comes to it. */
export async function hears(client: TestSocket, members: Told): Promise<Told> {
  for (;;) {
    const told = JSON.parse(await client.receive()) as Told;
    if (Object.entries(members).every(([name, value]) => told[name] === value)) return told;
  }
}

/** `places`: what stands in for the addresses of the README. */
export async function upExample(
  owner: Owner,
  name: string,
  places: Readonly<Record<string, string>>,
): Promise<Example> {
  const readme = readFileSync(`${ROOT}/examples/${name}/README.md`, 'utf8');
  const [template = '', ...args] = UP.exec(readme)![1]!
    .split(' ')
    .map((word) => placed(word, places));
  // The gateway is one that is running already, so that the test sees its log: it has the settings, `up` has the rest.
  const services = args.filter((word, at) => word === '--service-endpoint' || args[at - 1] === '--service-endpoint');
  const others = args.filter((word) => !services.includes(word));
  const gateway = await startTestGateway(owner, services);
  const run = (command: string, more: readonly string[]) =>
    sallyport([command, template, ...more, '--data-dir', gateway.dataDir], { cwd: ROOT });
  const up = () => run('up', others);
  const { code, stdout, stderr } = await up();
  assert.equal(code, 0, `${stdout}\n${stderr}`);
  const urls = [...stdout.matchAll(URL_LINE)].map(([, url]) => url!);
  assert.ok(urls.length > 0, `no URL was printed:\n${stdout}`);
  return { gateway, printed: stdout, urls, up, down: () => run('down', []) };
}

function placed(word: string, places: Readonly<Record<string, string>>): string {
  return Object.entries(places).reduce((text, [from, to]) => text.replaceAll(from, to), word);
}
