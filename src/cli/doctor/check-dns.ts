// DNS: whether the gateway's own server answers over UDP and TCP, whether the resolver that it asks answers, and what the pages about
// hosted zones and domain names say: delegated, and leading here. Those are asked, not worked out again.

import { promises as dns } from 'node:dns';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { ListenAddress } from '../../settings/settings.ts';
import { hostPort } from '../../protocol/host-name.ts';
import { counted } from '../terminal.ts';
import { note, problem, well, type Check, type Finding, type Patient } from './finding.ts';
import { allOf, untold } from './pages.ts';
import { boundOf, reachable } from './asked-gateway.ts';

const ASK_TIMEOUT_MS = 2_000;
/** That a name is not there is an answer. */
const ANSWERS: readonly string[] = ['ENOTFOUND', 'ENODATA'];
const TYPE_SOA = 6;
const CLASS_IN = 1;

export const dnsListenerCheck: Check = {
  name: 'dns',
  async look({ gateway, settings }) {
    if (!gateway) return [];
    const addresses = boundOf(gateway, 'dns') ?? settings.dns.filter(({ port }) => port !== 0);
    const looks = await Promise.all(addresses.map((address) => askListener(address, settings.endpointSuffix)));
    return looks.flat();
  },
};

async function askListener(address: ListenAddress, suffix: string): Promise<Finding[]> {
  const { host, port } = reachable(address);
  const where = `--dns ${hostPort(address.host, address.port)}`;
  const [overUdp, overTcp] = await Promise.all([askUdp(hostPort(host, port), suffix), askTcp(host, port, suffix)]);
  const silent = [...(overUdp ? [`UDP (${overUdp})`] : []), ...(overTcp ? [`TCP (${overTcp})`] : [])];
  if (silent.length === 0) return [well('dns', `${where} answers over UDP and TCP`)];
  const next =
    'resolvers need both: look for a firewall, for another program on the port, and at the log of the gateway';
  return [problem('dns', `${where} does not answer over ${silent.join(' and ')}`, next)];
}

async function askUdp(server: string, name: string): Promise<string | undefined> {
  const resolver = new dns.Resolver({ timeout: ASK_TIMEOUT_MS, tries: 1 });
  resolver.setServers([server]);
  return codeOf(resolver.resolveSoa(name));
}

/** Undefined for an answer, whichever. */
async function codeOf(asking: Promise<unknown>): Promise<string | undefined> {
  try {
    await asking;
    return undefined;
  } catch (error) {
    const { code = (error as Error).message } = error as NodeJS.ErrnoException;
    return ANSWERS.includes(code) ? undefined : code;
  }
}

/** One question (RFC 1035 4.2.2), and whether the answer is to it. */
async function askTcp(host: string, port: number, name: string): Promise<string | undefined> {
  const id = Math.floor(Math.random() * 0x10000);
  const labels = name.split('.').flatMap((label) => [Buffer.from([Buffer.byteLength(label)]), Buffer.from(label)]);
  const [head, tail] = [Buffer.alloc(12), Buffer.from([0, 0, TYPE_SOA, 0, CLASS_IN])];
  head.writeUInt16BE(id, 0);
  head.writeUInt16BE(1, 4);
  const message = Buffer.concat([head, ...labels, tail]);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(message.length);
  const socket = connect({ host, port });
  try {
    const signal = AbortSignal.timeout(ASK_TIMEOUT_MS);
    socket.end(Buffer.concat([length, message]));
    const [answer] = (await once(socket, 'data', { signal })) as [Buffer];
    return answer.length > 4 && answer.readUInt16BE(2) === id ? undefined : 'the answer is to another question';
  } catch (error) {
    const { code, message: text } = error as NodeJS.ErrnoException;
    return code === 'ABORT_ERR' ? 'ETIMEOUT' : (code ?? text);
  } finally {
    socket.destroy();
  }
}

export const resolverCheck: Check = {
  name: 'resolver',
  async look({ settings }) {
    const { resolvers } = settings;
    const named = resolvers.length > 0;
    const looks = await Promise.all(
      (named ? resolvers : ['']).map(async (server) => {
        const resolver = new dns.Resolver({ timeout: ASK_TIMEOUT_MS, tries: 2 });
        if (server !== '') resolver.setServers([server]);
        const words =
          server === '' ? `the resolver of this system (${resolver.getServers().join(', ')})` : `--resolver ${server}`;
        const code = await codeOf(resolver.resolveNs('com'));
        if (code === undefined) return well('resolver', `${words} answers`);
        if (code === 'EREFUSED') {
          const text = `${words} answers, and refuses what is not its own`;
          const further =
            'names in the DNS of others cannot be looked up by it: name one that recurses with --resolver';
          return note('resolver', text, further);
        }
        const next =
          'names in the DNS of others cannot be validated or explained: name one that answers with --resolver';
        // A machine for development alone may do without.
        return (named ? problem : note)('resolver', `${words} does not answer: ${code}`, next);
      }),
    );
    return looks;
  },
};

interface Zone {
  readonly id: string;
  readonly name: string;
  readonly isWell: boolean;
  readonly cause?: string;
  readonly next?: string;
}

export const zonesCheck: Check = {
  name: 'zones',
  async look(patient) {
    const told = await allOf<Zone>(patient, '/_sallyport/zones', 'zones');
    if ('untold' in told) return untold('zones', told.untold);
    const bad = told.items.filter(({ isWell }) => !isWell);
    if (bad.length > 0)
      return bad.map(({ name, cause = '', next = '' }) => problem('zones', `${name}: ${cause}`, next));
    if (told.items.length === 0) return [];
    return [well('zones', `${counted(told.items.length, 'hosted zone')}: served, and delegated where they must be`)];
  },
};

interface Domain {
  readonly domainName: string;
  readonly state: string;
  readonly cause?: string;
  readonly next?: string;
  readonly record?: unknown;
  readonly notes: readonly { readonly cause: string; readonly fix: string }[];
}

export const domainsCheck: Check = {
  name: 'domains',
  async look(patient: Patient) {
    const told = await allOf<Domain>(patient, '/_sallyport/domains', 'domains');
    if ('untold' in told) return untold('domains', told.untold);
    const found = told.items.flatMap(findingsOf);
    if (found.length > 0 || told.items.length === 0) return found;
    return [
      well(
        'domains',
        `${counted(told.items.length, 'domain name')}: each leads here, with its certificate and a mapping`,
      ),
    ];
  },
};

function findingsOf({ domainName, state, cause = '', next = '', record, notes }: Domain): Finding[] {
  const told = notes.map((one) => note('domains', `${domainName}: ${one.cause}`, one.fix));
  if (state === 'ok') return told;
  // A record to create takes more than one line.
  const mend = record === undefined ? next : `sallyport domains ${domainName}`;
  return [problem('domains', `${domainName}: ${cause}`, mend), ...told];
}
