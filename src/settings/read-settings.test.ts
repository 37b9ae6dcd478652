// Settings from flags, environment and file: which of them wins, what each becomes, and the one line about what is wrong.

import { test, type TestContext } from 'node:test';
import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SettingsProblem, isLoopback, parseDurationMs, readSettings, type FlagValues } from './read-settings.ts';
import { SETTING_ROWS, type Settings } from './settings.ts';

/** A configuration file of the test's own, so that none of the working directory counts. */
function write(context: TestContext, content: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-settings-'));
  context.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'sallyport.yaml'), content);
  return join(folder, 'sallyport.yaml');
}

interface Given {
  readonly flags?: FlagValues;
  readonly environment?: NodeJS.ProcessEnv;
  readonly file?: string;
}

const read = (context: TestContext, { flags, environment, file }: Given): Promise<Settings> =>
  readSettings({ config: write(context, file ?? ''), ...flags }, environment ?? {});

void test('the defaults are a gateway for one machine', async (context) => {
  const settings = await read(context, {});
  assert.deepEqual(settings, {
    dataDir: './sallyport-data',
    control: [{ host: '127.0.0.1', port: 4566 }],
    controlHosts: [],
    tls: [{ host: '127.0.0.1', port: 8443 }],
    publicPort: undefined,
    bareDomainName: false,
    dns: [{ host: '127.0.0.1', port: 10053 }],
    resolvers: [],
    ownNames: [],
    publicAddresses: ['127.0.0.1'],
    region: 'us-east-1',
    endpointSuffix: 'localhost',
    accountsFile: undefined,
    devCredentials: false,
    http: [],
    trustedProxies: [],
    issuer: 'local',
    acme: undefined,
    lambdaEndpoint: undefined,
    serviceEndpoints: {},
    vpcLinks: {},
    limits: {},
    functions: [],
    caaNames: [],
    localValidityMs: 198 * 86_400_000,
    renewBeforeMs: 45 * 86_400_000,
    renewalWebhook: undefined,
    smtp: undefined,
    mailFrom: undefined,
    masterKey: undefined,
    previousMasterKey: undefined,
    egressAllow: [],
    integrationCaFile: undefined,
    tlsMaxVersion: 'TLSv1.2',
    strictHost: false,
    movableClock: false,
    drainMs: 30_000,
    errorDetail: 'off',
    accessLog: 'files',
    logLevel: 'info',
    tracing: undefined,
  });
  assert.ok(Object.isFrozen(settings));
});

const PRECEDENCE: readonly (readonly [name: string, given: Given, want: string])[] = [
  [
    'a flag wins over its variable',
    { flags: { region: 'eu-west-1' }, environment: { SALLYPORT_REGION: 'eu-west-2' }, file: 'region: eu-west-3' },
    'eu-west-1',
  ],
  [
    'a variable wins over the file',
    { environment: { SALLYPORT_REGION: 'eu-west-2' }, file: 'region: eu-west-3' },
    'eu-west-2',
  ],
  ['the file wins over the default', { file: 'region: eu-west-3' }, 'eu-west-3'],
  ['an empty variable is none', { environment: { SALLYPORT_REGION: '' }, file: 'region: eu-west-3' }, 'eu-west-3'],
  ['a null in the file is none', { file: 'region: null' }, 'us-east-1'],
  [
    'a variable of another name is none',
    { environment: { REGION: 'eu-west-2', SALLYPORT_region: 'eu-west-3' } },
    'us-east-1',
  ],
];

for (const [name, given, want] of PRECEDENCE) {
  void test(name, async (context) => assert.equal((await read(context, given)).region, want));
}

