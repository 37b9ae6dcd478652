// The certificates that answer tls-alpn-01 (RFC 8737 3): signed by themselves, for one name, with the hash of a key authorization in
// a critical extension. Made here, since it is the listener that is tested, not who makes them.

import 'reflect-metadata';
import { createHash, webcrypto, X509Certificate } from 'node:crypto';
import { cryptoProvider, Extension, SubjectAlternativeNameExtension, X509CertificateGenerator } from '@peculiar/x509';
import { importCertificate } from '../../harness/domains.ts';
import { openChallenge, type GatewayHere } from '../../harness/gateway-here.ts';

const ACME_IDENTIFIER = '1.3.6.1.5.5.7.1.31';
/** `id-pe-acmeIdentifier`, critical, an octet string in an octet string (RFC 8737 3). */
const EXTENSION_START = '06082b0601050507011f0101ff0422 0420'.replace(' ', '');
const KEYS = {
  ec: { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' },
  rsa: {
    name: 'RSASSA-PKCS1-v1_5',
    hash: 'SHA-256',
    publicExponent: new Uint8Array([1, 0, 1]),
    modulusLength: 2048,
  },
} as const;
export type KeyType = keyof typeof KEYS;
const DAY_MS = 86_400_000;

export interface OpenChallenge {
  /** What must be shown, octet by octet. */
  readonly raw: Readonly<Record<KeyType, Buffer>>;
  /** The whole extension as it stands in them, in hex. */
  readonly extension: string;
  /** Takes the challenge away. */
  close(): Promise<void>;
}

cryptoProvider.set(webcrypto as never);

async function makeCertificate(type: KeyType, name: string, digest: Buffer) {
  const keys = (await webcrypto.subtle.generateKey(KEYS[type], true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair;
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: 'CN=tls-alpn-01 challenge',
    notBefore: new Date(Date.now() - DAY_MS),
    notAfter: new Date(Date.now() + 7 * DAY_MS),
    signingAlgorithm: KEYS[type],
    keys,
    extensions: [
      new SubjectAlternativeNameExtension([{ type: 'dns', value: name }]),
      new Extension(ACME_IDENTIFIER, true, Buffer.concat([Buffer.from([0x04, 0x20]), digest])),
    ],
  });
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64');
  return {
    certificatePem: certificate.toString('pem'),
    keyPem: `-----BEGIN PRIVATE KEY-----\n${pkcs8.replace(/.{64}/g, '$&\n')}\n-----END PRIVATE KEY-----\n`,
    raw: new X509Certificate(certificate.toString('pem')).raw,
  };
}

/** Opens a challenge for a name. Its keys come into the store by way of ImportCertificate, which seals them as any other. */
export async function openAlpnChallenge(gateway: GatewayHere, name: string): Promise<OpenChallenge> {
  const digest = createHash('sha256').update(`token.${name}.${Math.random()}`).digest();
  const keep = async (type: KeyType) => {
    const { certificatePem, keyPem, raw } = await makeCertificate(type, name, digest);
    const arn = await importCertificate(gateway.clients, { certificatePem, keyPem });
    const { issued } = (await gateway.store.view.get('certificate', arn))!;
    return { raw, reference: issued!.keyPairReference };
  };
  const [ec, rsa] = [await keep('ec'), await keep('rsa')];
  const close = await openChallenge(gateway, {
    type: 'tls-alpn-01',
    key: name,
    value: '',
    keyPairReferences: { ec: ec.reference, rsa: rsa.reference },
  });
  return { raw: { ec: ec.raw, rsa: rsa.raw }, extension: EXTENSION_START + digest.toString('hex'), close };
}
