// Connection and message ids: 20 characters in AWS's alphabet that carry the node and prove themselves, so that "never issued"
// (400) and "issued, now closed" (410) are told apart without a directory (websocket-apis 1.3, 5.4).
//
// 13 bytes: seconds (4) · sequence within this node, starting at random (3) · node (2) · MAC over these and the API id (4).

import { randomInt, timingSafeEqual } from 'node:crypto';

const SIGNED_BYTES = 9;
const MAC_BYTES = 4;
const ENCODED = /^[A-Za-z0-9_-]{18}==$/;

export interface ConnectionIds {
  /** A new id for a connection to, or a message of, this API. */
  issue(apiId: string): string;
  /** The node that issued the id for this API, or undefined when the id is forged, malformed or another API's. */
  nodeOf(connectionId: string, apiId: string): number | undefined;
}

/** HMAC with SHA-256 under the key of the ids, which must be the same on all nodes and survive restarts: else live ids turn into 400. */
export interface IdMac {
  digest(message: Uint8Array): Buffer;
}

export function createConnectionIds(idMac: IdMac, node: number, nowMs: () => number): ConnectionIds {
  let sequence = randomInt(2 ** 24);
  const mac = (bytes: Buffer, apiId: string) => {
    const message = Buffer.allocUnsafe(SIGNED_BYTES + Buffer.byteLength(apiId));
    bytes.copy(message, 0, 0, SIGNED_BYTES);
    message.write(apiId, SIGNED_BYTES);
    return idMac.digest(message).subarray(0, MAC_BYTES);
  };
  return {
    issue(apiId) {
      const bytes = Buffer.alloc(SIGNED_BYTES + MAC_BYTES);
      sequence = (sequence + 1) % 2 ** 24;
      bytes.writeUInt32BE(Math.floor(nowMs() / 1000) >>> 0, 0);
      bytes.writeUIntBE(sequence, 4, 3);
      bytes.writeUInt16BE(node, 7);
      mac(bytes, apiId).copy(bytes, SIGNED_BYTES);
      return `${bytes.toString('base64url')}==`;
    },
    nodeOf(connectionId, apiId) {
      if (!ENCODED.test(connectionId)) return undefined;
      const bytes = Buffer.from(connectionId.slice(0, 18), 'base64url');
      // The last character carries spare bits; only the canonical spelling is an id.
      if (`${bytes.toString('base64url')}==` !== connectionId) return undefined;
      if (!timingSafeEqual(bytes.subarray(SIGNED_BYTES), mac(bytes, apiId))) return undefined;
      return bytes.readUInt16BE(7);
    },
  };
}