const READ: readonly (readonly [name: string, given: Given, want: Partial<Settings>])[] = [
  ['a flag that is set', { flags: { 'strict-host': true } }, { strictHost: true }],
  ['a flag that is not set', { flags: { 'strict-host': false }, file: 'strict-host: true' }, { strictHost: true }],
  ['a variable that is true', { environment: { SALLYPORT_STRICT_HOST: 'true' } }, { strictHost: true }],
  [
    'a variable that is false',
    { environment: { SALLYPORT_STRICT_HOST: 'false' }, file: 'strict-host: true' },
    { strictHost: false },
  ],
  ['true in the file', { file: 'bare-domain-name: true' }, { bareDomainName: true }],
  ['false in the file', { file: 'bare-domain-name: false' }, { bareDomainName: false }],
  [
    'a flag given twice',
    { flags: { tls: ['127.0.0.1:1', '[::1]:2'] } },
    {
      tls: [
        { host: '127.0.0.1', port: 1 },
        { host: '::1', port: 2 },
      ],
    },
  ],
  [
    'a variable with several values',
    { environment: { SALLYPORT_CONTROL: '127.0.0.1:1, localhost:2' } },
    {
      control: [
        { host: '127.0.0.1', port: 1 },
        { host: 'localhost', port: 2 },
      ],
    },
  ],
  ['a list of the file', { file: 'own-names: [Example.com., b.example]' }, { ownNames: ['example.com', 'b.example'] }],
  ['a number of the file', { file: 'public-port: 443' }, { publicPort: 443 }],
  ['port 0', { flags: { dns: ['127.0.0.1:0'] } }, { dns: [{ host: '127.0.0.1', port: 0 }] }],
  ['DNS that is off', { flags: { dns: ['off'] } }, { dns: [] }],
  ['DNS that is off in the file', { file: 'dns: off' }, { dns: [] }],
  [
    'host names in capitals',
    { flags: { 'control-host': ['Gateway.Example.com'] } },
    { controlHosts: ['gateway.example.com'] },
  ],
  [
    'resolvers of all forms',
    { flags: { resolver: ['1.1.1.1', '1.1.1.1:53', '::1', '[::1]:53'] } },
    { resolvers: ['1.1.1.1', '1.1.1.1:53', '::1', '[::1]:53'] },
  ],
  ['addresses', { flags: { 'public-address': ['10.0.0.1', 'fd00::1'] } }, { publicAddresses: ['10.0.0.1', 'fd00::1'] }],
  ['ranges', { flags: { 'egress-allow': ['10.0.0.0/8', 'fd00::/8'] } }, { egressAllow: ['10.0.0.0/8', 'fd00::/8'] }],
  ['TLS 1.3', { flags: { 'tls-max': '1.3' } }, { tlsMaxVersion: 'TLSv1.3' }],
  ['a clock that moves', { flags: { clock: 'movable' } }, { movableClock: true }],
  ['a duration', { flags: { drain: '500ms' } }, { drainMs: 500 }],
  ['a log level', { flags: { 'log-level': 'debug' } }, { logLevel: 'debug' }],
  ['files', { flags: { 'master-key': 'k', 'integration-ca': 'c' } }, { masterKey: 'k', integrationCaFile: 'c' }],
  ['a region of three words', { flags: { region: 'us-gov-west-1' } }, { region: 'us-gov-west-1' }],
];

for (const [name, given, want] of READ) {
  void test(`reads ${name}`, async (context) => {
    const settings = await read(context, given);
    const found = Object.fromEntries(Object.keys(want).map((key) => [key, settings[key as keyof Settings]]));
    assert.deepEqual(found, want);
  });
}

const ADDRESS = /expected HOST:PORT, for example 127\.0\.0\.1:8443 or \[::1\]:8443\.$/;
const PORT = /a port is a number from 0 to 65535\.$/;

