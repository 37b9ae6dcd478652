// A real mail server of a test's own, which ends with the test: test/peers/mail_server.py, and what it accepted.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { WAIT_MS } from './eventually.ts';
import type { Owner } from './gateway.ts';
import { PEERS } from './peers.ts';

const SCRIPT = fileURLToPath(new URL('../peers/mail_server.py', import.meta.url));

export interface ReceivedMail {
  readonly from: string;
  readonly to: readonly string[];
  readonly isEncrypted: boolean;
  readonly login: string;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  readonly html: string;
}

export interface MailServer {
  /** `host:port` */
  readonly place: string;
  /** What was accepted so far: a mail is here before its sender is told so. */
  readonly received: readonly ReceivedMail[];
}

export async function startMailServer(owner: Owner, args: readonly string[] = []): Promise<MailServer> {
  const child = spawn(PEERS.aiosmtpd.path, [SCRIPT, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  owner.after(() => child.kill('SIGKILL'));
  const received: ReceivedMail[] = [];
  const lines = createInterface({ input: child.stdout });
  const [first] = (await once(lines, 'line', { signal: AbortSignal.timeout(WAIT_MS) })) as [string];
  lines.on('line', (line) => received.push(JSON.parse(line) as ReceivedMail));
  return { ...(JSON.parse(first) as { place: string }), received };
}
