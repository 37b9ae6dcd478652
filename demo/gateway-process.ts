// Starts `sallyport serve` as a user would, and reads from its `ready` line where it listens. Used by the demo, the examples,
// the benches and the tests: all of them drive the real process.

import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export interface Ready {
  readonly control: readonly string[];
  readonly tls: readonly string[];
  readonly http: readonly string[];
  readonly dns: readonly string[];
  readonly publicPort: number;
  readonly pid: number;
}

export interface GatewayProcess {
  readonly ready: Ready;
  readonly child: ChildProcess;
  /** Every line of stderr so far. */
  readonly lines: readonly string[];
  /** `http://127.0.0.1:port` of the control port. */
  readonly endpoint: string;
  readonly dnsServer: string;
  readonly tlsPort: number;
  /** Sends the signal and resolves to the exit code. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

const LAUNCHER = fileURLToPath(new URL('../bin/sallyport.cjs', import.meta.url));
export const EPHEMERAL = ['--control', '127.0.0.1:0', '--tls', '127.0.0.1:0', '--dns', '127.0.0.1:0'];
const START_TIMEOUT_MS = 30_000;

/** Rejects with the process's own words when it ends before it is ready. `onLine` sees each line of stderr. */
export async function startGatewayProcess(
  args: readonly string[],
  options: { readonly env?: NodeJS.ProcessEnv; readonly onLine?: (line: string) => void } = {},
): Promise<GatewayProcess> {
  const child = spawn(process.execPath, [LAUNCHER, 'serve', ...args], {
    stdio: ['ignore', 'inherit', 'pipe'],
    env: { ...process.env, ...options.env },
  });
  const exited = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  const lines: string[] = [];
  const ready = await new Promise<Ready>((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`the gateway was not ready in time:\n${lines.join('\n')}`)),
      START_TIMEOUT_MS,
    );
    createInterface({ input: child.stderr! }).on('line', (line) => {
      lines.push(line);
      options.onLine?.(line);
      if (!line.startsWith('{"ready":true')) return;
      clearTimeout(timer);
      resolve(JSON.parse(line) as Ready);
    });
    void exited.then((code) => {
      clearTimeout(timer);
      reject(new Error(`the gateway ended with ${code} before it was ready:\n${lines.join('\n')}`));
    });
  });
  return {
    ready,
    child,
    lines,
    endpoint: `http://${ready.control[0]}`,
    dnsServer: ready.dns[0] ?? '',
    tlsPort: Number(ready.tls[0]!.split(':').at(-1)),
    stop(signal = 'SIGTERM') {
      child.kill(signal);
      return exited;
    },
  };
}
