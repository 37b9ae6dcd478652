// Flags, environment and file → one frozen value. A flag wins over its variable, a variable over the file, the file over the
// default. Everything wrong is one SettingsProblem whose message is one line that names the setting and the way out.

import { ERROR_DETAILS } from '../model/stage-options.ts';
import { existsSync } from 'node:fs';
import { isIP } from 'node:net';
import { dirname } from 'node:path';
import { readPrivateFile } from '../ambient/private-file.ts';
import { AWS_SERVICES } from '../model/aws-services.ts';
import { FUNCTIONS_KEY, FunctionsProblem, readFunctions } from './read-functions.ts';
import { readTracing, TracingProblem } from './read-tracing.ts';
import { readYaml, shownKey } from './read-yaml.ts';
import { CONFIG_FILE_DEFAULT, CONFIG_FLAG, SETTING_ROWS } from './settings.ts';
import type { FunctionSetting } from './function-setting.ts';
import type { TracingSetting } from './tracing-setting.ts';
import type { AcmeLimit, AcmeSettings, ListenAddress, SettingRow, Settings } from './settings.ts';

export class SettingsProblem extends Error {}

export type FlagValues = Readonly<Record<string, string | boolean | readonly string[] | undefined>>;

/** `flags` are keyed by flag name (`data-dir`). Reads the file that `--config` names, or ./sallyport.yaml when it is there. */
export async function readSettings(flags: FlagValues, environment: NodeJS.ProcessEnv): Promise<Settings> {
  const named = textOf(flags[CONFIG_FLAG]) ?? environment['SALLYPORT_CONFIG'];
  const file = await readFile(named);
  const functions = functionsOf(named ?? CONFIG_FILE_DEFAULT, file);
  const lists = new Map<string, readonly string[]>();
  for (const row of SETTING_ROWS) {
    const found = valuesOf(row, flags, environment, file);
    if (found !== undefined && row.later) {
      throw new SettingsProblem(`--${row.flag} is not available in this version: ${row.help}. Start without it.`);
    }
    lists.set(row.flag, found ?? (row.fallback === undefined ? [] : [row.fallback]));
  }
  const tracing = tracingOf(lists.get('otlp-endpoint')?.at(-1), environment);
  const settings = Object.freeze({ ...buildSettings((flag) => lists.get(flag) ?? []), functions, tracing });
  refuseExposure(settings);
  return settings;
}

function functionsOf(path: string, file: Readonly<Record<string, unknown>>): readonly FunctionSetting[] {
  try {
    return readFunctions(file[FUNCTIONS_KEY], dirname(path));
  } catch (error) {
    throw error instanceof FunctionsProblem ? new SettingsProblem(`${path}: ${error.message}`) : error;
  }
}

function tracingOf(endpoint: string | undefined, environment: NodeJS.ProcessEnv): TracingSetting | undefined {
  try {
    return readTracing(endpoint, environment);
  } catch (error) {
    throw error instanceof TracingProblem ? new SettingsProblem(error.message) : error;
  }
}

function valuesOf(
  row: SettingRow,
  flags: FlagValues,
  environment: NodeJS.ProcessEnv,
  file: Readonly<Record<string, unknown>>,
): readonly string[] | undefined {
  const flag = listOf(flags[row.flag]);
  if (flag) return flag;
  const variable = environment[`SALLYPORT_${row.flag.toUpperCase().replaceAll('-', '_')}`];
  if (variable !== undefined && variable !== '') return row.repeats ? variable.split(/[\s,]+/) : [variable];
  return listOf(file[row.flag]);
}

