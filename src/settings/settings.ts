// Every setting, once: its flag, variable, key, default and help. `read-settings.ts` fills it, `--help` and docs print it.

import type { ErrorDetail } from '../model/stage-options.ts';
import type { VpcLinkTargets } from '../model/vpc-link.ts';
import type { FunctionSetting } from './function-setting.ts';
import type { TracingSetting } from './tracing-setting.ts';

export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

export interface AcmeSettings {
  readonly directoryUrl: string;
  readonly email: string | undefined;
  /** External account binding: the key identifier, and the MAC key in base64url (RFC 8555 7.3.4). A secret. */
  readonly eab: { readonly keyId: string; readonly macKey: string } | undefined;
  /** Certificates that the authority's own server is trusted by, besides the public ones (a PEM file). */
  readonly caFile: string | undefined;
  readonly areTermsAgreed: boolean;
  /** What may be asked of the authority: how many, in how many milliseconds. */
  readonly budget: Readonly<Record<AcmeLimit, { readonly count: number; readonly windowMs: number }>>;
}

/** What authorities limit: orders, certificates for a registered domain, certificates for one set of names, failures of a name. */
export type AcmeLimit = 'orders' | 'certificates' | 'duplicates' | 'failures';

export interface Settings {
  readonly dataDir: string;
  readonly control: readonly ListenAddress[];
  readonly controlHosts: readonly string[];
  readonly tls: readonly ListenAddress[];
  readonly publicPort: number | undefined;
  readonly bareDomainName: boolean;
  readonly dns: readonly ListenAddress[];
  readonly resolvers: readonly string[];
  readonly ownNames: readonly string[];
  readonly publicAddresses: readonly string[];
  readonly region: string;
  readonly endpointSuffix: string;
  readonly accountsFile: string | undefined;
  readonly devCredentials: boolean;
  readonly http: readonly ListenAddress[];
  readonly trustedProxies: readonly string[];
  readonly issuer: 'local' | 'acme';
  readonly acme: AcmeSettings | undefined;
  /** Where Lambda functions are invoked. */
  readonly lambdaEndpoint: string | undefined;
  /** Where services of AWS are, by service, which integrations call. */
  readonly serviceEndpoints: Readonly<Record<string, string>>;
  /** Where VPC links lead: `HOST:PORT`s by `ACCOUNT/NAME`. */
  readonly vpcLinks: VpcLinkTargets;
  /** Functions that run as processes of this machine. Of the file alone. */
  readonly functions: readonly FunctionSetting[];
  /** Where spans go; undefined where none are made. */
  readonly tracing: TracingSetting | undefined;
  /** Bounds with a value of their own on this server, by name. */
  readonly limits: Readonly<Record<string, number>>;
  readonly caaNames: readonly string[];
  readonly localValidityMs: number;
  readonly renewBeforeMs: number;
  readonly renewalWebhook: string | undefined;
  readonly smtp: string | undefined;
  readonly mailFrom: string | undefined;
  readonly masterKey: string | undefined;
  readonly previousMasterKey: string | undefined;
  readonly egressAllow: readonly string[];
  readonly integrationCaFile: string | undefined;
  readonly tlsMaxVersion: 'TLSv1.2' | 'TLSv1.3';
  readonly strictHost: boolean;
  readonly movableClock: boolean;
  readonly drainMs: number;
  readonly errorDetail: ErrorDetail;
  /** Where the lines of access and execution logs go. */
  readonly accessLog: 'files' | 'stdout';
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error';
}

/** How one setting is written. `later` marks a flag of work to come: it is refused with one line until it works. */
export interface SettingRow {
  readonly flag: string;
  readonly value?: string;
  readonly repeats?: boolean;
  readonly fallback?: string;
  readonly help: string;
  readonly later?: boolean;
}

