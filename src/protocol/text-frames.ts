// A text message as a server sends it (RFC 6455 5.2): unmasked frames, the first of opcode text, the others continuations. One buffer,
// so that a message is one write: a header and a payload written apart cost more than copying the payload does.

const FIN = 0x80;
const TEXT = 0x01;
const CONTINUATION = 0x00;
const LENGTH_16 = 126;
const LENGTH_64 = 127;
const UINT16_MAX = 0xff_ff;

/** `message` is UTF-8; a message of no bytes is one frame of none. */
export function textFrames(message: Uint8Array, payloadBytesMax: number): Buffer {
  const { length } = message;
  const full = length > payloadBytesMax ? Math.ceil(length / payloadBytesMax) - 1 : 0;
  const last = length - full * payloadBytesMax;
  const frames = Buffer.allocUnsafe(length + full * headerBytes(payloadBytesMax) + headerBytes(last));
  let written = 0;
  for (let index = 0; index <= full; index += 1) {
    const opcode = index === 0 ? TEXT : CONTINUATION;
    const isLast = index === full;
    const from = index * payloadBytesMax;
    const payloadBytes = isLast ? last : payloadBytesMax;
    written = writeHeader(frames, written, isLast ? opcode | FIN : opcode, payloadBytes);
    frames.set(full === 0 ? message : message.subarray(from, from + payloadBytes), written);
    written += payloadBytes;
  }
  return frames;
}

function headerBytes(payloadBytes: number): number {
  if (payloadBytes < LENGTH_16) return 2;
  return payloadBytes <= UINT16_MAX ? 4 : 10;
}

/** Returns where the payload begins. */
function writeHeader(frames: Buffer, at: number, first: number, payloadBytes: number): number {
  frames[at] = first;
  if (payloadBytes < LENGTH_16) {
    frames[at + 1] = payloadBytes;
    return at + 2;
  }
  if (payloadBytes <= UINT16_MAX) {
    frames[at + 1] = LENGTH_16;
    return frames.writeUInt16BE(payloadBytes, at + 2);
  }
  frames[at + 1] = LENGTH_64;
  return frames.writeBigUInt64BE(BigInt(payloadBytes), at + 2);
}
