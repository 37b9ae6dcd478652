// The signer of the AWS SDK, for requests that no client of it makes: handshakes, and calls that arrive here.

import { createHash, createHmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';

export interface SignerRequest {
  readonly method: string;
  readonly protocol: string;
  readonly hostname: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
}

interface Signed {
  readonly headers: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
}

export interface Signer {
  sign(request: SignerRequest, options?: { signingDate?: Date }): Promise<Signed>;
  presign(request: SignerRequest, options?: { expiresIn?: number }): Promise<Signed>;
}

export interface SignerCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export function signerOf(credentials: SignerCredentials, service: string, region: string): Signer {
  const signer = new SignatureV4({ service, region, credentials, sha256: Sha256 as never, applyChecksum: false });
  return signer as unknown as Signer;
}

/** The hash that the signer wants. */
class Sha256 {
  readonly #hash;
  constructor(secret?: string | Uint8Array) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', secret);
  }
  update(data: string | Uint8Array): void {
    this.#hash.update(data);
  }
  digest(): Promise<Uint8Array> {
    return Promise.resolve(new Uint8Array(this.#hash.digest()));
  }
}