export const SETTING_ROWS: readonly SettingRow[] = [
  { flag: 'data-dir', value: 'DIR', fallback: './sallyport-data', help: 'where everything is kept' },
  {
    flag: 'control',
    value: 'HOST:PORT',
    repeats: true,
    fallback: '127.0.0.1:4566',
    help: 'the AWS APIs, for SDKs and the CLI',
  },
  { flag: 'control-host', value: 'NAME', repeats: true, help: 'a further Host that control requests may name' },
  {
    flag: 'tls',
    value: 'HOST:PORT',
    repeats: true,
    fallback: '127.0.0.1:8443',
    help: 'WebSocket clients and @connections',
  },
  { flag: 'public-port', value: 'PORT', help: 'the port clients use, when it is not the TLS listener’s' },
  { flag: 'bare-domain-name', help: 'domainName in requests never carries a port' },
  {
    flag: 'dns',
    value: 'HOST:PORT|off',
    repeats: true,
    fallback: '127.0.0.1:10053',
    help: 'authoritative DNS, UDP and TCP',
  },
  {
    flag: 'resolver',
    value: 'HOST[:PORT]',
    repeats: true,
    help: 'asked for names that are not ours (default: the system’s)',
  },
  {
    flag: 'own-names',
    value: 'NAME',
    repeats: true,
    help: 'names whose own zones count in validation when accounts are configured',
  },
  { flag: 'public-address', value: 'IP', repeats: true, fallback: '127.0.0.1', help: 'what Regional names resolve to' },
  {
    flag: 'region',
    value: 'REGION',
    fallback: 'us-east-1',
    help: 'the region of this server; others are accepted in signatures',
  },
  {
    flag: 'endpoint-suffix',
    value: 'NAME',
    fallback: 'localhost',
    help: 'what default endpoints and Regional names end in',
  },
  { flag: 'accounts', value: 'FILE', help: 'accounts and access keys (YAML)' },
  { flag: 'dev-credentials', help: 'accept test/test on listeners that are not loopback' },
  {
    flag: 'http',
    value: 'HOST:PORT',
    repeats: true,
    help: 'answers http-01 challenges and redirects to https; nothing else but for a --trusted-proxy',
  },
  {
    flag: 'trusted-proxy',
    value: 'CIDR',
    repeats: true,
    help: 'proxies that are believed where a connection comes from: by PROXY protocol on --tls, by X-Forwarded-For and -Proto on --http',
  },
  {
    flag: 'issuer',
    value: 'local|acme',
    help: 'who signs certificates (default: acme when there is an --acme-directory, else local)',
  },
  { flag: 'acme-directory', value: 'URL', help: 'the directory of an ACME authority' },
  { flag: 'acme-email', value: 'ADDRESS', help: 'whom the authority may write to about the account' },
  { flag: 'acme-eab', value: 'KID:KEY', help: 'external account binding; better given as SALLYPORT_ACME_EAB' },
  { flag: 'acme-ca', value: 'FILE', help: 'certificates that the authority’s own server is trusted by (PEM)' },
  { flag: 'acme-agree-terms', help: 'you agree to the terms of the authority' },
  {
    flag: 'acme-budget',
    value: 'LIMITS',
    fallback: 'orders=300/3h,certificates=50/7d,duplicates=5/7d,failures=5/1h',
    help: 'what may be asked of the authority: an order that it would refuse waits instead',
  },
  {
    flag: 'caa-name',
    value: 'NAME',
    repeats: true,
    help: 'a further name that CAA records may call the local CA by, besides those of Amazon',
  },
  {
    flag: 'local-validity',
    value: 'DURATION',
    fallback: '198d',
    help: 'how long certificates of the local CA are valid',
  },
  {
    flag: 'renew-before',
    value: 'DURATION',
    fallback: '45d',
    help: 'how long before its end a certificate of the local CA is renewed',
  },
  {
    flag: 'renewal-webhook',
    value: 'URL',
    help: 'told by POST when a renewal does not succeed, and when it does again',
  },
  {
    flag: 'smtp',
    value: 'URL',
    help: 'where validation mail goes, smtp:// or smtps:// (default: files in DIR/outbox); better given as SALLYPORT_SMTP',
  },
  {
    flag: 'mail-from',
    value: 'ADDRESS',
    help: 'the sender of validation mail (default: certificates@ the endpoint suffix)',
  },
  {
    flag: 'master-key',
    value: 'KEY',
    help: 'what seals private keys: a FILE, env:NAME, passphrase-file:FILE or passphrase-env:NAME (default: DIR/master.key, made at first start)',
  },
  { flag: 'previous-master-key', value: 'KEY', help: 'what sealed them until now, when --master-key is another' },
  {
    flag: 'egress-allow',
    value: 'CIDR',
    repeats: true,
    help: 'further addresses that integrations may reach when accounts are configured',
  },
  {
    flag: 'integration-ca',
    value: 'FILE',
    help: 'certificates that HTTPS integrations trust besides the public ones (PEM)',
  },
  {
    flag: 'lambda-endpoint',
    value: 'URL',
    help: 'a server of the Lambda Invoke API, which functions and authorizers are called by',
  },
  {
    flag: 'service-endpoint',
    value: 'SERVICE=URL',
    repeats: true,
    help: 'where a service of AWS is that integrations call: sqs=http://127.0.0.1:9324 (default with accounts: AWS itself)',
  },
  {
    flag: 'vpc-link',
    value: 'ACCOUNT/NAME=HOST:PORT',
    repeats: true,
    help: 'a target of the VPC links of that account that have that name, wherever it is; more of one name share the connections',
  },
  { flag: 'tls-max', value: '1.2|1.3', fallback: '1.2', help: 'the highest TLS version' },
  { flag: 'strict-host', help: 'refuse a Host that differs from the TLS server name (421)' },
  {
    flag: 'clock',
    value: 'real|movable',
    fallback: 'real',
    help: 'movable: POST /_sallyport/clock moves lifecycle time forward',
  },
  { flag: 'drain', value: 'DURATION', fallback: '30s', help: 'how long SIGTERM waits for sockets to end' },
  {
    flag: 'limit',
    value: 'NAME=VALUE',
    repeats: true,
    help: 'a bound of this server, by its name in docs/limits.md: accountConnectionsPerSecondMax=2000',
  },
  {
    flag: 'otlp-endpoint',
    value: 'URL',
    help: 'an OpenTelemetry collector that is sent spans over HTTP; OTEL_… variables say the rest (docs/traces.md)',
  },
  {
    flag: 'error-detail',
    value: 'off|safe|full',
    fallback: 'off',
    help: 'what error frames say beside AWS’s members: nothing, a messageId and a reason without words of the backend, or the reason of the logs',
  },
  {
    flag: 'access-log',
    value: 'files|stdout',
    fallback: 'files',
    help: 'where access and execution logs go: a file for each log group in DIR/logs, or lines on stdout',
  },
  { flag: 'log-level', value: 'LEVEL', fallback: 'info', help: 'debug, info, warn or error' },
  { flag: 'profile', value: 'NAME', help: 'quota profile', later: true },
  { flag: 'workers', value: 'N', help: 'processes on this machine', later: true },
  { flag: 'store', value: 'URL', help: 'a store beyond one machine', later: true },
  { flag: 'bus', value: 'URL', help: 'a bus beyond one machine', later: true },
];

export const CONFIG_FLAG = 'config';
export const CONFIG_FILE_DEFAULT = 'sallyport.yaml';
