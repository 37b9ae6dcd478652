// The thread that makes keys and signs certificates, so that none of it runs on the event loop that carries sockets.
// It is started on first use and keeps nothing between jobs.

import 'reflect-metadata';
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  randomBytes,
  webcrypto,
  type KeyObject,
} from 'node:crypto';
import { promisify } from 'node:util';
import { parentPort } from 'node:worker_threads';
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  AuthorityKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
  Pkcs10CertificateRequestGenerator,
  cryptoProvider,
} from '@peculiar/x509';
import { isIP } from 'node:net';
import type { IssuableAlgorithm } from '../model/certificate.ts';
import { assert } from '../model/faults.ts';
import type {
  AuthorityJob,
  ChallengeCertificateJob,
  LeafJob,
  RequestJob,
  SignedCertificate,
  SignedRequest,
  SigningJob,
  SigningReply,
} from './signing.ts';

cryptoProvider.set(webcrypto as never);
const generate = promisify(generateKeyPair);
const SIGNING = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
/** By which an authority knows the answer to its challenge, and everybody else a certificate that is none (RFC 8737 3). */
const ACME_IDENTIFIER = '1.3.6.1.5.5.7.1.31';
/** An OCTET STRING of 32 octets. */
const DIGEST_HEADER = Buffer.from([0x04, 0x20]);

async function newKey(algorithm: IssuableAlgorithm): Promise<KeyObject> {
  if (algorithm === 'RSA_2048') return (await generate('rsa', { modulusLength: 2048 })).privateKey;
  const namedCurve = algorithm === 'EC_secp384r1' ? 'P-384' : 'P-256';
  return (await generate('ec', { namedCurve })).privateKey;
}

/** The key as WebCrypto takes it, which the certificate library signs with. */
async function toCryptoKeys(
  key: KeyObject,
): Promise<{ publicKey: webcrypto.CryptoKey; privateKey: webcrypto.CryptoKey }> {
  const algorithm =
    key.asymmetricKeyType === 'rsa'
      ? SIGNING
      : { name: 'ECDSA', namedCurve: key.asymmetricKeyDetails?.namedCurve === 'secp384r1' ? 'P-384' : 'P-256' };
  const spki = createPublicKey(key).export({ type: 'spki', format: 'der' });
  const pkcs8 = key.export({ type: 'pkcs8', format: 'der' });
  return {
    publicKey: await webcrypto.subtle.importKey('spki', spki, algorithm, true, ['verify']),
    privateKey: await webcrypto.subtle.importKey('pkcs8', pkcs8, algorithm, true, ['sign']),
  };
}

/** 16 random octets, positive, as RFC 5280 asks. */
function serialNumber(): string {
  const bytes = randomBytes(16);
  bytes[0] = (bytes[0]! & 0x7f) | 0x40;
  return bytes.toString('hex');
}

async function makeAuthority(job: AuthorityJob): Promise<SignedCertificate> {
  const key = await newKey('RSA_2048');
  const keys = await toCryptoKeys(key);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: `CN=${job.commonName}, O=Sallyport`,
    notBefore: new Date(job.notBeforeMs),
    notAfter: new Date(job.notAfterMs),
    signingAlgorithm: SIGNING,
    keys,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return describe(certificate, key);
}

async function makeLeaf(job: LeafJob): Promise<SignedCertificate> {
  const key = await newKey(job.keyAlgorithm);
  const { publicKey } = await toCryptoKeys(key);
  const authority = new X509Certificate(job.authorityPem);
  const authorityKeys = await toCryptoKeys(createPrivateKey(job.authorityKeyPem));
  const certificate = await X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: `CN=${job.names[0]}`,
    issuer: authority.subject,
    notBefore: new Date(job.notBeforeMs),
    notAfter: new Date(job.notAfterMs),
    signingAlgorithm: SIGNING,
    publicKey,
    signingKey: authorityKeys.privateKey,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature | KeyUsageFlags.keyEncipherment, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      alternativeNames(job.names),
      await SubjectKeyIdentifierExtension.create(publicKey),
      await AuthorityKeyIdentifierExtension.create(authorityKeys.publicKey),
    ],
  });
  return describe(certificate, key);
}

async function makeChallengeCertificate(job: ChallengeCertificateJob): Promise<SignedCertificate> {
  const key = await newKey(job.keyAlgorithm);
  const keys = await toCryptoKeys(key);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: 'CN=ACME challenge',
    notBefore: new Date(job.notBeforeMs),
    notAfter: new Date(job.notAfterMs),
    signingAlgorithm: signingAlgorithm(job.keyAlgorithm),
    keys,
    extensions: [
      alternativeNames([job.name]),
      new Extension(ACME_IDENTIFIER, true, Buffer.concat([DIGEST_HEADER, Buffer.from(job.digest, 'hex')])),
    ],
  });
  return describe(certificate, key);
}

async function makeRequest(job: RequestJob): Promise<SignedRequest> {
  const key = await newKey(job.keyAlgorithm);
  const request = await Pkcs10CertificateRequestGenerator.create({
    // Without a common name: one of more than 64 characters would be refused, and clients read the alternative names alone.
    keys: await toCryptoKeys(key),
    signingAlgorithm: signingAlgorithm(job.keyAlgorithm),
    extensions: [alternativeNames(job.names)],
  });
  return {
    csr: Buffer.from(request.rawData).toString('base64url'),
    keyPem: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

function signingAlgorithm(algorithm: IssuableAlgorithm) {
  if (algorithm === 'RSA_2048') return SIGNING;
  return { name: 'ECDSA', hash: algorithm === 'EC_secp384r1' ? 'SHA-384' : 'SHA-256' };
}

function alternativeNames(names: readonly string[]): SubjectAlternativeNameExtension {
  return new SubjectAlternativeNameExtension(
    names.map((name) => (isIP(name) ? { type: 'ip' as const, value: name } : { type: 'dns' as const, value: name })),
  );
}

function describe(certificate: X509Certificate, key: KeyObject): SignedCertificate {
  return {
    certificatePem: `${certificate.toString('pem')}\n`,
    keyPem: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
    serial: (certificate.serialNumber.match(/../g) ?? []).join(':'),
    notBeforeMs: certificate.notBefore.getTime(),
    notAfterMs: certificate.notAfter.getTime(),
  };
}

function make(job: SigningJob): Promise<SignedCertificate | SignedRequest> {
  switch (job.make) {
    case 'authority':
      return makeAuthority(job);
    case 'leaf':
      return makeLeaf(job);
    case 'challenge-certificate':
      return makeChallengeCertificate(job);
    case 'csr':
      return makeRequest(job);
  }
}

assert(parentPort, 'signing-thread.ts runs as a worker thread');
const port = parentPort;
port.on('message', async ({ number, job }: { number: number; job: SigningJob }) => {
  let reply: SigningReply;
  try {
    reply = { number, made: await make(job) };
  } catch (error) {
    reply = { number, problem: (error as Error).message };
  }
  port.postMessage(reply);
});
