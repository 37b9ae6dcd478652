// An authority that issues P-256 certificates by the thousand: each with a key of its own, written in DER by hand, because a
// certificate library takes ten times as long. Form and extensions are those of the gateway's own leaves.

import { createHash, generateKeyPair, sign, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';

export interface IssuedLeaf {
  readonly certificatePem: string;
  /** PKCS#8. */
  readonly keyPem: string;
}

export interface Issuer {
  readonly certificatePem: string;
  /** `serial` is 16 bytes, positive. */
  issue(name: string, serial: Uint8Array): Promise<IssuedLeaf>;
}

export interface Validity {
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bits: 0x03,
  octets: 0x04,
  oid: 0x06,
  text: 0x0c,
  sequence: 0x30,
  set: 0x31,
  time: 0x17,
  version: 0xa0,
  extensions: 0xa3,
  keyId: 0x80,
  dnsName: 0x82,
} as const;

const OID = {
  ecdsaWithSha256: '2a8648ce3d040302',
  commonName: '550403',
  subjectKeyId: '551d0e',
  keyUsage: '551d0f',
  subjectAltName: '551d11',
  basicConstraints: '551d13',
  authorityKeyId: '551d23',
  extendedKeyUsage: '551d25',
  serverAuth: '2b06010505070301',
} as const;

const generate = promisify(generateKeyPair);
const LINE_CHARACTERS = 64;
/** An uncompressed point of P-256, the last bytes of its SubjectPublicKeyInfo. */
const POINT_BYTES = 65;
const AUTHORITY_NAME = 'Bench P-256 CA';

const ALGORITHM = der(TAG.sequence, oid(OID.ecdsaWithSha256));
const VERSION_3 = der(TAG.version, der(TAG.integer, Buffer.of(2)));
const BASIC_OF_AUTHORITY = extension(OID.basicConstraints, true, der(TAG.sequence, der(TAG.boolean, Buffer.of(0xff))));
const BASIC_OF_LEAF = extension(OID.basicConstraints, true, der(TAG.sequence));
/** keyCertSign and cRLSign; digitalSignature and keyEncipherment. The first octet counts unused bits. */
const USAGE_OF_AUTHORITY = extension(OID.keyUsage, true, der(TAG.bits, Buffer.of(1, 0x06)));
const USAGE_OF_LEAF = extension(OID.keyUsage, true, der(TAG.bits, Buffer.of(5, 0xa0)));
const SERVER_AUTH = extension(OID.extendedKeyUsage, false, der(TAG.sequence, oid(OID.serverAuth)));

export async function createIssuer(validity: Validity): Promise<Issuer> {
  const { spki, key } = await newKey();
  const keyId = keyIdOf(spki);
  const issuer = nameOf(AUTHORITY_NAME);
  // UTCTime: the year has two digits.
  const time = (ms: number) => der(TAG.time, Buffer.from(new Date(ms).toISOString().replace(/^..|[-:T]|\.\d{3}/g, '')));
  const period = der(TAG.sequence, time(validity.notBeforeMs), time(validity.notAfterMs));
  const authorityKeyId = extension(OID.authorityKeyId, false, der(TAG.sequence, der(TAG.keyId, keyId)));

  const certify = (serial: Uint8Array, subject: Buffer, subjectSpki: Buffer, extensions: readonly Buffer[]) => {
    const parts = [VERSION_3, der(TAG.integer, serial), ALGORITHM, issuer, period, subject, subjectSpki];
    const signed = der(TAG.sequence, ...parts, der(TAG.extensions, der(TAG.sequence, ...extensions)));
    const signature = der(TAG.bits, Buffer.of(0), sign('sha256', signed, key));
    return pem(der(TAG.sequence, signed, ALGORITHM, signature));
  };
  const own = [BASIC_OF_AUTHORITY, USAGE_OF_AUTHORITY, subjectKeyId(keyId)];
  return {
    certificatePem: certify(Buffer.of(1), issuer, spki, own),
    async issue(name, serial) {
      const leaf = await newKey();
      const altName = extension(OID.subjectAltName, false, der(TAG.sequence, der(TAG.dnsName, Buffer.from(name))));
      const identified = [altName, subjectKeyId(keyIdOf(leaf.spki)), authorityKeyId];
      const extensions = [BASIC_OF_LEAF, USAGE_OF_LEAF, SERVER_AUTH, ...identified];
      return {
        certificatePem: certify(serial, nameOf(name), leaf.spki, extensions),
        keyPem: leaf.key.export({ type: 'pkcs8', format: 'pem' }).toString(),
      };
    },
  };
}

async function newKey(): Promise<{ readonly spki: Buffer; readonly key: KeyObject }> {
  const { publicKey, privateKey } = await generate('ec', { namedCurve: 'P-256' });
  return { spki: publicKey.export({ type: 'spki', format: 'der' }), key: privateKey };
}

/** RFC 5280, 4.2.1.2, method 1. */
function keyIdOf(spki: Buffer): Buffer {
  return createHash('sha1').update(spki.subarray(-POINT_BYTES)).digest();
}

function subjectKeyId(keyId: Buffer): Buffer {
  return extension(OID.subjectKeyId, false, der(TAG.octets, keyId));
}

function nameOf(commonName: string): Buffer {
  const attribute = der(TAG.sequence, oid(OID.commonName), der(TAG.text, Buffer.from(commonName)));
  return der(TAG.sequence, der(TAG.set, attribute));
}

function extension(id: string, isCritical: boolean, value: Buffer): Buffer {
  const critical = isCritical ? [der(TAG.boolean, Buffer.of(0xff))] : [];
  return der(TAG.sequence, oid(id), ...critical, der(TAG.octets, value));
}

function oid(hex: string): Buffer {
  return der(TAG.oid, Buffer.from(hex, 'hex'));
}

/** Tag, length, contents. A length above 127 is told by how many octets it has, and those. */
function der(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const length = contents.reduce((sum, { byteLength }) => sum + byteLength, 0);
  const octets = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.of(tag, ...octets), ...contents]);
}

function pem(certificate: Buffer): string {
  const text = certificate.toString('base64');
  const lines: string[] = [];
  for (let at = 0; at < text.length; at += LINE_CHARACTERS) lines.push(text.slice(at, at + LINE_CHARACTERS));
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}
