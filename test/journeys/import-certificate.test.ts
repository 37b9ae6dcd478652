// Certificates of one's own: what ImportCertificate takes and refuses, how it describes them, and that the TLS listener shows
// them, chain and all, from the next handshake on (custom-domains 1.8, 5.4, 5.9).

import assert from 'node:assert/strict';
import { X509Certificate, createPrivateKey } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { connect as connectTls, type DetailedPeerCertificate } from 'node:tls';
import fc from 'fast-check';
import {
  DescribeCertificateCommand,
  GetCertificateCommand,
  ImportCertificateCommand,
  ListCertificatesCommand,
  type ImportCertificateCommandInput,
} from '@aws-sdk/client-acm';
import { CreateDomainNameCommand, UpdateDomainNameCommand } from '@aws-sdk/client-apigatewayv2';
import { createClients } from '../../demo/chain.ts';
import { foreignAuthority, type ForeignLeaf } from '../harness/certificates.ts';
import {
  createDomain,
  importCertificate,
  issueCertificate,
  makeHostedZone,
  requestCertificate,
} from '../harness/domains.ts';
import { next } from '../harness/eventually.ts';
import { startTestGateway, temporaryDirectory } from '../harness/gateway.ts';
import { missing, runPeer } from '../harness/peers.ts';

const skip = missing('openssl');
const gateway = await startTestGateway({ after });
const { clients } = gateway;
const { acm } = clients;
const authority = await foreignAuthority({ after });
const directory = temporaryDirectory({ after });
const good = await authority.leaf(['good.example.com', 'also.example.com']);

const EC = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'];

/** A self-signed certificate and its key as openssl makes them. */
async function openssl(name: string, ...options: string[]): Promise<{ certificatePem: string; keyPem: string }> {
  const [key, out] = [join(directory, `${name}.key`), join(directory, `${name}.pem`)];
  const made = await runPeer('openssl', [
    'req',
    '-x509',
    '-nodes',
    '-keyout',
    key,
    '-out',
    out,
    '-days',
    '30',
    ...options,
  ]);
  assert.equal(made.code, 0, made.stderr);
  return { certificatePem: readFileSync(out, 'utf8'), keyPem: readFileSync(key, 'utf8') };
}

/** A root, an authority below it, and a leaf, as openssl makes them. The root is left in `root.pem`. */
async function chainOfThree(name: string) {
  const file = (of: string) => join(directory, of);
  const run = async (...args: string[]) => {
    const { code, stderr } = await runPeer('openssl', args);
    assert.equal(code, 0, stderr);
  };
  const root = await openssl('root', ...EC, '-subj', '/CN=A root');
  const sign = async (of: string, by: string, extension: string) => {
    writeFileSync(file(`${of}.ext`), extension);
    await run(
      'req',
      '-new',
      '-nodes',
      ...EC,
      '-keyout',
      file(`${of}.key`),
      '-out',
      file(`${of}.csr`),
      '-subj',
      `/CN=${of}`,
    );
    const signing = ['-CA', file(`${by}.pem`), '-CAkey', file(`${by}.key`), '-CAcreateserial', '-days', '9'];
    await run(
      'x509',
      '-req',
      '-in',
      file(`${of}.csr`),
      ...signing,
      '-extfile',
      file(`${of}.ext`),
      '-out',
      file(`${of}.pem`),
    );
    return readFileSync(file(`${of}.pem`), 'utf8');
  };
  const intermediatePem = await sign('intermediate', 'root', 'basicConstraints=critical,CA:true');
  const certificatePem = await sign('chained', 'intermediate', `subjectAltName=DNS:${name}`);
  return {
    rootPem: root.certificatePem,
    intermediatePem,
    leaf: { certificatePem, keyPem: readFileSync(file('chained.key'), 'utf8') },
  };
}

function send(input: Partial<ImportCertificateCommandInput>): Promise<{ CertificateArn?: string | undefined }> {
  return acm.send(
    new ImportCertificateCommand({
      Certificate: Buffer.from(good.certificatePem),
      PrivateKey: Buffer.from(good.keyPem),
      ...input,
    }),
  );
}

