// A certificate authority of a test's own with an intermediate, on keys that cost little: it certifies what a request asks for, or
// anything else that a test wants to be told.

import 'reflect-metadata';
import { createHash, randomBytes, webcrypto } from 'node:crypto';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  Pkcs10CertificateRequest,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
  cryptoProvider,
} from '@peculiar/x509';

cryptoProvider.set(webcrypto as never);

const DAY_MS = 86_400_000;
const EC = { name: 'ECDSA', namedCurve: 'P-256' };
const SIGNING = { name: 'ECDSA', hash: 'SHA-256' };
const SUBJECT_ALTERNATIVE_NAME = '2.5.29.17';
type Keys = Awaited<ReturnType<typeof newKeys>>;

export interface LeafOrder {
  readonly names: readonly string[];
  readonly publicKey: webcrypto.CryptoKey;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

export interface IssuedLeaf {
  readonly pem: string;
  /** By which renewal information knows it: `{key identifier}.{serial}` (RFC 9773 4.1). */
  readonly identifier: string;
}

export interface IssuingChain {
  readonly rootPem: string;
  readonly intermediatePem: string;
  certify(order: LeafOrder): Promise<IssuedLeaf>;
  /** A certificate of the root's for a server on this machine. */
  readonly server: { readonly cert: string; readonly key: string };
}

export async function newKeys() {
  return (await webcrypto.subtle.generateKey(EC, true, ['sign', 'verify'])) as {
    readonly publicKey: webcrypto.CryptoKey;
    readonly privateKey: webcrypto.CryptoKey;
  };
}

/** Positive, with its first bit set, so that its DER has the leading zero that is easily forgotten. */
function newSerial(): string {
  const bytes = randomBytes(12);
  bytes[0]! |= 0x80;
  return `00${bytes.toString('hex')}`;
}

export async function createIssuingChain(): Promise<IssuingChain> {
  const [rootKeys, intermediateKeys, serverKeys] = await Promise.all([newKeys(), newKeys(), newKeys()]);
  const root = await authorityCertificate('A scripted root', rootKeys);
  const intermediate = await authorityCertificate('A scripted intermediate', intermediateKeys, {
    certificate: root,
    keys: rootKeys,
  });
  const keyIdentifier = await subjectKeyIdentifier(intermediateKeys);
  const now = Date.now();
  const server = await leafCertificate(
    { certificate: root, keys: rootKeys },
    {
      names: ['localhost'],
      publicKey: serverKeys.publicKey,
      notBeforeMs: now - DAY_MS,
      notAfterMs: now + 3_000 * DAY_MS,
    },
    newSerial(),
  );
  return {
    rootPem: pemOf(root),
    intermediatePem: pemOf(intermediate),
    server: { cert: pemOf(server), key: await keyPem(serverKeys) },
    async certify(order) {
      const serial = newSerial();
      const leaf = await leafCertificate({ certificate: intermediate, keys: intermediateKeys }, order, serial);
      return {
        pem: pemOf(leaf),
        identifier: `${keyIdentifier.toString('base64url')}.${Buffer.from(serial, 'hex').toString('base64url')}`,
      };
    },
  };
}

interface Certifier {
  readonly certificate: X509Certificate;
  readonly keys: Keys;
}

async function authorityCertificate(commonName: string, keys: Keys, by?: Certifier): Promise<X509Certificate> {
  const now = Date.now();
  const facts = {
    serialNumber: newSerial(),
    notBefore: new Date(now - DAY_MS),
    notAfter: new Date(now + 4_000 * DAY_MS),
    signingAlgorithm: SIGNING,
    extensions: [
      new BasicConstraintsExtension(true, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  };
  const subject = `CN=${commonName}`;
  if (!by) return X509CertificateGenerator.createSelfSigned({ ...facts, name: subject, keys });
  return X509CertificateGenerator.create({
    ...facts,
    subject,
    issuer: by.certificate.subject,
    publicKey: keys.publicKey,
    signingKey: by.keys.privateKey,
  });
}

async function leafCertificate(by: Certifier, order: LeafOrder, serialNumber: string): Promise<X509Certificate> {
  return X509CertificateGenerator.create({
    serialNumber,
    subject: 'CN=a leaf',
    issuer: by.certificate.subject,
    notBefore: new Date(order.notBeforeMs),
    notAfter: new Date(order.notAfterMs),
    signingAlgorithm: SIGNING,
    publicKey: order.publicKey,
    signingKey: by.keys.privateKey,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      new SubjectAlternativeNameExtension(order.names.map((value) => ({ type: 'dns', value }))),
      await AuthorityKeyIdentifierExtension.create(by.keys.publicKey),
    ],
  });
}

/** SHA-1 of the public key's bits (RFC 5280 4.2.1.2), worked out without the library that our side reads it with. */
async function subjectKeyIdentifier(keys: Keys): Promise<Buffer> {
  const point = Buffer.from(await webcrypto.subtle.exportKey('raw', keys.publicKey));
  return createHash('sha1').update(point).digest();
}

function pemOf(certificate: X509Certificate): string {
  return `${certificate.toString('pem')}\n`;
}

async function keyPem(keys: Keys): Promise<string> {
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64');
  return `-----BEGIN PRIVATE KEY-----\n${der.match(/.{1,64}/g)!.join('\n')}\n-----END PRIVATE KEY-----\n`;
}

/** What a request for a certificate (DER) asks for. Throws when its own key did not sign it. */
export async function readRequest(der: Buffer): Promise<{ names: string[]; publicKey: webcrypto.CryptoKey }> {
  const request = new Pkcs10CertificateRequest(der);
  if (!(await request.verify())) throw new Error('the request is not signed by its own key');
  const alternatives = request.getExtension(SUBJECT_ALTERNATIVE_NAME) as SubjectAlternativeNameExtension | null;
  const names = alternatives?.names.items.map(({ value }) => value) ?? [];
  return { names, publicKey: (await request.publicKey.export()) as webcrypto.CryptoKey };
}