const BAD: readonly (readonly [flag: string, value: string, wayOut: RegExp])[] = [
  ['control', '4566', ADDRESS],
  ['control', ':4566', ADDRESS],
  ['control', '127.0.0.1', ADDRESS],
  ['control', '::1:4566', ADDRESS],
  ['control', '127.0.0.1:http', ADDRESS],
  ['control', '127.0.0.1:-1', ADDRESS],
  ['control', '', ADDRESS],
  ['control', '127.0.0.1:65536', PORT],
  ['tls', '8443', ADDRESS],
  ['tls', '127.0.0.1:99999', PORT],
  ['dns', 'on', ADDRESS],
  ['public-port', 'https', PORT],
  ['public-port', '65536', PORT],
  ['public-port', '1.5', PORT],
  ['public-port', '-1', PORT],
  ['public-port', '', PORT],
  ['resolver', 'dns.example.com', /expected an address, for example 127\.0\.0\.1:53\.$/],
  ['resolver', '1.1.1', /expected an address/],
  ['resolver', '1.1.1.1:99999', /./],
  ['public-address', 'gateway.example.com', /expected an IPv4 or IPv6 address\.$/],
  ['public-address', '[::1]', /expected an IPv4 or IPv6 address/],
  ['region', 'europe', /expected something like us-east-1\.$/],
  ['region', 'US-EAST-1', /expected something like us-east-1/],
  ['endpoint-suffix', 'Example.com', /expected something like gateway\.example\.com\.$/],
  ['endpoint-suffix', '.example.com', /expected something like/],
  ['egress-allow', '10.0.0.0', /expected a range, for example 10\.0\.0\.0\/8\.$/],
  ['egress-allow', '10.0.0.0/33', /expected a range/],
  ['egress-allow', 'fd00::/129', /expected a range/],
  ['egress-allow', '10.0.0.0/8/8', /expected a range/],
  ['egress-allow', '10.0.0/8', /expected a range/],
  ['egress-allow', '10.0.0.0/', /expected a range/],
  ['tls-max', '1.4', /expected one of 1\.2, 1\.3\.$/],
  ['clock', 'fast', /expected one of real, movable\.$/],
  ['drain', '30', /expected a duration, for example 30s, 500ms or 10m\.$/],
  ['drain', '1.5s', /expected a duration/],
  ['drain', 'soon', /expected a duration/],
  ['log-level', 'loud', /expected one of debug, info, warn, error\.$/],
];

for (const [flag, value, wayOut] of BAD) {
  void test(`refuses --${flag} '${value}' in one line that names it and the way out`, async (context) => {
    await assert.rejects(read(context, { flags: { [flag]: value } }), (error: unknown) => {
      assert.ok(error instanceof SettingsProblem);
      const named = wayOut === PORT ? value.replace(/^.*:/, '') : value;
      assert.ok(error.message.startsWith(`--${flag} ${named}: `), error.message);
      assert.match(error.message, wayOut);
      assert.ok(!error.message.includes('\n'));
      return true;
    });
  });
}

const BAD_SMTP: readonly string[] = [
  'mail.example.com',
  'https://user:s3cret@mail.example.com',
  'smtp://',
  'smtp://user:s3cret@',
  'smtps://user:s3cret@mail.example.com/inbox',
  'smtp://user:s3cret@mail.example.com?logger=true',
  'smtp://user:s3cret@mail.example.com#x',
  'smtp://user:s3cret%@mail.example.com',
  'smtp://user:s3cret%FF@mail.example.com',
];

for (const [key, value] of [
  ['acme-eab', 'kid:c2VjcmV0'],
  ['smtp', 'smtp://user:s3cret@mail.example.com'],
  ['renewal-webhook', 'https://user:s3cret@example.com/'],
] as const) {
  void test(`refuses a file with a secret (${key}) that others can read, without repeating it`, async (context) => {
    const config = write(context, `acme-directory: https://ca.example.com/\n${key}: ${value}\n`);
    chmodSync(config, 0o600);
    await readSettings({ config }, {});
    chmodSync(config, 0o640);
    await assert.rejects(readSettings({ config }, {}), (error: Error) => {
      assert.ok(error instanceof SettingsProblem);
      const rest = `holds a secret (${key}), and can be read by others (mode 0640): chmod 600 ${config}`;
      assert.equal(error.message, `--config ${config} ${rest}`);
      return true;
    });
  });
}