function listOf(value: unknown): readonly string[] | undefined {
  if (value === undefined || value === null || value === false) return undefined;
  if (Array.isArray(value)) return value.map(String);
  return [String(value)];
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

async function readFile(named: string | undefined): Promise<Readonly<Record<string, unknown>>> {
  const path = named ?? CONFIG_FILE_DEFAULT;
  if (!existsSync(path)) {
    if (named === undefined) return {};
    throw new SettingsProblem(`--config ${path}: there is no such file.`);
  }
  let content: unknown;
  let exposure: string | undefined;
  try {
    const read = readPrivateFile(path);
    exposure = read.exposure;
    content = await readYaml(read.content);
  } catch (error) {
    throw new SettingsProblem(`${path} is not YAML: ${(error as Error).message}.`);
  }
  if (content === null || content === undefined) return {};
  if (typeof content !== 'object' || Array.isArray(content))
    throw new SettingsProblem(`${path} must hold keys and values.`);
  const known = new Set([FUNCTIONS_KEY, ...SETTING_ROWS.map((row) => row.flag)]);
  const unknown = Object.keys(content).find((key) => !known.has(key));
  if (unknown !== undefined)
    throw new SettingsProblem(`${path}: there is no setting ${shownKey(unknown)}. See sallyport serve --help.`);
  const nested = Object.entries(content).find(
    ([key, value]) => key !== FUNCTIONS_KEY && [value].flat().some((one) => isNested(one)),
  );
  if (nested) throw new SettingsProblem(`${path}: '${nested[0]}' must be a value, or a list of values.`);
  const secret = secretKeyOf(content as Record<string, unknown>);
  if (exposure !== undefined && secret !== undefined)
    throw new SettingsProblem(`--config ${path} holds a secret (${secret}), and ${exposure.slice(path.length + 1)}`);
  return content as Record<string, unknown>;
}

/** The first key whose value is a secret, or may hold one. */
function secretKeyOf(file: Readonly<Record<string, unknown>>): string | undefined {
  if (file['acme-eab'] !== undefined) return 'acme-eab';
  return ['smtp', 'renewal-webhook'].find((key) => {
    const text = String(file[key]);
    return URL.canParse(text) && new URL(text).password !== '';
  });
}

const isNested = (value: unknown) => typeof value === 'object' && value !== null;

function buildSettings(list: (flag: string) => readonly string[]): Omit<Settings, 'functions' | 'tracing'> {
  const one = (flag: string) => list(flag).at(-1);
  const isSet = (flag: string) => choice(flag, one(flag) ?? 'false', ['true', 'false']) === 'true';
  return {
    dataDir: one('data-dir')!,
    control: list('control').map((text) => parseAddress('control', text)),
    controlHosts: list('control-host').map((name) => name.toLowerCase()),
    tls: list('tls').map((text) => parseAddress('tls', text)),
    publicPort: one('public-port') === undefined ? undefined : parsePort('public-port', one('public-port')!),
    bareDomainName: isSet('bare-domain-name'),
    dns: one('dns') === 'off' ? [] : list('dns').map((text) => parseAddress('dns', text)),
    resolvers: list('resolver').map(parseResolver),
    ownNames: list('own-names').map((name) => name.toLowerCase().replace(/\.$/, '')),
    publicAddresses: list('public-address').map(parseIp),
    region: matching('region', one('region')!, /^[a-z]{2}(-[a-z]+)+-\d$/, 'us-east-1'),
    endpointSuffix: matching(
      'endpoint-suffix',
      one('endpoint-suffix')!,
      /^[a-z0-9][a-z0-9.-]*$/,
      'gateway.example.com',
    ),
    accountsFile: one('accounts'),
    devCredentials: isSet('dev-credentials'),
    http: list('http').map((text) => parseAddress('http', text)),
    trustedProxies: list('trusted-proxy').map((text) => parseCidr('trusted-proxy', text)),
    ...issuerSettings(one, isSet),
    lambdaEndpoint: parseUrl('lambda-endpoint', one('lambda-endpoint'), ['http:', 'https:']),
    serviceEndpoints: Object.fromEntries(list('service-endpoint').map(parseServiceEndpoint)),
    vpcLinks: parseVpcLinks(list('vpc-link')),
    limits: Object.fromEntries(list('limit').map(parseLimit)),
    caaNames: list('caa-name').map((name) => name.toLowerCase().replace(/\.$/, '')),
    localValidityMs: parseDurationMs('local-validity', one('local-validity')!),
    renewBeforeMs: parseDurationMs('renew-before', one('renew-before')!),
    renewalWebhook: parseUrl('renewal-webhook', one('renewal-webhook'), ['https:', 'http:']),
    smtp: parseSmtp(one('smtp')),
    mailFrom: one('mail-from'),
    masterKey: one('master-key'),
    previousMasterKey: one('previous-master-key'),
    egressAllow: list('egress-allow').map((text) => parseCidr('egress-allow', text)),
    integrationCaFile: one('integration-ca'),
    tlsMaxVersion: choice('tls-max', one('tls-max')!, ['1.2', '1.3']) === '1.3' ? 'TLSv1.3' : 'TLSv1.2',
    strictHost: isSet('strict-host'),
    movableClock: choice('clock', one('clock')!, ['real', 'movable']) === 'movable',
    drainMs: parseDurationMs('drain', one('drain')!),
    errorDetail: choice('error-detail', one('error-detail')!, ERROR_DETAILS),
    accessLog: choice('access-log', one('access-log')!, ['files', 'stdout']),
    logLevel: choice('log-level', one('log-level')!, ['debug', 'info', 'warn', 'error']),
  };
}

/** What is said to an authority, and means nothing without one. */
const ACME_FLAGS = ['acme-email', 'acme-eab', 'acme-ca', 'acme-agree-terms'];

/** Who signs, and what the authority of ACME is told. */
function issuerSettings(
  one: (flag: string) => string | undefined,
  isSet: (flag: string) => boolean,
): Pick<Settings, 'issuer' | 'acme'> {
  const directoryUrl = parseUrl('acme-directory', one('acme-directory'), ['https:']);
  const issuer = choice('issuer', one('issuer') ?? (directoryUrl === undefined ? 'local' : 'acme'), ['local', 'acme']);
  if (directoryUrl === undefined) {
    const lonely = ACME_FLAGS.find((flag) => one(flag) !== undefined);
    if (lonely !== undefined)
      throw new SettingsProblem(`--${lonely}: give the authority, too, with --acme-directory URL.`);
    if (issuer === 'acme')
      throw new SettingsProblem('--issuer acme: give the authority, too, with --acme-directory URL.');
    return { issuer, acme: undefined };
  }
  const eab = one('acme-eab');
  const [keyId, macKey, ...rest] = (eab ?? '').split(':');
  // The value is a secret: it is not repeated.
  if (eab !== undefined && (!keyId || !/^[A-Za-z0-9_-]+$/.test(macKey ?? '') || rest.length > 0))
    throw new SettingsProblem('--acme-eab: expected KID:KEY, the key in base64url as the authority gave it.');
  const acme: AcmeSettings = {
    directoryUrl,
    email: one('acme-email'),
    eab: eab === undefined ? undefined : { keyId: keyId!, macKey: macKey! },
    caFile: one('acme-ca'),
    areTermsAgreed: isSet('acme-agree-terms'),
    budget: parseBudget(one('acme-budget')!),
  };
  return { issuer, acme };
}

const ACME_LIMITS: readonly AcmeLimit[] = ['orders', 'certificates', 'duplicates', 'failures'];

/** `orders=300/3h,…`: every limit once. */
function parseBudget(text: string): AcmeSettings['budget'] {
  const given = new Map(
    text.split(',').map((part) => {
      const match = /^(\w+)=(\d+)\/(\w+)$/.exec(part.trim());
      const name = ACME_LIMITS.find((limit) => limit === match?.[1]);
      if (!match || !name || Number(match[2]) === 0) {
        throw new SettingsProblem(
          `--acme-budget ${part}: expected ${ACME_LIMITS.join(', ')}, each like orders=300/3h, with commas between.`,
        );
      }
      return [name, { count: Number(match[2]), windowMs: parseDurationMs('acme-budget', match[3]!) }] as const;
    }),
  );
  const lacking = ACME_LIMITS.find((limit) => !given.has(limit));
  if (lacking !== undefined) throw new SettingsProblem(`--acme-budget ${text}: ${lacking} is missing.`);
  return Object.fromEntries(given) as AcmeSettings['budget'];
}

/** The text itself, when it is such a URL. It may hold a password, so a refusal does not repeat it. */
function parseUrl(flag: string, text: string | undefined, protocols: readonly string[]): string | undefined {
  if (text === undefined) return undefined;
  if (URL.canParse(text) && protocols.includes(new URL(text).protocol)) return text;
  throw new SettingsProblem(
    `--${flag}: expected a URL that begins with ${protocols.map((one) => `${one}//`).join(' or ')}.`,
  );
}

/** `smtp[s]://[USER:PASSWORD@]HOST[:PORT]`, and nothing else: what an unknown option would do is nobody's guess. */
function parseSmtp(text: string | undefined): string | undefined {
  const parsed = parseUrl('smtp', text, ['smtp:', 'smtps:']);
  if (parsed === undefined) return undefined;
  const { hostname, pathname, search, hash, username, password } = new URL(parsed);
  const isBare = ['', '/'].includes(pathname) && search + hash === '';
  if (hostname !== '' && isBare && isEscaped(username) && isEscaped(password)) return parsed;
  throw new SettingsProblem(
    '--smtp: expected smtp://HOST:PORT or smtps://HOST:PORT, with USER:PASSWORD@ before the host where there is a login ' +
      '(% and other signs in them as in URLs), and nothing behind the port.',
  );
}

function isEscaped(text: string): boolean {
  try {
    return decodeURIComponent(text) !== undefined;
  } catch {
    // No text in UTF-8.
    return false;
  }
}

function parseAddress(flag: string, text: string): ListenAddress {
  const match = /^(?:\[([^\]]+)\]|([^:]*)):(\d+)$/.exec(text);
  const host = match?.[1] ?? match?.[2];
  if (!match || !host)
    throw new SettingsProblem(`--${flag} ${text}: expected HOST:PORT, for example 127.0.0.1:8443 or [::1]:8443.`);
  return { host, port: parsePort(flag, match[3]!) };
}