function parts({ certificatePem, keyPem }: { certificatePem: string; keyPem: string }) {
  return { Certificate: Buffer.from(certificatePem), PrivateKey: Buffer.from(keyPem) };
}

/** The certificates that a client is shown for a name, leaf first. */
async function shown(servername: string): Promise<X509Certificate[]> {
  const socket = connectTls({ host: '127.0.0.1', port: gateway.tlsPort, servername, rejectUnauthorized: false });
  await next(socket, 'secureConnect');
  const chain: X509Certificate[] = [];
  for (let one: DetailedPeerCertificate | undefined = socket.getPeerCertificate(true); one?.raw;) {
    chain.push(new X509Certificate(one.raw));
    one = one.issuerCertificate === one ? undefined : one.issuerCertificate;
  }
  socket.destroy();
  return chain;
}

describe('what is taken', { skip }, () => {
  test('it is described as imported, by its own subject, issuer, names and usages', async () => {
    const CertificateArn = await importCertificate(clients, good);
    const { Certificate } = await acm.send(new DescribeCertificateCommand({ CertificateArn }));
    const { Serial, NotBefore, NotAfter, CreatedAt, ImportedAt, ...rest } = Certificate!;
    assert.deepEqual(rest, {
      CertificateArn,
      DomainName: 'good.example.com',
      SubjectAlternativeNames: ['good.example.com', 'also.example.com'],
      DomainValidationOptions: [{ DomainName: 'good.example.com' }, { DomainName: 'also.example.com' }],
      Subject: 'CN=good.example.com',
      Issuer: 'Sallyport',
      Status: 'ISSUED',
      KeyAlgorithm: 'EC_prime256v1',
      SignatureAlgorithm: 'SHA256WITHRSA',
      InUseBy: [],
      Type: 'IMPORTED',
      KeyUsages: [{ Name: 'DIGITAL_SIGNATURE' }, { Name: 'KEY_ENCIPHERMENT' }],
      ExtendedKeyUsages: [{ Name: 'TLS_WEB_SERVER_AUTHENTICATION', OID: '1.3.6.1.5.5.7.3.1' }],
      RenewalEligibility: 'INELIGIBLE',
      Options: { CertificateTransparencyLoggingPreference: 'DISABLED', Export: 'DISABLED' },
    });
    const leaf = new X509Certificate(good.certificatePem);
    assert.equal(Serial?.replaceAll(':', ''), leaf.serialNumber.toLowerCase());
    assert.deepEqual([NotBefore, NotAfter], [leaf.validFromDate, leaf.validToDate]);
    assert.ok(CreatedAt && ImportedAt);
    const got = await acm.send(new GetCertificateCommand({ CertificateArn }));
    assert.deepEqual([got.Certificate, got.CertificateChain], [good.certificatePem, authority.certificatePem]);
    const listed = await acm.send(
      new ListCertificatesCommand({
        CertificateKeyPairOrigins: ['CUSTOMER_PROVIDED'],
        Includes: { keyTypes: ['EC_prime256v1'] },
      }),
    );
    assert.ok(
      listed.CertificateSummaryList!.some((one) => one.CertificateArn === CertificateArn && one.Type === 'IMPORTED'),
    );
  });

  const keys: readonly [name: string, algorithm: string, options: string[]][] = [
    ['RSA 2048', 'RSA-2048', ['-newkey', 'rsa:2048']],
    ['RSA 3072', 'RSA-3072', ['-newkey', 'rsa:3072']],
    ['RSA 4096', 'RSA-4096', ['-newkey', 'rsa:4096']],
    ['P-256', 'EC_prime256v1', ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1']],
    ['P-384', 'EC_secp384r1', ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:secp384r1']],
    ['P-521', 'EC_secp521r1', ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:secp521r1']],
  ];
  for (const [name, algorithm, options] of keys) {
    test(`a self-signed certificate with a key of ${name} is taken, and served`, async () => {
      const host = `${algorithm.toLowerCase().replace('_', '-')}.example.com`;
      const made = await openssl(
        algorithm,
        ...options,
        '-subj',
        `/O=Us/CN=${host}`,
        '-addext',
        `subjectAltName=DNS:${host}`,
      );
      const arn = (await send(parts(made))).CertificateArn!;
      const { Certificate } = await acm.send(new DescribeCertificateCommand({ CertificateArn: arn }));
      assert.deepEqual([Certificate!.KeyAlgorithm, Certificate!.Issuer], [algorithm, 'Us']);
      await createDomain(clients, host, arn);
      const [leaf, ...others] = await shown(host);
      assert.equal(leaf?.fingerprint256, new X509Certificate(made.certificatePem).fingerprint256);
      assert.equal(others.length, 0);
    });
  }

  test('a certificate without alternative names stands for its common name, in lower case', async () => {
    const made = await openssl(
      'cn',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-subj',
      '/CN=Common.Example.com',
    );
    const arn = (await send(parts(made))).CertificateArn!;
    await createDomain(clients, 'common.example.com', arn);
    assert.equal((await shown('common.example.com'))[0]?.subject, 'CN=Common.Example.com');
  });

  test('the whole chain is sent, and a certificate imported again is seen by the next handshake', async () => {
    const name = 'again.example.com';
    const { intermediatePem, rootPem, leaf } = await chainOfThree(name);
    const arn = await importCertificate(clients, { ...leaf, chainPem: intermediatePem + rootPem } as ForeignLeaf);
    await createDomain(clients, name, arn);
    const pems = (chain: X509Certificate[]) => chain.map(String);
    // Whoever trusts the root has it: only what leads to it is sent. All of it is what was imported, and is given back.
    assert.deepEqual(pems(await shown(name)), [leaf.certificatePem, intermediatePem]);
    const got = await acm.send(new GetCertificateCommand({ CertificateArn: arn }));
    assert.deepEqual([got.Certificate, got.CertificateChain], [leaf.certificatePem, intermediatePem + rootPem]);
    const host = ['-connect', `127.0.0.1:${gateway.tlsPort}`, '-servername', name, '-verify_hostname', name];
    const trust = join(directory, 'root.pem');
    const { code, stdout } = await runPeer('openssl', ['s_client', ...host, '-verify_return_error', '-CAfile', trust]);
    assert.equal(code, 0, stdout);
    const second = await chainOfThree(name);
    const chainPem = second.intermediatePem;
    assert.equal(await importCertificate(clients, { ...second.leaf, chainPem } as ForeignLeaf, arn), arn);
    assert.deepEqual(pems(await shown(name)), [second.leaf.certificatePem, second.intermediatePem]);
  });
});

interface Refused {
  readonly name: string;
  readonly input: () => Partial<ImportCertificateCommandInput> | Promise<Partial<ImportCertificateCommandInput>>;
  readonly error?: string;
  readonly message: RegExp;
}

const NOT_PEM = /^The certificate is not PEM-encoded or is not valid\.$/;
const elsewhere = await authority.leaf(['elsewhere.example.com']);
const earlier = await importCertificate(clients, good);
const leafWith = async (leaf: Promise<ForeignLeaf>) => parts(await leaf);

const REFUSED: readonly Refused[] = [
  { name: 'text that is no certificate', input: () => ({ Certificate: Buffer.from('hello') }), message: NOT_PEM },
  {
    name: 'a certificate in DER',
    input: () => ({ Certificate: new X509Certificate(good.certificatePem).raw }),
    message: NOT_PEM,
  },
  {
    name: 'two certificates in one field',
    input: () => ({ Certificate: Buffer.from(good.certificatePem + authority.certificatePem) }),
    message:
      /^The certificate field contains more than one certificate\. You can specify only one certificate in this field\.$/,
  },
  {
    name: 'a certificate of version 1',
    input: async () => {
      const made = await openssl('v1', ...EC, '-subj', '/CN=v1.example.com');
      const [request, key, out] = ['v1.csr', 'v1.key', 'v1-only.pem'].map((file) => join(directory, file)) as [
        string,
        string,
        string,
      ];
      await runPeer('openssl', ['req', '-new', '-key', key, '-out', request, '-subj', '/CN=v1.example.com']);
      await runPeer('openssl', ['x509', '-req', '-in', request, '-signkey', key, '-out', out]);
      return { Certificate: readFileSync(out), PrivateKey: Buffer.from(made.keyPem) };
    },
    message: /must be of X\.509 version 3/,
  },
  {
    name: 'text that is no key',
    input: () => ({ PrivateKey: Buffer.from('hello') }),
    message: /^The private key is not PEM-encoded or is not valid\.$/,
  },
  {
    name: 'a key under a passphrase',
    input: () => ({
      PrivateKey: createPrivateKey(good.keyPem).export({
        type: 'pkcs8',
        format: 'pem',
        cipher: 'aes-256-cbc',
        passphrase: 'abcd',
      }) as unknown as Uint8Array,
    }),
    message: /^The private key is encrypted\. /,
  },
  {
    name: 'the key of another certificate',
    input: () => ({ PrivateKey: Buffer.from(elsewhere.keyPem) }),
    message: /^The private key does not match the public key of the certificate\.$/,
  },
  {
    name: 'a key of another kind',
    input: async () => {
      const made = await openssl('kind', '-newkey', 'rsa:2048', '-subj', '/CN=kind.example.com');
      return { PrivateKey: Buffer.from(made.keyPem) };
    },
    message: /^The private key does not match/,
  },
  {
    name: 'RSA below 2048 bits',
    input: async () => parts(await openssl('small', '-newkey', 'rsa:1024', '-subj', '/CN=small.example.com')),
    message:
      /^The certificate's key is RSA of 1024 bits; RSA of 2048, 3072 or 4096 bits, P-256, P-384 and P-521 can be served\.$/,
  },
  {
    name: 'a curve that no TLS client asks for',
    input: async () => {
      const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:secp256k1'];
      return parts(await openssl('curve', ...curve, '-subj', '/CN=curve.example.com'));
    },
    message: /^The certificate's key is secp256k1; /,
  },
  {
    name: 'a certificate that has expired',
    input: () => leafWith(authority.leaf(['past.example.com'], { daysAgo: 10, days: 5 })),
    message: /^The certificate is not valid now: it is valid from \S+ to \S+\.$/,
  },
  {
    name: 'a certificate of the future',
    input: () => leafWith(authority.leaf(['future.example.com'], { daysAgo: -5, days: 5 })),
    message: /^The certificate is not valid now/,
  },
  {
    name: 'a name that is none',
    input: async () => parts(await openssl('name', ...EC, '-subj', '/CN=not a name')),
    message: /^The certificate's name 'not a name' is neither a domain name nor an IP address\.$/,
  },
  {
    name: 'no name at all',
    input: async () => parts(await openssl('noname', ...EC, '-subj', '/O=Us')),
    message: /neither a subject alternative name nor a common name/,
  },
  {
    name: 'a chain that is none',
    input: () => ({ CertificateChain: Buffer.from('hello') }),
    message: /^The certificate chain is not PEM-encoded or is not valid\.$/,
  },
  {
    name: 'a chain with the certificate itself',
    input: () => ({ CertificateChain: Buffer.from(good.certificatePem) }),
    message: /^Certificate 1 of the chain is the certificate itself\. Leave it out\.$/,
  },
  {
    name: 'a chain of another authority',
    input: () => ({ CertificateChain: Buffer.from(gateway.ca) }),
    message: /^Certificate 1 of the chain \(CN=Sallyport local CA .*\) does not certify the one before it\.$/,
  },
  {
    name: 'a chain that goes on wrongly',
    input: () => ({ CertificateChain: Buffer.from(authority.certificatePem + gateway.ca) }),
    message: /^Certificate 2 of the chain /,
  },
  {
    name: 'a key that is too long, without showing it',
    input: () => ({ PrivateKey: Buffer.alloc(5_121, 'x') }),
    message:
      /^1 validation error detected: Value of 5121 bytes at 'privateKey' failed to satisfy constraint: Member must have length less than or equal to 5120$/,
  },
  {
    name: 'a reserved tag',
    input: () => ({ Tags: [{ Key: 'aws:x', Value: '1' }] }),
    error: 'InvalidTagException',
    message: /begins with aws:/,
  },
  {
    name: 'an ARN that nobody has',
    input: () => ({ CertificateArn: `${earlier.slice(0, -4)}0000` }),
    error: 'ResourceNotFoundException',
    message: /not found in account/,
  },
  {
    name: 'tags with an ARN',
    input: () => ({ CertificateArn: earlier, Tags: [{ Key: 'a', Value: 'b' }] }),
    message: /^Tags cannot be given when a certificate is imported again\.$/,
  },
  {
    name: 'the ARN of a certificate that was requested',
    input: async () => ({ CertificateArn: await requestCertificate(clients, 'asked.example.com') }),
    message: /was not imported, so it cannot be imported again\.$/,
  },
  {
    name: 'another kind of key under the same ARN',
    input: async () => ({
      CertificateArn: earlier,
      ...parts(await authority.leaf(['good.example.com'], { algorithm: 'EC_secp384r1' })),
    }),
    message: /keeps its type and size, EC_prime256v1; this one is EC_secp384r1\.$/,
  },
  {
    name: 'none of the earlier names under the same ARN',
    input: () => ({ CertificateArn: earlier, ...parts(elsewhere) }),
    message: /keeps at least one of its names, good\.example\.com, also\.example\.com\.$/,
  },
  {
    name: 'fewer usages under the same ARN',
    input: async () => ({
      CertificateArn: earlier,
      ...parts(await openssl('usages', ...EC, '-subj', '/CN=good.example.com')),
    }),
    message: /keeps its usages, and this one lacks DIGITAL_SIGNATURE\.$/,
  },
];

describe('what is refused, and why', { skip }, () => {
  for (const { name, input, error = 'ValidationException', message } of REFUSED) {
    test(name, async () => {
      const before = await acm.send(
        new ListCertificatesCommand({ Includes: { keyTypes: ['EC_prime256v1', 'RSA_2048'] } }),
      );
      const asked = await input();
      const isAsked = asked.CertificateArn !== undefined && asked.CertificateArn !== earlier;
      await assert.rejects(send(asked), (refusal: Error) => {
        assert.equal(refusal.name, error, refusal.message);
        assert.match(refusal.message, message);
        return true;
      });
      const now = await acm.send(
        new ListCertificatesCommand({ Includes: { keyTypes: ['EC_prime256v1', 'RSA_2048'] } }),
      );
      const requested = isAsked && name.includes('requested') ? 1 : 0;
      assert.equal(
        now.CertificateSummaryList!.length,
        before.CertificateSummaryList!.length + requested,
        'nothing is stored',
      );
    });
  }

  test('octets of chance are refused with words, and the server goes on', async () => {
    const pem = Buffer.from(good.certificatePem);
    const mutated = fc
      .array(fc.tuple(fc.nat({ max: pem.length - 1 }), fc.nat({ max: 255 })), { minLength: 1, maxLength: 4 })
      .map((changes) => {
        const copy = Buffer.from(pem);
        for (const [at, value] of changes) copy[at] = value;
        return copy;
      });
    await fc.assert(
      fc.asyncProperty(fc.oneof(mutated, fc.uint8Array({ minLength: 1, maxLength: 200 })), async (Certificate) => {
        const refusal = await send({ Certificate }).then(
          () => undefined,
          (error: Error) => error,
        );
        // A change outside of what is read leaves the certificate as it was.
        if (refusal) assert.equal(refusal.name, 'ValidationException', refusal.message);
      }),
      { numRuns: 150 },
    );
    assert.equal(gateway.child.exitCode, null);
  });
});

describe('the seven checks of a certificate for a domain name, in their order', { skip }, () => {
  const create = (as: typeof clients, DomainName: string, CertificateArn: string | undefined) =>
    as.gateway.send(new CreateDomainNameCommand({ DomainName, DomainNameConfigurations: [{ CertificateArn }] }));
  const arnOf = (region: string, account: string, id = '00000000-0000-4000-8000-000000000000') =>
    `arn:aws:acm:${region}:${account}:certificate/${id}`;
  const own = '000000000000';
  /** Each breaks its own check and all later ones that it can. */
  const rows: readonly [name: string, domainName: string, arn: () => Promise<string> | string, message: RegExp][] = [
    [
      '1 its region',
      'x.example.com',
      () => arnOf('eu-west-1', '111122223333'),
      /^Invalid certificate ARN: arn:\S+\. Certificate must be in 'us-east-1'\.$/,
    ],
    [
      '2 its account',
      'x.example.com',
      () => arnOf('us-east-1', '111122223333'),
      /^The certificate provided must be owned by the account creating the domain\.$/,
    ],
    ['3 that it exists', 'x.example.com', () => arnOf('us-east-1', own), /^The provided certificate does not exist\.$/],
    [
      '4 that it is issued',
      'x.example.com',
      () => requestCertificate(clients, 'wait.example.com'),
      /^Certificate arn:\S+ in account 000000000000 not yet issued \(Service: AWSCertificateManager; Status Code: 400; Error Code: RequestInProgressException; Request ID: [0-9a-f-]{36}; Proxy: null\)$/,
    ],
    [
      '5 that it covers the name',
      '*.sub.example.com',
      () => importCertificate(clients, elsewhere),
      /^The domain name to be created is not covered by the provided certificate\.$/,
    ],
    [
      '5 that a wildcard covers one level only',
      'a.b.tenants.example.com',
      () => wildcard(),
      /^The domain name to be created is not covered/,
    ],
    [
      '5 that a wildcard does not cover the apex',
      'tenants.example.com',
      () => wildcard(),
      /^The domain name to be created is not covered/,
    ],
    [
      '6 that a wildcard name has one that ACM issued',
      '*.tenants.example.com',
      () => wildcard(),
      /^The wildcard domain name \*\.tenants\.example\.com needs a certificate that ACM issued and that was validated by DNS or email; arn:\S+ is imported\.$/,
    ],
  ];
  const wildcard = async () => importCertificate(clients, await authority.leaf(['*.tenants.example.com']));
  for (const [name, domainName, arn, message] of rows) {
    test(name, async () => {
      await assert.rejects(create(clients, domainName, await arn()), (refusal: Error) => {
        assert.equal(refusal.name, 'BadRequestException');
        assert.match(refusal.message, message);
        return true;
      });
    });
  }

  test('7 that it has not expired', async (t) => {
    const moved = await startTestGateway(t, ['--clock', 'movable']);
    const arn = await importCertificate(moved.clients, await authority.leaf(['ends.example.com'], { days: 2 }));
    await moved.advance('48h');
    await assert.rejects(create(moved.clients, 'ends.example.com', arn), {
      name: 'BadRequestException',
      message: /^The certificate arn:\S+ expired at /,
    });
  });

  test('an imported wildcard certificate serves a name that is no wildcard, also one that UpdateDomainName brings', async () => {
    const name = 'cust7.tenants.example.com';
    await createDomain(clients, name, await wildcard());
    const [before] = await shown(name);
    const DomainNameConfigurations = [{ CertificateArn: await wildcard() }];
    await clients.gateway.send(new UpdateDomainNameCommand({ DomainName: name, DomainNameConfigurations }));
    assert.notEqual((await shown(name))[0]?.fingerprint256, before?.fingerprint256);
    const wrong = [{ CertificateArn: await importCertificate(clients, elsewhere) }];
    const update = new UpdateDomainNameCommand({ DomainName: name, DomainNameConfigurations: wrong });
    await assert.rejects(clients.gateway.send(update), { message: /not covered by the provided certificate/ });
  });

  test('a wildcard name takes a certificate that ACM issued; another account’s certificate serves nobody else', async () => {
    const zoneId = await makeHostedZone(clients, 'example.net');
    const arn = await issueCertificate(clients, zoneId, '*.example.net');
    await createDomain(clients, '*.example.net', arn);
    assert.equal((await shown('any.example.net'))[0]?.subject, 'CN=*.example.net');
    const stranger = createClients(gateway.endpoint, 'us-east-1', '111122223333');
    await assert.rejects(create(stranger, 'any.example.org', arn), {
      message: /must be owned by the account creating the domain/,
    });
  });
});
