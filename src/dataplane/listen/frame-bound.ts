// API Gateway bounds a single frame below the message (32 KiB of 128 KiB), which the WebSocket library has no option for. Its
// receiver learns a frame's length in one place; the bound is put before it, once for the process, and for servers only.

import * as ws from 'ws';
import { assert } from '../../model/faults.ts';
import { limit } from '../../settings/limits.ts';

type Done = (error?: Error) => void;
interface Receiver {
  _isServer: boolean;
  _opcode: number;
  _payloadLength: number;
  haveLength(done: Done): void;
  createError(type: typeof RangeError, message: string, prefix: boolean, closeCode: number, code: string): Error;
}

const FIRST_CONTROL_OPCODE = 8;
const TOO_BIG = 1009;

/** Call once before the first upgrade. Throws when the library's receiver is not the one that this was written for. */
export function boundFrames(): void {
  const { prototype } = (ws as unknown as { Receiver: { prototype: Receiver } }).Receiver;
  const original = prototype.haveLength;
  assert(
    typeof original === 'function' && typeof prototype.createError === 'function',
    'ws reads frame lengths in haveLength',
  );
  if (original.name === 'haveBoundedLength') return;
  const max = limit('frameBytesMax');
  prototype.haveLength = function haveBoundedLength(this: Receiver, done: Done) {
    if (this._isServer && this._opcode < FIRST_CONTROL_OPCODE && this._payloadLength > max) {
      const message = `frame of ${this._payloadLength} bytes exceeds ${max}`;
      done(this.createError(RangeError, message, false, TOO_BIG, 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH'));
      return;
    }
    original.call(this, done);
  };
}
