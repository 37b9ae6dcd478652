// Where a machine keeps the roots that it trusts: the system's store, the databases of browsers, and a file for Node. Each act is a plan
// of steps in words before it is done. A plan changes nothing, is empty where all is done already, and what installing does,
// uninstalling undoes.

import { CommandProblem } from './command-problem.ts';
import { spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** Why nothing was done, or where it stopped; the message is one line. */
export class TrustProblem extends CommandProblem {}

export interface Root {
  /** SHA-256, 64 hex digits in lower case. */
  readonly fingerprint: string;
  /** Absent where only the fingerprint is known: enough to uninstall. */
  readonly pem?: string;
}

export interface TrustStep {
  /** What it does, after "will". */
  readonly words: string;
  run(): void;
}

export interface TrustPlan {
  readonly steps: readonly TrustStep[];
  /** What is so already, and what is left to the reader. */
  readonly notes: readonly string[];
}

export const TRUST_STORES = ['system', 'browsers', 'node'] as const;
export type TrustStore = (typeof TRUST_STORES)[number];
export type TrustAct = 'install' | 'uninstall';

const COMMAND_TIMEOUT_MS = 60_000;
const SHORT_DIGITS = 6;
const MAC_KEYCHAIN = '/Library/Keychains/System.keychain';

/** The name under which a root lies in a store: another gateway's has another. */
function storedName({ fingerprint }: Root): string {
  return `sallyport-${fingerprint.slice(0, SHORT_DIGITS)}`;
}

/** Throws a TrustProblem where the store cannot be changed from here. */
export function planTrust(store: TrustStore, act: TrustAct, root: Root): TrustPlan {
  if (store === 'system') return planSystem(act, root);
  return store === 'browsers' ? planBrowsers(act, root) : planNode(act, root);
}

type Command = readonly [program: string, ...args: string[]];

export interface SystemLayout {
  /** The file of the store; undefined where the system takes one in, and keeps none of ours. */
  readonly file: string | undefined;
  readonly install: Command;
  readonly uninstall: Command;
}

const DEBIAN = '/usr/local/share/ca-certificates';
const FEDORA = '/etc/pki/ca-trust/source/anchors';

/** How this system is told of a root; undefined for one that is not known here. */
export function systemLayout(
  platform: NodeJS.Platform,
  root: Root,
  exists: (path: string) => boolean,
): SystemLayout | undefined {
  const name = storedName(root);
  if (platform === 'darwin') {
    return {
      file: undefined,
      install: ['security', 'add-trusted-cert', '-d', '-r', 'trustRoot', '-k', MAC_KEYCHAIN],
      uninstall: ['security', 'delete-certificate', '-Z', root.fingerprint.toUpperCase(), '-t', MAC_KEYCHAIN],
    };
  }
  if (platform !== 'linux') return undefined;
  if (exists(DEBIAN)) {
    // Only a fresh run takes the links of what is gone out of /etc/ssl/certs.
    const uninstall: Command = ['update-ca-certificates', '--fresh'];
    return { file: `${DEBIAN}/${name}.crt`, install: ['update-ca-certificates'], uninstall };
  }
  if (!exists(FEDORA)) return undefined;
  const update: Command = ['update-ca-trust', 'extract'];
  return { file: `${FEDORA}/${name}.pem`, install: update, uninstall: update };
}

function planSystem(act: TrustAct, root: Root): TrustPlan {
  const layout = systemLayout(process.platform, root, existsSync);
  if (!layout) {
    throw new TrustProblem(
      `system: neither ${DEBIAN} nor ${FEDORA} is here. Give the root to your system by its own means: sallyport trust prints it.`,
    );
  }
  if (process.getuid?.() !== 0) {
    throw new TrustProblem(
      `system: only root may change what this machine trusts. Run the same with: sudo -E sallyport trust --${act} system. The other stores are your own: browsers, node.`,
    );
  }
  return layout.file === undefined ? planKeychain(act, root, layout) : planSystemFile(act, root, layout, layout.file);
}

function planSystemFile(act: TrustAct, root: Root, layout: SystemLayout, file: string): TrustPlan {
  if (act === 'uninstall') {
    if (!existsSync(file)) return { steps: [], notes: [`system: there is no ${file}`] };
    assertOurs(file, root);
    return { steps: [removal(file), runStep(layout.uninstall)], notes: [] };
  }
  const isThere = fingerprintOfFile(file) === root.fingerprint;
  // The second step is repeated all the same: an earlier run may have ended between the two.
  return {
    steps: [...(isThere ? [] : [writing(file, root)]), runStep(layout.install)],
    notes: ['system: Node reads this store only with --use-system-ca; Firefox and Chrome have stores of their own'],
  };
}

function planKeychain(act: TrustAct, root: Root, { install, uninstall }: SystemLayout): TrustPlan {
  const isThere = spawnSync('security', ['find-certificate', '-a', '-Z', MAC_KEYCHAIN])
    .stdout?.toString()
    .toLowerCase()
    .includes(root.fingerprint);
  if (isThere === (act === 'install')) {
    return { steps: [], notes: [`system: it is ${isThere ? 'there already' : 'not there'} (${MAC_KEYCHAIN})`] };
  }
  if (act === 'uninstall') return { steps: [runStep(uninstall)], notes: [] };
  return { steps: [runStepOnFile(install, root)], notes: [] };
}

/** For a program that reads its certificate from a file alone. */
function runStepOnFile(command: Command, root: Root): TrustStep {
  return {
    words: `run ${command.join(' ')} FILE, with the root in a temporary file`,
    run() {
      const folder = mkdtempSync(join(tmpdir(), 'sallyport-trust-'));
      try {
        const file = join(folder, `${storedName(root)}.pem`);
        writeFileSync(file, root.pem ?? '');
        runStep([...command, file]).run();
      } finally {
        rmSync(folder, { recursive: true });
      }
    },
  };
}

/** Databases of NSS below the home directory: of Chrome and Chromium, and of every profile of Firefox. */
export function browserDatabases(home: string): readonly string[] {
  const single = ['.pki/nssdb', '.local/share/pki/nssdb', 'snap/chromium/current/.pki/nssdb'];
  const parents = [
    '.mozilla/firefox',
    '.config/mozilla/firefox',
    'snap/firefox/common/.mozilla/firefox',
    '.var/app/org.mozilla.firefox/.mozilla/firefox',
    'Library/Application Support/Firefox/Profiles',
  ].map((parent) => join(home, parent));
  const profiles = parents
    .filter(existsSync)
    .flatMap((parent) => readdirSync(parent).map((name) => join(parent, name)));
  return [...single.map((path) => join(home, path)), ...profiles].filter((path) => existsSync(join(path, 'cert9.db')));
}

function planBrowsers(act: TrustAct, root: Root): TrustPlan {
  const databases = browserDatabases(homedir());
  if (databases.length === 0) {
    const found = `browsers: no database of a browser below ${homedir()}`;
    return { steps: [], notes: [act === 'install' ? `${found}: start the browser once first` : found] };
  }
  if (spawnSync('certutil', ['-H']).error) {
    throw new TrustProblem(
      'browsers: certutil is not installed. Install libnss3-tools (Debian, Ubuntu), nss-tools (Fedora) or nss (Homebrew).',
    );
  }
  const nickname = `Sallyport local CA ${storedName(root)}`;
  const isIn = (path: string) => spawnSync('certutil', ['-d', `sql:${path}`, '-L', '-n', nickname]).status === 0;
  const steps = databases
    .filter((path) => isIn(path) !== (act === 'install'))
    .map((path) =>
      act === 'install'
        ? runStep(['certutil', '-d', `sql:${path}`, '-A', '-a', '-t', 'C,,', '-n', nickname], root.pem)
        : runStep(['certutil', '-d', `sql:${path}`, '-D', '-n', nickname]),
    );
  const done = databases.length - steps.length;
  const already = act === 'install' ? 'trust it already' : 'do not have it';
  return {
    steps,
    notes: [
      ...(done > 0 ? [`browsers: ${done} of ${databases.length} databases ${already}`] : []),
      ...(steps.length > 0 ? ['browsers: a browser that runs sees it when it is started again'] : []),
    ],
  };
}

function planNode(act: TrustAct, root: Root): TrustPlan {
  const configuration = process.env['XDG_CONFIG_HOME'] || join(homedir(), '.config');
  const file = join(configuration, 'sallyport', `${storedName(root)}.pem`);
  const variable = `export NODE_EXTRA_CA_CERTS='${file.replaceAll("'", `'\\''`)}'`;
  const isThere = existsSync(file);
  if (act === 'uninstall') {
    if (!isThere) return { steps: [], notes: [`node: there is no ${file}`] };
    assertOurs(file, root);
    const words = `node: take out the line, where you added it: ${variable}`;
    return { steps: [removal(file, removeEmptyFolder)], notes: [words] };
  }
  // The variable is of whoever starts Node: no program can set it for others.
  return {
    steps: fingerprintOfFile(file) === root.fingerprint ? [] : [writing(file, root)],
    notes: [`node: add this line to what your shell reads at its start: ${variable}`],
  };
}

function writing(file: string, { pem }: Root): TrustStep {
  return {
    words: `write ${file}`,
    run() {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, pem ?? '', { mode: 0o644 });
    },
  };
}

function removal(file: string, after: (file: string) => void = () => {}): TrustStep {
  return {
    words: `remove ${file}`,
    run() {
      rmSync(file);
      after(file);
    },
  };
}

function removeEmptyFolder(file: string): void {
  const folder = dirname(file);
  if (readdirSync(folder).length === 0) rmdirSync(folder);
}

function runStep(command: Command, stdin?: string): TrustStep {
  const words = command.map((word) => (/^[\w./:=,-]+$/.test(word) ? word : `'${word}'`)).join(' ');
  return {
    words: `run ${words}${stdin === undefined ? '' : ' with the root on its standard input'}`,
    run() {
      const [program, ...args] = command;
      const { error, status, stderr } = spawnSync(program, args, {
        ...(stdin === undefined ? {} : { input: stdin }),
        timeout: COMMAND_TIMEOUT_MS,
      });
      if (error) throw new TrustProblem(`${words} could not be run: ${error.message}`);
      if (status === 0) return;
      const said = String(stderr).trim().split('\n').at(-1) ?? '';
      throw new TrustProblem(`${words} ended with ${status}: ${said}`);
    },
  };
}

/** A file of our name that holds something else is not ours to remove. */
function assertOurs(file: string, { fingerprint }: Root): void {
  if (fingerprintOfFile(file) === fingerprint) return;
  throw new TrustProblem(`${file} holds another certificate than ${fingerprint}: look at it, and remove it by hand.`);
}

function fingerprintOfFile(file: string): string | undefined {
  if (!existsSync(file)) return undefined;
  try {
    return fingerprintOf(new X509Certificate(readFileSync(file)));
  } catch {
    // Not a certificate: whatever it is, it is not the root.
    return undefined;
  }
}

export function fingerprintOf({ fingerprint256 }: X509Certificate): string {
  return fingerprint256.replaceAll(':', '').toLowerCase();
}
