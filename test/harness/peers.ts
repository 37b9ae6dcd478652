// Programs that tests drive as peers: the AWS CLI, dig, openssl and others of Debian's, and one of npm's. One that is not installed
// skips its tests by name; with CI=true that is a failure.

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

interface Peer {
  readonly path: string;
  /** Files that must be there beside it. */
  readonly needs?: readonly string[];
  /** The folder that it must run in. */
  readonly folder?: string;
  readonly install: string;
}

const PYTHON_PACKAGES = '/usr/lib/python3/dist-packages';
const SERVERLESS = fileURLToPath(new URL('../peers/serverless', import.meta.url));

/** As Debian names it in its folders. */
const MACHINE = process.arch === 'arm64' ? 'aarch64' : 'x86_64';

export const PEERS = {
  aws: { path: '/usr/bin/aws', install: 'apt-get install awscli' },
  dig: { path: '/usr/bin/dig', install: 'apt-get install bind9-dnsutils' },
  faketime: { path: `/usr/lib/${MACHINE}-linux-gnu/faketime/libfaketime.so.1`, install: 'apt-get install faketime' },
  openssl: { path: '/usr/bin/openssl', install: 'apt-get install openssl' },
  certutil: { path: '/usr/bin/certutil', install: 'apt-get install libnss3-tools' },
  haproxy: { path: '/usr/sbin/haproxy', install: 'apt-get install haproxy' },
  chromium: { path: '/usr/bin/chromium', install: 'apt-get install chromium' },
  systemd: { path: '/usr/bin/systemd-analyze', install: 'apt-get install systemd' },
  nginx: { path: '/usr/sbin/nginx', install: 'apt-get install nginx' },
  kdig: { path: '/usr/bin/kdig', install: 'apt-get install knot-dnsutils' },
  knot: { path: '/usr/sbin/knotd', install: 'apt-get install knot' },
  pebble: { path: '/usr/bin/pebble', install: 'apt-get install pebble' },
  promtool: { path: '/usr/bin/promtool', install: 'apt-get install prometheus' },
  script: { path: '/usr/bin/script', install: 'apt-get install bsdutils' },
  unbound: { path: '/usr/sbin/unbound', install: 'apt-get install unbound' },
  testssl: { path: '/usr/bin/testssl', install: 'apt-get install testssl.sh' },
  boto3: {
    path: '/usr/bin/python3',
    needs: [`${PYTHON_PACKAGES}/boto3/__init__.py`, `${PYTHON_PACKAGES}/websockets/__init__.py`],
    install: 'apt-get install python3-boto3 python3-websockets',
  },
  aiosmtpd: {
    path: '/usr/bin/python3',
    needs: [`${PYTHON_PACKAGES}/aiosmtpd/__init__.py`],
    install: 'apt-get install python3-aiosmtpd',
  },
  websockets: {
    path: '/usr/bin/python3',
    needs: [`${PYTHON_PACKAGES}/websockets/__init__.py`],
    install: 'apt-get install python3-websockets',
  },
  libwebsockets: {
    path: '/usr/bin/gcc',
    needs: ['/usr/include/libwebsockets.h', '/usr/include/stdio.h'],
    install: 'apt-get install gcc libc6-dev libwebsockets-dev',
  },
  serverless: {
    path: `${SERVERLESS}/node_modules/.bin/osls`,
    folder: SERVERLESS,
    install: 'npm ci --prefix test/peers/serverless --ignore-scripts --omit=optional',
  },
} as const satisfies Record<string, Peer>;

/** For the `skip` option of a test: false when the peer is there, else the reason. Throws where nothing may be skipped. */
export function missing(name: keyof typeof PEERS): false | string {
  const { path, needs = [], install }: Peer = PEERS[name];
  if ([path, ...needs].every((file) => existsSync(file))) return false;
  const reason = `not shown: ${name} is not installed. Install it with: ${install}`;
  if (process.env['CI'] === 'true') throw new Error(reason);
  return reason;
}

export interface PeerResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const PEER_TIMEOUT_MS = 60_000;

/** Runs a peer to its end; a non-zero exit is a result, not an error. */
export async function runPeer(
  name: keyof typeof PEERS,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
  stdin = '',
): Promise<PeerResult> {
  const { path, folder }: Peer = PEERS[name];
  // A peer of npm's runs on the Node that runs the test.
  const PATH = `${dirname(process.execPath)}:${process.env['PATH']}`;
  const running = promisify(execFile)(path, [...args], {
    cwd: folder,
    env: { ...process.env, PATH, ...env },
    timeout: PEER_TIMEOUT_MS,
    maxBuffer: 16 * 1024 * 1024,
  });
  // A peer that reads no input may have ended before it is closed.
  running.child.stdin?.on('error', () => {});
  running.child.stdin?.end(stdin);
  try {
    const { stdout, stderr } = await running;
    return { code: 0, stdout, stderr };
  } catch (error) {
    const failed = error as { code?: number; stdout?: string; stderr?: string; message: string };
    return {
      code: typeof failed.code === 'number' ? failed.code : -1,
      stdout: failed.stdout ?? '',
      stderr: failed.stderr ?? failed.message,
    };
  }
}
