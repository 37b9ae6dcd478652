// Text that is no UTF-8 is refused with the first fragment that shows it (RFC 6455 8.1), not when the message ends: the WebSocket
// library looks at whole messages only. A message in one frame is left to the library, and costs nothing here.

import { isUtf8 } from 'node:buffer';
import * as ws from 'ws';
import { assert } from '../../model/faults.ts';

type Done = (error?: Error) => void;
interface Receiver {
  _isServer: boolean;
  _fin: boolean;
  _opcode: number;
  _fragments: readonly Buffer[];
  /** Ours: how many fragments were looked at, and the character that the last one breaks off in. */
  looked?: { count: number; tail: Buffer } | undefined;
  dataMessage(done: Done): void;
  createError(type: ErrorConstructor, message: string, prefix: boolean, closeCode: number, code: string): Error;
}

const TEXT = 1;
const NOT_UTF8 = 1007;
const NO_TAIL = Buffer.alloc(0);

/** Call once before the first upgrade. Throws when the library's receiver is not the one that this was written for. */
export function checkFragments(): void {
  const { prototype } = (ws as unknown as { Receiver: { prototype: Receiver } }).Receiver;
  const original = prototype.dataMessage;
  assert(
    typeof original === 'function' && typeof prototype.createError === 'function',
    'ws hands on fragments in dataMessage',
  );
  if (original.name === 'checkedDataMessage') return;
  prototype.dataMessage = function checkedDataMessage(this: Receiver, done: Done) {
    if (this._fin) {
      if (this.looked) this.looked = undefined;
      return original.call(this, done);
    }
    if (this._isServer && this._opcode === TEXT && !isTextSoFar(this)) {
      return done(this.createError(Error, 'invalid UTF-8 sequence', true, NOT_UTF8, 'WS_ERR_INVALID_UTF8'));
    }
    original.call(this, done);
  };
}

function isTextSoFar(receiver: Receiver): boolean {
  const { count, tail } = receiver.looked ?? { count: 0, tail: NO_TAIL };
  const fragments = receiver._fragments;
  // An empty fragment is not kept.
  if (fragments.length === count) return true;
  const latest = fragments.at(-1)!;
  const bytes = tail.length === 0 ? latest : Buffer.concat([tail, latest]);
  const end = wholeCharacters(bytes);
  const rest = bytes.subarray(end);
  receiver.looked = { count: fragments.length, tail: rest };
  return isUtf8(bytes.subarray(0, end)) && canGoOn(rest);
}

/** Where the character begins that is not there as a whole; the length when there is none. */
export function wholeCharacters(bytes: Uint8Array): number {
  for (let back = 1; back <= 3 && back <= bytes.length; back += 1) {
    const byte = bytes[bytes.length - back]!;
    if (byte < 0x80) break;
    if (byte < 0xc0) continue;
    return back < lengthOf(byte) ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}

function lengthOf(lead: number): number {
  if (lead < 0xe0) return 2;
  return lead < 0xf0 ? 3 : 4;
}

/** Whether a character can begin so. Only its second octet may depend on the first: with that one given, any others go on. */
export function canGoOn(tail: Uint8Array): boolean {
  const [lead] = tail;
  if (lead === undefined) return true;
  if (tail.length === 1) return lead >= 0xc2 && lead <= 0xf4;
  return isUtf8(Buffer.concat([tail, Buffer.alloc(lengthOf(lead) - tail.length, 0x80)]));
}
