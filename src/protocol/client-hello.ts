// The first message of a TLS client (RFC 8446 4.1.2), read from the bytes as they came: the server name and the application
// protocols that it offers, and nothing else. It judges nothing: what cannot be read is left to whoever speaks TLS.

export interface ClientHello {
  /** As it was sent; `''` when none was. */
  readonly serverName: string;
  /** In the order of the client; empty when it offered none. */
  readonly protocols: readonly string[];
}

const RECORD_HEADER_BYTES = 5;
const RECORD_BYTES_MAX = 16_384;
const MESSAGE_HEADER_BYTES = 4;
const HANDSHAKE = 22;
const CLIENT_HELLO = 1;
const VERSION_AND_RANDOM_BYTES = 34;
const SERVER_NAME = 0;
const HOST_NAME = 0;
const APPLICATION_PROTOCOLS = 16;

/**
 * The client hello at the start of `bytes`; while it is not all there, the least number of bytes that would tell more;
 * undefined when this is no client hello.
 */
export function readClientHello(bytes: Buffer): ClientHello | number | undefined {
  const message = readMessage(bytes);
  if (!Buffer.isBuffer(message)) return message;
  try {
    return readBody(new Reader(message));
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** The body of the message, put together from as many records as it came in. */
function readMessage(bytes: Buffer): Buffer | number | undefined {
  const parts: Buffer[] = [];
  let length = 0;
  let messageBytes = Number.POSITIVE_INFINITY;
  for (let at = 0; ;) {
    if (bytes.length < at + RECORD_HEADER_BYTES) return at + RECORD_HEADER_BYTES;
    const recordBytes = bytes.readUInt16BE(at + 3);
    const isHandshake = bytes[at] === HANDSHAKE && bytes[at + 1] === 3;
    if (!isHandshake || recordBytes === 0 || recordBytes > RECORD_BYTES_MAX) return undefined;
    const end = at + RECORD_HEADER_BYTES + recordBytes;
    if (bytes.length < end) return end;
    parts.push(bytes.subarray(at + RECORD_HEADER_BYTES, end));
    length += recordBytes;
    at = end;
    if (parts[0]![0] !== CLIENT_HELLO) return undefined;
    if (length >= MESSAGE_HEADER_BYTES && messageBytes === Number.POSITIVE_INFINITY) {
      messageBytes = MESSAGE_HEADER_BYTES + Buffer.concat(parts).readUIntBE(1, 3);
    }
    if (length >= messageBytes) return Buffer.concat(parts).subarray(MESSAGE_HEADER_BYTES, messageBytes);
  }
}

function readBody(body: Reader): ClientHello {
  body.take(VERSION_AND_RANDOM_BYTES);
  body.vector(1); // the session id
  body.vector(2); // the cipher suites
  body.vector(1); // the compression methods
  let serverName = '';
  let protocols: readonly string[] = [];
  if (body.isEmpty) return { serverName, protocols };
  const extensions = body.vector(2);
  while (!extensions.isEmpty) {
    const type = extensions.number(2);
    const content = extensions.vector(2);
    if (type === SERVER_NAME) serverName = hostNameOf(content.vector(2));
    if (type === APPLICATION_PROTOCOLS) protocols = textsOf(content.vector(2));
  }
  return { serverName, protocols };
}

function hostNameOf(names: Reader): string {
  const type = names.number(1);
  return type === HOST_NAME ? names.vector(2).text() : '';
}

function textsOf(list: Reader): string[] {
  const texts: string[] = [];
  while (!list.isEmpty) texts.push(list.vector(1).text());
  return texts;
}

/** Goes through bytes; throws a RangeError where they end too soon. */
class Reader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get isEmpty(): boolean {
    return this.#at >= this.#bytes.length;
  }

  take(length: number): Buffer {
    const end = this.#at + length;
    if (end > this.#bytes.length) throw new RangeError('the message ends too soon');
    const taken = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return taken;
  }

  number(size: 1 | 2): number {
    return this.take(size).readUIntBE(0, size);
  }

  /** What a length of `size` bytes in front measures. */
  vector(size: 1 | 2): Reader {
    return new Reader(this.take(this.number(size)));
  }

  text(): string {
    return this.#bytes.toString('latin1');
  }
}
