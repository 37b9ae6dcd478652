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
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  AuthorityKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
  cryptoProvider,
} from '@peculiar/x509';
import { isIP } from 'node:net';
import type { IssuableAlgorithm } from '../model/certificate.ts';
import { assert } from '../model/faults.ts';
import type { SignedCertificate, SigningJob, SigningReply } from './signing.ts';

cryptoProvider.set(webcrypto as never);
const generate = promisify(generateKeyPair);
const SIGNING = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };

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

async function makeAuthority(job: Extract<SigningJob, { make: 'authority' }>): Promise<SignedCertificate> {
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

async function makeLeaf(job: Extract<SigningJob, { make: 'leaf' }>): Promise<SignedCertificate> {
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
      new SubjectAlternativeNameExtension(
        job.names.map((name) =>
          isIP(name) ? { type: 'ip' as const, value: name } : { type: 'dns' as const, value: name },
        ),
      ),
      await SubjectKeyIdentifierExtension.create(publicKey),
      await AuthorityKeyIdentifierExtension.create(authorityKeys.publicKey),
    ],
  });
  return describe(certificate, key);
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

assert(parentPort, 'signing-thread.ts runs as a worker thread');
const port = parentPort;
port.on('message', async ({ number, job }: { number: number; job: SigningJob }) => {
  let reply: SigningReply;
  try {
    reply = { number, signed: job.make === 'authority' ? await makeAuthority(job) : await makeLeaf(job) };
  } catch (error) {
    reply = { number, problem: (error as Error).message };
  }
  port.postMessage(reply);
});
