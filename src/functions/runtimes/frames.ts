// What goes between the gateway and a runtime of ours: frames of two lengths, a head in JSON and a body of bytes. Both ends read and write
// them with this file; python_bootstrap.py has its own words for the same.

/** Both lengths, each four bytes. */
const LENGTHS_BYTES = 8;
const LENGTH_BYTES = 4;
const NO_BODY = Buffer.alloc(0);

export function frameOf(head: object, body: string | Buffer = NO_BODY): Buffer {
  const headText = JSON.stringify(head);
  const headBytes = Buffer.byteLength(headText);
  const bodyBytes = Buffer.byteLength(body);
  const frame = Buffer.allocUnsafe(LENGTHS_BYTES + headBytes + bodyBytes);
  frame.writeUInt32BE(headBytes, 0);
  frame.writeUInt32BE(bodyBytes, LENGTH_BYTES);
  frame.write(headText, LENGTHS_BYTES);
  if (typeof body === 'string') frame.write(body, LENGTHS_BYTES + headBytes);
  else body.copy(frame, LENGTHS_BYTES + headBytes);
  return frame;
}

export interface FrameBounds {
  readonly headBytesMax: number;
  /** What has more is passed over, and its frame has no body. */
  readonly bodyBytesMax: number;
}

/**
 * A reader of a stream's chunks: calls `onFrame` for each whole frame; the body is undefined when it exceeds its bound. False when what has
 * come is no frame: nothing more can be read then.
 */
export function createFrameReader(
  { headBytesMax, bodyBytesMax }: FrameBounds,
  onFrame: (head: Record<string, unknown>, body: Buffer | undefined) => void,
): (chunk: Buffer) => boolean {
  let chunks: Buffer[] = [];
  let have = 0;
  /** Of a body that exceeds its bound: how much of it is to come. */
  let skipBytes = 0;

  const joined = () => {
    if (chunks.length > 1) chunks = [Buffer.concat(chunks)];
    return chunks[0] ?? NO_BODY;
  };
  const keep = (rest: Buffer) => {
    chunks = rest.length > 0 ? [rest] : [];
    have = rest.length;
  };
  let lengths: { readonly head: number; readonly body: number } | undefined;

  return (chunk) => {
    let rest = chunk;
    if (skipBytes > 0) {
      const skipped = Math.min(skipBytes, rest.length);
      skipBytes -= skipped;
      rest = rest.subarray(skipped);
    }
    if (rest.length > 0) chunks.push(rest);
    have += rest.length;
    while (have >= LENGTHS_BYTES) {
      if (!lengths) {
        const start = joined();
        lengths = { head: start.readUInt32BE(0), body: start.readUInt32BE(LENGTH_BYTES) };
        if (lengths.head > headBytesMax) return false;
      }
      const isTooLong = lengths.body > bodyBytesMax;
      const headEnd = LENGTHS_BYTES + lengths.head;
      const end = headEnd + lengths.body;
      // Chunks are joined once all of it is there.
      if (have < (isTooLong ? headEnd : end)) return true;
      const all = joined();
      const head = readHead(all.toString('utf8', LENGTHS_BYTES, headEnd));
      if (!head) return false;
      lengths = undefined;
      skipBytes = Math.max(end - have, 0);
      keep(all.subarray(end));
      onFrame(head, isTooLong ? undefined : all.subarray(headEnd, end));
    }
    return true;
  };
}

function readHead(text: string): Record<string, unknown> | undefined {
  try {
    const head = JSON.parse(text) as unknown;
    return typeof head === 'object' && head !== null ? (head as Record<string, unknown>) : undefined;
  } catch {
    // No frame of ours.
    return undefined;
  }
}