for (const smtp of BAD_SMTP) {
  void test(`refuses --smtp ${smtp} without repeating its password`, async (context) => {
    await assert.rejects(read(context, { flags: { smtp } }), (error: unknown) => {
      assert.ok(error instanceof SettingsProblem);
      assert.match(error.message, /^--smtp: expected .*smtp:\/\//);
      assert.ok(!/s3cret|\n/.test(error.message), error.message);
      return true;
    });
  });
}

void test('takes a mail server with and without a login, a port, an address', async (context) => {
  for (const smtp of ['smtp://mail.example.com', 'smtps://u:p%40ss@mail.example.com:465', 'smtp://[::1]:25/'])
    assert.equal((await read(context, { flags: { smtp } })).smtp, smtp);
});

for (const value of ['0', 'no', 'off', 'False']) {
  void test(`a switch is not turned on by '${value}'`, async (context) => {
    for (const [flag, key] of [
      ['strict-host', 'strictHost'],
      ['dev-credentials', 'devCredentials'],
    ] as const) {
      const environment = { [`SALLYPORT_${flag.toUpperCase().replace('-', '_')}`]: value };
      const isOn = await read(context, { environment }).then(
        (settings) => settings[key],
        (error: unknown) => !(error instanceof SettingsProblem && error.message.startsWith(`--${flag} ${value}: `)),
      );
      assert.equal(isOn, false, flag);
    }
  });
}

for (const { flag, value, repeats } of SETTING_ROWS.filter((row) => row.later)) {
  void test(`refuses --${flag}, which is of a later version, wherever it stands`, async (context) => {
    const message = new RegExp(`^--${flag} is not available in this version: [^\n]+\\. Start without it\\.$`);
    const given = value === undefined ? 'true' : 'x';
    const variable = `SALLYPORT_${flag.toUpperCase().replaceAll('-', '_')}`;
    await assert.rejects(read(context, { flags: { [flag]: repeats ? [given] : given } }), { message });
    await assert.rejects(read(context, { environment: { [variable]: given } }), { message });
    await assert.rejects(read(context, { file: `${flag}: ${given}` }), { message });
  });
}

void test('the flags of later work are the known ones', () => {
  const later = SETTING_ROWS.filter((row) => row.later).map((row) => row.flag);
  for (const flag of ['workers', 'store', 'bus']) assert.ok(later.includes(flag), flag);
});

const FILES: readonly (readonly [name: string, content: string, problem: RegExp])[] = [
  ['a key that nobody knows', 'regoin: us-east-1', /: there is no setting 'regoin'\. See sallyport serve --help\.$/],
  ['a value that is an object', 'region: { toString: null }', /: 'region' must be a value, or a list of values\.$/],
  ['a list of lists', 'control: [[127.0.0.1:0]]', /: 'control' must be a value, or a list of values\.$/],
  ['a secret for a key', 'region: x\nsmtp://me:secret@mail: x', /there is no setting that is no plain word\. See/],
  ['a list', '- region', / must hold keys and values\.$/],
  ['a text', 'region', / must hold keys and values\.$/],
  ['what is not YAML', 'region: [', / is not YAML: ./],
  ['a key that is there twice', 'region: eu-west-1\nregion: eu-west-2', / is not YAML: /],
];

for (const [name, content, problem] of FILES) {
  void test(`refuses a file that holds ${name}, in one line that names it`, async (context) => {
    const config = write(context, content);
    await assert.rejects(readSettings({ config }, {}), (error: unknown) => {
      assert.ok(error instanceof SettingsProblem);
      assert.ok(error.message.startsWith(config), error.message);
      assert.match(error.message, problem);
      assert.ok(!error.message.includes('\n'), error.message);
      return true;
    });
  });
}

void test('a file that is named must be there', async (context) => {
  const gone = `${write(context, '')}.gone`;
  const problem = { message: `--config ${gone}: there is no such file.` };
  await assert.rejects(readSettings({ config: gone }, {}), problem);
  await assert.rejects(readSettings({}, { SALLYPORT_CONFIG: gone }), problem);
});

void test('the variable names the file, and the flag wins over it', async (context) => {
  const [one, two] = [write(context, 'region: eu-west-1'), write(context, 'region: eu-west-2')];
  assert.equal((await readSettings({}, { SALLYPORT_CONFIG: one })).region, 'eu-west-1');
  assert.equal((await readSettings({ config: two }, { SALLYPORT_CONFIG: one })).region, 'eu-west-2');
});

const EXPOSED: readonly (readonly [flag: string, address: string])[] = [
  ['control', '0.0.0.0:4566'],
  ['control', '[::]:4566'],
  ['control', '10.0.0.1:4566'],
  ['control', 'gateway.example.com:4566'],
  ['tls', '0.0.0.0:8443'],
  ['dns', '0.0.0.0:53'],
];

for (const [flag, address] of EXPOSED) {
  void test(`refuses --${flag} ${address} without accounts, naming both ways out`, async (context) => {
    const flags = { [flag]: ['127.0.0.1:1', address] };
    await assert.rejects(read(context, { flags }), (error: unknown) => {
      assert.ok(error instanceof SettingsProblem);
      const [, host, port] = /^\[?(.*?)\]?:(\d+)$/.exec(address)!;
      assert.ok(error.message.includes(`--${flag} `) && error.message.includes(`${host}`), error.message);
      assert.ok(error.message.includes(port!), error.message);
      assert.match(error.message, /Give --accounts FILE, or --dev-credentials if that is what you want\.$/);
      assert.ok(!error.message.includes('\n'));
      return true;
    });
    assert.ok(await read(context, { flags: { ...flags, accounts: 'accounts.yaml' } }));
    assert.ok(await read(context, { flags: { ...flags, 'dev-credentials': true } }));
  });
}

void test('refuses accounts beside the development credentials, of which one would count for nothing', async (context) => {
  await assert.rejects(read(context, { flags: { accounts: 'accounts.yaml', 'dev-credentials': true } }), {
    message: /^--accounts and --dev-credentials exclude each other: [^\n]+ Leave one of them out\.$/,
  });
});

for (const address of ['127.0.0.1:1', '127.1.2.3:1', '[::1]:1', 'localhost:1']) {
  void test(`takes --control ${address} without accounts`, async (context) => {
    assert.equal((await read(context, { flags: { control: [address] } })).control.length, 1);
  });
}

void test('only loopback is loopback', () => {
  for (const host of ['localhost', '::1', '127.0.0.1', '127.255.255.255']) assert.equal(isLoopback(host), true, host);
  for (const host of [
    '',
    '0.0.0.0',
    '::',
    '127.1',
    '127.0.0.1.example.com',
    '128.0.0.1',
    'localhost.example.com',
    '10.0.0.1',
  ]) {
    assert.equal(isLoopback(host), false, host);
  }
});

void test('durations have a unit', () => {
  const rows = [
    ['0ms', 0],
    ['500ms', 500],
    ['30s', 30_000],
    ['2m', 120_000],
    ['1h', 3_600_000],
  ] as const;
  for (const [text, ms] of rows) assert.equal(parseDurationMs('drain', text), ms);
});

void test('takes the endpoints of services, the last of each', async (context) => {
  const flags = {
    'service-endpoint': ['sqs=http://127.0.0.1:1', 'dynamodb=https://db.example/path', 'sqs=http://q:2/'],
  };
  const { serviceEndpoints } = await read(context, { flags });
  assert.deepEqual(serviceEndpoints, { sqs: 'http://q:2/', dynamodb: 'https://db.example/path' });
});

const BAD_ENDPOINTS = [
  'sqs',
  'sqs=',
  's3=http://a',
  'sqs=ftp://a',
  'sqs=http://me:s3cret@a',
  'sqs=http://a?b',
  '=http://a',
];
for (const text of BAD_ENDPOINTS) {
  void test(`refuses --service-endpoint ${text} without repeating a password`, async (context) => {
    await assert.rejects(read(context, { flags: { 'service-endpoint': [text] } }), (error: unknown) => {
      assert.ok(error instanceof SettingsProblem);
      assert.match(error.message, /^--service-endpoint(?: sqs)?: expected .*(?:dynamodb.* as SERVICE|http:\/\/127)/);
      assert.ok(!/s3cret|\n/.test(error.message), error.message);
      return true;
    });
  });
}

void test('takes targets of VPC links, several of a name', async (context) => {
  const flags = {
    'vpc-link': ['111122223333/a.b=10.0.0.5:80', '111122223333/a.b=[::1]:8080', '000000000000/c=host:1'],
  };
  const { vpcLinks } = await read(context, { flags });
  assert.deepEqual(vpcLinks, { '111122223333/a.b': ['10.0.0.5:80', '[::1]:8080'], '000000000000/c': ['host:1'] });
});

for (const text of [
  'a=h:1',
  '111122223333/a',
  '111122223333/a=h',
  '111122223333/a=h:0',
  '111122223333/=h:1',
  '1/a=h:1',
]) {
  void test(`refuses --vpc-link ${text}`, async (context) => {
    await assert.rejects(read(context, { flags: { 'vpc-link': [text] } }), (error: unknown) => {
      assert.ok(error instanceof SettingsProblem);
      assert.match(error.message, /^--vpc-link [^\n]*(?:expected (?:ACCOUNT\/NAME=)?HOST:PORT|from 1 to 65535)/);
      return true;
    });
  });
}
