// Every setting, once: its flag, variable, key, default and help. `read-settings.ts` fills it, `--help` and docs print it.

export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

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
  readonly masterKeyFile: string | undefined;
  readonly egressAllow: readonly string[];
  readonly integrationCaFile: string | undefined;
  readonly tlsMaxVersion: 'TLSv1.2' | 'TLSv1.3';
  readonly strictHost: boolean;
  readonly movableClock: boolean;
  readonly drainMs: number;
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
    flag: 'master-key',
    value: 'FILE',
    help: 'the key that seals private keys (default: DIR/master.key, made at first start)',
  },
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
  { flag: 'tls-max', value: '1.2|1.3', fallback: '1.2', help: 'the highest TLS version' },
  { flag: 'strict-host', help: 'refuse a Host that differs from the TLS server name (421)' },
  {
    flag: 'clock',
    value: 'real|movable',
    fallback: 'real',
    help: 'movable: POST /_sallyport/clock moves lifecycle time forward',
  },
  { flag: 'drain', value: 'DURATION', fallback: '30s', help: 'how long SIGTERM waits for sockets to end' },
  { flag: 'log-level', value: 'LEVEL', fallback: 'info', help: 'debug, info, warn or error' },
  { flag: 'http', value: 'HOST:PORT', help: 'HTTP-01 answers and a redirect', later: true },
  { flag: 'trusted-proxy', value: 'CIDR', help: 'proxies whose forwarding is believed', later: true },
  { flag: 'lambda-endpoint', value: 'URL', help: 'a server of the Lambda Invoke API', later: true },
  { flag: 'issuer', value: 'NAME', help: 'which authority issues certificates', later: true },
  { flag: 'acme-directory', value: 'URL', help: 'an ACME authority', later: true },
  { flag: 'acme-email', value: 'ADDRESS', help: 'contact of the ACME account', later: true },
  { flag: 'acme-eab', value: 'KID:KEY', help: 'external account binding', later: true },
  { flag: 'acme-ca', value: 'FILE', help: 'the root of the ACME server itself', later: true },
  { flag: 'smtp', value: 'URL', help: 'where validation mail is sent', later: true },
  { flag: 'profile', value: 'NAME', help: 'quota profile', later: true },
  { flag: 'workers', value: 'N', help: 'processes on this machine', later: true },
  { flag: 'store', value: 'URL', help: 'a store beyond one machine', later: true },
  { flag: 'bus', value: 'URL', help: 'a bus beyond one machine', later: true },
];

export const CONFIG_FLAG = 'config';
export const CONFIG_FILE_DEFAULT = 'sallyport.yaml';
