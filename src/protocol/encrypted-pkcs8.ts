// A private key under a passphrase: EncryptedPrivateKeyInfo (RFC 5958) by PBES2 with PBKDF2-HMAC-SHA-256 and AES-256-CBC
// (RFC 8018), as every OpenSSL opens it. Node's own export does the same with 2,048 rounds and on the event loop; here the
// derivation runs in the thread pool and is as slow as it should be.

import { createCipheriv, pbkdf2, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';

const derive = promisify(pbkdf2);
/** What OWASP asks of PBKDF2-HMAC-SHA-256 since 2023. */
export const PBKDF2_ROUNDS = 600_000;
const SALT_BYTES = 16;
const IV_BYTES = 16;
const KEY_BYTES = 32;
const PEM_COLUMNS = 64;

const SEQUENCE = 0x30;
const INTEGER = 0x02;
const OCTET_STRING = 0x04;
const NULL = Buffer.of(0x05, 0x00);
/** Object identifiers with their headers (RFC 8018 appendix C). */
const PBES2 = Buffer.from('06092a864886f70d01050d', 'hex');
const PBKDF2 = Buffer.from('06092a864886f70d01050c', 'hex');
const HMAC_SHA_256 = Buffer.from('06082a864886f70d0209', 'hex');
const AES_256_CBC = Buffer.from('060960864801650304012a', 'hex');

/** PKCS#8 in DER → PEM that opens with the passphrase alone. */
export async function encryptPkcs8(
  keyDer: Uint8Array,
  passphrase: Uint8Array,
  rounds: number = PBKDF2_ROUNDS,
): Promise<string> {
  const [salt, iv] = [randomBytes(SALT_BYTES), randomBytes(IV_BYTES)];
  const cipher = createCipheriv('aes-256-cbc', await derive(passphrase, salt, rounds, KEY_BYTES, 'sha256'), iv);
  const encrypted = Buffer.concat([cipher.update(keyDer), cipher.final()]);
  const derivation = sequence(
    PBKDF2,
    sequence(element(OCTET_STRING, salt), element(INTEGER, unsigned(rounds)), sequence(HMAC_SHA_256, NULL)),
  );
  const encryption = sequence(AES_256_CBC, element(OCTET_STRING, iv));
  const info = sequence(sequence(PBES2, sequence(derivation, encryption)), element(OCTET_STRING, encrypted));
  const lines = info.toString('base64').match(new RegExp(`.{1,${PEM_COLUMNS}}`, 'g')) ?? [];
  return ['-----BEGIN ENCRYPTED PRIVATE KEY-----', ...lines, '-----END ENCRYPTED PRIVATE KEY-----', ''].join('\n');
}

function sequence(...parts: readonly Uint8Array[]): Buffer {
  return element(SEQUENCE, Buffer.concat(parts));
}

/** Tag, length and content (X.690 8.1). */
function element(tag: number, content: Uint8Array): Buffer {
  const { length } = content;
  const octets = length < 0x80 ? Buffer.of(length) : big(length);
  const header = length < 0x80 ? [tag] : [tag, 0x80 | octets.length];
  return Buffer.concat([Buffer.from(header), octets, content]);
}

function big(value: number): Buffer {
  const hex = value.toString(16);
  return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
}

/** A positive INTEGER: its first bit is its sign (X.690 8.3). */
function unsigned(value: number): Buffer {
  const octets = big(value);
  return octets[0]! < 0x80 ? octets : Buffer.concat([Buffer.of(0), octets]);
}
