// The listeners: those of a gateway that runs are connected to; without one each is listened on for a moment, as `serve` would.

import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { ListenAddress } from '../../settings/settings.ts';
import { hostPort } from '../../protocol/host-name.ts';
import { note, problem, well, type Check, type Finding, type Patient } from './finding.ts';
import { portOwner } from './port-owner.ts';
import { boundOf, reachable } from './asked-gateway.ts';

const PORTS = 'ports';
const CONNECT_TIMEOUT_MS = 3_000;
const FLAGS = ['control', 'tls', 'http', 'dns'] as const;
type Flag = (typeof FLAGS)[number];
type Protocol = 'tcp' | 'udp';
const HTTP_PORT = 80;
const HTTPS_PORT = 443;

export const portsCheck: Check = {
  name: PORTS,
  async look(patient) {
    const looks = FLAGS.flatMap((flag) => addressesOf(patient, flag).map((address) => ({ flag, address })));
    const found = patient.gateway
      ? await Promise.all(looks.map(({ flag, address }) => answering(flag, address, patient)))
      : await Promise.all(
          looks.flatMap(({ flag, address }) => protocolsOf(flag).map((one) => free(flag, address, one))),
        );
    return found.flat();
  },
};

function protocolsOf(flag: Flag): readonly Protocol[] {
  return flag === 'dns' ? ['udp', 'tcp'] : ['tcp'];
}

/** Where it listens, or else where it would. */
function addressesOf({ gateway, settings }: Patient, flag: Flag): readonly ListenAddress[] {
  return (gateway && boundOf(gateway, flag)) ?? settings[flag];
}

/** DNS is asked by a check of its own. */
async function answering(flag: Flag, address: ListenAddress, { gateway }: Patient): Promise<Finding[]> {
  const { host, port } = reachable(address);
  if (port === 0) return [];
  const where = `--${flag} ${hostPort(address.host, address.port)}`;
  const trouble = await connectTo(host, port);
  if (trouble === undefined) return [well(PORTS, `${where} takes connections`)];
  // It may be another gateway's settings that are read here.
  if (!gateway?.status)
    return [
      note(
        PORTS,
        `${where} (of these settings): ${trouble}`,
        'give the settings that the gateway runs with, or sign as an operator',
      ),
    ];
  return [problem(PORTS, `${where}: ${trouble}`, 'look for a firewall on this machine, and at the log of the gateway')];
}

async function connectTo(host: string, port: number): Promise<string | undefined> {
  const socket = connect({ host, port });
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(CONNECT_TIMEOUT_MS) });
    return undefined;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return code === 'ABORT_ERR' ? `did not answer within ${CONNECT_TIMEOUT_MS} ms` : message;
  } finally {
    socket.destroy();
  }
}

export const collectorCheck: Check = {
  name: 'traces',
  async look({ settings }) {
    const { tracing } = settings;
    if (!tracing) return [];
    const { protocol, hostname, port, origin } = new URL(tracing.url);
    const number = port === '' ? (protocol === 'https:' ? HTTPS_PORT : HTTP_PORT) : Number(port);
    const trouble = await connectTo(hostname.replace(/^\[|\]$/g, ''), number);
    if (trouble === undefined) return [well('traces', `the collector ${origin} takes connections`)];
    const next = 'spans are dropped until it answers: start it, or give its HTTP port with --otlp-endpoint';
    return [problem('traces', `the collector ${origin}: ${trouble}`, next)];
  },
};

/** Whether it could be listened on. */
async function free(flag: Flag, { host, port }: ListenAddress, protocol: Protocol): Promise<Finding> {
  const name = `${hostPort(host, port)}${flag === 'dns' ? ` over ${protocol.toUpperCase()}` : ''}`;
  const where = `--${flag} ${name}`;
  const code = await (protocol === 'tcp' ? bindTcp(host, port) : bindUdp(host, port));
  switch (code) {
    case undefined:
      return well(PORTS, `${where} is free`);
    case 'EADDRINUSE': {
      const owner = portOwner(protocol, port) ?? 'another program';
      return problem(PORTS, `${where} is taken by ${owner}`, `stop it, or choose another with --${flag}`);
    }
    case 'EACCES':
      return problem(
        PORTS,
        `${where}: this user may not listen on it`,
        'docs/deploying.md, "Ports below 1024": a capability, a sysctl, or a forward',
      );
    case 'EADDRNOTAVAIL':
      return problem(
        PORTS,
        `${where}: this machine has no such address`,
        `name an address of this machine with --${flag}`,
      );
    default:
      return problem(PORTS, `${where} cannot be listened on: ${code}`, `choose another with --${flag}`);
  }
}

async function bindTcp(host: string, port: number): Promise<string | undefined> {
  const server = createServer();
  try {
    await once(server.listen(port, host), 'listening');
    return undefined;
  } catch (error) {
    return codeOf(error);
  } finally {
    server.close();
  }
}

async function bindUdp(host: string, port: number): Promise<string | undefined> {
  const socket = createSocket(host.includes(':') ? { type: 'udp6', ipv6Only: true } : { type: 'udp4' });
  try {
    await once(socket.bind(port, host), 'listening');
    return undefined;
  } catch (error) {
    return codeOf(error);
  } finally {
    socket.close();
  }
}

function codeOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return code ?? message;
}