function parseLimit(text: string): [name: string, value: number] {
  const match = /^([A-Za-z0-9]+)=(\d+)$/.exec(text);
  if (!match) throw new SettingsProblem(`--limit ${text}: expected NAME=VALUE, for example idleTimeoutMs=3600000.`);
  return [match[1]!, Number(match[2])];
}

/** The URL may hold a path and nothing else; a password in it is not repeated. */
function parseServiceEndpoint(text: string): [service: string, url: string] {
  const [, service = '', url = ''] = /^([a-z0-9-]+)=(.+)$/.exec(text) ?? [];
  if (!AWS_SERVICES.has(service)) {
    const names = [...AWS_SERVICES.keys()].join(', ');
    throw new SettingsProblem(`--service-endpoint: expected SERVICE=URL, with one of ${names} as SERVICE.`);
  }
  const { protocol, username, password, search, hash } = URL.canParse(url) ? new URL(url) : new URL('none:');
  if (/^https?:$/.test(protocol) && username + password + search + hash === '') return [service, url];
  throw new SettingsProblem(`--service-endpoint ${service}: expected a URL like http://127.0.0.1:9324.`);
}

function parseVpcLinks(texts: readonly string[]): Settings['vpcLinks'] {
  const links: Record<string, string[]> = {};
  for (const text of texts) {
    const [, name, target] = /^(\d{12}\/[\w.-]+)=(.+)$/.exec(text) ?? [];
    if (name === undefined || target === undefined) {
      throw new SettingsProblem(
        `--vpc-link ${text}: expected ACCOUNT/NAME=HOST:PORT, for example 111122223333/orders=10.0.0.5:8080.`,
      );
    }
    const { host, port } = parseAddress('vpc-link', target);
    if (port === 0) throw new SettingsProblem(`--vpc-link ${text}: a target has a port from 1 to 65535.`);
    (links[name] ??= []).push(`${isIP(host) === 6 ? `[${host}]` : host}:${port}`);
  }
  return links;
}

