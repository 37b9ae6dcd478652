// What must stand in no line that a gateway of the suite wrote: private keys, its master key, and every secret that the test gave it
// by arguments, environment and the files that these name.

import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parse } from 'yaml';

/** What a gateway was started with. */
export interface Given {
  readonly dataDir: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

/** Shorter ones stand in lines by chance. */
const CHARACTERS_MIN = 6;
const DEVELOPMENT_SECRET = 'test';
const NAMED_SECRET = /SECRET|PASSWORD|PASSPHRASE|TOKEN|KEY/i;
/** Variables that name a key or a place, and hold none. */
const NAMES_ONLY = /KEY_ID$|FILE$|^SALLYPORT_(PREVIOUS_)?MASTER_KEY$/;

const registered = new Set<string>();

/** From now on no gateway of this test file may have written the text anywhere. */
export function mustNotBeLogged(text: string): void {
  registered.add(text);
}

/** The lines in which one of the secrets stands, or a private key. */
export function linesWithSecrets(lines: readonly string[], secrets: Iterable<string>): string[] {
  const texts = ['PRIVATE KEY', ...[...secrets].filter(({ length }) => length >= CHARACTERS_MIN)];
  // A line of JSON spells some characters otherwise.
  const spellings = texts.flatMap((text) => [text, JSON.stringify(text).slice(1, -1)]);
  return lines.filter((line) => spellings.some((text) => line.includes(text)));
}

/** Every secret that can be known of the gateway at this moment: its master key changes when keys are rotated. */
export function secretsOf({ dataDir, args, env }: Given): Set<string> {
  const setting = (flag: string) => [
    ...args.flatMap((arg, at) => (arg === `--${flag}` ? [args[at + 1] ?? ''] : [])),
    ...args.flatMap((arg) => (arg.startsWith(`--${flag}=`) ? [arg.slice(flag.length + 3)] : [])),
    env[`SALLYPORT_${flag.toUpperCase().replaceAll('-', '_')}`] ?? '',
  ];
  const found = [
    ...contentOf(join(dataDir, 'master.key')),
    ...[...setting('master-key'), ...setting('previous-master-key')].flatMap((text) => masterKeySecrets(text, env)),
    ...setting('acme-eab').map((text) => text.split(':')[1] ?? ''),
    ...[...setting('smtp'), ...setting('renewal-webhook')].flatMap(passwordOf),
    ...setting('accounts').flatMap(accountSecrets),
    ...Object.entries(env).flatMap(([name, value]) =>
      value !== undefined && NAMED_SECRET.test(name) && !NAMES_ONLY.test(name) ? [value] : [],
    ),
    ...registered,
  ];
  return new Set(found.filter((text) => text !== '' && text !== DEVELOPMENT_SECRET));
}

/** Of every access and execution log of the gateway. */
export function stageLogLines(dataDir: string): string[] {
  const folder = join(dataDir, 'logs');
  if (!existsSync(folder) || !statSync(folder).isDirectory()) return [];
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files.flatMap(({ parentPath, name }) => readFileSync(join(parentPath, name), 'utf8').split('\n'));
}

export function assertNoSecrets(lines: readonly string[], secrets: Iterable<string>): void {
  assert.deepEqual(linesWithSecrets(lines, secrets), [], 'a secret stands in what the gateway wrote');
}

/** The lines of a file; none of one that is not there. */
function contentOf(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split(/\r?\n/);
  } catch {
    // A test that names a file that is not there tests just that.
    return [];
  }
}

function masterKeySecrets(text: string, env: NodeJS.ProcessEnv): string[] {
  if (text === '') return [];
  const [, form, rest = ''] = /^(env|passphrase-env|passphrase-file):(.*)$/.exec(text) ?? [];
  if (form === undefined) return contentOf(text);
  return form === 'passphrase-file' ? contentOf(rest) : [env[rest] ?? ''];
}

function passwordOf(url: string): string[] {
  if (!URL.canParse(url)) return [];
  const { password } = new URL(url);
  return [password, decodeURIComponent(password)];
}

interface AccountsFile {
  readonly accounts?: readonly {
    readonly keys?: readonly { readonly secret?: string; readonly secretFile?: string }[];
  }[];
}

function accountSecrets(file: string): string[] {
  let content: AccountsFile | null;
  try {
    content = parse(readFileSync(file, 'utf8')) as AccountsFile | null;
  } catch {
    // As above, or a test of what is no YAML.
    return [];
  }
  if (!Array.isArray(content?.accounts)) return [];
  const keys = (content as AccountsFile).accounts!.flatMap((account) =>
    Array.isArray(account?.keys) ? account.keys : [],
  );
  return keys.flatMap(({ secret, secretFile }) => [
    typeof secret === 'string' ? secret : '',
    ...(typeof secretFile === 'string' ? contentOf(resolve(dirname(file), secretFile)).map((one) => one.trim()) : []),
  ]);
}
