// Programs that tests drive as peers: the AWS CLI, dig, openssl and others of Debian's. One that is not installed skips its tests
// by name; with CI=true that is a failure.

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';

interface Peer {
  readonly path: string;
  readonly package: string;
}

export const PEERS = {
  aws: { path: '/usr/bin/aws', package: 'awscli' },
  dig: { path: '/usr/bin/dig', package: 'bind9-dnsutils' },
  openssl: { path: '/usr/bin/openssl', package: 'openssl' },
} as const satisfies Record<string, Peer>;

/** For the `skip` option of a test: false when the peer is there, else the reason. Throws where nothing may be skipped. */
export function missing(name: keyof typeof PEERS): false | string {
  const peer = PEERS[name];
  if (existsSync(peer.path)) return false;
  const reason = `not shown: ${name} is not installed. Install it with: apt-get install ${peer.package}`;
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
  const running = promisify(execFile)(PEERS[name].path, [...args], {
    env: { ...process.env, ...env },
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