function parsePort(flag: string, text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535)
    throw new SettingsProblem(`--${flag} ${text}: a port is a number from 0 to 65535.`);
  return port;
}

function parseIp(text: string): string {
  if (isIP(text) === 0) throw new SettingsProblem(`--public-address ${text}: expected an IPv4 or IPv6 address.`);
  return text;
}

/** `1.2.3.4`, `1.2.3.4:53`, `::1` or `[::1]:53`. */
function parseResolver(text: string): string {
  const withPort = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d+))?$/.exec(text);
  const host = withPort ? (withPort[1] ?? withPort[2]!) : text;
  if (isIP(host) === 0) throw new SettingsProblem(`--resolver ${text}: expected an address, for example 127.0.0.1:53.`);
  if (Number(withPort?.[3] ?? 0) > 65_535)
    throw new SettingsProblem(`--resolver ${text}: a port is a number from 0 to 65535.`);
  return text;
}

function parseCidr(flag: string, text: string): string {
  const [address, bits, ...rest] = text.split('/');
  const version = isIP(address ?? '');
  const isBits = bits !== undefined && /^\d+$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128);
  if (version === 0 || !isBits || rest.length > 0) {
    throw new SettingsProblem(`--${flag} ${text}: expected a range, for example 10.0.0.0/8.`);
  }
  return text;
}

const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** `500ms`, `30s`, `2m`, `1h`, `45d` → milliseconds. */
export function parseDurationMs(flag: string, text: string): number {
  const match = /^(\d+)(ms|s|m|h|d)$/.exec(text);
  if (!match) throw new SettingsProblem(`--${flag} ${text}: expected a duration, for example 30s, 500ms or 10m.`);
  return Number(match[1]) * UNIT_MS[match[2] as keyof typeof UNIT_MS];
}

function choice<T extends string>(flag: string, text: string, allowed: readonly T[]): T {
  const found = allowed.find((one) => one === text);
  if (found === undefined) throw new SettingsProblem(`--${flag} ${text}: expected one of ${allowed.join(', ')}.`);
  return found;
}

function matching(flag: string, text: string, pattern: RegExp, example: string): string {
  if (!pattern.test(text)) throw new SettingsProblem(`--${flag} ${text}: expected something like ${example}.`);
  return text;
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

/** Development credentials are for one machine alone: without accounts every listener must be on loopback. */
function refuseExposure(settings: Settings): void {
  if (settings.accountsFile !== undefined && settings.devCredentials) {
    throw new SettingsProblem(
      '--accounts and --dev-credentials exclude each other: with accounts nobody signs as test/test. Leave one of them out.',
    );
  }
  if (settings.accountsFile !== undefined || settings.devCredentials) return;
  for (const [flag, addresses] of [
    ['control', settings.control],
    ['tls', settings.tls],
    ['dns', settings.dns],
    ['http', settings.http],
  ] as const) {
    const exposed = addresses.find((address) => !isLoopback(address.host));
    if (exposed) {
      throw new SettingsProblem(
        `--${flag} ${exposed.host}:${exposed.port} is not a loopback address, and anybody who reaches it could sign with test/test. ` +
          'Give --accounts FILE, or --dev-credentials if that is what you want.',
      );
    }
  }
}
